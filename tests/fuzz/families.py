"""Polynomials and links with planted degeneracies, family by family, each a function of a generator of random numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from fuzz.drawn import Rows

Made = str | tuple[str, Rows]
Family = Callable[[random.Random], Made]

# -- polynomials

COEFFICIENTS = ("1", "1", "2", "3", "1/2", "1/3", "3/2", "5", "0.1", "sqrt(2)", "sqrt(3)/2", "1/sqrt(6)")


def _term(rng: random.Random, monomial: str) -> str:
    c = rng.choice(COEFFICIENTS)
    sign = rng.choice("+-")
    return f"{sign} {monomial}" if c == "1" else f"{sign} {c}*{monomial}"


def _sum(terms: Sequence[str]) -> str:
    text = " ".join(terms)
    return text.removeprefix("+ ")


def _monomial(rng: random.Random, variables: Sequence[str], degree: int) -> str:
    chosen = [rng.choice(variables) for _ in range(degree)]
    return "*".join(f"{v}**{chosen.count(v)}" if chosen.count(v) > 1 else v for v in dict.fromkeys(chosen))


def _variables(r: int) -> list[str]:
    return [f"z{i + 1}" for i in range(r)]


def sparse(rng: random.Random) -> str:
    """A few monomials."""
    z = _variables(rng.randint(1, 4))
    return _sum([_term(rng, _monomial(rng, z, rng.randint(1, 5))) for _ in range(rng.randint(1, 5))])


def hermite_sum(rng: random.Random) -> str:
    """Hermite monomials: often no quadratic part, so that directions are missing from H."""
    z = _variables(rng.randint(1, 4))
    terms = []
    for _ in range(rng.randint(1, 4)):
        left, factors = rng.randint(2, 5), []
        for v in rng.sample(z, len(z)):
            k = rng.randint(0, left)
            if k:
                factors.append(v if k == 1 else f"He({k},{v})")
            left -= k
        terms.append(_term(rng, "*".join(factors or [f"He(3,{z[0]})"])))
    return _sum(terms)


def missing_direction(rng: random.Random) -> str:
    """A quadratic part in some variables and only cubic or higher ones in the others."""
    z = _variables(rng.randint(2, 4))
    cut = rng.randint(1, len(z) - 1)
    seen = [_term(rng, f"He(2,{v})" if rng.random() < 0.5 else f"{v}*{rng.choice(z[:cut])}") for v in z[:cut]]
    unseen = [_term(rng, f"He({rng.randint(3, 5)},{v})") for v in z[cut:]]
    extra = [_term(rng, rng.choice(z))] if rng.random() < 0.5 else []
    return _sum(seen + unseen + extra)


def cancelled_quadratic(rng: random.Random) -> str:
    """Monomials whose quadratic Hermite part cancels, in full or in one direction."""
    u, v = rng.sample(_variables(rng.randint(2, 4)), 2)
    whole = [
        f"{u}**4 - 6*{u}**2",
        f"{u}**2*{v}**2 - {u}**2 - {v}**2",
        f"{u}**3 - 3*{u} + {v}",
        f"{u}**2*{v} - {v}",
        f"({u}**2 - 1)*({v}**2 - 1)",
        f"{u}**5 - 10*{u}**3 + 15*{u} + {v}**2",
        f"({u} + {v})**4/4 - 6*({u} + {v})**2/2 + {u} - {v}",
        f"{u}**3*{v} - 3*{u}*{v}",
    ]
    return _sum(
        [f"+ {rng.choice(whole)}", *([_term(rng, _monomial(rng, [u, v], rng.randint(1, 4)))] if rng.random() < 0.4 else [])]
    )


def _forms(rng: random.Random, r: int, count: int) -> list[str]:
    out = []
    for _ in range(count):
        weights = [rng.choice((-2, -1, 0, 0, 1, 1, 2)) for _ in range(r)]
        if not any(weights):
            weights[0] = 1
        out.append("(" + " + ".join(f"{w}*z{i + 1}" for i, w in enumerate(weights) if w).replace("+ -", "- ") + ")")
    return out


def redundant(rng: random.Random) -> str:
    """A polynomial in fewer linear forms than variables are written."""
    r = rng.randint(2, 4)
    forms = _forms(rng, r, rng.randint(1, r - 1))
    terms = []
    for _ in range(rng.randint(1, 3)):
        k = rng.randint(1, 4)
        terms.append(_term(rng, f"He({k},{rng.choice(forms)})" if rng.random() < 0.4 else _monomial(rng, forms, k)))
    return _sum(terms)


def drawn_rows(rng: random.Random, entries: Sequence[str], count: int, width: int, repeated: float = 0) -> Rows:
    """Rows none of which is zero; the last one is the first one as often as `repeated` says."""
    while True:
        rows = [tuple(rng.choice(entries) for _ in range(width)) for _ in range(count)]
        if repeated and count > 1 and rng.random() < repeated:
            rows[-1] = rows[0]
        if all(any(x != "0" for x in row) for row in rows):
            return tuple(rows)


def oblique(rng: random.Random) -> tuple[str, Rows]:
    """A link with directions that are neither orthogonal nor, sometimes, independent."""
    r, d = rng.randint(1, 3), rng.randint(1, 4)
    entries = ("0", "0", "1", "1", "-1", "2", "1/2", "3/5", "4/5", "sqrt(2)/2", "-1/3")
    rows = drawn_rows(rng, entries, r, d, repeated=0.3)
    z = _variables(r)
    terms = [_term(rng, _monomial(rng, z, rng.randint(1, 4))) for _ in range(rng.randint(1, 3))]
    if not any(z[-1] in term for term in terms):
        terms.append(_term(rng, f"He({rng.randint(1, 3)},{z[-1]})"))
    return _sum(terms), rows


def one_direction(rng: random.Random) -> str:
    """Odd, even or mixed polynomials of one linear form."""
    form = "z1" if rng.random() < 0.5 else _forms(rng, rng.randint(2, 3), 1)[0]
    degrees = {"odd": (1, 3, 5), "even": (2, 4), "mixed": (1, 2, 3, 4, 5)}[rng.choice(("odd", "even", "mixed"))]
    return _sum(
        [_term(rng, f"He({k},{form})" if rng.random() < 0.5 else f"{form}**{k}") for k in rng.sample(degrees, rng.randint(1, 2))]
    )


def staircase(rng: random.Random) -> str:
    """Directions that are learned one after the other."""
    z = _variables(rng.randint(2, 4))
    rng.shuffle(z)
    terms, product = [_term(rng, z[0])], z[0]
    for v in z[1:]:
        factor = v if rng.random() < 0.7 else f"He(2,{v})"
        product = (
            f"{product}*{factor}" if rng.random() < 0.6 and product.count("*") < 2 else f"{rng.choice(z[: z.index(v)])}*{factor}"
        )
        terms.append(_term(rng, product))
    return _sum(terms)


POLYNOMIALS: list[tuple[Family, float]] = [
    (sparse, 3),
    (hermite_sum, 2),
    (missing_direction, 2),
    (cancelled_quadratic, 2),
    (redundant, 3),
    (oblique, 3),
    (one_direction, 2),
    (staircase, 2),
]

# -- links

FUNCTIONS = ("exp", "sin", "cos", "tanh", "erf", "sigmoid", "relu", "abs", "sign", "tanh", "relu")
ODD = ("sin", "tanh", "erf", "sign")
EVEN = ("cos", "abs")
SLOPES = ("", "", "", "2*", "-", "1/2*", "3/2*")
OFFSETS = ("", "", "", " + 1", " - 1", " + 1/2", " - 1/3")
WEIGHTS = ("", "", "", "2*", "1/2*", "3*", "1/3*", "sqrt(2)*")


def affine(rng: random.Random, v: str) -> str:
    return f"{rng.choice(SLOPES)}{v}{rng.choice(OFFSETS)}"


def _atom(rng: random.Random, v: str) -> str:
    """A function of one linear form."""
    roll = rng.random()
    if roll < 0.7:
        name = rng.choice(FUNCTIONS)
        argument = affine(rng, v)
        return f"{name}({argument})"
    if roll < 0.8:
        return f"{rng.choice(('Max', 'Min'))}({affine(rng, v)}, {rng.choice(('0', '1', '-1/2', '1/2*' + v, '-' + v))})"
    if roll < 0.9:
        return rng.choice((v, f"{v}**2", f"He(2,{v})", f"He(3,{v})"))
    return f"exp(-{rng.choice(('', '1/2*', '2*', '1/4*'))}{v}**2)"


def _product(rng: random.Random, v: str) -> str:
    return "*".join(_atom(rng, v) for _ in range(rng.choice((1, 1, 2))))


def _weighted(rng: random.Random, term: str) -> str:
    return f"{rng.choice('+-')} {rng.choice(WEIGHTS)}{term}"


def grammar_one(rng: random.Random) -> str:
    """Sums of products of functions of one variable."""
    return _sum([_weighted(rng, _product(rng, "z1")) for _ in range(rng.randint(1, 3))])


def parity_one(rng: random.Random) -> str:
    """f(z) + f(-z) and f(z) - f(-z), and products of odd and even functions."""
    roll = rng.random()
    if roll < 0.5:
        name, slope, offset = (
            rng.choice(("exp", "relu", "sigmoid", "tanh", "erf", "abs")),
            rng.choice(("", "2*", "1/2*")),
            rng.choice((" + 1", " - 1/2")),
        )
        return f"{name}({slope}z1{offset}) {rng.choice('+-')} {name}(-{slope}z1{offset})"
    odd = [f"{rng.choice(ODD)}({rng.choice(('', '2*', '1/2*'))}z1)" for _ in range(2)]
    even = f"{rng.choice(EVEN)}({rng.choice(('', '2*'))}z1)"
    return rng.choice(
        (f"{odd[0]}*{odd[1]}", f"{odd[0]}*{even}", f"z1*{odd[0]}", f"z1**2*{even}", f"{odd[0]}**3", f"He(3,z1)*{even}")
    )


def identity_one(rng: random.Random) -> str:
    """Expressions that are something simpler in disguise, alone or beside an honest term."""
    hidden = rng.choice(
        (
            "relu(z1) + relu(-z1)",
            "relu(z1) - relu(-z1)",
            "sigmoid(z1) + sigmoid(-z1) + abs(z1)",
            "tanh(z1) - 2*sigmoid(2*z1) + z1**2",
            "sin(z1)**2 + cos(z1)**2 + z1",
            "Max(z1, 0) - relu(z1) + sign(z1)",
            "Max(z1, -z1)",
            "z1*sign(z1) - abs(z1) + tanh(z1)",
            "exp(z1)*exp(-z1)*z1",
            "sin(2*z1) - 2*sin(z1)*cos(z1) + abs(z1)",
            "Max(z1, 1/2) + Min(z1, 1/2)",
            "erf(z1) + erf(-z1) + cos(z1)",
            "abs(relu(z1)) - relu(z1) + exp(z1)",
            "sign(z1)**2*z1**2",
            "relu(z1)**2 + relu(-z1)**2",
            "abs(abs(z1) - 1)",
            "Max(Min(z1, 1), -1)",
            "relu(z1 + 1) - relu(z1 - 1)",
            "abs(tanh(z1)) - tanh(abs(z1)) + z1",
            "abs(z1**2 - 1)",
            "relu(1 - z1**2)",
            "relu(tanh(z1))",
            "sign(sin(z1))",
            "exp(abs(z1)) - exp(-abs(z1))",
            "relu(z1)*relu(-z1) + erf(z1)",
        )
    )
    return hidden if rng.random() < 0.6 else _sum([f"+ {hidden}", _weighted(rng, _atom(rng, "z1"))])


def cancelled_one(rng: random.Random) -> str:
    """Links whose lowest Hermite part is subtracted in closed form."""
    return rng.choice(
        (
            "sin(z1) - exp(-1/2)*z1",
            "cos(z1) + exp(-1/2)*He(2,z1)/2",
            "abs(z1) - sqrt(2/pi)*He(2,z1)/2",
            "relu(z1) - z1/2",
            "relu(z1) - He(2,z1)/(2*sqrt(2*pi))",
            "sign(z1) - sqrt(2/pi)*z1",
            "exp(z1) - exp(1/2)*z1",
            "exp(z1) - exp(1/2)*(z1 + He(2,z1)/2)",
            "erf(z1) - 2/sqrt(3*pi)*z1",
            "sin(2*z1) - 2*exp(-2)*z1",
            "cos(z1) + sin(z1) - exp(-1/2)*z1",
            "relu(z1 - 1) + relu(z1 + 1) - z1",
            "exp(-z1**2/2) + sqrt(2)/8*He(2,z1)",
            "sin(z1) - exp(-1/2)*z1 + exp(-1/2)*He(3,z1)/6",
            "cos(2*z1) + 2*exp(-2)*He(2,z1)",
            "abs(z1) + cos(z1)*sqrt(2/pi)*exp(1/2)",
        )
    )


def bump(rng: random.Random) -> str:
    """Powers of z times a Gaussian, some of high generative exponent."""
    rate, m = rng.choice(("", "1/2*", "2*", "1/4*", "3/2*", "3*")), rng.choice((0, 1, 2, 2, 3, 4))
    factor = {0: "", 1: "z1*"}.get(m, f"z1**{m}*")
    text = f"{factor}exp(-{rate}z1**2)"
    return (
        text
        if rng.random() < 0.6
        else f"{text} {rng.choice('+-')} {rng.choice(('z1**2', 'abs(z1)', 'z1', 'cos(z1)', 'exp(-z1**2)'))}"
    )


def one_form(rng: random.Random) -> str:
    """A link of one linear form of two or three variables."""
    form = rng.choice(("(z1 + z2)", "(z1 - z2)", "(z1 + 2*z2)", "(3/5*z1 + 4/5*z2)", "(2*z1 - z2)"))
    return _sum([_weighted(rng, _atom(rng, form)) for _ in range(rng.randint(1, 2))])


def grammar_two(rng: random.Random) -> str:
    """Sums of products of functions of linear forms of two variables."""
    forms = ("z1", "z2", "z1", "z2", "(z1 + z2)", "(z1 - z2)")
    terms = ["*".join(_atom(rng, rng.choice(forms)) for _ in range(rng.choice((1, 2)))) for _ in range(rng.randint(1, 2))]
    text = _sum([_weighted(rng, term) for term in terms])
    return text if "z2" in text else f"{text} + {_atom(rng, 'z2')}"


def product_two(rng: random.Random) -> str:
    """A product, or a sum, of a function of each variable."""
    f, g = _product(rng, "z1"), _product(rng, "z2")
    return rng.choice((f"{f}*{g}", f"{f} + {g}", f"{f} - {g}", f"{f}*{g} + {_atom(rng, 'z1')}"))


def symmetric_two(rng: random.Random) -> str:
    """Permutation symmetry, with a sign or without."""
    f, g = _atom(rng, "z1"), _atom(rng, "z1")
    f_other, g_other = f.replace("z1", "z2"), g.replace("z1", "z2")
    return rng.choice(
        (
            f"{f}*{f_other}",
            f"{f} + {f_other}",
            f"{f} - {f_other}",
            f"{f}*{g_other} + {f_other}*{g}",
            f"{f}*{g_other} - {f_other}*{g}",
            f"{_affine_call(rng)}(z1 + z2)*{_affine_call(rng)}(z1 - z2)",
            "Max(z1, z2)",
            "Max(z1, z2) + Min(z1, z2) + z1*z2",
            "abs(z1 - z2) + tanh(z1)*tanh(z2)",
            "Max(z1, z2) - Min(z1, z2)",
            "Max(abs(z1), abs(z2))",
            "relu(z1 + z2) + relu(-z1 - z2) - abs(z1 + z2) + z1*tanh(z2)",
            "Max(z1, Min(z2, 0))",
            "Max(z1, z2, 0)",
            "sign(z1)*sign(z2)",
            "sign(z1*z2)*abs(z1)",
        )
    )


def _affine_call(rng: random.Random) -> str:
    return rng.choice(("tanh", "relu", "abs", "sin", "erf", "sigmoid", "cos"))


def oblique_two(rng: random.Random) -> tuple[str, Rows]:
    """A link with directions that are not orthonormal."""
    entries = ("0", "1", "1", "-1", "2", "1/2", "3/5", "4/5")
    rows = drawn_rows(rng, entries, 2, 2)
    f, g = _atom(rng, "z1"), _atom(rng, "z2")
    return rng.choice((f"{f}*{g}", f"{f} + {g}")), rows


def curved(rng: random.Random) -> str:
    """Kinks along curves."""
    return rng.choice(
        (
            "relu(z1**2 - z2)",
            "abs(z1*z2)",
            "relu(z1*z2)",
            "relu(z1**2 + z2**2 - 1)",
            "abs(z1**2 - z2**2)",
            "sign(z1**2 + z2**2 - 2)",
            "Max(z1**2, z2)",
            "relu(z1*z2 - 1)",
            "abs(z1**2 + z2 - 1)",
        )
    ) + rng.choice(("", "", " + z1", " + tanh(z2)"))


def three(rng: random.Random) -> str:
    """Three variables in factors of at most two."""
    f, g, h = (_atom(rng, v) for v in ("z1", "z2", "z3"))
    pair = rng.choice(("tanh(z1 + z2)", "Max(z1, z2)", "abs(z1 - z2)", "sin(z1 + z2)", "relu(z1 + z2)", "z1*z2"))
    return rng.choice(
        (
            f"{f}*{g}*{h}",
            f"{f}*{g} + {h}",
            f"{f} + {g} + {h}",
            f"{f} + {g}*{h}",
            f"{pair}*{h}",
            f"{pair} + {h}",
            "tanh(z1)*tanh(z2)*tanh(z3)",
            f"z1*z2*{h}",
            "sign(z1)*sign(z2)*sign(z3)",
            "z1 + tanh(z1)*z2 + tanh(z1)*tanh(z2)*z3",
        )
    )


LINKS: list[tuple[Family, float]] = [
    (grammar_one, 10),
    (parity_one, 6),
    (identity_one, 7),
    (cancelled_one, 4),
    (bump, 5),
    (one_form, 4),
    (grammar_two, 6),
    (product_two, 4),
    (symmetric_two, 6),
    (oblique_two, 3),
    (curved, 2),
    (three, 4),
]

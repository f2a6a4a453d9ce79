"""The classes of targets that are drawn, by name: the same target for the same (seed, class, number), whatever else is drawn."""

from __future__ import annotations

import random

from fuzz import families, hostile
from fuzz.constants import DEEP_ZEROS, HIDDEN_ZEROS, NEAR, SAME, TRANSCENDENTAL, ZEROS
from fuzz.drawn import Drawn, Rows
from fuzz.families import Family, Made, drawn_rows
from fuzz.networks.drawing import two_layer_networks

CLASSES: dict[str, Family] = {}


def draw(seed: int | str, name: str, index: int) -> Drawn:
    """Target number `index` of a class."""
    made = CLASSES[name](random.Random(f"fuzz {seed} {name} {index}"))
    text, rows = made if isinstance(made, tuple) else (made, None)
    return Drawn(name, text, rows)


def drawn_class(f: Family) -> Family:
    CLASSES[f.__name__.replace("_", "-")] = f
    return f


def _weighted(rng: random.Random, choices: list[tuple[Family, float]]) -> Made:
    return rng.choices([f for f, _ in choices], [w for _, w in choices])[0](rng)


@drawn_class
def polynomials(rng: random.Random) -> Made:
    return _weighted(rng, families.POLYNOMIALS)


@drawn_class
def links(rng: random.Random) -> Made:
    return _weighted(rng, families.LINKS)


# -- constants


def monomial(rng: random.Random, degree: int, variables: int = 2) -> str:
    v = [f"z{rng.randint(1, variables)}" for _ in range(degree)]
    return rng.choice((f"He({degree},{v[0]})", f"{v[0]}**{degree}", "*".join(v))) if degree > 1 else v[0]


@drawn_class
def equal_numbers(rng: random.Random) -> str:
    """Terms that cancel, or nearly so, with one coefficient written in two ways."""
    a, b = rng.choice(SAME)
    f = rng.choice(("tanh(z1)", "relu(z1)", "z1**4", "He(3,z1)", "abs(z1)*z2", "exp(z1)", "z1**2*z2", f"tanh({a}*z1)"))
    g = f.replace(a, b)
    rest = rng.choice(("z1", "He(2,z1)", "z1*z2", "abs(z1)", "z1 + z2**2", "cos(z1)"))
    side = rng.choice("-+")
    return f"{a}*{f} {side} {b}*{g} + {rest}"


@drawn_class
def transcendental_coefficients(rng: random.Random) -> str:
    """Polynomials with coefficients such as pi; also high degrees alone."""
    if rng.random() < 0.3:
        k = rng.randint(1, 12)
        low = rng.choice(("", "", " + z1", f" + {rng.choice(TRANSCENDENTAL)}*z2"))
        return f"{rng.choice(TRANSCENDENTAL)}*He({k},z1){low}"
    if rng.random() < 0.3:
        inner = ("He(2,z1) + z2**2 + z3*z4", "z1*z2 + z2*z3", "z1**2 + z2**2 - z3**2", "He(3,z1) + z1*z2", "(z1 + z2)**2 + z3")
        return f"{rng.choice(TRANSCENDENTAL)}*({rng.choice(inner)})"
    terms = [f"{rng.choice(TRANSCENDENTAL)}*{monomial(rng, rng.randint(1, 5))}" for _ in range(rng.randint(1, 3))]
    return " + ".join(terms)


@drawn_class
def disguised_zeros(rng: random.Random) -> str:
    """A leading, lowest or only coefficient that is zero in disguise."""
    zero = f"({rng.choice(rng.choice((ZEROS, DEEP_ZEROS)))})"
    rest = rng.choice(
        ("z1 + z1**2", "He(2,z1)", "z1", "z1**3 - 3*z1", "z1*z2", "tanh(z1)", "relu(z1)", "abs(z1)", "z1 + z2**2", "He(4,z1)")
    )
    where = rng.choice(("z1**4", "z1**3", "z1", "He(2,z1)", "z1**2*z2", "He(5,z1)", "tanh(z2)", "relu(z1)", "exp(z1)"))
    return f"{zero}*{where} + {rest}"


@drawn_class
def hidden_zeros(rng: random.Random) -> str:
    """A leading coefficient that is zero by an identity which no rewriting here knows."""
    where, rest = (
        rng.choice(("z1**4", "z1**3", "z1**2*z2", "He(5,z1)")),
        rng.choice(("z1 + z1**2", "He(2,z1)", "z1*z2", "z1 + z2**2")),
    )
    return f"({rng.choice(HIDDEN_ZEROS)})*{where} + {rest}"


@drawn_class
def near_misses(rng: random.Random) -> str:
    """The same with a small number that is not zero."""
    small = f"({rng.choice(NEAR)})"
    rest = rng.choice(("z1 + z1**2", "He(2,z1)", "z1", "z1**3 - 3*z1", "z1*z2", "z1 + z2**2", "He(4,z1)"))
    where = rng.choice(("z1**4", "z1**3", "z1", "He(2,z1)", "z1**2*z2", "He(5,z1)"))
    return f"{small}*{where} + {rest}"


# -- directions


def _dependent_rows(rng: random.Random, r: int) -> Rows:
    """Rows that are repeated, opposite, parallel, zero or dependent."""
    d = rng.randint(1, 2)
    entry = ("0", "1", "1", "-1", "2", "1/2", "sqrt(2)", "3/5")
    rows = [list(row) for row in drawn_rows(rng, entry, r, d)]
    for i in range(1, r):
        kind = rng.choice(("repeated", "repeated", "opposite", "parallel", "zero", "sum", "free"))
        j = rng.randrange(i)
        if kind == "repeated":
            rows[i] = list(rows[j])
        elif kind == "opposite":
            rows[i] = [f"-({x})" if x != "0" else x for x in rows[j]]
        elif kind == "parallel":
            rows[i] = [f"2*({x})" if x != "0" else x for x in rows[j]]
        elif kind == "zero":
            rows[i] = ["0"] * d
        elif kind == "sum" and i >= 2:
            rows[i] = [f"({a}) + ({b})" for a, b in zip(rows[i - 1], rows[i - 2], strict=True)]
    if rng.random() < 0.15:
        rows[0], rows[-1] = rows[-1], rows[0]
    return tuple(map(tuple, rows))


VANISHING: tuple[tuple[str, tuple[tuple[int, ...], ...]], ...] = (
    ("z1 - z2", ((1, 0), (1, 0))),
    ("z1 + z2", ((1, 0), (-1, 0))),
    ("z1", ((0, 0), (1, 0))),
    ("z2 - 2*z1", ((1, 0), (2, 0))),
    ("z1**2 - z2**2", ((1, 0), (-1, 0))),
    ("z1*(z1 - z2)", ((1, 0), (1, 0))),
    ("abs(z1) - abs(z2)", ((1, 0), (-1, 0))),
    ("z1*z2", ((0, 0), (1, 0))),
    ("z1 + z2 - z3", ((1, 0), (0, 1), (1, 1))),
    ("z3 - z1", ((1, 0), (0, 1), (1, 0))),
    ("z1 - 2*z2 + z3", ((1, 1), (1, 0), (1, -1))),
)
"""Arguments, and rows along which they vanish, as combinations of two vectors."""


@drawn_class
def dependent_rows(rng: random.Random) -> Made:
    """Signs, kinks and pieces of arguments that vanish identically once the directions are put in, or that do not."""
    u, combinations = rng.choice(VANISHING)
    r = len(combinations)
    v = rng.choice([w for w, rows in VANISHING if len(rows) <= r])
    if rng.random() < 0.7:
        entry = ("1", "1", "2", "-1", "3/5", "sqrt(2)", "1/3")
        a, b = ([rng.choice(entry) for _ in range(2)] for _ in range(2))
        d = rng.choice((1, 2)) if r == 2 else 2
        rows = tuple(tuple(_combined(k, x, m, y) for x, y in zip(a[:d], b[:d], strict=True)) for k, m in combinations)
    else:
        rows = _dependent_rows(rng, r)
    a, b = "z1", f"z{r}"
    f, g = (rng.choice((w, f"{w}**2", f"tanh({w})", f"abs({w})", f"He(3,{w})", f"relu({w})", f"exp({w}/2)")) for w in (a, b))
    relation = rng.choice(("<", "<=", ">", ">="))
    latents = ", ".join(f"z{i + 1}" for i in range(r))
    text = rng.choice(
        (
            f"sign({u})*sign({v})*{f} + {g}",
            f"(1 - sign({u})**2)*{f} + {g}",
            f"sign({u})**2*{f} + {g}",
            f"Piecewise(({f}, {u} {relation} 0), ({g}, True))",
            f"Piecewise((1, {u} {relation} 0), ({g}, True))",
            f"Piecewise(({f}, {u} {relation} 0), ({g}, {v} {relation} 0), ({a}, True))",
            f"relu({u})*{f} + {g}",
            f"abs({u})*sign({v}) + {g}",
            f"Max({latents})",
            f"Max({latents}, {rng.choice(('0', '1'))}) + {g}",
            f"Max({f}, {g}) - Min({f}, {g}) + {a}",
            f"relu(sign({u})) + {g}",
            f"sign({u})*sign(-({u}))*{f} + {g}",
            f"sign({u})*sign(-({u}))*{f} + {g}",
            f"abs(sign({u}))*{f} + {g}",
        )
    )
    # a row is needed for each latent that is written
    return text if all(f"z{i + 1}" in text for i in range(r)) else f"{text} + {b}*z1 + z2", rows


def _combined(k: int, x: str, m: int, y: str) -> str:
    parts = [f"{c}*({t})" for c, t in ((k, x), (m, y)) if c]
    return " + ".join(parts).replace("+ -", "- ") or "0"


@drawn_class
def almost_everywhere(rng: random.Random) -> Made:
    """Identities that hold almost everywhere, of arguments that vanish on a null set, or everywhere."""
    u = rng.choice(
        ("z1", "(z1 - 1)", "(z1 + z2)", "(z1**2 - 1)", "(z1 - z2)", "sin(z1)", "(2*z1 - 2*z1)", "(z1*z2)", "(z1 - 1/3)")
    )
    zero = rng.choice(
        (
            f"sign({u})**2 - 1",
            f"abs({u})**2 - {u}**2",
            f"Max({u}, {u}) - {u}",
            f"relu({u}) - relu(-{u}) - {u}",
            f"sqrt({u}**2) - abs({u})",
            f"relu({u})*relu(-{u})",
            f"sign({u})*abs({u}) - {u}",
            f"sign({u})**3 - sign({u})",
            f"Min({u}, 0) + relu(-{u})",
            f"abs(abs({u})) - abs({u})",
            f"relu({u})**2 - {u}*relu({u})",
            f"Piecewise(({u}, {u} > 0), (0, True)) - relu({u})",
            f"sign({u})*relu({u}) - relu({u})",
            f"2*relu({u}) - {u} - abs({u})",
            f"sign({u}**2) - 1",
        )
    )
    f = rng.choice(("z1**2", "z1", "tanh(z1)", "He(3,z1)", "z2", "z1**4", "abs(z1)", "z1*z2"))
    g = rng.choice(("z1", "z1**2", "tanh(z1)", "He(3,z1)", "z2**2 + z1", "abs(z1)", "relu(z1)", "cos(z1)"))
    text = f"({zero})*{f} + {g}"
    if rng.random() < 0.25 and "z2" in text:
        return text, _dependent_rows(rng, 2)
    return text


# -- singularities and tails


def _exponent(rng: random.Random) -> str:
    return rng.choice(
        (
            "-0.49",
            "-0.499",
            "-0.501",
            "-1/2",
            "-0.4",
            "-1/3",
            "-0.1",
            "-sqrt(2)/3",
            "-sqrt(2)/2",
            "-pi/7",
            "-pi/6",
            "-pi/4",
            "-exp(-1)",
            "-log(2)",
            "-1",
            "-sqrt(2)",
            "-pi",
            "-tanh(1/2)",
            "-tanh(1)",
            "1/3",
            "0.01",
            "-0.01",
            "sqrt(2)",
            "pi",
        )
    )


@drawn_class
def singular_factors(rng: random.Random) -> str:
    """|u|^a, log|u| and 1/u at the top, nested, multiplied and cancelled; exponents about -1/2."""
    u = rng.choice(("z1", "z1", "z1", "(z1 - 1)", "(z1 + 1/3)", "sin(z1)", "(2*z1)", "tanh(z1)", "(z1**2 - 1)", "relu(z1)"))
    a, b = _exponent(rng), _exponent(rng)
    power, log = f"abs({u})**({a})", f"log(abs({u}))"
    if rng.random() < 0.15:
        u = rng.choice(("(z1 - z2)", "(z1 + z2)", "z2", "(z1 - 2*z2 + 1)"))
        return rng.choice((f"abs({u})**({a}) + z1", f"log(abs({u})) + z1*z2", f"abs({u})**({a})*z1"))
    return rng.choice(
        (
            power,
            log,
            f"{power} + z1",
            f"{power}*z1",
            f"{power}*z1**2",
            f"sqrt(1 + 1/abs({u}))",
            f"sqrt(2 + {power})",
            f"tanh({power})",
            f"log(1 + 1/abs({u}))",
            f"exp(-{power})",
            f"{power}*abs({u})**({b})",
            f"{power} + {log}",
            f"{log}**2",
            f"abs({log})**(1/2)",
            f"abs({log})**(-1/4)",
            f"sin(1/{u})" if u != "relu(z1)" else power,
            f"relu({power} - 1)",
            f"1/(1 + {power})",
            f"(1 + {power})**(1/2)",
            f"sin({u})/{u}" if u.startswith(("z", "(")) else power,
            f"exp({log}/{rng.choice(('2', '3', '-3', '-2', 'pi'))})",
            f"{log}*{power}",
            f"Max({power}, 1)",
        )
    )


@drawn_class
def gaussian_tails(rng: random.Random) -> str:
    """exp(c z²) with c about 1/4, alone, as a sum of squares, in factors, beside polynomials."""
    c = rng.choice(
        (
            "1/4",
            "0.24",
            "0.249",
            "0.251",
            "0.2",
            "1/5",
            "pi/13",
            "pi/12",
            "log(2)/3",
            "log(2)/2.7",
            "sqrt(2)/6",
            "sqrt(2)/5",
            "0.3",
            "exp(-1)/1.5",
        )
    )
    f = f"exp({c}*z1**2)"
    return rng.choice(
        (
            f,
            f"z1*{f}",
            f"{f}*exp(-z1**2/{rng.choice((100, 10))})",
            f"{f}/(1 + z1**2)",
            f"tanh(z1)*{f}",
            f"{f} + z1",
            f"exp({c}*z1**2 + z1)",
            f"exp({c}*z1**2 - z1)*z1",
            f"exp({c}*abs(z1)*abs(z1))",
            f"exp({c}*z1*z2)",
            f"exp({c}*(z1 + z2)**2/2)",
            f"exp({c}*z1**2) - exp({c}*z1**2) + z1",
            f"log(1 + {f})",
            f"exp(abs(z1)**{rng.choice(('1.5', 'sqrt(2)', '1.9', 'pi/2', '2.1'))}/5)",
            f"relu(z1)*{f}",
            f"2**({c}*z1**2)",
        )
    )


# -- cancellation


@drawn_class
def cancelling_leads(rng: random.Random) -> str:
    """The leading or lowest Hermite term cancels by design, exactly or not quite."""
    a = rng.choice(("2", "3", "1/2", "sqrt(2)", "pi", "exp(1)", "log(2)"))
    off = rng.choice(("", "", "", " + 1/1000*z1", " - 0.000001*He(2,z1)"))
    return rng.choice(
        (
            f"({a}*z1 + 1)**3 - ({a})**3*z1**3{off}",
            f"({a}*z1)**4 - ({a})**4*z1**4 + z1**2{off}",
            f"{a}*(z1**3 - 3*z1){off}",
            f"{a}*z1**3 - 3*{a}*z1{off}",
            f"(z1 + {a})**2 - 2*{a}*z1{off}",
            f"(z1 + {a})*(z1 - {a})*(z1**2 + {a}**2) - z1**4 + z1*z2{off}",
            f"exp({a}*z1/4) - {a}/4*exp(({a})**2/32)*z1{off}",
            f"sin({a}*z1) - {a}*exp(-({a})**2/2)*z1{off}",
            f"cos({a}*z1) + ({a})**2*exp(-({a})**2/2)*He(2,z1)/2{off}",
            f"relu({a}*z1) - {a}*z1/2{off}",
            f"abs({a}*z1) - {a}*sqrt(2/pi)*He(2,z1)/2{off}",
            f"erf({a}*z1) - 2*{a}/sqrt(pi*(1 + 2*({a})**2))*z1{off}",
            f"(z1 + z2)**4 - (z1 - z2)**4 - 8*z1*z2*(z1**2 + z2**2) + z1{off}",
            f"(relu(z1) - relu(-z1))**3 - z1**3 + He(2,z1){off}",
            f"{a}*z1**5 - z1**5*{a} + z1{off}",
            f"sigmoid(z1) - tanh(z1/2)/2 + z1**2{off}",
        )
    )


# -- networks


@drawn_class
def networks(rng: random.Random) -> Made:
    """Sums of two to five neurons with integer or decimal weights."""
    m = rng.choice((2, 2, 3, 3, 4, 5))
    r = rng.choice((1, 2, 2, 3))
    decimal = rng.random() < 0.3
    activation = rng.choice(("relu", "relu", "tanh", "erf", "sigmoid", "abs"))
    terms = []
    for _ in range(m):
        while True:
            weights = [rng.choice((-2, -1, 0, 1, 2, 3)) for _ in range(r)]
            if any(weights):
                break
        parts = [f"{w if not decimal else w / 10 + 0.37:g}*z{i + 1}" for i, w in enumerate(weights) if w]
        bias = rng.choice(("", "", "", " + 1", " - 1/2"))
        terms.append(
            f"{rng.choice('+-')} {rng.choice(('', '', '2*', '1/2*'))}{activation}({' + '.join(parts).replace('+ -', '- ')}{bias})"
        )
    text = " ".join(terms).removeprefix("+ ")
    if rng.random() < 0.3 and all(f"z{i + 1}" in text for i in range(r)):
        entries = ("0", "1", "3/5", "4/5", "2", "-1", "3", "4")
        return text, drawn_rows(rng, entries, r, rng.randint(r, 3))
    return text if any(f"z{i}" in text for i in range(1, 4)) else "relu(z1)"


# -- one variable


@drawn_class
def further_functions(rng: random.Random) -> str:
    """Functions with limits that are no numbers, without bounds, and made of others: alone, in others, and where they cancel."""
    f, g = (f"{rng.choice(('atan', 'asinh', 'sinh', 'cosh', 'erfc'))}({families.affine(rng, 'z1')})" for _ in range(2))
    a = rng.choice(("1", "1/2", "2", "0.99", "pi/2", "sqrt(2)"))
    return rng.choice(
        (
            f,
            f"z2*{f}",
            f"{f} - {a}*{g}",
            f"{f}*tanh({g})",
            f"relu({f} - {a})",
            f"abs({f})*z2 + {g}",
            f"tanh({f} - {g}/2)",
            f"exp(-({f})**2)*z1",
            f"log(1 + ({f})**2)",
            f"sqrt({a} + ({f})**2)",
            f"sign({f} - {a})*z1",
            f"z1 - {a}*atan(z1)",
            f"asinh(z1) - {a}*z1",
            f"z1**2*(atan(z1)**2 - pi**2/4) + {a}*abs(z1)*pi",
            f"abs(z1)*(pi/2 - atan(abs(z1))) + {a}",
            f"asinh(z1) - {a}*log(abs(z1) + sqrt(1 + z1**2))*sign(z1)",
            f"exp(asinh(z1)) - z1 - {a}",
            f"cosh(z1)**2 - sinh(z1)**2 + {a}*z1**3",
            f"sinh({a}*z1**2/10) + z2**2",
            f"(asinh(z1) - {a}*z1)*abs(z1)**(-3/2)",
            f"erfc(z1) + erfc(-z1) - {a} + z1**2",
            f"Max({f}, {g})",
        )
    )


@drawn_class
def monotone_near_misses(rng: random.Random) -> str:
    """Functions that are monotone, or just not."""
    a = rng.choice(("1", "0.99", "1.01", "1/2", "2", "sqrt(2)/2", "pi/3", "pi/4", "exp(-1)", "0.999", "1.001"))
    return rng.choice(
        (
            f"z1 + {a}*sin(z1)",
            f"z1 + {a}*cos(z1)",
            f"z1**3 - {a}*z1",
            f"z1**3 + {a}*z1**2 + {a}*z1",
            f"tanh(z1) + {a}*z1/10",
            f"tanh(z1) - {a}*z1/1000",
            f"relu(z1) + {a}*z1",
            f"abs(z1) + {a}*z1",
            f"abs(z1) - {a}*z1",
            f"exp(z1) - {a}*z1",
            f"exp(z1) + {a}*exp(-z1)",
            f"erf(z1) - {a}*tanh(z1)",
            f"z1*exp(-{a}*z1**2)",
            f"z1 + {a}*z1*exp(-z1**2/2)",
            f"sigmoid(z1)**2 + {a}*sigmoid(-z1)",
            f"tanh(z1)**3 + {a}*tanh(z1)",
            f"sign(z1) + {a}*z1",
            f"sign(z1) - {a}*z1",
            f"Max(z1, {a}*z1 - 1)",
            f"Min(z1, {a}*z1**2)",
            f"relu(z1) - {a}*relu(z1 - 1)",
            f"1/(1 + exp(-{a}*z1))",
            f"({a})**z1",
            f"z1**5 + {a}*z1**3 - z1/100",
            f"He(3,z1) + 3*{a}*z1",
        )
    )


@drawn_class
def generative(rng: random.Random) -> str:
    """|z|^m exp(a z²) and labels made of it by affine or monotone maps: the exponent hangs on whether a m = ... holds exactly."""
    m = rng.choice(("1", "2", "2", "2", "3", "4", "sqrt(2)", "pi", "1/2"))
    a = rng.choice(
        ("1", "1/2", "2", "1/4", "pi", "pi/2", "exp(1)", "tanh(1)", "log(3)", "2*log(3)", "sqrt(2)", "1/pi", "pi/6", "1.0001")
    )
    power = f"z1**{m}" if m in ("2", "4") else f"abs(z1)**({m})"
    g = rng.choice(
        (
            f"{power}*exp(-{a}*z1**2)",
            f"{power}*exp(-({a})*z1**2)",
            f"{power}*2**(-({a})*z1**2)",
            f"abs(z1**{m.split('/')[0]}*exp(-{a}*z1**2))" if m.isdigit() else f"{power}*exp(-{a}*z1**2)",
        )
    )
    return rng.choice(
        (
            g,
            g,
            g,
            f"{g} + 1",
            f"2*{g} - 3",
            f"-{g}",
            f"{rng.choice(TRANSCENDENTAL)}*{g}",
            f"({g})**2",
            f"tanh({g})",
            f"{g} + z1/1000",
            f"exp({g})",
        )
    )


# -- several directions


@drawn_class
def planted_hessians(rng: random.Random) -> str:
    """Hessians of low rank, of repeated eigenvalues, or nearly so."""
    c = rng.choice(("", "", "pi*", "sqrt(2)*", "log(2)*"))
    z = [f"z{i + 1}" for i in range(rng.randint(2, 4))]
    v, w = z[0], z[-1]
    return rng.choice(
        (
            f"{c}(" + " + ".join(f"He(2,{x})" for x in z) + ")",
            f"{c}({v}*{w} + He(3,{v}))",
            f"{c}({'*'.join(z)} + {v}**2)",
            f"{c}(({' + '.join(z)})**2 + He(3,{v}))",
            f"{c}(({v} + {w})**2 - ({v} - {w})**2 - 4*{v}*{w} + {v}**3 + {w})",
            f"{c}({v}**2 - {w}**2)",
            f"{c}He(2,{v}) + pi*He(2,{w})",
            f"{c}abs({v}) + sqrt(2/pi)*He(2,{w})",
            f"relu({v}) + relu({w})",
            f"abs({v} + {w}) - sqrt(2/pi)*({v} + {w})**2/sqrt(8) + {v}*{w}",
            f"cos({v}) + cos({w})",
            f"exp({v}) - exp(1/2)*{v}**2/2 + {w}**3",
            f"{c}(He(4,{v}) + He(2,{w}))",
            f"{c}({v}**2*{w}**2 - {v}**2 - {w}**2)",
        )
    )


@drawn_class
def high_degrees(rng: random.Random) -> str:
    k = rng.choice((10, 16, 20, 24, 30, 40))
    return rng.choice(
        (
            f"He({k},z1)",
            f"He({k},z1) + z1",
            f"pi*He({k},z1) + He({k // 2},z1)",
            f"abs(He({rng.choice((3, 5, 8, 10))},z1))",
            f"sign(He({rng.choice((3, 5, 7))},z1))",
            f"z1**{k}",
            f"(z1 + 1)**{k} - z1**{k}",
            f"He({k},z1)*exp(-z1**2)",
            f"relu(He({rng.choice((2, 4, 6))},z1))",
            f"He({k // 2},(z1 + z2)/sqrt(2))",
        )
    )


@drawn_class
def digits(rng: random.Random) -> str:
    """Steep, shifted and kinked functions whose enclosures are easily useless."""
    a = rng.choice(("2", "3", "10", "100", "1000", "1/100", "pi", "sqrt(2)"))
    return rng.choice(
        (
            f"sqrt((z1 - {a})**2)",
            f"tanh({a}*z1)",
            f"tanh(z1 - {a})",
            f"erf({a}*z1 + 1)",
            f"sigmoid({a}*(z1 - 1))",
            f"sigmoid(z1 + {a})",
            f"abs(z1 - {a})",
            f"abs(sin({a}*z1))",
            f"sqrt(z1**2 + 1/{a})",
            f"sqrt(abs(z1) + 1/{a})",
            f"relu(sin({a}*z1))",
            f"exp({a}*z1/100)*cos(z1)",
            f"log(1 + exp({a}*z1))",
            f"abs(z1**3 - {a}*z1)",
            f"Max(tanh(z1), z1/{a})",
            f"sin({a}*z1)",
            f"z1**2/(1 + {a}*z1**2)",
            f"abs(tanh({a}*z1) - 1/2)",
        )
    )


drawn_class(two_layer_networks)
for f in hostile.CLASSES:
    drawn_class(f)

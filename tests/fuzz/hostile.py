"""Targets as somebody would choose them who wants to see a false verdict, each class with parameters drawn afresh."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from fuzz.constants import DEEP_ZEROS, TRANSCENDENTAL, ZEROS
from fuzz.families import Family, Made, drawn_rows

PLAIN = ("z1", "z1**2", "tanh(z1)", "He(3,z1)", "abs(z1)", "relu(z1)", "exp(z1/2)", "cos(z1)", "z1*z2", "z2**2 + z1", "He(4,z1)")
HALVES = ("z1/2", "z1/3", "2*z1", "(z1 - 1)", "(z1 + 1/2)", "(2*z1 - 1)", "(z1 + z2)", "(z1 - 2*z2)", "(3/5*z1 + 4/5*z2)", "z1")
"""Linear forms."""


def _fraction(rng: random.Random, most: int = 9) -> str:
    return str(Fraction(rng.randint(1, most), rng.randint(1, most)))


def disguised_zero(rng: random.Random) -> str:
    """A constant that is zero, by an identity with parameters of its own."""
    m, n, k = rng.randint(2, 9), rng.randint(2, 9), rng.randint(1, 4)
    a, b = _fraction(rng), _fraction(rng)
    q = Fraction(m, n)
    p = rng.choice((3, 5, 7, 9, 11))
    cosines = " + ".join(f"cos({2 * j}*pi/{p})" for j in range(1, (p - 1) // 2 + 1))
    c = rng.choice(TRANSCENDENTAL)
    return rng.choice(
        (
            f"log({m}) + log({n}) - log({m * n})",
            f"log({m**k}) - {k}*log({m})",
            f"tanh(log({q})) - ({(q * q - 1) / (q * q + 1)})",
            f"exp({k}*log({n})) - {n**k}",
            f"exp(log({m})/2) - sqrt({m})",
            f"sin({k}*pi)",
            f"sin(pi/{6 * k}*{k}) - 1/2",
            f"cos({2 * k}*pi) - 1",
            f"{cosines} + 1/2",
            f"4*cos(pi/9)**3 - 3*cos(pi/9) - 1/{2}",
            "sin(pi/10) - (sqrt(5) - 1)/4",
            f"sigmoid(log({m})) - {Fraction(m, 1 + m)}",
            f"sigmoid({a}) + sigmoid(-({a})) - 1",
            f"sin({a})**2 + cos({a})**2 - 1",
            f"exp({a})*exp({b}) - exp({Fraction(a) + Fraction(b)})",
            f"sin({Fraction(a) + Fraction(b)}) - sin({a})*cos({b}) - cos({a})*sin({b})",
            f"sqrt({m + n} + 2*sqrt({m * n})) - sqrt({m}) - sqrt({n})",
            f"erf({a}) + erf(-({a}))",
            f"abs({c}) - {c}",
            f"sign(pi - {k}) - {1 if k < 4 else -1}",
            f"Max(pi, {k}) - {'pi' if k < 4 else '4'}",
            f"relu({k} - exp(1)) - {'0' if k < 3 else f'{k} + exp(1)'}",
            f"log(exp({a})) - {a}",
            f"({c})**2 - ({c})*({c})",
            f"({c} + 1)*({c} - 1) - ({c})**2 + 1",
            f"2**({a}) - exp({a}*log(2))",
            f"tanh({a}) - (exp({2 * Fraction(a)}) - 1)/(exp({2 * Fraction(a)}) + 1)",
            *rng.sample(ZEROS + DEEP_ZEROS, 3),
        )
    )


def zero_or_not(rng: random.Random) -> str:
    """A zero in disguise, or, one time in three, so much beside one."""
    off = rng.choice(("", "", f" {rng.choice('+-')} {rng.choice(('0.001', '1/10**9', '1/10**30', '1/10**60'))}"))
    return f"({disguised_zero(rng)}{off})"


def zeros_anywhere(rng: random.Random) -> str:
    """Such a constant as a coefficient, an exponent, a rate, a threshold or a factor of a singularity."""
    zero, other = zero_or_not(rng), zero_or_not(rng)
    f, g = rng.sample(PLAIN, 2)
    k = rng.randint(2, 7)
    return rng.choice(
        (
            f"{zero}*z1**{k} + {f}",
            f"{zero}*He({k},z1) + {other}*{f} + {g}",
            f"z1**2 + {zero}*He({k},z1)*z2 + z2**3",
            f"{f} + {zero}*exp(z1**2/3)",
            f"{f} + {zero}*abs(z1)**(-0.7)",
            f"{f} + {zero}/z1",
            f"exp({zero}*z1**2)*{f}",
            f"abs(z1)**({zero} - 2/5) + {g}",
            f"abs(z1)**(2 + {zero})*{g}",
            f"sign({zero})*{f} + {g}",
            f"relu({zero}*z1 + z1**2) + {g}",
            f"relu(z1 + {zero}) - relu(z1) + {g}",
            f"Max({zero}*z2, z1) + {g}",
            f"abs({zero}*z1) + {f}",
            f"tanh({zero} + z1) + {zero}*z2",
            f"z1**2*exp(-(1 + {zero})*z1**2)",
            f"z1 + {zero}*z1**2 + {other}*z2",
            f"cos(z1) + ({zero} + exp(-1/2))*He(2,z1)/2",
            f"abs(z1) - ({zero} + sqrt(2/pi))*He(2,z1)/2",
        )
    )


def exponents_at_the_limit(rng: random.Random) -> str:
    """Singularities and tails at, just below and just above what E f² < ∞ allows, in factors and under roots."""
    tiny = rng.choice(
        ("", f" {rng.choice('+-')} {rng.choice(('1/10', '1/100', '1/10**6', '1/10**20', 'pi/1000', zero_or_not(rng)))}")
    )
    u = rng.choice(("z1", "z1", "(z1 - 1)", "(2*z1 + 1)", "sin(z1)", "tanh(z1)", "(z1**3 - z1)", "(z1**2 - 2)", "(exp(z1) - 1)"))
    a = Fraction(rng.randint(1, 9), 10)
    p, b = rng.choice(("1/4", "1/2", "1", "2", "3/4")), _fraction(rng, 4)
    return rng.choice(
        (
            f"abs({u})**(-1/2{tiny})",
            f"z1*abs({u})**(-1/2{tiny})",
            f"abs({u})**(-{a})*abs(sin({u}))**({a - Fraction(1, 2)}{tiny})",
            f"sqrt(1 + abs({u})**(-1{tiny}))",
            f"(1 + abs({u})**(-{a}))**(1/{2 * a}{tiny})",
            f"abs({u})**(-1/2{tiny})*log(abs({u}))",
            f"abs({u})**(-1/2)*(1 + abs(log(abs({u}))))**(-{p})",
            f"({u}**2)**(-1/4{tiny})",
            f"exp(log(abs({u}))*(-1/2{tiny}))",
            f"({b} + z1**2)*abs({u})**(-1/2{tiny}) + z1",
            f"abs({u})**(-1/4)*abs({u})**(-1/4{tiny})",
            f"abs(z1)**(-1/4{tiny})*abs(z1 - 1)**(-1/2{tiny})",
            f"exp((1/4{tiny})*z1**2)",
            f"exp(z1**2/4)*(1 + abs(z1))**(-{p}{tiny})",
            f"exp(z1**2/4)/(1 + z1**2)**({p})",
            f"exp(z1**2/4 - {b}*abs(z1))",
            f"exp(z1**2/4 - sqrt(abs(z1))*{b})",
            f"exp(z1**2/4 + {b}*z1)",
            f"exp(z1**2/4 + {b}*z1)*relu(-z1)",
            f"exp(z1**2/4)*exp(-{b}*relu(z1))",
            f"exp((1/2{tiny})*z1*z2)",
            f"exp((1/8{tiny})*(z1 + z2)**2)",
            f"exp((1/4{tiny})*z1**2)*tanh(z2)",
            f"sqrt(exp((1/2{tiny})*z1**2) + z2**2)",
            f"log(1 + exp(z1**4))*abs(z1)**(-1/2{tiny})",
            f"exp(z1**2*tanh({b}*z1)/4)",
            f"exp(Max(z1, 0)**2*(1/4{tiny}))",
        )
    )


def _vector(rng: random.Random, width: int) -> list[str]:
    entries = ("1", "2", "-1", "1/2", "3/5", "sqrt(2)", "1/3", "sqrt(3)/2", "0.1", "7")
    return [rng.choice(entries) for _ in range(width)]


def _combination(coefficients: Sequence[int], vectors: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    made = []
    for j in range(width):
        parts = [f"{c}*({v[j]})" for c, v in zip(coefficients, vectors, strict=True) if c]
        made.append(" + ".join(parts).replace("+ -", "- ") or "0")
    return tuple(made)


def _relations(rows: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """Small integers whose combination of the rows vanishes."""
    small = product(range(-3, 4), repeat=len(rows))
    return [
        c for c in small if any(c) and all(sum(k * r[j] for k, r in zip(c, rows, strict=True)) == 0 for j in range(len(rows[0])))
    ]


def vanishing_arguments(rng: random.Random) -> Made:
    """Arguments that vanish identically along rows of low rank; one time in four a row is off by little, and they do not."""
    count, rank, width = rng.randint(2, 4), rng.randint(1, 2), rng.randint(1, 3)
    vectors = [_vector(rng, width) for _ in range(rank)]
    combinations = [[rng.randint(-1, 2) for _ in range(rank)] for _ in range(count)]
    combinations[0][0] = combinations[0][0] or 1
    relations = [u for c in _relations(combinations) if (u := " + ".join(f"{k}*z{i + 1}" for i, k in enumerate(c) if k))]
    u, v = (rng.choice(relations).replace("+ -", "- ") if relations else "z1 - z2" for _ in range(2))
    u = rng.choice((u, u, f"({u})*({v})", f"({u})**2", f"({u})*z1", f"({u})**3 + {v}"))
    rows = [_combination(c, vectors, width) for c in combinations]
    if rng.random() < 0.25:
        i = rng.randrange(count)
        rows[i] = (f"{rows[i][0]} + {rng.choice(('1/10**6', '1/10**9'))}", *rows[i][1:])
    latents = [f"z{i + 1}" for i in range(count)]
    f, g = (
        rng.choice(latents),
        rng.choice((f"tanh({latents[-1]})", f"{latents[0]}**2", f"abs({latents[0]})", f"relu({latents[-1]})")),
    )
    relation = rng.choice(("<", "<=", ">", ">="))
    text = rng.choice(
        (
            f"sign({u})*{f}**2 + {g}",
            f"(1 - sign({u})**2)*{f} + {g}",
            f"(1 - sign({u})*sign({v}))*{f}**3 + {g}",
            f"abs({u})*{f} + {g}",
            f"relu(sign({u}))*{f} + {g}",
            f"Max({u}, {f}) + {g}",
            f"Max({u}, {v}, {f})",
            f"Min({u}, 0) + {g}",
            f"Piecewise(({f}, {u} {relation} 0), ({g}, True))",
            f"Piecewise(({f}**2, {u} {relation} {v}), ({g}, {f} > 0), (1, True))",
            f"(1 + sign({u}))*{f} + (1 - sign(-({u})))*{g}",
            f"exp({u})*{f} + {g}",
            f"cos({u}) + {g}",
            f"sqrt(({u})**2 + {f}**2) + {g}",
            f"abs({u})**(1/2) + {f}",
            f"tanh({u})*{f} + {g}",
            f"sign(sign({u}) + 1/2)*{f} + {g}",
        )
    )
    missing = " + ".join(f"0*{z}" for z in latents if z not in text)
    return f"{text} + {missing}" if missing else text, tuple(rows)


def ties(rng: random.Random) -> Made:
    """Max, Min and Piecewise whose arguments or branches agree somewhere or everywhere; conditions that never or always hold."""
    f, g = rng.sample(("z1", "z1**2", "tanh(z1)", "abs(z1)", "z1*z2", "z2", "(z1 + z2)", "(z1 - 1)", "relu(z1)", "He(3,z1)"), 2)
    never = rng.choice(
        ("z1**2 < 0", "z1**2 + 1 <= 0", "z1**2 <= 0", "z1 - z1 > 0", "(z1 - z2)**2 < 0", "z1**2 + z2**2 <= 0", "z1 < z1")
    )
    always = rng.choice(("z1**2 >= 0", "z1 - z1 >= 0", "z1**2 + 1 > 0", "z1**2 > 0", "(z1 - 1)**2 >= 0", "z1 <= z1"))
    text = rng.choice(
        (
            f"Max({f}, {g}) + Min({f}, {g}) - {f} - {g} + z1**2",
            f"Max({f}, {g}) + Min({f}, {g})",
            f"Max({f}, Min({f}, {g})) + z1",
            f"Min({f}, Max({f}, {g})) + z1*z2",
            f"Max({f}, {f}) - {f} + {g}",
            f"Max({f}, -({f})) - abs({f}) + {g}",
            f"Max({f}, {g}) - Max({g}, {f}) + z1",
            f"Max({f}, {g}, {f}) - Max({f}, {g}) + z1",
            f"Max({f} + 1, {g} + 1) - Max({f}, {g}) + z1",
            f"Max(2*({f}), 2*({g})) - 2*Max({f}, {g}) + tanh(z1)",
            f"relu({f} - {g}) + {g} - Max({f}, {g}) + z1**3",
            f"Piecewise(({f}, {never}), ({g}, True))",
            f"Piecewise(({f}, {always}), ({g}, True))",
            f"Piecewise(({f}, z1 > 0), ({f}, True)) + {g}",
            f"Piecewise((0, z1 < 0), ({f}, z1 < 1), ({g}, True))",
            f"Piecewise((-z1, z1 < 0), (z1, True)) - abs(z1) + {g}",
            f"Piecewise(({f}, z1 > 1), ({g}, z1 > 0), ({f}, z1 > -1), ({g}, True))",
            f"Piecewise(({f}, z1 <= 0), ({g}, z1 >= 0), (z2, True))",
            f"Piecewise((z1**2, z1 > 0), (-z1**2, True)) + {g}",
            f"Piecewise((z1 + 1, z1 > -1), (0, True)) - relu(z1 + 1) + {g}",
        )
    )
    if rng.random() < 0.3 and "z2" in text:
        return text, drawn_rows(rng, ("0", "1", "1", "-1", "2", "3/5"), 2, rng.randint(1, 2), repeated=0.5)
    return text


def gapped_polynomials(rng: random.Random) -> str:
    """Transcendental coefficients, degrees far apart and far up, terms that cancel within one coefficient."""
    c, d = rng.sample(TRANSCENDENTAL, 2)
    low, high = rng.randint(1, 9), rng.randint(8, 30)
    a, b = rng.randint(2, 6), rng.randint(2, 6)
    return rng.choice(
        (
            f"{c}*He({high},z1)",
            f"{c}*He({high},z1) - {d}*He({low},z1)",
            f"{c}*He({a},z1)*He({b},z2) + {d}*z1",
            f"({c} + 1)*He({high},z1) - {c}*He({high},z1) - He({high},z1) + {d}*He({low},z1)",
            f"({c} - {d})*He({low},z1) - {c}*He({low},z1) + {d}*He({low},z1) + He({a},z1)",
            f"{c}*He({a},z1) + {d}*He({b},z2) + {c}*{d}*z3**2",
            f"{c}*(He({low},z1) + He({high},z1))",
            f"({c}*z1 + {d}*z2)**{a}",
            f"{c}*He({a},(z1 + z2)/sqrt(2)) + {d}*He({b},(z1 - z2)/sqrt(2))",
            f"({c})**2*z1**{a} - {d}*z1**{b}*z2",
            f"{c}*z1**{high}",
            f"{c}*He({a},z1)*He({b},z1)",
            f"({c}*z1)**{a} - ({c})**{a}*z1**{a} + {d}*He({b},z1)",
            f"{c}*({disguised_zero(rng)})*He({high},z1) + He({low},z1)",
        )
    )


def repeated_eigenvalues(rng: random.Random) -> str:
    """c (a I + b v vᵀ) as a Hessian, at times turned, and beside terms that H does not see."""
    r = rng.randint(2, 4)
    z = [f"z{i + 1}" for i in range(r)]
    c = rng.choice((*TRANSCENDENTAL, "1", "sqrt(2)", "1/3"))
    a, b = rng.choice((0, 1, 1, 2, -1)), rng.choice((0, 1, -1, 2, Fraction(-1, r), Fraction(-2, r)))
    square = " + ".join(f"({a})*{x}**2" for x in z)
    form = f"({' + '.join(z)})"
    rest = rng.choice(("", f" + He(3,{z[-1]})", f" + {z[0]}", f" + He(4,{z[0]})", f" + {'*'.join(z)}", f" + tanh({z[-1]})"))
    return rng.choice(
        (
            f"{c}*({square} + ({b})*{form}**2){rest}",
            f"{c}*(({z[0]} + {z[-1]})**2 + ({z[0]} - {z[-1]})**2){rest}",
            f"{c}*(({z[0]} + {z[-1]})**2 - ({z[0]} - {z[-1]})**2){rest}",
            f"{c}*({' + '.join(f'abs({x})' for x in z)}){rest}",
            f"{c}*({' + '.join(f'cos({x})' for x in z)}) + {c}*{form}**2{rest}",
            f"abs({z[0]})*{c} + {c}*sqrt(2/pi)*{z[-1]}**2/2{rest}",
            f"{c}*({square}) + {c}*{z[0]}*{z[-1]}{rest}",
        )
    )


def monotone_thresholds(rng: random.Random) -> str:
    """f + c g that is monotone up to a known c and no further: at it, disguised or not, and on either side."""
    f, limit = rng.choice(
        (
            ("z1 + {c}*sin(z1)", "1"),
            ("z1 + {c}*cos(z1)", "1"),
            ("z1 + {c}*sin(3*z1)/3", "1"),
            ("z1 + {c}*z1*exp(-z1**2/2)", "exp(3/2)/2"),
            ("z1 - {c}*z1*exp(-z1**2/2)", "1"),
            ("z1 - {c}*tanh(z1)", "1"),
            ("z1 - {c}*erf(z1)", "sqrt(pi)/2"),
            ("z1 - {c}*sigmoid(z1)", "4"),
            ("z1 - {c}*log(1 + exp(z1))", "1"),
            ("sqrt(1 + z1**2) - {c}*z1", "1"),
            ("{c}*z1 - abs(z1)", "1"),
            ("{c}*z1 + abs(z1)", "1"),
            ("relu(z1) - {c}*relu(z1 - 1)", "1"),
            ("sigmoid(z1) - {c}*sigmoid(z1 - 1)", "exp(-1)"),
            ("z1**3/3 - {c}*z1**2 + z1", "1"),
            ("z1**3/3 + {c}*z1**2 + 2*z1", "sqrt(2)"),
            ("z1**5/5 + {c}*z1**3/3 + z1", "-2"),
            ("exp(z1) - {c}*z1", "0"),
            ("exp(z1) - {c}*exp(-z1)", "0"),
            ("tanh(z1) - {c}*z1", "0"),
            ("relu(z1) - {c}*relu(-z1)", "0"),
            ("exp(z1) - {c}*z1*exp(z1/2)", "exp(0)"),
            ("z1 + {c}*sin(z1)*exp(-z1**2)", "1"),
            ("({c})**z1", "1"),
            ("sign(z1) + {c}*z1", "0"),
            ("sign(z1 - 1) - {c}*sign(z1 + 1)", "0"),
            ("Max(z1, {c}*z1)", "0"),
        )
    )
    off = rng.choice(
        ("", "", " + 1/1000", " - 1/1000", " + 1/10**9", " - 1/10**9", f" + {disguised_zero(rng)}", f" + {disguised_zero(rng)}")
    )
    return f.format(c=f"({limit}{off})")


def growth_at_singularities(rng: random.Random) -> str:
    """Logarithms and small powers that are bounded after all by what stands around them, or are not."""
    u = rng.choice(("z1", "z1", "(z1 - 1)", "(2*z1 + 1)", "(z1**2 - 1)", "tanh(z1)", "(z1**3 - z1)", "(exp(z1) - 2)"))
    log, small = f"log(abs({u}))", f"abs({u})**(-{rng.choice(('0.1', '1/5', '1/3', 'pi/10', '0.49'))})"
    s = rng.choice((log, small))
    return rng.choice(
        (
            s,
            f"{s} + z1**2",
            f"{u}*{log}",
            f"{u}**2*{small}",
            f"abs({u})**(1/10)*{log}",
            f"abs({u})**(1/5)*{small}",
            f"relu({s})",
            f"relu(-({s}))",
            f"Max({log}, -{rng.randint(1, 9)})",
            f"Min({s}, {rng.randint(1, 9)})",
            f"tanh({s})",
            f"exp(-{small})",
            f"exp({log}/3)",
            f"exp(-{log}/3)",
            f"sqrt(abs({log}))",
            f"log(1 + {small})",
            f"log(1 + abs({u}))",
            f"log(1/10**6 + abs({u}))",
            f"1/(1/1000 + {u}**2)",
            f"1/(1 + {small})",
            f"1/(2 + {log}**2)",
            f"sin(1/{u})*z1",
            f"{log}*relu(abs({u}) - 1)",
            f"{s} - {s} + z1",
            f"{log} - log({u}**2)/2 + z1",
            f"log({u}**2) - {log}",
            f"sign({u})*{s}",
            f"z1*exp(log(1 + z1**2)*{rng.randint(1, 3)})",
            f"exp(abs(z1)**({rng.choice(('1/10', '1/2', '1'))}))",
            "exp(tanh(z1)*log(1 + z1**2))",
            f"exp(log(2 + z1**2)**({rng.choice(('1', '1.01', '1/2', '1.5'))}))",
            f"z2*{s}",
            f"tanh(z2)*{u}*{log}",
        )
    )


def affine_labels(rng: random.Random) -> str:
    """b + c g and other functions of a label g of high generative exponent, which keep it, and g with something beside it."""
    a = rng.choice(("1", "1", "1/2", "2", "1/4", "pi", "log(3)", f"(1 + {zero_or_not(rng)})", f"exp({disguised_zero(rng)})"))
    m = {"1": "z1**2", "1/2": "abs(z1)", "2": "z1**4", "1/4": "sqrt(abs(z1))"}.get(a, "z1**2")
    g = rng.choice((f"{m}*exp(-{a}*z1**2)", f"exp(-{a}*z1**2)*{m}", f"{m}/exp({a}*z1**2)", f"{m}*exp(-({a})*z1**2)"))
    c, b = rng.choice((*TRANSCENDENTAL, "2", "-3", "sqrt(2)", "1/7")), rng.choice((*TRANSCENDENTAL, "1", "-2", "sqrt(3)"))
    return rng.choice(
        (
            f"{c}*{g} + {b}",
            f"{b} - {c}*{g}",
            f"({g} + {b})/({c})",
            f"{b}*({c}*{g} + 1) - {c}",
            f"tanh({c}*{g} + {b})",
            f"exp({c}*{g}) + {b}",
            f"({g})**3",
            f"({c}*{g} + {b})**2",
            f"log(1 + {g})",
            f"relu({g} - 1/10)",
            f"sign({g} - 1/5)",
            f"{g}/(1 + {g})",
            f"{c}*{g} + {b}*({g})**2",
            f"{c}*{g} + {disguised_zero(rng)}",
            f"{c}*{g} + {zero_or_not(rng)}*z1",
            f"{c}*{g} + {b} + z1**2/10**6",
            f"({g})*sign(z1)",
            f"{g.replace('z1', '(3/5*z1 + 4/5*z2)')}*{c} + {b}",
        )
    )


def parity_disguises(rng: random.Random) -> str:
    """|u|, u and sign(u) in other words, alone, in differences that vanish, and shifted so that no parity is left."""
    a, b = rng.choice(("1", "2", "1/2", "-1", "3")), rng.choice(("", "", " - 2", " + 1", " - 1/3", " - sqrt(2)"))
    u = f"({a}*z1{b})"
    size = (
        f"abs({u})",
        f"sqrt({u}**2)",
        f"Max({u}, -{u})",
        f"({u}**2)**(1/2)",
        f"({u}**4)**(1/4)",
        f"{u}*sign({u})",
        f"(relu({u}) + relu(-{u}))",
        f"exp(log({u}**2)/2)",
        f"Piecewise(({u}, {u} >= 0), (-{u}, True))",
        f"sqrt({u}*{u})",
        f"abs(-{u})",
        f"(2*relu({u}) - {u})",
    )
    s, t = rng.sample(size, 2)
    rest = rng.choice(("z1", "z1**2", "tanh(z1)", "He(3,z1)", "cos(z1)", "z1**3 + z1"))
    return rng.choice(
        (
            s,
            f"{s} + {rest}",
            f"{s} - {t} + {rest}",
            f"{s}**3",
            f"{s}*{rest}",
            f"{s}*{t} - {u}**2 + {rest}",
            f"{s}/(1 + {t})",
            f"tanh({s})",
            f"tanh({s}) - abs(tanh({u})) + {rest}",
            f"relu({s} - 1)",
            f"sin({u})*{s}",
            f"exp(-{s})",
            f"log(exp({u})) - {u} + {rest}",
            f"log(exp({u}) + exp(-{u}))",
            f"({u}**2)**(3/2) - {s}**3 + {rest}",
            f"(exp({u}) - exp(-{u}))/(exp({u}) + exp(-{u})) - tanh({u}) + {rest}",
            f"sigmoid({u}) - 1/(1 + exp(-{u})) + {rest}",
        )
    )


def high_orders(rng: random.Random) -> str:
    """He(n) about and above 200, alone and within what is not a polynomial."""
    n, k = rng.choice((64, 100, 150, 199, 200, 201, 250, 400, 10**6)), rng.randint(1, 60)
    c = rng.choice(TRANSCENDENTAL)
    return rng.choice(
        (
            f"He({n},z1)",
            f"{c}*He({n},z1) + He({k},z1)",
            f"He({n},z1) - He({n},z1) + z1",
            f"He({n},z1)/10**100 + z1",
            f"He({k},(z1 + z2)/sqrt(2)) + z1",
            f"abs(He({k},z1))",
            f"sign(He({k},z1))*z1",
            f"He({k},z1)*exp(-z1**2)",
            f"He({k},z1)*sign(z1)",
            f"relu(He({k},z1)) + relu(-He({k},z1)) - abs(He({k},z1)) + z1",
            f"z1**{n}",
            f"tanh(He({k},z1))",
            f"He({k},z1)*He({k},z2)",
            f"He({n},z1)*tanh(z1)",
        )
    )


def compositions(rng: random.Random) -> str:
    """Functions of sums of functions, and sums and products of up to four neurons."""
    names = ("tanh", "relu", "sigmoid", "erf", "abs", "sin", "cos", "exp", "sign")

    def neuron() -> str:
        return f"{rng.choice(names[:-2])}({rng.choice(HALVES)}{rng.choice(('', ' + 1', ' - 1/2', ' - sqrt(2)/2'))})"

    made = [neuron() for _ in range(rng.randint(1, 3))]
    inner = f" {rng.choice('+-')} ".join(made)
    return rng.choice(
        (
            f"{rng.choice(names)}({inner})",
            f"{rng.choice(names)}(z1 + {neuron()} - {neuron()})",
            "*".join(made),
            f"{'*'.join(made)} + {neuron()}",
            f"{rng.choice(names)}({rng.choice(names)}({rng.choice(names)}({rng.choice(HALVES)})))",
            f"Max({', '.join(made)}, 0)",
            f"abs({inner}) - relu({inner}) - relu(-({inner})) + {neuron()}",
            f"sqrt(1 + ({inner})**2)",
            f"({inner})**2 + {neuron()}",
            f"z1 + {neuron()}*z2",
        )
    )


def named_activations(rng: random.Random) -> str:
    """The activations that are written out before anything is decided."""
    slope = rng.choice(("1/100", "0", "1", "-1", "1/2", "0.1", "sqrt(2)/2", "pi/4"))
    u = rng.choice(HALVES)
    f = rng.choice(
        (
            f"softplus({u})",
            f"gelu({u})",
            f"silu({u})",
            f"swish({u})",
            f"leaky_relu({u}, {slope})",
            f"leaky_relu({u})",
            f"elu({u})",
            f"heaviside({u})",
            f"step({u})",
            f"sgn({u})",
            f"ReLU({u})",
            f"max({u}, 0)",
            f"min({u}, 1)",
            f"He3({u})",
            f"ln(1 + exp({u}))",
        )
    )
    return rng.choice(
        (
            f,
            f"{f} + z1",
            f"{f}*z1",
            f"{f} - z1/2",
            f"softplus({u}) - softplus(-{u}) - {u} + tanh(z1)",
            f"gelu({u}) - gelu(-{u}) + z1**2",
            f"silu({u}) - {u}/2 + z1**3",
            f"leaky_relu({u}, {slope}) - relu({u}) + ({slope})*relu(-{u}) + z1**2",
            f"elu({u}) - relu({u}) + z1",
            f"heaviside({u}) + heaviside(-{u}) + z1**2",
            f"heaviside({u})*{u} - relu({u}) + tanh(z1)",
        )
    )


CLASSES: tuple[Family, ...] = (
    zeros_anywhere,
    exponents_at_the_limit,
    vanishing_arguments,
    ties,
    gapped_polynomials,
    repeated_eigenvalues,
    monotone_thresholds,
    growth_at_singularities,
    affine_labels,
    parity_disguises,
    high_orders,
    compositions,
    named_activations,
)

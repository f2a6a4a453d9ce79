"""Functions and Gaussian integrals for `verify_link_certificate.py`: Python's standard library alone, integers and fractions.

- Balls: reals as integers scaled by 2^P, midpoint and radius, every rounding outwards; exp, log, sin, cos, tanh and erf by series
  whose remainder is bounded.
- Sums: a link as a sum of products of z_i and functions, by identities that hold almost everywhere: relu(u) = (u + u sign u)/2,
  |u| = u sign u, Max(u, v) = (u + v + |u - v|)/2, sigmoid(u) = (1 + tanh(u/2))/2, oddness and evenness.
- Moments: E[s^n F(s)] for a Gaussian s, by Taylor's formula on panels, with a ball for the remainder, cutting panels where a sign
  changes, and with a bound on both tails from a growth bound that is read off F.
"""

from __future__ import annotations

import heapq
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from operator import mul
from typing import Any

import steinlab.checks.verify_certificate as vc
from steinlab.checks.verify_certificate import P, Refused, Undefined, bits_of, fold, require, spend

Ball = vc.Ball
plus, times, inverse = vc.ball_sum, vc.ball_product, vc.ball_inverse
ONE = 1 << P
GUARD = 32  # more of them while a series is summed
ORDER = 24  # of Taylor's formula; even
MAX_TERMS, MAX_POWER, MAX_NESTING, MAX_BITS, MAX_RADIUS = 5_000, 64, 20, 1_000, 400
PLANE_ORDER, MIN_BOXES, MAX_BOXES = 6, 100, 400

Series = tuple[list[int], list[int]]  # midpoints and radii of Taylor coefficients
Atom = tuple[Any, ...]  # ("z", i) or (name, argument), the argument a frozen sum; ("pi",)
Exponent = Fraction | int  # an int when it is whole
Product = tuple[tuple[Atom, Exponent], ...]
Sum = dict[Product, Fraction]


# -- balls and elementary functions on integers scaled by 2^P


def ball(q: Fraction | int) -> Ball:
    q = Fraction(q)
    return (q.numerator * ONE) // q.denominator, 0 if ONE % q.denominator == 0 else 1


def between(low: int, high: int) -> Ball:
    m = (low + high) >> 1
    return m, high - m


def scaled(a: Ball, q: Fraction) -> Ball:
    m, inexact = divmod(a[0] * q.numerator, q.denominator)
    return m, -(-a[1] * abs(q.numerator) // q.denominator) + bool(inexact)


def sign_of(a: Ball) -> int:
    """1 or -1 when zero is excluded, else 0."""
    return (a[0] > a[1]) - (a[0] < -a[1])


def monotone(f: Callable[[int], tuple[int, int]], a: Ball) -> Ball:
    """The image of a ball under a rising function given by bounds at points."""
    return between(f(a[0] - a[1])[0], f(a[0] + a[1])[1])


@lru_cache(maxsize=10_000)
def exp_at(n: int) -> tuple[int, int]:
    """Bounds of exp(n/2^P): for n > 0 Taylor's formula for exp(x/2^s), x/2^s < 2^-8, squared s times."""
    if n < 0:
        low, high = exp_at(min(-n, 200 * ONE))  # beyond, the lower bound is 0
        return ONE * ONE // high, ONE * ONE // low + 1
    require(n < 10_000 * ONE, "an exponential is too large")
    s = max(0, n.bit_length() - P + 8)
    q = P + 2 * s + GUARD
    x = (n << (q - P)) >> s
    low = high = term_low = term_high = 1 << q
    k = 0
    while term_high > 1:
        k += 1
        term_low, term_high = (term_low * x >> q) // k, (term_high * (x + 1) >> q) // k + 1
        low, high = low + term_low, high + term_high
    high += 1  # the rest is less than the last term
    for _ in range(s):
        low, high = low * low >> q, (high * high >> q) + 1
    return low >> (q - P), (high >> (q - P)) + 1


def arctanh_series(numerator: int, denominator: int, q: int) -> tuple[int, int]:
    """Bounds of artanh(x) 2^q for x = numerator/denominator in [0, 1/3]: every rounding is down, by less than 4 in each term."""
    x = (numerator << q) // denominator
    square, power, total, k = x * x >> q, x, 0, 1
    while power:
        total += power // k
        power = power * square >> q
        k += 2
    return total, total + 2 * k + 8


@lru_cache(maxsize=10_000)
def log_at(n: int) -> tuple[int, int]:
    """Bounds of log(n/2^P), n > 0, as k log 2 + 2 artanh((f - 1)/(f + 1)), f in [1, 2), where log 2 = 2 artanh(1/3)."""
    q = P + GUARD
    k = n.bit_length() - 1
    low, high = arctanh_series(n - (1 << k), n + (1 << k), q)
    a, b = sorted(2 * (k - P) * end for end in arctanh_series(1, 3, q))
    return (2 * low + a) >> GUARD, ((2 * high + b) >> GUARD) + 1


def arctan_inverse(n: int, q: int) -> int:
    """arctan(1/n) 2^q to within 2 q units."""
    power, total, k, side = (1 << q) // n, 0, 1, 1
    while power:
        total += side * (power // k)
        power //= n * n
        k, side = k + 2, -side
    return total


_PI = (16 * arctan_inverse(5, P + GUARD) - 4 * arctan_inverse(239, P + GUARD)) >> GUARD  # Machin; off by less than 2
PI: Ball = (_PI, 4)


def root(a: Ball) -> Ball:
    require(a[0] >= a[1], "a root of a negative number")
    return between(math.isqrt((a[0] - a[1]) << P), math.isqrt((a[0] + a[1]) << P) + 1)


@lru_cache(maxsize=10_000)
def wave_at(n: int, odd: int) -> tuple[int, int]:
    """Bounds of sin(n/2^P) (odd = 1) or cos (odd = 0) by the alternating series, at a precision that covers its growth.

    An error of a unit grows by at most e^|x|, and the rounding of x² puts at most e^|x| units into a term: 2^(3|x| + 8).
    """
    size = abs(n) >> P
    if size > 300:
        return -ONE, ONE
    q = P + 3 * size + 64
    x = n << (q - P)
    square = x * x >> q
    term = total = x if odd else 1 << q
    k = odd
    while abs(term) > 1:
        term = -(term * square >> q) // ((k + 1) * (k + 2))
        total += term
        k += 2
    error = (4 * k + 8) << (3 * size + 8)
    return max((total - error) >> (q - P), -ONE), min(((total + error) >> (q - P)) + 1, ONE)


def wave(a: Ball, odd: int) -> Ball:
    """sin or cos of a ball: the value at the midpoint, slopes being at most 1."""
    low, high = wave_at(a[0], odd)
    return between(max(low - a[1], -ONE), min(high + a[1], ONE))


def tanh_at(n: int) -> tuple[int, int]:
    """tanh x = 1 - 2/(e^{2x} + 1)."""
    if n < 0:
        low, high = tanh_at(-n)
        return -high, -low
    if n > 60 * ONE:  # 1 - tanh x < 2 e^{-120} < 2^-P
        return ONE - 1, ONE
    low, high = exp_at(2 * n)
    return ONE - 2 * ONE * ONE // (low + ONE) - 1, ONE - 2 * ONE * ONE // (high + ONE)


@lru_cache(maxsize=10_000)
def erf_at(n: int) -> tuple[int, int]:
    """erf x = (2/√π) e^{-x²} Σ_k x (2x²)^k/(2k+1)!!, a series of positive terms for x > 0."""
    if n < 0:
        low, high = erf_at(-n)
        return -high, -low
    if n > 10 * ONE:  # 1 - erf x < e^{-100} < 2^-P
        return ONE - 1, ONE
    square = 2 * n * n
    low = high = 0
    term_low = term_high = n
    k = 0
    while term_high > 1 or square > (2 * k + 3) << (2 * P - 1):
        low, high = low + term_low, high + term_high
        term_low = (term_low * square >> 2 * P) // (2 * k + 3)
        term_high = (term_high * square >> 2 * P) // (2 * k + 3) + 1
        k += 1
    high += 8  # the terms left, at most 1 each before rounding, fall by one half at least
    bottom, top = exp_at(n * n >> P)[0], exp_at((n * n >> P) + 1)[1]
    half = inverse(root(PI))
    return 2 * (half[0] - half[1]) * low // top, min(2 * (half[0] + half[1]) * high // bottom + 1, ONE)


# -- the link as a sum of products


def constant(q: Fraction | int) -> Sum:
    return {(): Fraction(q)} if q else {}


def variable(i: int) -> Sum:
    return {((("z", i), 1),): Fraction(1)}


def add(u: Sum, v: Sum, scale: Fraction | int = 1) -> Sum:
    out = dict(u)
    accumulate(out, v, Fraction(scale))
    return out


def accumulate(out: Sum, v: Sum, scale: Fraction) -> None:
    """out += scale v, in place."""
    spend(10 * len(v))
    for product, c in v.items():
        change = c if scale == 1 else c * scale
        total = out[product] + change if product in out else change
        require(bits_of(total) <= MAX_BITS, "a number is too long")
        out[product] = total
        if not total:
            del out[product]
    require(len(out) <= MAX_TERMS, "the link has too many terms for this checker")


def multiply(u: Sum, v: Sum) -> Sum:
    spend(20 * len(u) * len(v))
    out: Sum = {}
    for left, c in u.items():
        for right, e in v.items():
            accumulate(out, product_of(left, right) if left and right else {left or right: Fraction(1)}, c * e)
    return out


@lru_cache(maxsize=20_000)
def product_of(left: Product, right: Product) -> Sum:
    """The normal form of a product: exponentials merged, sign² = 1, whole parts of powers expanded."""
    powers = dict(left)
    for atom, e in right:
        powers[atom] = powers.get(atom, 0) + e
    exponent: Sum = {}
    factor = constant(1)
    kept: list[tuple[Atom, Exponent]] = []
    for atom, e in powers.items():
        if atom[0] == "exp":
            accumulate(exponent, thaw(atom[1]), Fraction(e))
        elif atom[0] == "sign":
            kept += [(atom, 1)] * int(e % 2)
        elif atom[0] == "power" and e >= 1:
            factor = multiply(factor, whole_power(thaw(atom[1]), int(e // 1)))
            kept += [(atom, e % 1)] if e % 1 else []
        elif e:
            kept.append((atom, int(e) if e.denominator == 1 else e))
    if exponent:
        kept.append((("exp", freeze(exponent)), 1))
    out = {tuple(sorted(kept, key=repr)): Fraction(1)}
    return out if factor == constant(1) else multiply(factor, out)


def whole_power(u: Sum, e: int) -> Sum:
    require(0 <= e <= MAX_POWER, f"the exponent {e} is too large")
    out = constant(1)
    for _ in range(e):
        out = multiply(out, u)
    return out


def freeze(u: Sum) -> tuple[Any, ...]:
    require(all(nesting(atom) < MAX_NESTING for product in u for atom, _ in product), "functions are nested too deeply")
    return tuple(sorted(u.items(), key=repr))


def thaw(frozen: tuple[Any, ...]) -> Sum:
    return dict(frozen)


def number(u: Sum) -> Fraction | None:
    """The value of a rational constant."""
    return Fraction(0) if not u else u.get(()) if len(u) == 1 else None


def atom_sum(name: str, u: Sum) -> Sum:
    return {(((name, freeze(u)), 1),): Fraction(1)}


def variables(u: Sum) -> set[int]:
    return {i for product in u for atom, _ in product for i in variables_of(atom)}


@lru_cache(maxsize=100_000)
def variables_of(atom: Atom) -> frozenset[int]:
    return frozenset([atom[1]] if atom[0] == "z" else [] if atom[0] == "pi" else variables(thaw(atom[1])))


@lru_cache(maxsize=100_000)
def nesting(atom: Atom) -> int:
    return 0 if atom[0] in ("z", "pi") else 1 + max((nesting(inner) for product, _ in atom[1] for inner, _ in product), default=0)


def leading(u: Sum) -> Fraction:
    """The coefficient of a term chosen by the products alone."""
    return u[min(u, key=repr)]


def apply(name: str, u: Sum) -> Sum:
    """sign, exp, sin, cos, tanh or erf of u, in normal form."""
    if found := kinks(u):  # f(u) = (f(u at s = 1) + f(u at s = -1))/2 + s (f(u at s = 1) - f(u at s = -1))/2
        above, below = (add({}, apply(name, fixed(u, found[0], side)), Fraction(1, 2)) for side in (1, -1))
        side_of_kink: Sum = {((found[0], 1),): Fraction(1)}
        return add(add(above, below), multiply(add(above, below, -1), side_of_kink))
    value = number(u)
    if name == "sign":
        return sign(u)
    if value == 0:
        return constant(1 if name in ("exp", "cos") else 0)
    if name != "exp" and leading(u) < 0:
        return add({}, atom_sum(name, add({}, u, -1)), 1 if name == "cos" else -1)
    return atom_sum(name, u)


def kinks(u: Sum) -> list[Atom]:
    """The signs in u, in the order of its terms: a set's order would differ from run to run."""
    return list(dict.fromkeys(atom for product in u for atom, _ in product if atom[0] == "sign"))


def fixed(u: Sum, kink: Atom, side: int) -> Sum:
    out: Sum = {}
    for product, c in u.items():
        rest = tuple(factor for factor in product if factor[0] != kink)
        accumulate(out, {rest: c}, Fraction(side if len(rest) < len(product) else 1))
    return out


def sign(u: Sum) -> Sum:
    value = number(u)
    if value is not None:
        return constant((value > 0) - (value < 0))
    require(not_identically_zero(u), "the argument of a sign may vanish identically")
    for side in (1, -1):
        if (low := lower_bound(add({}, u, side))) is not None and low >= 0:
            return constant(side)
    if len(u) > 1:
        side = 1 if leading(u) > 0 else -1
        return add({}, atom_sum("sign", add({}, u, 1 / leading(u))), side)
    ((product, c),) = u.items()  # the sign of a product is the product of the signs of its odd factors
    out = constant((c > 0) - (c < 0))
    for atom, e in product:
        if e % 2 and atom[0] in ("tanh", "erf"):
            out = multiply(out, sign(thaw(atom[1])))
        elif e % 2 and atom[0] in ("z", "sin", "cos", "log"):
            out = multiply(out, atom_sum("sign", {((atom, 1),): Fraction(1)}))
    return out


def not_identically_zero(u: Sum) -> bool:
    """Whether u is analytic and not zero at some point, so that its zeros have measure zero."""
    points = [[Fraction(3 * i + k, 7) for i in range(max(variables(u), default=0) + 1)] for k in (-8, 2, 5)]
    return is_analytic(u) and any(sign_of(at(evaluate(u, [constant_series(ball(x), 0) for x in point]), 0)) for point in points)


def is_analytic(u: Sum) -> bool:
    """Whether no sign and no power of what may be zero stands in u."""
    inner = [(atom[0], thaw(atom[1])) for product in u for atom, _ in product if atom[0] not in ("z", "pi")]
    return all(name != "sign" and (name != "power" or is_positive(v)) and is_analytic(v) for name, v in inner)


def lower_bound(u: Sum) -> Fraction | None:
    """A number that u is nowhere below, or None: the least value of a quadratic, even powers, functions of known range, |v|."""
    for kink in kinks(u):
        above, below = (add({}, fixed(u, kink, side), Fraction(1, 2)) for side in (1, -1))
        odd, v = add(above, below, -1), thaw(kink[1])
        if (c := leading(odd) / leading(v)) > 0 and odd == add({}, v, c):  # u holds c |v|
            return lower_bound(add(above, below))
    plain = {p: c for p, c in u.items() if all(atom[0] == "z" for atom, _ in p) and sum(e for _, e in p) <= 2}
    total = least_value(plain)
    if total is None:
        return None
    for product, c in u.items():
        fixed_part, moving = taken_apart(product)
        size = constant_ball({fixed_part: c}) if fixed_part else (1 if c > 0 else -1, 0)
        if product in plain or (moving and sign_of(size) > 0 and is_even_or_positive(moving)):
            continue
        if not all(atom[0] in ("tanh", "erf", "sin", "cos", "sign") for atom, _ in moving):
            return None
        total += Fraction(size[0] - size[1], ONE) if not moving else -upper(size) if fixed_part else -abs(c)
    return total


def taken_apart(product: Product) -> tuple[Product, Product]:
    """Its constant factors, and the others."""
    return tuple(f for f in product if not variables_of(f[0])), tuple(f for f in product if variables_of(f[0]))


def is_even_or_positive(product: Product) -> bool:
    return all(atom[0] in ("exp", "power") or e % 2 == 0 for atom, e in product)


def least_value(q: Sum) -> Fraction | None:
    """The least value of a rational polynomial of degree at most 2, by completing squares; None if unbounded."""
    for i in sorted(variables(q)):
        square = q.get(((("z", i), 2),), Fraction(0))
        mixed: Sum = {tuple(f for f in p if f[0] != ("z", i)): c for p, c in q.items() if (("z", i), 1) in p}
        rest = {p: c for p, c in q.items() if all(atom != ("z", i) for atom, _ in p)}
        if square <= 0:  # bounded only where neither a square nor anything mixed is left
            return None if mixed or square else least_value(rest)
        return least_value(add(rest, multiply(mixed, mixed), -1 / (4 * square)))  # at z_i = -mixed/(2 square)
    return q.get((), Fraction(0))


def is_positive(u: Sum) -> bool:
    """Whether u > 0 everywhere is read off: a lower bound above zero, or a sum of positive multiples of positive products."""
    low = lower_bound(u)
    parts = [(*taken_apart(product), c) for product, c in u.items()]
    positive = all(
        sign_of(constant_ball({fixed_part: c})) > 0
        and all(atom[0] == "exp" or (atom[0] == "power" and is_positive(thaw(atom[1]))) for atom, _ in moving)
        for fixed_part, moving, c in parts
    )
    return bool(u) and (positive or (low is not None and low > 0))


def is_nonnegative(u: Sum) -> bool:
    """Whether u >= 0 is read off: a lower bound, or u = |v|."""
    low = lower_bound(u)
    return (low is not None and low >= 0) or any(u == modulus(fixed(u, kink, 1)) for kink in kinks(u))


# -- reading the text


def read(text: Any, images: Sequence[Sum]) -> Sum:
    """The sum that an expression says when z_i is images[i - 1].

    Directions are put in first, and what vanishes by them is the number 0 before a sign or an identity sees it. A comparison is 1
    where it holds and 0 where not; of a Piecewise the first condition that holds decides.
    """

    def meaning(name: str, arguments: list[Any]) -> Sum:
        if name == "number":
            return add({}, constant(arguments[0]))  # checks its length
        if name == "z":
            require(arguments[0] < len(images), f"z{arguments[0] + 1} is not a variable here")
            image: Sum = images[arguments[0]]
            return image
        if name == "pi":
            return {((("pi",), 1),): Fraction(1)}
        if name == "True":
            return constant(1)
        if name in ("neg", "pos"):
            return add({}, arguments[0], -1 if name == "neg" else 1)
        if name in ("<", "<=", ">", ">="):
            u = add(arguments[0], arguments[1], -1)  # where u vanishes identically, what includes equality holds
            side = apply("sign", u) if u else constant(1 if "=" in name else -1)
            return add(constant(Fraction(1, 2)), side, Fraction(1 if ">" in name or not u else -1, 2))
        left, right = arguments if name in ("+", "-", "*", "/", "**") else ({}, {})
        if name in ("+", "-"):
            return add(left, right, 1 if name == "+" else -1)
        if name == "*":
            return multiply(left, right)
        if name == "/":
            return multiply(left, power(right, Fraction(-1)))
        if name == "**":
            exponent = number(right)  # u^v = exp(v log u)
            return apply("exp", multiply(right, logarithm(left))) if exponent is None else power(left, exponent)
        return call(name, arguments)

    found: Sum = fold(text, meaning)
    return found


def call(name: str, arguments: list[Sum]) -> Sum:
    u = arguments[0]
    if name in ("Max", "Min"):
        for v in arguments[1:]:
            u = add(
                add(add({}, u, Fraction(1, 2)), v, Fraction(1, 2)),
                modulus(add(u, v, -1)),
                Fraction(1 if name == "Max" else -1, 2),
            )
        return u
    if name == "Piecewise":
        out, rest = Sum(), constant(1)  # `rest` is 1 where no condition has held
        for value, condition in zip(arguments[::2], arguments[1::2], strict=True):
            here = multiply(rest, condition)
            out, rest = add(out, multiply(value, here)), add(rest, here, -1)
        require(not rest, "the conditions of a Piecewise leave something out: the last one is not True")
        return out
    if name == "He" and len(arguments) == 2:
        order = number(u)
        require(
            order is not None and order.denominator == 1 and 0 <= order <= MAX_POWER, "the order of He is not a natural number"
        )
        before, now = {}, constant(1)
        for k in range(int(order or 0)):
            before, now = now, add(multiply(arguments[1], now), before, -k)
        return now
    require(len(arguments) == 1, f"{name} takes one argument")
    if name == "relu":
        return add(add({}, u, Fraction(1, 2)), modulus(u), Fraction(1, 2))
    if name == "abs":
        return modulus(u)
    if name == "sigmoid":
        return add(constant(Fraction(1, 2)), apply("tanh", add({}, u, Fraction(1, 2))), Fraction(1, 2))
    if name == "sqrt":
        return power(u, Fraction(1, 2))
    if name == "log":
        return logarithm(u)
    require(name in ("exp", "sin", "cos", "tanh", "erf", "sign"), f"the function {name!r} is not known")
    return apply(name, u)


def modulus(u: Sum) -> Sum:
    return multiply(u, apply("sign", u))


def logarithm(u: Sum) -> Sum:
    """log u; log(1 + e^v) as v/2 + log(e^{v/2} + e^{-v/2}), whose symmetry shows."""
    require(is_positive(u), "the argument of a logarithm is not proved to be positive")
    if u == constant(1):
        return {}
    centre: Sum = {}
    if all(atom[0] == "exp" for product in u for atom, _ in product):
        for product in u:
            centre = add(centre, thaw(product[0][0][1]) if product else {}, Fraction(1, len(u)))
        u = multiply(u, apply("exp", add({}, centre, -1)))
    return add(centre, atom_sum("log", u)) if u != constant(1) else centre


def power(u: Sum, e: Fraction) -> Sum:
    require(max(abs(e.numerator), e.denominator) <= MAX_POWER, f"the exponent {e} is too large")
    if e.denominator == 1 and e >= 0:
        return whole_power(u, int(e))
    value = number(u)
    require(value != 0 or e > 0, "division by zero")
    if value == 0 or value == 1:
        return constant(value)
    if value is not None and e.denominator == 1:
        return constant(value**e.numerator)
    if e.denominator == 1 and not is_positive(u) and is_positive(add({}, u, -1)):
        return add({}, power(add({}, u, -1), e), (-1) ** e.numerator)
    if e.denominator > 1 and (square := square_root(u)):
        return multiply(power(constant(square[0]), e), power(modulus(square[1]), 2 * e))
    require(is_positive(u) or (e > 0 and is_nonnegative(u)), "the base of a power is not proved to be positive")
    product, c = next(iter(u.items()))
    if len(u) == 1 and product and c > 0 and all(atom[0] in ("exp", "power", "pi") for atom, _ in product):
        out = power(constant(c), e)  # a power of each factor, which is positive, or a root that is raised to e > 0
        for atom, k in product:
            factor = apply("exp", add({}, thaw(atom[1]), e)) if atom[0] == "exp" else product_of(((atom, k * e),), ())
            out = multiply(out, factor)
        return out
    return product_of(((("power", freeze(u)), e),), ())


def square_root(u: Sum) -> tuple[Fraction, Sum] | None:
    """(c, v) with u = c v² for a polynomial u, by comparing terms from the highest; None where u is none."""
    if not variables(u) or any(atom[0] != "z" for product in u for atom, _ in product):
        return None

    def degrees(product: Product) -> list[int]:
        return [int(dict(product).get(("z", i), 0)) for i in range(max(variables(u)) + 1)]

    top = max(u, key=degrees)
    half = last = [e // 2 for e in degrees(top)]
    v: Sum = {tuple((atom, e // 2) for atom, e in top): Fraction(1)}
    while rest := add(add({}, u, 1 / u[top]), multiply(v, v), -1):
        highest = max(rest, key=degrees)
        quotient = [a - b for a, b in zip(degrees(highest), half, strict=True)]
        if min(quotient) < 0 or quotient >= last:
            return None
        last = quotient
        v = add(v, {tuple(sorted(((("z", i), e) for i, e in enumerate(quotient) if e), key=repr)): rest[highest] / 2})
    return u[top], v


def substitute(u: Sum, images: dict[int, Sum]) -> Sum:
    out: Sum = {}
    for product, c in u.items():
        term = constant(c)
        for atom, e in product:
            if not variables_of(atom) & set(images):
                term = multiply(term, {((atom, e),): Fraction(1)})
            elif atom[0] == "z":
                term = multiply(term, whole_power(images[atom[1]], int(e)))
            else:
                inner = substitute(thaw(atom[1]), images)
                if atom[0] == "power":
                    term = multiply(term, power(inner, Fraction(e)))
                else:
                    value = logarithm(inner) if atom[0] == "log" else apply(atom[0], inner)
                    term = multiply(term, whole_power(value, int(e)))
        accumulate(out, term, Fraction(1))
    return out


# -- Taylor series of a sum along a panel, coefficient by coefficient


def coefficient(u: Series, v: Series, start: int, k: int) -> Ball:
    """Σ_{j=start..k} u_j v_{k-j}."""
    a, ar, b, br = u[0][start : k + 1], u[1][start : k + 1], v[0][: k + 1 - start][::-1], v[1][: k + 1 - start][::-1]
    m = sum(map(mul, a, b))
    r = sum(map(mul, map(abs, a), br)) + sum(map(mul, ar, map(abs, b))) + sum(map(mul, ar, br))
    return m >> P, (r >> P) + 2


def spend_on(u: Series, steps: int) -> None:
    """Pay for steps with the coefficients of u; a panel on which they are very large is cut in two."""
    size = max(u[0][-1].bit_length(), u[1][-1].bit_length())
    if size > 4 * MAX_BITS:
        raise Undefined
    spend(steps * (1 + (size >> 9) ** 2 // 4))


def product_series(u: Series, v: Series) -> Series:
    spend_on(u, 6 * len(u[0]))
    pairs = [coefficient(u, v, 0, k) for k in range(len(u[0]))]
    return [m for m, _ in pairs], [r for _, r in pairs]


def along(u: Series, line: Series) -> Series:
    """The coefficients of u times the line a + b t, as many as u has."""
    (a, *slopes), (ar, *radii) = line
    b, br = (slopes or [0])[0], (radii or [0])[0]
    up, far = abs(a) + ar, abs(b) + br
    m = [(x * a + y * b) >> P for x, y in zip(u[0], [0, *u[0]], strict=False)]
    pairs = zip(u[0], u[1], [0, *u[0]], [0, *u[1]], strict=False)
    return m, [((abs(x) * ar + r * up + abs(y) * br + s * far) >> P) + 2 for x, r, y, s in pairs]


def weighted(u: Series) -> Series:
    """j u_j."""
    return [j * m for j, m in enumerate(u[0])], [j * r for j, r in enumerate(u[1])]


def append(u: Series, a: Ball) -> None:
    if max(a[0].bit_length(), a[1].bit_length()) > 4 * MAX_BITS:  # as in spend_on, for what grows from one order to the next
        raise Undefined
    u[0].append(a[0])
    u[1].append(a[1])


def at(u: Series, k: int) -> Ball:
    return u[0][k], u[1][k]


def constant_series(a: Ball, n: int) -> Series:
    return [a[0]] + [0] * n, [a[1]] + [0] * n


def constant_ball(u: Sum) -> Ball:
    """The value of a constant."""
    return at(evaluate(u, [constant_series((0, 0), 0)]), 0)


def evaluate(u: Sum, base: Sequence[Series]) -> Series:
    """The Taylor coefficients of u, those of the variables being given. Undefined where u is not smooth (at order 0: bounded)."""
    memo: dict[Atom, Series] = {}

    def of_sum(v: Sum) -> Series:
        n = len(base[0][0]) - 1
        m, r = [0] * (n + 1), [0] * (n + 1)
        for product, c in v.items():
            series = of_power(*product[0]) if product else constant_series((ONE, 0), n)
            for atom, e in product[1:]:
                series = product_series(series, of_power(atom, e))
            terms = [scaled(x, c) for x in zip(*series, strict=True)]
            m, r = [x + y for x, (y, _) in zip(m, terms, strict=True)], [x + y for x, (_, y) in zip(r, terms, strict=True)]
        return m, r

    def of_power(atom: Atom, e: Exponent) -> Series:
        if atom not in memo:
            memo[atom] = base[atom[1]] if atom[0] == "z" else of_atom(atom)
        return memo[atom] if e == 1 else power_series(memo[atom], e)

    def of_atom(atom: Atom) -> Series:
        n = len(base[0][0]) - 1
        if atom[0] == "pi":
            return constant_series(PI, n)
        x = of_sum(thaw(atom[1]))
        return x if atom[0] == "power" else function_series(atom[0], x)

    return of_sum(u)


def function_series(name: str, u: Series) -> Series:
    """f(u) by the differential equation of f: f' = f, (sin, cos)' = (cos, -sin), tanh' = 1 - tanh², erf' = 2/√π exp(-u²)."""
    n = len(u[0]) - 1
    spend_on(u, 20 * n + 50)
    first = at(u, 0)
    slope = weighted(u)
    if name == "sign":
        side = sign_of(first) or (1 if first[0] == first[1] > 0 else -1 if -first[0] == first[1] > 0 else 0)
        if side or n == 0:
            return constant_series((side * ONE, 0) if side else (0, ONE), n)
        raise Undefined
    if name == "log":
        if first[0] <= first[1]:
            raise Undefined
        out: Series = ([], [])
        append(out, monotone(log_at, first))
        unit = inverse(first)
        for k in range(1, n + 1):
            rest = coefficient(weighted(out), u, 1, k) if k > 1 else (0, 0)  # Σ_{j<k} j l_j u_{k-j}, l_k not yet there
            append(out, times(plus(at(u, k), scaled((-rest[0], rest[1]), Fraction(1, k))), unit))
        return out
    if name in ("sin", "cos"):
        pair: list[Series] = [([], []), ([], [])]
        append(pair[0], wave(first, 1))
        append(pair[1], wave(first, 0))
        for k in range(1, n + 1):
            up, down = coefficient(slope, pair[1], 1, k), coefficient(slope, pair[0], 1, k)
            append(pair[0], scaled(up, Fraction(1, k)))
            append(pair[1], scaled((-down[0], down[1]), Fraction(1, k)))
        return pair[0] if name == "sin" else pair[1]
    out = ([], [])
    append(out, monotone(exp_at if name == "exp" else tanh_at if name == "tanh" else erf_at, first))
    if name == "erf":
        square = product_series(u, u)
        density = function_series("exp", ([-x for x in square[0]], square[1]))
        twice = inverse(root(PI))
        weight = product_series(density, constant_series((2 * twice[0], 2 * twice[1]), n))
    complement: Series = ([], [])  # 1 - tanh²
    for k in range(1, n + 1):
        if name == "tanh":
            m, r = coefficient(out, out, 0, k - 1)
            append(complement, ((ONE if k == 1 else 0) - m, r))
        source = out if name == "exp" else weight if name == "erf" else complement
        append(out, scaled(coefficient(slope, source, 1, k), Fraction(1, k)))
    return out


def power_series(u: Series, e: Exponent) -> Series:
    """u^e: by multiplication for a whole e >= 0, else for u > 0 by k u_0 p_k = Σ_j (e j - (k - j)) u_j p_{k-j}."""
    n = len(u[0]) - 1
    if e.denominator == 1 and e >= 0:
        out = constant_series((ONE, 0), n)
        for _ in range(int(e)):
            out = product_series(out, u)
        return out
    spend_on(u, 30 * n + 50)
    e = Fraction(e)
    first = at(u, 0)
    if first[0] <= first[1]:
        if n > 0 or e < 0 or sum(first) <= 0:
            raise Undefined
        top = monotone(exp_at, scaled(monotone(log_at, (sum(first), 0)), e))
        return [0], [sum(top)]
    out = ([], [])
    append(out, monotone(exp_at, scaled(monotone(log_at, first), e)))
    unit = inverse(first)
    for k in range(1, n + 1):
        one = coefficient(weighted(u), out, 1, k)
        two = coefficient(u, weighted(out), 1, k) if k > 1 else (0, 0)
        append(out, times(scaled(plus(scaled(one, e), (-two[0], two[1])), Fraction(1, k)), unit))
    return out


# -- growth, and Gaussian moments of a function of one variable

Rates = tuple[Fraction, Fraction, Fraction]
Growth = tuple[Fraction, dict[int, Rates]]
"""(C, {i: (p, b, a)}): the function is at most C Π (1 + |z_i|)^p exp(b |z_i| + a z_i²) in size, b >= 0, C >= 1."""
NONE = (Fraction(0), Fraction(0), Fraction(0))


def upper(a: Ball) -> Fraction:
    return Fraction(abs(a[0]) + a[1], ONE)


def join(u: Growth, v: Growth) -> Growth:
    """The growth of a product."""
    return u[0] * v[0], {i: pairwise(operator.add, u[1].get(i, NONE), v[1].get(i, NONE)) for i in {*u[1], *v[1]}}


def pairwise(f: Callable[[Fraction, Fraction], Fraction], u: Rates, v: Rates) -> Rates:
    return f(u[0], v[0]), f(u[1], v[1]), f(u[2], v[2])


def growth(u: Sum) -> Growth:
    total, rates = Fraction(1), dict[int, Rates]()
    for product, c in u.items():
        bound: Growth = (max(abs(c), Fraction(1)), {})
        for atom, e in product:
            bound = join(bound, growth_of_factor(atom, e))
        total += bound[0]
        for i in {*rates, *bound[1]}:
            rates[i] = pairwise(max, rates.get(i, NONE), bound[1].get(i, NONE))
    return total, rates


def growth_of_factor(atom: Atom, e: Exponent) -> Growth:
    one = Fraction(1)
    if atom[0] == "z":
        return one, {atom[1]: (Fraction(e), Fraction(0), Fraction(0))}
    if atom[0] in ("tanh", "erf", "sin", "cos", "sign"):
        return one, {}
    if not variables_of(atom):
        return max(one, upper(constant_ball({((atom, e),): one}))), {}
    v = thaw(atom[1])
    if atom[0] == "exp":
        return growth_of_exponential(v)
    if atom[0] == "log":
        return growth_of_logarithm(v, int(e))
    if e > 0:  # C >= 1 and 0 < e < 1
        size, rates = growth(v)
        return size, {i: (p * e, b * e, max(a, Fraction(0)) * e) for i, (p, b, a) in rates.items()}
    low = lower_bound(v)
    require(low is not None and low > 0, "a divisor is not proved to be bounded away from zero")
    assert low is not None
    return max(one, (1 / low) ** math.ceil(-e)), {}


def growth_of_exponential(v: Sum) -> Growth:
    total = Fraction(0)
    rates: dict[int, Rates] = {}
    low = lower_bound(add({}, v, -1))
    for product, c in v.items() if low is None else ():
        fixed_part, moving = taken_apart(product)
        size = constant_ball({fixed_part: c})
        indices = [atom[1] for atom, e in moving if atom[0] == "z" for _ in range(int(e))]
        functions = [(atom, e) for atom, e in moving if atom[0] != "z"]
        positive = is_even_or_positive(moving)
        square = len(indices) == 2 and indices[0] == indices[1] and not functions
        if square:
            rates = join((total, rates), (total, {indices[0]: (Fraction(0), Fraction(0), Fraction(size[0] + size[1], ONE))}))[1]
        elif not (positive and size[0] + size[1] <= 0):
            plain = all(atom[0] in ("tanh", "erf", "sin", "cos", "sign") for atom, _ in functions)
            require(plain and len(indices) <= 2, "an exponential grows too fast, or its growth is not bounded")
            c_up = upper(size)
            for i in indices:
                step = (Fraction(0), c_up, Fraction(0)) if len(indices) == 1 else (Fraction(0), Fraction(0), c_up / 2)
                rates = join((total, rates), (total, {i: step}))[1]
            total += 0 if indices else c_up
    bound = Fraction(exp_at(ball(total if low is None else -low)[0] + 1)[1], ONE)
    return max(bound, Fraction(1)), rates


def growth_of_logarithm(v: Sum, e: int) -> Growth:
    size, rates = growth(v)
    total = Fraction(log_at(ball(size)[0] + 1)[1], ONE)
    low, powers = lower_bound(v), {i: Fraction(1) for i in rates}
    for i, (p, b, a) in rates.items():
        total += p + b + max(a, Fraction(0))
        powers[i] = Fraction(2 if a > 0 else 1)
    if low is not None and low > 0:
        total += Fraction(max(0, -log_at(ball(low)[0])[0]), ONE)
    else:  # v is at least one of its exponentials
        product, c = next(iter(v.items()))
        require(is_positive(v) and all(atom[0] == "exp" for atom, _ in product), "a logarithm is not bounded")
        exponent = growth(thaw(product[0][0][1]) if product else {})
        require(all(b == 0 and a <= 0 for _, b, a in exponent[1].values()), "a logarithm is not bounded")
        total += exponent[0] + Fraction(max(0, -log_at(ball(c)[0])[0]), ONE)
        for i, (p, _, _) in exponent[1].items():
            powers[i] = max(powers.get(i, Fraction(1)), p)
    return max(total, Fraction(1)) ** e, {i: (p * e, Fraction(0), Fraction(0)) for i, p in powers.items()}


def require_square_integrable(f: Sum, variances: Sequence[Fraction]) -> None:
    for product in f:
        rates = growth({product: Fraction(1)})[1]
        fine = all(rates.get(j, NONE)[2] * 4 * n < 1 for j, n in enumerate(variances))
        require(fine, "a term has no finite variance under the Gaussian, or it is not proved")


def parity(f: Sum, flipped: Iterable[int]) -> int:
    """1 or -1 when f is even or odd under s_j -> -s_j for the given j, else 0."""
    image = substitute(f, {j: add({}, variable(j), -1) for j in flipped})
    return 1 if image == f else -1 if image == add({}, f, -1) else 0


def unit(variance: Fraction) -> int:
    """A power of two near the deviation, scaled by 2^P."""
    return ONE << max(0, round(math.log2(variance) / 2)) if variance >= 1 else ONE >> round(-math.log2(variance) / 2)


def tail_beyond(rates: Rates, top: int, variance: Fraction, radius: Fraction, size: Fraction = Fraction(1)) -> int | None:
    """A bound, scaled by 2^P, on E[|s|^n |F(s)| 1(|s| > R)], n <= top, for |F| of this growth; None where R is too small.

    The logarithm of the integrand is concave, so it lies below its tangent at R.
    """
    p, b, a = rates[0] + top, rates[1], rates[2]
    slope = radius * (1 / variance - 2 * a) - b - p / (1 + radius)
    if slope <= 0 or 2 * a * variance >= 1:
        return None
    rest = ball(b * radius - (1 / (2 * variance) - a) * radius * radius)
    height = plus(scaled(monotone(log_at, ball(1 + radius)), p), rest)
    bound = times(monotone(exp_at, height), inverse(root(scaled(PI, 2 * variance))))
    return sum(scaled(bound, 2 * size / slope))


def reach(
    rates: Rates, top: int, variance: Fraction, radii: range, accuracy: int, size: Fraction = Fraction(1)
) -> tuple[int, int]:
    """The first of the radii, in units, beyond which the tail is at most 2^-accuracy, and that tail."""
    for count in radii:
        tail = tail_beyond(rates, top, variance, Fraction(count * unit(variance), ONE), size)
        if tail is not None and tail <= ONE >> accuracy:
            return count, tail
    raise Refused("a function grows too fast for this checker")


def price(u: Sum, n: int) -> int:
    """At least the steps of one evaluation of u to the order n."""
    atoms = {atom for product in u for atom, _ in product if atom[0] not in ("z", "pi")}
    products = sum(int(e) if e.denominator == 1 and e > 0 else 1 for product in u for _, e in product)
    functions = sum((30 * n + 60) * (3 if atom[0] == "erf" else 1) + price(thaw(atom[1]), n) for atom in atoms)
    return 6 * (n + 1) * products + functions


def box_price(f: Sum, top: int) -> int:
    """At least the steps of the integrals of f over a box, along 2 PLANE_ORDER rays; one box is cut for three more."""
    orders = (top + 1) * (top + 2) // 2
    return 4 * 2 * PLANE_ORDER * (price(f, PLANE_ORDER) + 3 * (PLANE_ORDER + 1) * orders) // 3


class Moments:
    """E[s^n F(s)], n = 0..top, s ~ N(0, variance), as balls; F is a frozen sum."""

    def __init__(self, function: tuple[Any, ...], variance: Fraction, top: int) -> None:
        f = thaw(function)
        self.top, self.variance = top, variance
        self.density = multiply(f, apply("exp", {((("z", 0), 2),): Fraction(-1, 2) / variance}))
        self.unit = unit(variance)
        side = parity(f, [0])
        size, rates = growth(f)
        radius, tail = reach(rates.get(0, NONE), top, variance, range(6, MAX_RADIUS + 1), 70, size)
        total = [(0, 0)] * (top + 1)
        pieces = [(k * self.unit // 2, (k + 1) * self.unit // 2) for k in range(0 if side else -2 * radius, 2 * radius)]
        while pieces:
            low, high = pieces.pop()
            part = self.panel(low, high)
            if part is None:
                pieces += [(low, (low + high) >> 1), ((low + high) >> 1, high)]
            else:
                total = [plus(x, y) for x, y in zip(total, part, strict=True)]
        scale = inverse(root(scaled(PI, 2 * variance)))
        self.values = []
        for n, x in enumerate(total):
            x = times(x, scale)
            if side:
                x = (2 * x[0], 2 * x[1]) if (-1) ** n == side else (0, 0)
            self.values.append((x[0], x[1] + (0 if side and (-1) ** n != side else tail)))

    def panel(self, low: int, high: int) -> list[Ball] | None:
        """∫ s^n F(s) exp(-s²/2v) ds over a panel; None where it must be cut.

        With s = m + w t: the coefficients up to ORDER - 1 at m, that of ORDER over the whole panel, where t^ORDER >= 0.
        """
        spend(50)
        m, w = (low + high) >> 1, (high - low) >> 1
        tiny = high - low < self.unit >> 50
        n = 0 if tiny else ORDER
        try:
            wide = evaluate(self.density, [([m] + [w] * min(n, 1) + [0] * (n - 1), [w] + [0] * n)])
            last = at(wide, n)
            point: Series = ([], [])
            if not tiny:
                narrow = evaluate(self.density, [([m, w] + [0] * (n - 1), [0] * (n + 1))])
                point = narrow[0][:n], narrow[1][:n]
        except Undefined:
            require(not tiny, "a function is not bounded near a point")
            return None
        spend((ORDER + self.top) * (self.top + 1))
        out = []
        for _ in range(self.top + 1):
            value = scaled(last, Fraction(2, n + 1))
            for k in range(0, len(point[0]), 2):
                value = plus(value, scaled(at(point, k), Fraction(2, k + 1)))
            out.append(times(value, (w, 0)))
            point = along(([*point[0], 0], [*point[1], 0]), ([m, w], [0, 0]))
            last = times(last, (m, w))
        good = all(
            x[1] <= (ONE >> 64) * math.isqrt(math.factorial(k)) + (abs(x[0]) >> 56) for k, x in ((0, out[0]), (self.top, out[-1]))
        )
        return out if tiny or good else None


class PlaneMoments:
    """E[s_1^a s_2^b F(s_1, s_2)], a + b <= top, for independent Gaussians, as balls of moderate width.

    Boxes are cut where the enclosure is widest, until it is narrow enough or `limit` is reached. A box s_i = m_i + w_i v_i is
    covered by v = t (1, y) and v = t (y, 1), y and t in [-1, 1], with density |t|; along such a ray F has the Taylor coefficients
    c_k(y), polynomials of degree k in y, which PLANE_ORDER - 1 nodes integrate exactly for even k < PLANE_ORDER.
    """

    def __init__(self, function: tuple[Any, ...], variances: Sequence[Fraction], top: int, limit: int) -> None:
        f = thaw(function)
        self.top = top
        sides = [(group, parity(f, group)) for group in ([0], [1], [0, 1])]
        halves = [bool(sides[0][1] or sides[2][1]), bool(sides[1][1])]  # where only one side of an axis is integrated over
        self.steps = [(a, b) for a in range(top + 1) for b in range(top + 1 - a)]
        self.orders = [
            e for e in self.steps if all(not side or (-1) ** sum(e[i] for i in group) == side for group, side in sides)
        ]
        square: Sum = {((("z", i), 2),): Fraction(-1, 2) / n for i, n in enumerate(variances)}
        self.density = multiply(f, apply("exp", square))
        size, rates = growth(f)
        edges, tails, wholes = [], [], []
        for i, n in enumerate(variances):
            rate, step = rates.get(i, NONE), unit(n)
            count, tail = reach(rate, top, n, range(5, 31), 36)
            edges.append([k * count * step // 7 for k in range(0 if halves[i] else -7, 8)])
            tails.append(tail)
            wholes.append(tail + self.whole(rate, n, step, count))
        outside = scaled((tails[0] * wholes[1] + tails[1] * wholes[0], 0), size / ONE)[0] + 1
        boxes: list[tuple[int, tuple[int, ...], list[Ball]]] = []
        for a, b in itertools.pairwise(edges[0]):
            for c, d in itertools.pairwise(edges[1]):
                heapq.heappush(boxes, self.enclosed((a, b, c, d)))
        while -sum(error for error, _, _ in boxes[:50]) > ONE >> 22 and len(boxes) < limit:
            _, (a, b, c, d), _ = heapq.heappop(boxes)
            for x, y in ((a, (a + b) >> 1), ((a + b) >> 1, b)):
                for z, w in ((c, (c + d) >> 1), ((c + d) >> 1, d)):
                    heapq.heappush(boxes, self.enclosed((x, y, z, w)))
        scale = inverse(root(times(scaled(PI, 2 * variances[0]), scaled(PI, 2 * variances[1]))))
        self.values = dict.fromkeys(self.steps, (0, 0))
        for j, order in enumerate(self.orders):
            m, r = times((sum(parts[j][0] for _, _, parts in boxes), sum(parts[j][1] for _, _, parts in boxes)), scale)
            self.values[order] = m << sum(halves), (r << sum(halves)) + outside

    def whole(self, rates: Rates, variance: Fraction, step: int, count: int) -> int:
        """A bound on the same expectation within the radius, from one on each of many intervals."""
        (p, b, a), total = rates, (0, 0)
        for k in range(4 * count):
            low, high = Fraction(k * step, 4 * ONE), Fraction((k + 1) * step, 4 * ONE)
            height = plus(
                scaled(monotone(log_at, ball(1 + high)), p + self.top), ball(b * high - (1 / (2 * variance) - a) * low * low)
            )
            total = plus(total, monotone(exp_at, height))
        return sum(times(scaled(total, Fraction(step, 2 * ONE)), inverse(root(scaled(PI, 2 * variance)))))

    def enclosed(self, box: tuple[int, ...]) -> tuple[int, tuple[int, ...], list[Ball]]:
        """(-error, box, enclosures of the integrals over the box), by the values on the box or by Taylor's formula."""
        a, b, c, d = box
        m, w = ((a + b) >> 1, (c + d) >> 1), ((b - a) >> 1, (d - c) >> 1)
        found = [[scaled(at(x, 0), Fraction(4)) for x in self.ray([([m[i]], [w[i]]) for i in range(2)])]]
        with suppress(Undefined):
            found.append(self.expanded(m, w))
        area = times((w[0], 0), (w[1], 0))
        errors = [sum(r // math.factorial(sum(e)) for (_, r), e in zip(x, self.orders, strict=True)) for x in found]
        error, totals = min(zip(errors, found, strict=True))
        return -(error * area[0] >> P), box, [times(x, area) for x in totals]

    def expanded(self, m: tuple[int, int], w: tuple[int, int]) -> list[Ball]:
        n = PLANE_ORDER
        totals = [(0, 0)] * len(self.orders)
        for y_first in (False, True):
            directions = [(Fraction(1), y)[:: -1 if y_first else 1] for y, _ in plane_nodes()]
            rays = [
                [[m[i], w[i] * y.numerator // y.denominator] + [0] * (n - 2) for i, y in enumerate(pair)] for pair in directions
            ]
            narrow = [self.ray([(line, [0, 1] + [0] * (n - 2)) for line in lines]) for lines in rays]
            wide_lines = [
                ([m[i], w[i] * (y_first == bool(i))] + [0] * (n - 1), [w[i], w[i] * (y_first != bool(i))] + [0] * (n - 1))
                for i in range(2)
            ]
            wide = self.ray(wide_lines)
            for j in range(len(self.orders)):
                value = scaled(at(wide[j], n), Fraction(4, n + 2))
                for (_, weight), ray in zip(plane_nodes(), narrow, strict=True):
                    for k in range(0, n, 2):
                        value = plus(value, scaled(at(ray[j], k), weight * Fraction(2, k + 2)))
                totals[j] = plus(totals[j], value)
        return totals

    def ray(self, lines: Sequence[Series]) -> list[Series]:
        """The series of s_1^a s_2^b times the density along a line, for each (a, b)."""
        spend(3 * len(self.steps) * len(lines[0][0]))
        out = {(0, 0): evaluate(self.density, lines)}
        for a, b in self.steps[1:]:
            out[a, b] = along(out[a - 1, b], lines[0]) if a else along(out[a, b - 1], lines[1])
        return [out[order] for order in self.orders]


@lru_cache(maxsize=1)
def plane_nodes() -> list[tuple[Fraction, Fraction]]:
    """Equally spaced nodes in [-1, 1] and the weights that integrate polynomials of degree < PLANE_ORDER exactly."""
    count = PLANE_ORDER - 1
    nodes = [Fraction(2 * j - count + 1, count - 1) for j in range(count)]
    out = []
    for y in nodes:
        p = [Fraction(1)]  # Π (x - other)/(y - other), lowest coefficient first
        for other in nodes:
            if other != y:
                p = [(up - other * here) / (y - other) for up, here in zip([Fraction(0), *p], [*p, Fraction(0)], strict=True)]
        out.append((y, sum((2 * c / (k + 1) for k, c in enumerate(p) if k % 2 == 0), Fraction(0))))
    return out


moments, plane_moments = lru_cache(maxsize=256)(Moments), lru_cache(maxsize=256)(PlaneMoments)


def forget() -> None:
    """What is remembered costs nothing: a count of work starts without it."""
    for remembered in (product_of, moments):
        remembered.cache_clear()

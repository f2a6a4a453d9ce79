"""Re-check a certificate of `steinlab check` from its target text, with Python's standard library alone.

    python verify_certificate.py FILE

Prints what was verified and what is trusted, and exits 0; exits 1 with the first thing that does not hold, 2 if FILE cannot be
read as JSON (strictly: printable ASCII, no key twice, nothing around it, no floats).

Nothing here is shared with the code that writes certificates. The target f*(x) = g(<u_1, x>, ..., <u_r, x>), x ~ N(0, I_d), is
parsed and expanded again, in x-space, by substituting the directions and turning each monomial into Hermite polynomials. A
quantity claimed zero must vanish identically as a combination of the numbers Π b^q, 0 <= q < 1, the b without common factors; a
quantity claimed nonzero must be shown so by rational intervals. Ranks are bounded from both sides: from above by a kernel in
echelon form, from below by elimination with intervals. Whatever is a function of the expansion (energies, exponents, verdicts) is
computed here and compared, so that every entry is covered.

What the words mean: the information exponent is the least k >= 1 with a Hermite coefficient of degree k; the effective dimension
is that of the span of the gradients; a step of the subspace leap takes the least degree, in directions not yet seen, of a term
that has one, and sees what the gradients of these terms span; the coordinate leap is the same with coordinates of an orthonormal
frame; Assumption 1 of Damian et al. asks for a polynomial, Assumption 2 for an expected Hessian of rank equal to the effective
dimension. Label noise, which none of this depends on, is no part of a certificate.

Work is bounded twice. Before anything is expanded, `estimate` says from the text alone about how many steps, of roughly a
microsecond, a target takes; beyond MAX_ESTIMATE it is refused. As an estimate is one, steps are also counted as they are done,
and no more than MAX_WORK are. The writer asks the same estimate first and runs this program on what it writes.

This file is for polynomial targets. Certificates of general links are derived again by `verify_link_certificate.py` beside it.
"""

from __future__ import annotations

import ast
import importlib
import json
import math
import operator
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, NamedTuple, TypeVar

SCHEMA = "steinlab/certificate/1"
LINK_SCHEMA = "steinlab/link-certificate/"
FILES: tuple[str, ...] = ("verify_certificate", "certificates.verify_link_certificate", "certificates.verify_link_functions")
TRUSTED = (
    "Python's interpreter, with its integers, fractions, decimals, syntax trees (ast), json and re",
    "that x ~ N(0, I_d) is the model meant, and the definitions in --help",
)
THEOREM = "that a polynomial of one direction has generative exponent 2 if it is even and 1 if not (Damian et al. 2024)"
MAX_WORK, MAX_ESTIMATE = 3_000_000, 30_000_000
PANELS, STEPS_OF_A_FUNCTION, STEPS_OF_A_TERM = 80, 800, 150
VAST, MAX_SHORT = 10**9, 1_000
MAX_FILE, MAX_LENGTH, MAX_NODES, MAX_DIGITS = 4_000_000, 20_000, 5_000, 4_000  # bytes; of an expression and of a literal in it
MAX_DEGREE, MAX_POWER, MAX_ORDER, MAX_BITS, MAX_DIMENSION = 200, 1_000, 64, 100_000, 200
P = 128

Radical = tuple[tuple[int, Fraction], ...]  # ((base, exponent in (0, 1)), ...), sorted
Number = dict[Radical, Fraction]  # a real number, as a combination of radicals; {} is zero
Coefficient = TypeVar("Coefficient", Number, Fraction)
Terms = dict[tuple[int, ...], Coefficient]  # {the exponents of a monomial: its coefficient, which is not zero}
Polynomial = Terms[Number]
Vector = list[Number]
Row = tuple[Fraction, ...]
Ball = tuple[int, int]  # (m, r): the reals within r/2^bits of m/2^bits, P bits where nothing else is said
Value = TypeVar("Value")


class Refused(ValueError):
    """The certificate does not hold, or says something that this program cannot re-derive."""


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Refused(what)


class Undefined(Refused):
    """A ball holds a point where a function is not defined or not smooth: where it is a panel, it is cut in two."""

    def __init__(self) -> None:
        super().__init__("a function is not defined, or not smooth, where it is evaluated")


class Work:
    """Steps done so far and what is known of numbers under roots; `start` forgets both, so that a file costs the same always."""

    done = 0
    bases: ClassVar[list[int]] = []
    roots: ClassVar[dict[Any, Any]] = {}

    @classmethod
    def start(cls) -> None:
        cls.done, cls.bases, cls.roots = 0, [], {}


def spend(steps: int) -> None:
    Work.done += steps
    require(Work.done <= MAX_WORK, "the target takes more work than this checker allows")


def shown(found: Any) -> str:
    """Something from the file, fit to be printed."""
    text = ascii(found)
    return text if len(text) <= 200 else f"{text[:200]}... ({len(text)} characters)"


# -- texts

WRITTEN = re.compile(r"[A-Za-z0-9_ .+*/(),<>=-]+")
NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
NAME = re.compile(r"z[1-9][0-9]{0,2}")
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.USub: "neg", ast.UAdd: "pos"}
COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
KINKED = {"abs", "relu", "sign", "Max", "Min", "Piecewise", *COMPARISONS.values()}
NAMES = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "neg": "neg", "pos": "pos"}
CALCULATE: dict[str, Callable[..., Fraction]] = {name: getattr(operator, called) for name, called in NAMES.items()}


def fold(text: Any, meaning: Callable[[str, list[Any]], Value]) -> Value:
    """What an expression means, by a walk over Python's syntax tree from the leaves up; nothing is evaluated as code.

    `meaning` is asked for a "number" [q], a variable "z" [i], "pi" [], "True" [], an operator, a comparison or a function with
    what its arguments mean; those of Piecewise are its values and conditions in turn.
    """
    require(type(text) is str and len(text) <= MAX_LENGTH and bool(WRITTEN.fullmatch(text)), f"cannot read {shown(text)}")
    spend(20)
    text = text.strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python only warns about is judged here
            tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Refused(f"cannot read {shown(text)}") from None
    pending: list[tuple[ast.expr, str, int]] = [(tree, "", 0)]
    values: list[Any] = []
    nodes = 0
    while pending:
        node, name, count = pending.pop()
        if name:
            values[len(values) - count :] = [meaning(name, values[len(values) - count :])]
            continue
        nodes += 1
        spend(12)
        require(nodes <= MAX_NODES, "the expression is too long")
        source = text[node.col_offset : node.end_col_offset]
        if isinstance(node, ast.Constant) and source == "True":
            values.append(meaning("True", []))
        elif isinstance(node, ast.Constant):
            require(len(source) <= MAX_DIGITS and bool(NUMBER.fullmatch(source)), f"{shown(source)} is not a number")
            values.append(meaning("number", [Fraction(source)]))
        elif isinstance(node, ast.Name):
            require(source == "pi" or bool(NAME.fullmatch(source)), f"{shown(source)} is not a variable")
            values.append(meaning("pi", []) if source == "pi" else meaning("z", [int(source[1:]) - 1]))
        elif isinstance(node, ast.UnaryOp) and type(node.op) in OPERATORS:
            pending += [(node, OPERATORS[type(node.op)], 1), (node.operand, "", 0)]
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            pending += [(node, OPERATORS[type(node.op)], 2), (node.right, "", 0), (node.left, "", 0)]
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
            pending += [(node, COMPARISONS[type(node.ops[0])], 2), (node.comparators[0], "", 0), (node.left, "", 0)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args and not node.keywords:
            pieces = [a.elts for a in node.args if isinstance(a, ast.Tuple) and len(a.elts) == 2 and node.func.id == "Piecewise"]
            shape = node.func.id != "Piecewise" or len(pieces) == len(node.args)
            require(shape, "a Piecewise is not made of pairs of a value and a condition")
            children = [child for pair in pieces for child in pair] or node.args
            pending += [(node, node.func.id, len(children)), *((child, "", 0) for child in reversed(children))]
        else:
            raise Refused(f"{shown(source)} is not understood")
    result: Value = values[0]
    return result


def latents(text: str) -> int:
    """The highest index of a variable in a text."""
    return max(map(int, re.findall(r"\bz([0-9]{1,3})\b", text)), default=0)


# -- the work of a target, estimated before it is done


class Size(NamedTuple):
    """What a text shows of a sum of products before it is expanded."""

    variables: frozenset[Any]  # (has it a kink, which): coordinates, and each function in the text as one more
    degree: int
    terms: int
    bits: int  # of the numbers in it
    value: Fraction | None = None  # of a rational constant


def estimate(target: Any, degree: int) -> int:
    """About the steps that a target takes, from its text alone; `degree` is that of the coefficients of a link, or 0.

    Nothing is taken to cancel. A product has as many terms as its factors multiply to, at most all monomials of its degree; a
    function of a sum with n kinks has 2^n branches; a function is integrated over PANELS panels. Directions are put in first.
    """
    link, rows, r, d = frame(target)
    columns = [[(False, j) for j in range(d) if (i == j if rows is None else rows[i][j] != "0")] for i in range(r)]
    longest = 4 * max((len(str(x)) for row in rows or [] for x in row), default=0)
    prices: dict[Any, int] = {}  # of an evaluation of a branch of a function
    steps = 0

    def sized(parts: list[Size], terms: int, work: int, *, power: int, bits: int = 0, value: Fraction | None = None) -> Size:
        nonlocal steps
        variables = frozenset[Any]().union(*(u.variables for u in parts))
        bits = min(bits or max(u.bits for u in parts), VAST)
        steps += work * (1 + (bits >> 6) ** 2 // 256)
        return Size(variables, power, min(terms, spread(len(variables), power)), bits, value)

    def function(name: str, parts: list[Size]) -> Size:
        variables = frozenset[Any]().union(*(u.variables for u in parts))
        terms = sum(u.terms for u in parts)
        branches = 2 ** min(sum(kinked for kinked, _ in variables), 30)
        key = (name in KINKED, d + len(prices))
        prices[key] = STEPS_OF_A_FUNCTION + STEPS_OF_A_TERM * terms + sum(prices.get(v, 0) for v in variables)
        itself = Size(frozenset([key]), 1, 1, 0)
        if key[0]:  # |u| = u sign u
            power = max((u.degree for u in parts), default=0) + 1
            return sized([*parts, itself], terms * branches**2, 100 * terms * branches**2, power=power)
        kinks = [Size(frozenset([v]), 1, 1, 0) for v in variables if v[0]]
        return sized([*kinks, itself], branches**2, 100 * terms * branches**2, power=len(kinks) + 1, bits=1)

    def meaning(name: str, arguments: list[Any]) -> Size:
        if name in ("number", "True"):
            arguments = arguments or [Fraction(1)]
            return Size(frozenset(), 0, 1, bits_of(*arguments), arguments[0])
        if name == "z":
            require(arguments[0] < r, f"z{arguments[0] + 1} is not a variable here")
            return Size(frozenset(columns[arguments[0]]), 1, len(columns[arguments[0]]), longest)
        u, v = [*arguments, None, None][:2]
        e = v.value if name == "**" else u.value if name == "He" else None
        if e is not None and e.denominator == 1 and (e >= 0 or not u.variables):
            require(abs(e) <= MAX_POWER, f"the exponent {shown(str(e))} is too large")
            e, u = abs(int(e)), u if name == "**" else v._replace(terms=v.terms + 1)
            terms = min(spread(u.terms - 1, e), spread(len(u.variables), u.degree * e))
            return sized([u], terms, 30 * e * u.terms * terms, power=u.degree * e, bits=u.bits * e)
        if name not in CALCULATE or (name == "/" and not v.value):
            return function(name, arguments)
        known = all(x.value is not None and bits_of(x.value) <= MAX_SHORT for x in arguments)
        value = CALCULATE[name](*(x.value for x in arguments)) if known else None
        if name in ("*", "/"):
            work, bits = 30 * u.terms * v.terms, u.bits + v.bits
            return sized([u, v], u.terms * v.terms, work, power=u.degree + v.degree, bits=bits, value=value)
        terms = sum(x.terms for x in arguments)
        return sized(arguments, terms, 10 * terms, power=max(x.degree for x in arguments), value=value)

    whole = fold(link, meaning)
    size, power = len(whole.variables), whole.degree
    if degree:
        inner = {v: price for v, price in prices.items() if v in whole.variables}
        coefficients = spread(d, degree)
        steps += 200 * whole.terms * coefficients
        steps += PANELS * sum(inner.values()) * max(1, whole.terms // max(1, len(inner)))
    else:
        terms = min(spread(size, power), whole.terms * (1 + power // max(1, 2 * size)))
        steps += 30 * terms * (10 + d) * size
    return min(steps, VAST**2)


def admitted(target: Any, degree: int = 0) -> tuple[str, list[list[Any]] | None, int, int]:
    """The parts of a target, when its text is an expression of so many latents and takes no more work than is allowed."""
    steps = estimate(target, degree)
    require(steps <= MAX_ESTIMATE, f"the target takes more work than this checker allows: some {steps:.1e} steps, by its text")
    link, rows, r, d = frame(target)
    require(latents(link) == r, "latent_dimension is wrong")
    return link, rows, r, d


def spread(n: int, k: int) -> int:
    """The number of monomials in n variables of degree at most k, or VAST where it is more."""
    out = 1
    for i in range(1, min(n, k) + 1):
        out = out * (max(n, k) + i) // i
        if out > VAST:
            return VAST
    return out


def frame(target: Any) -> tuple[Any, list[list[Any]] | None, int, int]:
    """The link of a target, its directions if it has any, and the numbers of latents and of coordinates."""
    names = {"link", "directions", "latent_dimension"}
    require(isinstance(target, dict) and set(target) == names, "the target needs link, directions and latent_dimension")
    rows, r = target["directions"], target["latent_dimension"]
    require(type(r) is int and 1 <= r <= MAX_DIMENSION, f"the latent dimension is not a number from 1 to {MAX_DIMENSION}")
    good = rows is None or (isinstance(rows, list) and len(rows) == r and all(isinstance(row, list) and row for row in rows))
    require(good and len({len(row) for row in rows or []}) <= 1, "directions: one row for each z_i, all of one length")
    d = r if rows is None else len(rows[0])
    require(d <= MAX_DIMENSION, f"a direction has more than {MAX_DIMENSION} entries")
    return target["link"], rows, r, d


# -- real numbers: combinations of roots, exactly


def rational(q: Fraction | int) -> Number:
    return {(): Fraction(q)} if q else {}


def bits_of(*numbers: Fraction) -> int:
    return sum(q.numerator.bit_length() + q.denominator.bit_length() for q in numbers)


def weigh(*numbers: Fraction, count: int = 1) -> None:
    """Pay for so many operations on fractions as long as these, on average; their time grows with the square of their length."""
    bits = 2 * bits_of(*numbers) // (len(numbers) or 1)
    require(bits <= MAX_BITS, "a number is too long")
    spend(count * (5 + (bits >> 6) ** 2 // 256))


def add(a: Coefficient, b: Coefficient, scale: Fraction | int = 1) -> Coefficient:
    if isinstance(a, Fraction):
        return a + b if scale == 1 else a + b * scale
    out = dict(a)
    for radical, c in b.items():
        weigh(c, out.get(radical, c))
        out[radical] = out.get(radical, Fraction(0)) + scale * c
        if not out[radical]:
            del out[radical]
    return out


def times(a: Coefficient, b: Coefficient) -> Coefficient:
    if isinstance(a, Fraction):
        return a * b
    out: Number = {}
    for (left, c), (right, e) in product(a.items(), b.items()):
        weigh(c, e)
        spend(5 * len(right))
        exponents = dict(left)
        factor = c * e
        for base, q in right:
            whole, part = divmod(exponents.pop(base, Fraction(0)) + q, 1)
            factor *= base**whole
            require(part.denominator <= MAX_ORDER, "a root is of too high an order")
            if part:
                exponents[base] = part
        radical = tuple(sorted(exponents.items())) if right else left
        out[radical] = out.get(radical, Fraction(0)) + factor
    return {radical: c for radical, c in out.items() if c}


def integer_root(n: int, order: int) -> int:
    """The largest k with k^order <= n, by Newton's steps from above."""
    k = 1 << -(-n.bit_length() // order)
    while n and (step := ((order - 1) * k + n // k ** (order - 1)) // order) < k:
        k = step
    return k if n else 0


def factors(n: int) -> dict[int, int]:
    """n as a product of powers of primes below 2^16 and of larger bases that share no factor and are no powers themselves.

    Such bases do for exact arithmetic what primes would: whether they are prime is not asked.
    """
    require(n.bit_length() <= 2_000, "a number under a root is too long")
    out: dict[int, int] = {}

    def divide(base: int) -> None:
        nonlocal n
        while n % base == 0:
            n //= base
            out[base] = out.get(base, 0) + 1

    p = 2
    while p < 1 << 16 and p * p <= n:
        divide(p)
        p += 1 + p % 2
    spend(p // 8)
    if 1 < n < 1 << 16:
        divide(n)
    for base in Work.bases:
        divide(base)
        require(math.gcd(n, base) == 1, "numbers under roots share a large factor that is not written as a number of its own")
    if n > 1:
        spend(50 * n.bit_length())
        base, e = next((k, e) for e in range(n.bit_length() // 16, 0, -1) if (k := integer_root(n, e)) ** e == n)
        Work.bases.append(base)
        out[base] = e
    return out


def root(q: Fraction, order: int) -> Number:
    """q^(1/order) for a rational q >= 0."""
    require(q >= 0, f"the root of {shown(str(q))} is not real")
    if (q, order) not in Work.roots:
        exponents: dict[int, Fraction] = {}
        for n, sign in ((q.numerator, 1), (q.denominator, -1)) if q else ():
            for base, count in factors(n).items():
                exponents[base] = exponents.get(base, Fraction(0)) + Fraction(sign * count, order)
        out = rational(1 if q else 0)
        for base, e in exponents.items():
            whole, part = divmod(e, 1)
            radical: Radical = ((base, part),) if part else ()
            out = times(out, {radical: Fraction(base) ** whole})
        Work.roots[q, order] = out
    return dict(Work.roots[q, order])


def inverse(a: Number) -> Number:
    """1/a: the combination b of the products of the radicals of a with a b = 1, by elimination over the rationals."""
    require(bool(a), "division by zero")
    basis: dict[Radical, int] = {(): 0}
    pending: list[Radical] = [()]
    while pending:
        known = pending.pop()
        for radical in a:
            ((image, _),) = times({known: Fraction(1)}, {radical: Fraction(1)}).items()
            if image not in basis:
                basis[image] = len(basis)
                pending.append(image)
        require(len(basis) <= 100, "a divisor has too many different roots")
    rows = [[Fraction(0)] * 2 * len(basis) for _ in basis]  # b a for each b in the basis, then b
    for radical, j in basis.items():
        rows[j][len(basis) + j] = Fraction(1)
        for image, c in times(a, {radical: Fraction(1)}).items():
            rows[j][basis[image]] = c
    row = echelon(rows)[0]
    require(row[0] == 1 and not any(row[1 : len(basis)]), "a divisor is not proved to be nonzero")
    return {radical: row[len(basis) + j] for radical, j in basis.items() if row[len(basis) + j]}


def interval(a: Number, bits: int) -> tuple[Fraction, Fraction]:
    """Rational bounds of a, each root to about `bits` bits."""
    low = high = Fraction(0)
    for radical, c in a.items():
        below = above = Fraction(1)
        for base, q in radical:
            if (base, q, bits) not in Work.roots:
                size = base.bit_length() * q.numerator + bits * q.denominator
                spend(20 + (size >> 6) ** 2 // 16 * q.denominator)
                Work.roots[base, q, bits] = integer_root(base**q.numerator << (bits * q.denominator), q.denominator)
            k = Work.roots[base, q, bits]
            below, above = below * Fraction(k, 1 << bits), above * Fraction(k + 1, 1 << bits)
        weigh(c, above)
        low, high = low + min(c * below, c * above), high + max(c * below, c * above)
    return low, high


def require_nonzero(a: Number, what: str) -> None:
    for bits in (32, 128, 1024):
        low, high = interval(a, bits)
        if low > 0 or high < 0:
            return
    raise Refused(f"{what} is not proved to be nonzero")


# -- polynomials


def read(text: Any, d: int = 0) -> Polynomial:
    """The polynomial in d variables that a text says."""

    def meaning(name: str, arguments: list[Any]) -> Polynomial:
        if name == "number":
            return constant(rational(arguments[0]), d)
        if name == "z":
            require(arguments[0] < d, "a variable stands where none is expected")
            return {tuple(int(i == arguments[0]) for i in range(d)): rational(1)}
        if name in ("neg", "pos"):
            return combine({}, arguments[0], -1 if name == "neg" else 1)
        if name == "sqrt" and len(arguments) == 1:
            return constant(root(fraction(value(arguments[0])), 2), d)
        require(len(arguments) == 2 and name in ("+", "-", "*", "/", "**", "He"), f"{name} is not understood in a polynomial")
        left, right = arguments
        if name in ("+", "-"):
            return combine(left, right, 1 if name == "+" else -1)
        if name == "He":
            order = fraction(value(left))
            good = order.denominator == 1 and 0 <= order <= MAX_POWER
            require(good, "the order of He is not a natural number of moderate size")
            return hermite(int(order), right, constant(rational(1), d))
        if name == "**":
            return power(left, fraction(value(right)), d)
        return multiply(left, right if name == "*" else constant(inverse(value(right)), d))

    return fold(text, meaning)


def number(text: Any) -> Number:
    return value(read(text))


def value(p: Polynomial) -> Number:
    require(all(not any(alpha) for alpha in p), "a constant is expected")
    return next(iter(p.values()), {})


def fraction(a: Number) -> Fraction:
    require(all(radical == () for radical in a), "a rational number is expected")
    return a.get((), Fraction(0))


def constant(a: Number, d: int) -> Polynomial:
    return {(0,) * d: a} if a else {}


def accumulate(p: Terms[Coefficient], alpha: tuple[int, ...], c: Coefficient, scale: Fraction | int = 1) -> None:
    """Add scale c to the coefficient of alpha, in place."""
    p[alpha] = add(p[alpha] if alpha in p else type(c)(), c, scale)
    if not p[alpha]:
        del p[alpha]


def combine(p: Terms[Coefficient], q: Terms[Coefficient], scale: Fraction | int = 1) -> Terms[Coefficient]:
    spend(len(p) // 8 + 5 * len(q))
    out = dict(p)
    for alpha, c in q.items():
        accumulate(out, alpha, c, scale)
    return out


def multiply(p: Terms[Coefficient], q: Terms[Coefficient]) -> Terms[Coefficient]:
    require(sum(max(map(sum, r), default=0) for r in (p, q)) <= MAX_DEGREE, f"the degree is beyond {MAX_DEGREE}")
    spend(len(next(iter(p), ())) // 8 * len(p) * len(q))
    numbers = [x for c in (*p.values(), *q.values()) for x in ((c,) if isinstance(c, Fraction) else c.values())]
    weigh(*numbers, count=len(p) * len(q))
    out: Terms[Coefficient] = {}
    for (alpha, c), (beta, e) in product(p.items(), q.items()):
        accumulate(out, tuple(map(int.__add__, alpha, beta)), times(c, e))
    return out


def power(p: Polynomial, exponent: Fraction, d: int) -> Polynomial:
    good = abs(exponent.numerator) <= MAX_POWER and exponent.denominator <= MAX_ORDER
    require(good, f"the exponent {shown(str(exponent))} is too large")
    base, e = p, exponent.numerator
    if exponent.denominator > 1:
        base = constant(root(fraction(value(p)), exponent.denominator), d)
    if exponent < 0:
        base, e = constant(inverse(value(base)), d), -e
    out = constant(rational(1), d)
    for bit in f"{e:b}":  # squares first: from the highest bit
        out = multiply(out, out)
        out = multiply(out, base) if bit == "1" else out
    return out


def hermite(order: int, u: Terms[Coefficient], one: Terms[Coefficient], norm: Fraction | int = 1) -> Terms[Coefficient]:
    """n^k He_k(u/n), n² the norm, from one by He_{k+1} = u He_k - k n² He_{k-1}."""
    before, now = dict(one), one
    for k in range(order):
        before, now = now, combine(multiply(u, now), before, -k * norm)
    return now


def substitute(p: Terms[Coefficient], images: Sequence[Terms[Coefficient]], d: int) -> Terms[Coefficient]:
    """p(image_1, image_2, ...), the images polynomials in d variables."""
    powers = [[image] for image in images]
    out: Terms[Coefficient] = {}
    for alpha, c in p.items():
        term: Terms[Coefficient] = {(0,) * d: c}
        for known, e in zip(powers, alpha, strict=True):
            while len(known) < e:
                known.append(multiply(known[-1], known[0]))
            term = multiply(term, known[e - 1]) if e else term
        out = combine(out, term)
    return out


def linear(row: Sequence[Coefficient]) -> Terms[Coefficient]:
    """The form <row, s>."""
    return {tuple(int(i == j) for i in range(len(row))): c for j, c in enumerate(row) if c}


def hermite_expansion(p: Polynomial) -> Polynomial:
    """{α: c} with p = Σ c He_α, from x^k = Σ_j k!/(2^j j! (k-2j)!) He_{k-2j} in each variable."""
    out: Polynomial = {}
    for alpha, c in p.items():
        spend((10 + 2 * len(alpha)) * math.prod(a // 2 + 1 for a in alpha))
        for js in product(*(range(a // 2 + 1) for a in alpha)):
            pairs = list(zip(alpha, js, strict=True))
            weight = math.prod(
                Fraction(math.factorial(a), 2**j * math.factorial(j) * math.factorial(a - 2 * j)) for a, j in pairs if j
            )
            accumulate(out, tuple(a - 2 * j for a, j in pairs), c, weight)
    return out


def along(p: Terms[Coefficient], i: int) -> Terms[Coefficient]:
    """The derivative of p in the i-th variable."""
    spend(5 * len(p))
    step = [int(i == j) for j in range(len(next(iter(p), ())))]
    return {tuple(map(int.__sub__, alpha, step)): add(type(c)(), c, alpha[i]) for alpha, c in p.items() if alpha[i]}


def gradient_rows(p: Terms[Coefficient], d: int) -> list[list[Coefficient]]:
    """The coefficients of the gradient in the first d variables, one row for each monomial, monomials sorted."""
    if not p:
        return []
    columns, zero = [along(p, i) for i in range(d)], type(next(iter(p.values())))()
    monomials = sorted(set().union(*columns))
    spend(d * len(monomials))
    return [[column.get(alpha, zero) for column in columns] for alpha in monomials]


# -- linear algebra


def moved(u: Sequence[Fraction], v: Row, scale: Fraction) -> Row:
    """u + scale v."""
    weigh(*u, *v, scale, count=sum(map(bool, v)))
    return tuple(x + scale * y if y else x for x, y in zip(u, v, strict=True))


def echelon(rows: Iterable[Sequence[Fraction]]) -> list[Row]:
    """The reduced echelon form of the span."""
    out: list[Row] = []
    for row in rows:
        for known in out:
            row = moved(row, known, -row[first(known)]) if row[first(known)] else row
        if any(row):
            row = tuple(x / row[first(row)] for x in row)
            out = [moved(known, row, -known[first(row)]) if known[first(row)] else known for known in out] + [row]
    return sorted(out, key=first)


def first(row: Sequence[Fraction]) -> int:
    return next(j for j, x in enumerate(row) if x)


def identity(d: int) -> list[Vector]:
    spend(d * d)
    return [[rational(int(i == j)) for j in range(d)] for i in range(d)]


def dot(u: Vector, v: Vector) -> Number:
    spend(1 + len(u) // 8)
    out: Number = {}
    for x, y in zip(u, v, strict=True):
        out = add(out, times(x, y)) if x and y else out
    return out


def vectors(rows: Any, d: int, what: str) -> list[Vector]:
    good = isinstance(rows, list) and all(isinstance(r, list) and len(r) == d for r in rows)
    require(good, f"{what}: rows of length {d} expected")
    return [[number(x) for x in row] for row in rows]


def require_echelon(rows: list[Vector], what: str) -> list[int]:
    """The columns of the last nonzero entries, when the rows are in the one echelon form that a subspace has."""
    last = [max((j for j, x in enumerate(row) if x), default=-1) for row in rows]
    unit = all(row[j] == rational(int(row is other)) for other, j in zip(rows, last, strict=True) for row in rows)
    require(-1 not in last and last == sorted(set(last)) and unit, f"{what} is not in echelon form")
    return last


def require_kernel(rows: list[Vector], kernel: list[Vector], d: int, what: str) -> int:
    """The rank of the rows, when `kernel` is their kernel: it is annihilated, and the rank is at least what it leaves."""
    rank = d - len(require_echelon(kernel, f"{what}: the kernel"))
    for v in kernel:
        require(all(not dot(row, v) for row in rows), f"{what}: a kernel vector is not in the kernel")
    proved = any(certain_rank((balls(row, bits) for row in rows), rank, bits) == rank for bits in (64, 256, 1024))
    require(proved, f"{what}: the rank is not proved to be {rank}")
    return rank


def certain_rank(rows: Iterable[list[Ball]], wanted: int = MAX_DIMENSION, bits: int = P) -> int:
    """A lower bound on the rank, `wanted` at most: elimination with pivots whose balls exclude zero."""
    pivots: list[tuple[int, list[Ball]]] = []
    for row in rows:
        if len(pivots) == wanted:
            break
        work = list(row)
        for j, pivot in pivots:
            spend(len(row))
            (m, r), work[j] = work[j], (0, 0)
            for k, (n, s) in enumerate(pivot):
                if k != j and (n or s) and (m or r):
                    work[k] = ball_sum(work[k], ball_product((-m, r), (n, s), bits))
        best = max(range(len(row)), key=lambda j: abs(work[j][0]) - work[j][1])
        if abs(work[best][0]) > work[best][1]:
            unit = ball_inverse(work[best], bits)
            pivots.append((best, [ball_product(x, unit, bits) for x in work]))
    return len(pivots)


def ball_sum(a: Ball, b: Ball) -> Ball:
    return a[0] + b[0], a[1] + b[1]


def ball_product(a: Ball, b: Ball, bits: int = P) -> Ball:
    return (a[0] * b[0]) >> bits, ((abs(a[0]) * b[1] + a[1] * (abs(b[0]) + b[1])) >> bits) + 2


def ball_inverse(a: Ball, bits: int = P) -> Ball:
    """1/a. Undefined for a ball that holds zero."""
    if abs(a[0]) <= a[1]:
        raise Undefined
    low, high = (1 << 2 * bits) // (abs(a[0]) + a[1]), (1 << 2 * bits) // (abs(a[0]) - a[1]) + 1
    m = (low + high) >> 1
    return m if a[0] > 0 else -m, high - m


def balls(row: Vector, bits: int) -> list[Ball]:
    """Balls of the entries, multiplied by one power of two that brings the largest near 1."""
    ends = [interval(x, bits) if x else (Fraction(0), Fraction(0)) for x in row]
    top = max((max(abs(low), abs(high)) for low, high in ends), default=Fraction(0))
    scale = Fraction(2) ** (bits - top.numerator.bit_length() + top.denominator.bit_length())
    spend(3 * len(row))
    return [(math.floor((low + high) * scale / 2), math.ceil((high - low) * scale / 2) + bool(low or high)) for low, high in ends]


# -- the statements


class Checker:
    """Checks one part after another; each method consumes its part of the certificate, and nothing may be left over."""

    def __init__(self, certificate: Any) -> None:
        Work.start()
        require(isinstance(certificate, dict), "the certificate is not an object")
        self.parts = dict(certificate)
        require(self.take("schema") == SCHEMA, f"the schema is not {SCHEMA}")

    def take(self, name: str) -> Any:
        require(name in self.parts, f"the part {name!r} is missing")
        return self.parts.pop(name)

    def exactly(self, name: str, expected: Any, found: Any) -> None:
        same = found == expected and json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)
        require(same, f"{name} is {shown(expected)}, the certificate says {shown(found)}")

    def keys(self, part: Any, names: str, what: str) -> list[Any]:
        """The values of an object that has these keys and no others."""
        require(isinstance(part, dict) and set(part) == set(names.split()), f"{what} needs {', '.join(names.split())}")
        return [part[name] for name in names.split()]

    def run(self) -> None:
        self.target()
        self.expansion()
        self.dimension()
        self.hessian()
        self.leap()
        self.exponents()
        self.verdicts()
        require(not self.parts, f"unknown parts: {shown(sorted(map(str, self.parts)))}")

    def target(self) -> None:
        link, rows, r, self.d = admitted(self.take("target"))
        latent = read(link, r)
        directions = vectors(rows, self.d, "directions")
        gram = [[dot(u, v) for v in directions] for u in directions]
        self.orthonormal = gram == identity(r)
        self.latent_symbol = hermite_expansion(latent)
        self.symbol = (
            self.latent_symbol
            if directions == identity(self.d)
            else hermite_expansion(substitute(latent, list(map(linear, directions)), self.d))
        )
        require(any(any(alpha) for alpha in self.symbol), "the target is constant")

    def expansion(self) -> None:
        claimed = self.take("hermite_coefficients")
        expected = {",".join(map(str, alpha)): c for alpha, c in self.symbol.items()}
        same = isinstance(claimed, dict) and set(claimed) == set(expected)
        require(same, "hermite_coefficients names other monomials than the expansion has")
        for key, c in expected.items():
            require(number(claimed[key]) == c, f"the Hermite coefficient of {key} is wrong")
            require_nonzero(c, f"the Hermite coefficient of {key}")
        energy: dict[int, Number] = {}
        for alpha, c in self.symbol.items():
            k = sum(alpha)
            energy[k] = add(energy.get(k, {}), times(c, c), math.prod(map(math.factorial, alpha)))
        claimed = self.take("degree_energy")
        require(isinstance(claimed, dict) and set(claimed) == set(map(str, energy)), "degree_energy has the wrong degrees")
        require(all(number(claimed[str(k)]) == c for k, c in energy.items()), "a degree energy is wrong")
        mean = self.symbol.get((0,) * self.d, {})
        require(number(self.take("mean")) == mean, "the mean is wrong")
        total: Number = {}
        for k, c in energy.items():
            total = add(total, c) if k else total
        require(number(self.take("variance")) == total, "the variance is wrong")
        self.degrees = sorted(k for k in energy if k)
        self.exactly("degree", max(self.degrees), self.take("degree"))

    def dimension(self) -> None:
        claimed, rows = self.keys(self.take("effective_subspace"), "dimension invariant", "effective_subspace")
        invariant = vectors(rows, self.d, "effective_subspace")
        self.effective = require_kernel(gradient_rows(self.symbol, self.d), invariant, self.d, "effective_subspace")
        self.exactly("the effective dimension", self.effective, claimed)

    def hessian(self) -> None:
        matrix, rank, rows = self.keys(self.take("expected_hessian"), "matrix rank kernel", "expected_hessian")
        h = [[self.second(i, j) for j in range(self.d)] for i in range(self.d)]
        require(vectors(matrix, self.d, "the expected Hessian") == h, "the expected Hessian is wrong")
        kernel = vectors(rows, self.d, "the expected Hessian")
        self.rank = require_kernel(h, kernel, self.d, "the expected Hessian")
        self.exactly("the rank", self.rank, rank)

    def second(self, i: int, j: int) -> Number:
        alpha = [0] * self.d
        alpha[i] += 1
        alpha[j] += 1
        spend(2 + self.d // 8)
        return add({}, self.symbol.get(tuple(alpha), {}), 2 if i == j else 1)

    def leap(self) -> None:
        value, steps = self.keys(self.take("subspace_leap"), "value steps", "subspace_leap")
        require(isinstance(steps, list) and len(steps) >= 1, "subspace_leap has no steps")
        unseen, seen = identity(self.d), list[Vector]()
        worst = 0
        for step in steps:
            degree, gained, *spaces = self.keys(step, "degree gained unseen seen combinations", "a step of the leap")
            require(self.d - len(unseen) < self.effective, "a step of the leap comes after everything is seen")
            basis = (*unseen, *seen)
            images = [linear([row[i] for row in basis]) for i in range(self.d)]
            rotated = substitute(self.symbol, images, self.d) if seen else self.symbol
            s = len(unseen)
            lowest = min(sum(alpha[:s]) for alpha in rotated if any(alpha[:s]))
            self.exactly("the degree of a step of the leap", lowest, degree)
            rows = gradient_rows({alpha: c for alpha, c in rotated.items() if sum(alpha[:s]) == lowest}, s)
            combinations = vectors(spaces[2], s, "a step of the leap")
            self.exactly("the gained dimension", require_kernel(rows, combinations, s, "a step of the leap"), gained)
            unseen = [[dot(c, [row[i] for row in unseen]) for i in range(self.d)] for c in combinations]
            require(vectors(spaces[0], self.d, "unseen") == unseen, "what stays unseen is wrong")
            seen = vectors(spaces[1], self.d, "seen")
            require_echelon(seen, "what is seen")
            require(len(seen) + len(unseen) == self.d, "what is seen has the wrong dimension")
            require(all(not dot(u, v) for u in seen for v in unseen), "what is seen is not orthogonal to what is not")
            worst = max(worst, lowest)
        require(self.d - len(unseen) == self.effective, "the leap does not end at the effective subspace")
        self.exactly("the leap", worst, value)

    def exponents(self) -> None:
        self.exactly("information_exponent", min(self.degrees), self.take("information_exponent"))
        self.exactly("coordinate_leap", self.coordinate_leap() if self.orthonormal else None, self.take("coordinate_leap"))
        generative = (1 if any(k % 2 for k in self.degrees) else 2) if self.effective == 1 else None  # THEOREM
        self.exactly("generative_exponent", generative, self.take("generative_exponent"))

    def coordinate_leap(self) -> int:
        seen: set[int] = set()
        worst = 0
        for alpha, c in self.latent_symbol.items():
            require_nonzero(c, f"the Hermite coefficient of {alpha} of the link")
        while left := [a for a in self.latent_symbol if any(e and i not in seen for i, e in enumerate(a))]:
            spend(len(left) * len(left[0]) // 4)
            cost, alpha = min((sum(e for i, e in enumerate(a) if i not in seen), a) for a in left)
            worst = max(worst, cost)
            seen |= {i for i, e in enumerate(alpha) if e}
        return worst

    def verdicts(self) -> None:
        second = "holds" if self.rank == self.effective else "fails"
        self.exactly("verdicts", {"damian.assumption1": "holds", "damian.assumption2": second}, self.take("verdicts"))

    def statements(self) -> list[str]:
        return [
            f"proved, as exact numbers: {len(self.symbol)} Hermite coefficients, energies, mean and variance",
            f"degree {max(self.degrees)}, effective dimension {self.effective}, rank of the expected Hessian {self.rank}",
            f"information exponent {min(self.degrees)}, the steps of the leap",
            f"damian.assumption1 holds, damian.assumption2 {'holds' if self.rank == self.effective else 'fails'}",
            *([f"generative exponent, trusting {THEOREM}"] if self.effective == 1 else []),
        ]


def require_plain(found: Any) -> None:
    """Refused unless this is what strict JSON of printable ASCII without floats says."""
    pending = [found]
    while pending:
        part = pending.pop()
        spend(1)
        if isinstance(part, dict):
            pending += [*part, *part.values()]
        elif isinstance(part, list):
            pending += part
        else:
            text = type(part) is str and part.isascii() and part.isprintable()
            require(text or part is None or type(part) in (int, bool), f"{shown(part)} has no place in a certificate")


def verify(certificate: Any) -> list[str]:
    """Refused unless the certificate holds; else what was verified and what is trusted, in lines."""
    Work.start()
    require_plain(certificate)
    schema = certificate.get("schema") if isinstance(certificate, dict) else None
    if isinstance(schema, str) and schema.startswith(LINK_SCHEMA):
        links = importlib.import_module(f"{__package__}.{FILES[1]}")
        links.verify(certificate)
        statements, names = links.statements(certificate), FILES
    else:
        checker = Checker(certificate)
        checker.run()
        statements, names = checker.statements(), FILES[:1]
    files = [Path(__file__).parent / f"{name.replace('.', '/')}.py" for name in names]
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    trusted = f"trusted: the {lines} lines of {', '.join(file.name for file in files)}; {'; '.join(TRUSTED)}"
    link, *frame = described(certificate["target"])
    return [f"VERIFIED: {link}", *(f"  {line}" for line in (*frame, *statements, trusted))]


def described(target: dict[str, Any]) -> list[str]:
    """The target of a certificate that was verified: its texts hold nothing but what expressions are written with."""
    rows, r = target["directions"], target["latent_dimension"]
    plain = rows is None or rows == [[str(int(i == j)) for j in range(r)] for i in range(r)]
    frame = f"f*(x) = g(z), {'z_i = x_i' if plain else 'z_i = <u_i, x>'}, x ~ N(0, I_{r if rows is None else len(rows[0])})"
    directions = [] if plain else [f"u_{i} = ({', '.join(row)})" for i, row in enumerate(rows, 1)]
    lines = [target["link"], frame, *directions]
    return [line if len(line) <= 500 else f"{line[:500]}... ({len(line)} characters)" for line in lines]


def load(path: str) -> Any:
    """What a file says as strict JSON. ValueError where it does not."""
    with open(path, "rb") as file:
        data = file.read(MAX_FILE + 1)
    require(len(data) <= MAX_FILE, f"it has more than {MAX_FILE} bytes")

    def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        require(len(out) == len(pairs), "a key stands twice in an object")
        return out

    def refuse(text: str) -> Any:
        raise Refused(f"{shown(text)} has no place in a certificate")

    return json.loads(data.decode("ascii"), object_pairs_hook=without_twins, parse_float=refuse, parse_constant=refuse)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        print((__doc__ or "").strip())
        print("\nTrusted: this program; " + "; ".join((*TRUSTED, THEOREM)) + ".")
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        certificate = load(arguments[0])
    except (OSError, ValueError, RecursionError) as error:
        print(f"cannot read {shown(arguments[0])}: {shown(str(error))[1:-1]}", file=sys.stderr)
        return 2
    try:
        lines = verify(certificate)
    except ModuleNotFoundError as error:
        name = str(error.name).removeprefix(f"{__package__}.").replace(".", "/")
        print(f"a certificate of a general link needs {name}.py beside this script", file=sys.stderr)
        return 2
    except Refused as error:
        print(f"REFUSED: {error}")
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":  # once more by its full name, in packages that hold this folder alone: the files below import it so
    for name in ("steinlab", "steinlab.checks"):
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__path__ = [str(Path(__file__).resolve().parent)]
    sys.exit(importlib.import_module("steinlab.checks.verify_certificate").main(sys.argv[1:]))

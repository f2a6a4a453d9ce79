"""Gaussian expectations, ranks and exponents of a target at 30 digits, from its text alone, with mpmath and nothing of steinlab.

A target f(x) = g(Ux) is read by a small interpreter over Python's syntax tree. Expectations E[f He_α] come from Gauss-Hermite
rules (polynomials) or from trapezoidal and double exponential rules on the pieces between kinks (links), with an error estimate
for each: rules of this kind double their digits when the step is halved, so what a rule of half the points misses, to the power
3/2, is more than the whole rule misses. What cannot be told at that accuracy is `Unresolved`, never guessed.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import combinations, combinations_with_replacement, pairwise, product
from math import comb, factorial, prod
from operator import mul

from mpmath import mp, mpf
from mpmath.libmp import to_fixed
from mpmath.libmp.libelefun import cos_sin_fixed, exp_fixed

DIGITS = 42
"""Working precision."""
mp.dps = DIGITS
NONZERO = mpf(10) ** -15
"""Numbers above it are not zero,"""
ZERO = mpf(10) ** -25
"""those below it are zero, and between the two nothing is said."""
REACH = 18
"""Largest |x| of a node of a rule."""
FAR = 13
"""Largest |x| of a kink that is split: beyond, the Gaussian weight is below 1e-36."""
SCAN = 16
"""Largest |x| at which a kink is looked for."""
DENSITIES = {1: (1.5, 3, 6), 2: (0.8, 1.2, 1.8)}
"""Points per unit of the rules that are tried, by dimension, relative to a first choice."""
DEGREE = {1: 16, 2: 8, 3: 6}
"""Highest degree of the coefficients of a link, by dimension."""

Alpha = tuple[int, ...]
Point = Sequence[mpf]
Function = Callable[[Point], mpf]


class Unresolved(Exception):
    """What this computation cannot tell at its accuracy, and why."""


# -- the interpreter


@lru_cache(maxsize=200_000)
def _tanh(v: mpf) -> mpf:
    return mp.tanh(v)


@lru_cache(maxsize=200_000)
def _exp(v: mpf) -> mpf:
    return mp.exp(v)


@lru_cache(maxsize=200_000)
def _erf(v: mpf) -> mpf:
    return mp.erf(v)


def _sign(v: mpf) -> int:
    return (v > 0) - (v < 0)


def hermite(k: int, v: mpf) -> mpf:
    """He_k(v) by its recurrence."""
    below, value = mpf(0), mpf(1)
    for n in range(k):
        below, value = value, v * value - n * below
    return value


FUNCTIONS: dict[str, Callable[..., mpf]] = {
    "exp": _exp,
    "sin": mp.sin,
    "cos": mp.cos,
    "tanh": _tanh,
    "erf": _erf,
    "log": mp.log,
    "sqrt": mp.sqrt,
    "sigmoid": lambda v: (1 + _tanh(v / 2)) / 2,
    "relu": lambda v: v if v > 0 else mpf(0),
    "abs": abs,
    "sign": _sign,
    "Max": max,
    "Min": min,
    "He": lambda k, v: hermite(int(k), v),
}


def interpret(node: ast.expr) -> Function:
    """A syntax tree as a function of the point (z1, z2, ...)."""
    if not names(node):
        value = _constant(node)
        return lambda _: value
    match node:
        case ast.Name(id=name):
            index = int(name[1:]) - 1
            return lambda x: x[index]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = interpret(operand)
            return lambda x: -inner(x)
        case ast.UnaryOp(operand=operand):
            return interpret(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base = interpret(left)
            exponent = _constant(right)
            whole = int(exponent) if exponent == int(exponent) else None
            return (lambda x: base(x) ** exponent) if whole is None else (lambda x: base(x) ** whole)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = interpret(left), interpret(right)
            match op:
                case ast.Add():
                    return lambda x: a(x) + b(x)
                case ast.Sub():
                    return lambda x: a(x) - b(x)
                case ast.Mult():
                    return lambda x: a(x) * b(x)
                case ast.Div():
                    return lambda x: a(x) / b(x)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            f = FUNCTIONS[name]
            inner = [interpret(argument) for argument in arguments]
            if len(inner) == 1:
                only = inner[0]
                return lambda x: f(only(x))
            return lambda x: f(*(g(x) for g in inner))
    raise Unresolved(f"{ast.unparse(node)} is not understood")


def _constant(node: ast.expr) -> mpf:
    match node:
        case ast.Constant():
            value = Fraction(str(node.value))
            return mpf(value.numerator) / value.denominator
        case ast.Name(id="pi"):
            return +mp.pi
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_constant(operand)
        case ast.UnaryOp(operand=operand):
            return _constant(operand)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _constant(left), _constant(right)
            return {ast.Add: a.__add__, ast.Sub: a.__sub__, ast.Mult: a.__mul__, ast.Div: a.__truediv__, ast.Pow: a.__pow__}[
                type(op)
            ](b)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return mpf(FUNCTIONS[name](*(_constant(argument) for argument in arguments)))
    raise Unresolved(f"{ast.unparse(node)} is not a constant")


def number(text: str) -> mpf:
    """An exact number, such as '1/3' or 'sqrt(3)/12', as text."""
    return _constant(ast.parse(str(text), mode="eval").body)


def names(node: ast.expr) -> frozenset[int]:
    """The 0-based indices of the variables that are written."""
    return frozenset(
        int(n.id[1:]) - 1 for n in ast.walk(node) if isinstance(n, ast.Name) and n.id[0] == "z" and n.id[1:].isdigit()
    )


class _Substitution(ast.NodeTransformer):
    def __init__(self, images: dict[int, ast.expr]) -> None:
        self.images = images

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.images.get(int(node.id[1:]) - 1, node) if node.id != "pi" and node.id[1:].isdigit() else node


def read(text: str, directions: Sequence[Sequence[object]] | None = None) -> tuple[ast.expr, int]:
    """The syntax tree of f in the coordinates of x, and how many there are."""
    tree = ast.parse(text, mode="eval").body
    if directions is None:
        return tree, max(names(tree)) + 1
    images = {}
    for i, row in enumerate(directions):
        form = " + ".join(f"({c})*z{j + 1}" for j, c in enumerate(row) if str(c) != "0") or "0*z1"
        images[i] = ast.parse(f"({form})", mode="eval").body
    return _Substitution(images).visit(tree), len(directions[0])


# -- rules: nodes and weights, the Gaussian density included; every second one makes the rule of half the points


Rule = list[tuple[mpf, mpf]]


@lru_cache(maxsize=64)
def _line(density: float) -> Rule:
    h = mpf(1) / round(10 * density)
    count = int(REACH / h) // 2 * 2
    return [(k * h, h * _density(k * h)) for k in range(-count, count + 1)]


@lru_cache(maxsize=64)
def _half_line(density: float) -> list[tuple[mpf, mpf]]:
    h = mpf(1) / round(18 * density)
    low, high = int(mpf("4.6") / h) // 2 * 2 + 2, int(mpf("2.9") / h)
    out = []
    for k in range(-low, high + 1):
        t = k * h
        x = mp.exp(t - mp.exp(-t))
        out.append((x, h * x * (1 + mp.exp(-t))))
    return out


@lru_cache(maxsize=64)
def _segment(density: float) -> list[tuple[mpf, mpf]]:
    """On (-1, 1); the node is given as (distance to the nearer end, signed by the end)."""
    h = mpf(1) / round(18 * density)
    count = int(mpf("4.2") / h) // 2 * 2
    out = []
    for k in range(-count, count + 1):
        u = mp.pi / 2 * mp.sinh(k * h)
        distance = 2 / (1 + mp.exp(2 * abs(u)))  # 1 - |tanh u|
        out.append((distance if k >= 0 else -distance, h * mp.pi / 2 * mp.cosh(k * h) / mp.cosh(u) ** 2))
    return out


_PEAK = 1 / mp.sqrt(2 * mp.pi)


def _density(x: mpf) -> mpf:
    return mp.exp(-x * x / 2) * _PEAK


def pieces(breaks: Sequence[mpf], density: float) -> list[Rule]:
    """A rule on each piece of the line between the breaks."""
    return [_line(density) if a is None and b is None else _piece(a, b, density) for a, b in pairwise(ends(breaks))]


def ends(breaks: Sequence[mpf]) -> list[mpf | None]:
    """The ends of the pieces: short enough for the rules, which reach REACH from the end of a half-line."""
    near = [t for t in breaks if abs(t) < FAR]
    if near and not any(abs(t) < 3 for t in near):
        near = sorted([*near, mpf(0)])
    out: list[mpf | None] = [None, *near[:1]]
    for a, b in pairwise(near):
        parts = int((b - a) / 5) + 1
        out += [a + (b - a) * k / parts for k in range(1, parts)] + [b]
    return [*out, None]


@lru_cache(maxsize=3_000)
def _piece(a: mpf | None, b: mpf | None, density: float) -> Rule:
    if a is None or b is None:
        end, side = (b, -1) if a is None else (a, 1)
        assert end is not None
        shifted = [(end + side * x, w) for x, w in _half_line(density)]
        return [(x, w * _density(x)) for x, w in shifted]
    half = (b - a) / 2
    nodes = [(b - half * u if u > 0 else a - half * u, w * half) for u, w in _segment(density)]
    return [(x, w * _density(x)) for x, w in nodes]


def _estimate(fine: mpf, coarse: mpf, size: mpf) -> mpf:
    """An error estimate of the fine rule: half as many digits again as the coarse one has, where twice as many are expected."""
    miss = abs(fine - coarse) / size
    return size * max(miss ** mpf("1.5") if miss < 1 else mpf(1), mpf(10) ** -31)


# -- kinks


def kink_arguments(node: ast.expr) -> list[ast.expr]:
    """What changes sign where a relu, abs, sign, Max or Min in the tree is not smooth."""
    out: list[ast.expr] = []
    for n in ast.walk(node):
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name):
            if n.func.id in ("relu", "abs", "sign"):
                out.append(n.args[0])
            elif n.func.id in ("Max", "Min"):
                out += [ast.BinOp(a, ast.Sub(), b) for a, b in combinations(n.args, 2)]
    return [u for u in out if names(u)]


def sign_changes(f: Callable[[mpf], object], low: float = -SCAN, high: float = SCAN, steps: int = 1024) -> list[mpf]:
    """Where a piecewise constant function changes, by bisection between the points of a grid."""
    offset = mp.sqrt(2) / 1000
    grid = [low + offset + (mpf(high) - low) * k / steps for k in range(steps)]
    values = [f(x) for x in grid]
    out = []
    for (a, b), (left, right) in zip(pairwise(grid), pairwise(values), strict=True):
        if left == right:
            continue
        while b - a > mpf(10) ** -(DIGITS - 2):
            middle = (a + b) / 2
            if f(middle) == left:
                a = middle
            else:
                b = middle
        out.append((a + b) / 2)
    return _distinct(out)


def _distinct(values: Sequence[mpf]) -> list[mpf]:
    out: list[mpf] = []
    for v in sorted(values):
        near = round(v * 5040)  # kinks at simple fractions come out exactly
        v = mpf(near) / 5040 if abs(v * 5040 - near) < mpf(10) ** -(DIGITS - 8) else v
        if not out or v - out[-1] > mpf(10) ** -(DIGITS - 8):
            out.append(v)
    return out


def _scan(argument: ast.expr, i: int) -> list[mpf]:
    return _scan_along(argument, [mpf(j == i) for j in range(i + 1)])


Poly = dict[tuple[int, int], mpf]


def _branches(node: ast.expr, x: int, y: int) -> list[Poly]:
    """The polynomials in two variables that a piecewise polynomial expression can equal."""
    if not names(node):
        return [{(0, 0): _constant(node)}]
    match node:
        case ast.Name(id=name):
            return [{((1, 0) if int(name[1:]) - 1 == x else (0, 1)): mpf(1)}]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [{k: -c for k, c in p.items()} for p in _branches(operand, x, y)]
        case ast.UnaryOp(operand=operand):
            return _branches(operand, x, y)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            out = []
            for p in _branches(left, x, y):
                q: Poly = {(0, 0): mpf(1)}
                for _ in range(int(_constant(right))):
                    q = _times(q, p)
                out.append(q)
            return out
        case ast.BinOp(left=left, op=ast.Div(), right=right) if not names(right):
            return [{k: c / _constant(right) for k, c in p.items()} for p in _branches(left, x, y)]
        case ast.BinOp(left=left, op=(ast.Add() | ast.Sub() | ast.Mult()) as op, right=right):
            out = []
            for p, q in product(_branches(left, x, y), _branches(right, x, y)):
                if isinstance(op, ast.Mult):
                    out.append(_times(p, q))
                else:
                    side = 1 if isinstance(op, ast.Add) else -1
                    out.append({k: p.get(k, mpf(0)) + side * q.get(k, mpf(0)) for k in {*p, *q}})
            return out
        case ast.Call(func=ast.Name(id="relu"), args=[u]):
            return [*_branches(u, x, y), {}]
        case ast.Call(func=ast.Name(id="abs"), args=[u]):
            return [r for p in _branches(u, x, y) for r in (p, {k: -c for k, c in p.items()})]
        case ast.Call(func=ast.Name(id="sign")):
            return [{(0, 0): mpf(1)}, {(0, 0): mpf(-1)}]
        case ast.Call(func=ast.Name(id="Max" | "Min"), args=arguments):
            return [p for u in arguments for p in _branches(u, x, y)]
    raise Unresolved(f"a kink where {ast.unparse(node)} changes sign, in two variables")


def _times(p: Poly, q: Poly) -> Poly:
    out: Poly = {}
    for (a, b), c in p.items():
        for (k, m), e in q.items():
            out[a + k, b + m] = out.get((a + k, b + m), mpf(0)) + c * e
    return out


def _roots_in_y(p: Poly, x: mpf) -> list[mpf]:
    parts = [sum((c * x**a for (a, b), c in p.items() if b == k), mpf(0)) for k in range(3)]
    c, b, a = parts
    if a:
        inside = b * b - 4 * a * c
        if inside <= 0:
            return []
        big = -(b + (1 if b >= 0 else -1) * mp.sqrt(inside)) / 2
        return [big / a, c / big] if big else [mp.sqrt(-c / a), -mp.sqrt(-c / a)]
    return [-c / b] if b else []


class _Plane:
    """The kinks of a function of two variables: outer ones of x alone, inner ones of y at each x."""

    def __init__(self, node: ast.expr, x: int, y: int) -> None:
        outer: list[mpf] = []
        self.fixed: list[mpf] = []
        curves: list[Poly] = []
        for argument in kink_arguments(node):
            used = names(argument)
            if used == {x}:
                outer += _scan(argument, x)
            elif used == {y}:
                self.fixed += _scan(argument, y)
            else:
                curves += _branches(argument, x, y)
        self.fixed = _distinct(self.fixed)
        self.curves: list[Poly] = []
        for p in curves:
            p = {k: c for k, c in p.items() if abs(c) > mpf(10) ** -(DIGITS - 6)}
            if not any(b for _, b in p):
                if any(a for a, _ in p):
                    outer += sign_changes(lambda v, p=p: _sign(sum((c * v**a for (a, _), c in p.items()), mpf(0))))
                continue
            if max(b for _, b in p) > 2:
                raise Unresolved("a kink along a curve of degree above 2")
            lead = p[max(p)]
            monic = {k: c / lead for k, c in p.items()}
            if not any({*monic} == {*q} and all(abs(monic[k] - q[k]) < ZERO for k in q) for q in self.curves):
                self.curves.append(monic)
        if self.curves:
            outer += sign_changes(self._order, steps=256)
        self.outer = _distinct(outer)

    def _labelled(self, x: mpf) -> list[tuple[mpf, int]]:
        roots = [(y, i) for i, p in enumerate(self.curves) for y in _roots_in_y(p, x) if abs(y) < 50]
        return sorted(roots + [(y, -1) for y in self.fixed])

    def _order(self, x: mpf) -> tuple[int, ...]:
        return tuple(i for _, i in self._labelled(x))

    def inner(self, x: mpf) -> list[mpf]:
        return [y for y, _ in self._labelled(x)]


# -- expectations


class Moments:
    """E[f He_α] for |α| <= degree with error estimates, and E f²."""

    def __init__(self, size: int, degree: int) -> None:
        self.size, self.degree = size, degree
        self.values: dict[Alpha, mpf] = {}
        self.errors: dict[Alpha, mpf] = {}
        self.second: tuple[mpf, mpf] | None = None
        """E f² with its error, where it was found."""

    def of_degree(self, k: int) -> list[Alpha]:
        return [a for a in self.values if sum(a) == k]


def _hermites(x: mpf, degree: int) -> list[mpf]:
    out = [mpf(1), x]
    for n in range(1, degree):
        out.append(x * out[n] - n * out[n - 1])
    return out[: degree + 1]


def _worst(m: dict[Alpha, mpf]) -> mpf:
    return max(e / mp.sqrt(prod(factorial(k) for k in a)) for a, e in m.items())


Table = tuple[dict[Alpha, mpf], dict[Alpha, mpf], tuple[mpf, mpf]]
"""E[f He_α], their errors, and E f² with its error, in the variables of a factor."""


def _on_line(f: Callable[[mpf], mpf], breaks: Sequence[mpf], degree: int) -> Table:
    table: Table | None = None
    for density in DENSITIES[1]:
        totals = [[mpf(0)] * (degree + 2) for _ in range(2)]
        for rule in pieces(breaks, density):
            weighted = [(x, w * f(x)) for x, w in rule]
            columns = list(zip(*(_hermites(x, degree) for x, _ in weighted), strict=True))
            columns.append(tuple(f(x) for x, _ in weighted))
            weights = [w for _, w in weighted]
            for k, column in enumerate(columns):
                totals[0][k] += mp.fdot(weights, column)
                totals[1][k] += 2 * mp.fdot(weights[::2], column[::2])
        scale = max(abs(totals[0][0]), mp.sqrt(abs(totals[0][-1])), mpf(10) ** -10)
        values = {(k,): totals[0][k] for k in range(degree + 1)}
        errors = {(k,): _estimate(totals[0][k], totals[1][k], scale * mp.sqrt(factorial(k))) for k in range(degree + 1)}
        second = (totals[0][-1], _estimate(totals[0][-1], totals[1][-1], scale**2))
        table = values, errors, second
        if max(_worst(errors), second[1]) < mpf(10) ** -28 * max(scale, 1):
            break
    assert table is not None
    return table


def _on_plane(f: FixedFunction, kinks: _Plane, degree: int) -> Table:
    table: Table | None = None
    for density in DENSITIES[2]:
        size = degree + 2
        fine, outer_coarse, inner_coarse = ([[mpf(0)] * size for _ in range(degree + 1)] for _ in range(3))
        standing = None if kinks.curves else [_standing(rule, degree) for rule in pieces(kinks.fixed, density)]
        for rule in pieces(kinks.outer, density):
            for position, (x, w) in enumerate(rule):
                if w < mpf(10) ** -50:
                    continue
                if standing is None:
                    inner, half = _moving_slice(f, x, ends(kinks.inner(x)), degree, density)
                else:
                    inner, half = _standing_slice(f, x, standing, degree)
                for a, h in enumerate(_hermites(x, degree)):
                    weight = w * h
                    for b in range(size if a == 0 else degree + 1 - a):
                        term = weight * inner[b]
                        fine[a][b] += term
                        inner_coarse[a][b] += weight * half[b]
                        if position % 2 == 0:
                            outer_coarse[a][b] += 2 * term
        scale = max(abs(fine[0][0]), mp.sqrt(abs(fine[0][-1])), mpf(10) ** -10)
        values, errors = {}, {}
        for a in range(degree + 1):
            for b in range(degree + 1 - a):
                values[a, b] = fine[a][b]
                unit = scale * mp.sqrt(factorial(a) * factorial(b))
                errors[a, b] = max(_estimate(fine[a][b], c[a][b], unit) for c in (outer_coarse, inner_coarse))
        second = max(_estimate(fine[0][-1], c[0][-1], scale**2) for c in (outer_coarse, inner_coarse))
        table = values, errors, (fine[0][-1], second)
        if max(_worst(errors), second) < ZERO / 4 * scale:
            break
    assert table is not None
    return table


# -- the inner integral, in whole numbers that stand for multiples of 2^-BITS: the same accuracy, several times faster


BITS = 170
ONE = 1 << BITS
FixedFunction = Callable[[int, int], int]


def fixed(x: mpf) -> int:
    return int(to_fixed(mpf(x)._mpf_, BITS))


def floating(x: int) -> mpf:
    return mp.ldexp(mpf(x), -BITS)


@lru_cache(maxsize=200_000)
def _fixed_exp(v: int) -> int:
    return int(exp_fixed(v, BITS))


@lru_cache(maxsize=200_000)
def _fixed_tanh(v: int) -> int:
    e = int(exp_fixed(-2 * abs(v), BITS))
    out = ((ONE - e) << BITS) // (ONE + e)
    return out if v > 0 else -out


@lru_cache(maxsize=200_000)
def _fixed_erf(v: int) -> int:
    return fixed(mp.erf(floating(v)))


def _fixed_hermites(x: int, degree: int) -> list[int]:
    out = [ONE, x]
    for n in range(1, degree):
        out.append((x * out[n] >> BITS) - n * out[n - 1])
    return out[: degree + 1]


FIXED: dict[str, Callable[..., int]] = {
    "exp": _fixed_exp,
    "tanh": _fixed_tanh,
    "erf": _fixed_erf,
    "sin": lambda v: int(cos_sin_fixed(v, BITS)[1]),
    "cos": lambda v: int(cos_sin_fixed(v, BITS)[0]),
    "sigmoid": lambda v: (ONE + _fixed_tanh(v >> 1)) >> 1,
    "relu": lambda v: max(0, v),
    "abs": abs,
    "sign": lambda v: ONE if v > 0 else -ONE if v < 0 else 0,
    "Max": max,
    "Min": min,
    "He": lambda k, v: _fixed_hermites(v, max(k >> BITS, 1))[k >> BITS],
}


def interpret_fixed(node: ast.expr, x: int, y: int) -> FixedFunction:
    """A syntax tree as a function of two variables, in whole numbers."""
    if not names(node):
        value = fixed(_constant(node))
        return lambda a, b: value
    match node:
        case ast.Name(id=name):
            return (lambda a, b: a) if int(name[1:]) - 1 == x else (lambda a, b: b)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = interpret_fixed(operand, x, y)
            return lambda a, b: -inner(a, b)
        case ast.UnaryOp(operand=operand):
            return interpret_fixed(operand, x, y)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = interpret_fixed(left, x, y), _constant(right)
            whole = int(exponent)
            if whole != exponent or whole < 1:
                raise Unresolved(f"the exponent of {ast.unparse(node)}")

            def power(a: int, b: int) -> int:
                out = value = base(a, b)
                for _ in range(whole - 1):
                    out = out * value >> BITS
                return out

            return power
        case ast.BinOp(left=left, op=op, right=right):
            f, g = interpret_fixed(left, x, y), interpret_fixed(right, x, y)
            match op:
                case ast.Add():
                    return lambda a, b: f(a, b) + g(a, b)
                case ast.Sub():
                    return lambda a, b: f(a, b) - g(a, b)
                case ast.Mult():
                    return lambda a, b: f(a, b) * g(a, b) >> BITS
                case ast.Div():
                    return lambda a, b: (f(a, b) << BITS) // g(a, b)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in FIXED:
            outer = FIXED[name]
            parts = [interpret_fixed(argument, x, y) for argument in arguments]
            if len(parts) == 1:
                only = parts[0]
                return lambda a, b: outer(only(a, b))
            return lambda a, b: outer(*(part(a, b) for part in parts))
    raise Unresolved(f"{ast.unparse(node)} in two variables is not understood")


Standing = tuple[list[int], list[int], list[list[int]]]
"""Nodes, weights with the density, and the columns of He_0, ..., He_degree."""


def _standing(rule: Rule, degree: int) -> Standing:
    nodes = [fixed(y) for y, _ in rule]
    columns = [list(column) for column in zip(*(_fixed_hermites(y, degree) for y in nodes), strict=True)]
    return nodes, [fixed(w) for _, w in rule], columns


def _standing_slice(f: FixedFunction, x: mpf, standing: Sequence[Standing], degree: int) -> tuple[list[mpf], list[mpf]]:
    """E over y of f He_b, b <= degree, and of f², by the rule and by the rule of half the points."""
    fine, coarse, at = [0] * (degree + 2), [0] * (degree + 2), fixed(x)
    for nodes, weights, columns in standing:
        values = [f(at, y) for y in nodes]
        weighted = [v * w >> BITS for v, w in zip(values, weights, strict=True)]
        for k, column in enumerate([*columns, values]):
            fine[k] += sum(map(mul, weighted, column)) >> BITS
            coarse[k] += sum(map(mul, weighted[::2], column[::2])) >> (BITS - 1)
    return [floating(v) for v in fine], [floating(v) for v in coarse]


def _moving_slice(
    f: FixedFunction, x: mpf, edges: Sequence[mpf | None], degree: int, density: float
) -> tuple[list[mpf], list[mpf]]:
    """The same on pieces that move with x, through moments in the rules' own coordinate.

    At y = c + s u, He_k(y) = Σ_l C(k, l) He_{k-l}(c) (s u)^l.
    """
    out = [mpf(0)] * (degree + 2), [mpf(0)] * (degree + 2)
    at = fixed(x)
    for a, b in pairwise(edges):
        if a is None and b is None:
            for total, part in zip(out, _standing_slice(f, x, [_whole_line(density, degree)], degree), strict=True):
                total[:] = [t + v for t, v in zip(total, part, strict=True)]
            continue
        units, weights, powers = _powers(a is None or b is None, density, degree)
        if a is None or b is None:
            c, s = (b, mpf(-1)) if a is None else (a, mpf(1))
        else:
            c, s = (a + b) / 2, (b - a) / 2
        assert c is not None
        centre, stretch = fixed(c), fixed(s)
        nodes = [centre + (stretch * u >> BITS) for u in units]
        values = [f(at, y) for y in nodes]
        densities = [exp_fixed(-(y * y >> (BITS + 1)), BITS) for y in nodes]
        weighted = [(v * w >> BITS) * h >> BITS for v, w, h in zip(values, weights, densities, strict=True)]
        heights, scale = _hermites(c, degree), abs(s) * _PEAK
        for total, step in zip(out, (1, 2), strict=True):
            chosen = weighted[::step]
            sums = [floating(sum(map(mul, chosen, column[::step])) >> BITS) * s**k for k, column in enumerate(powers)]
            for k in range(degree + 1):
                total[k] += step * scale * mp.fsum(comb(k, m) * heights[k - m] * sums[m] for m in range(k + 1))
            total[-1] += step * scale * floating(sum(map(mul, chosen, values[::step])) >> BITS)
    return out


@lru_cache(maxsize=8)
def _whole_line(density: float, degree: int) -> Standing:
    return _standing(_line(density), degree)


@lru_cache(maxsize=16)
def _powers(half: bool, density: float, degree: int) -> Standing:
    """The rule on (0, ∞) or (-1, 1) without the density, and the powers of its nodes."""
    rule = _half_line(density) if half else [((1 - u) if u > 0 else -(1 + u), w) for u, w in _segment(density)]
    powers = [[fixed(u**k) for u, _ in rule] for k in range(degree + 1)]
    return [fixed(u) for u, _ in rule], [fixed(w) for _, w in rule], powers


def _multiply_out(node: ast.expr) -> list[list[ast.expr]]:
    """The expression as a sum of products of factors."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [[ast.Constant(-1), *term] for term in _multiply_out(operand)]
        case ast.UnaryOp(operand=operand):
            return _multiply_out(operand)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _multiply_out(left) + _multiply_out(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _multiply_out(left) + [[ast.Constant(-1), *term] for term in _multiply_out(right)]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return [a + b for a, b in product(_multiply_out(left), _multiply_out(right))]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return [[*a, ast.BinOp(ast.Constant(1), ast.Div(), right)] for a in _multiply_out(left)]
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(k))) if 1 < k <= 3:
            out: list[list[ast.expr]] = [[]]
            for _ in range(k):
                out = [a + b for a, b in product(out, _multiply_out(left))]
            return out
    return [[node]]


def _factors(term: Sequence[ast.expr]) -> tuple[mpf, dict[frozenset[int], list[ast.expr]]]:
    """A product as a constant and factors that share no variable."""
    number_, groups = mpf(1), {}
    for factor in term:
        used = names(factor)
        if not used:
            number_ *= _constant(factor)
            continue
        inside = [factor]
        for other in [g for g in groups if g & used]:
            inside += groups.pop(other)
            used |= other
        groups[used] = inside
    return number_, groups


def _joined(factors: Sequence[ast.expr]) -> ast.expr:
    out = factors[0]
    for factor in factors[1:]:
        out = ast.BinOp(out, ast.Mult(), factor)
    return out


class Integrator:
    """Expectations of one target; integrals of factors are kept."""

    def __init__(self, tree: ast.expr, size: int) -> None:
        self.tree, self.size = tree, size
        self.tables: dict[str, Table] = {}

    def table(self, node: ast.expr, used: Sequence[int], degree: int) -> Table:
        """E[u He_α] over the one or two variables of u."""
        key = f"{ast.unparse(node)} {degree}"
        if key not in self.tables:
            f = interpret(node)
            point = [mpf(0)] * self.size
            if len(used) == 1:
                i = used[0]
                breaks = _distinct([t for u in kink_arguments(node) for t in _scan(u, i)])

                def on_line(x: mpf) -> mpf:
                    point[i] = x
                    return f(point)

                self.tables[key] = _on_line(on_line, breaks, degree)
            elif (form := linear_form(node, self.size)) is not None:
                unit = list(form)

                def on_form(t: mpf) -> mpf:
                    return f([t * u for u in unit])

                breaks = [t for u in kink_arguments(node) for t in _scan_along(u, unit)]
                self.tables[key] = _spread(_on_line(on_form, _distinct(breaks), degree), [unit[i] for i in used], degree)
            elif len(used) == 2:
                i, j = used
                unit = _best_axis(node, i, j)
                if unit is None:
                    self.tables[key] = _on_plane(interpret_fixed(node, i, j), _Plane(node, i, j), degree)
                else:
                    turned = _turned(node, i, j, unit)
                    self.tables[key] = _turned_back(
                        _on_plane(interpret_fixed(turned, 0, 1), _Plane(turned, 0, 1), degree), unit, degree
                    )
            else:
                raise Unresolved(f"an integral over {len(used)} variables that does not factor")
        return self.tables[key]

    def moments(self) -> Moments:
        terms = [_factors(term) for term in _multiply_out(self.tree)]
        out = Moments(self.size, DEGREE[self.size])
        parts = [_joined(factors) for _, groups in terms for factors in groups.values()]
        if self.size == 2 and any(linear_form(part, 2) is None for part in parts):
            values, errors, out.second = self.table(self.tree, range(self.size), out.degree)
            out.values, out.errors = dict(values), dict(errors)
            return out
        terms = _collected(terms, self.size)
        for alpha in multi_indices(self.size, out.degree):
            out.values[alpha], out.errors[alpha] = self._sum(terms, alpha, out.degree)
        try:
            pairs = list(combinations_with_replacement(terms, 2))
            squares = [_factors([*_flat(s), *_flat(t)]) for s, t in pairs]
            for _, groups in squares:
                if any(len(used) > 2 for used in groups):
                    raise Unresolved("a second moment over three variables")
            weights = [s[0] * t[0] * (1 if s is t else 2) for s, t in pairs]
            scaled = [(w * c, groups) for w, (c, groups) in zip(weights, squares, strict=True)]
            out.second = self._sum(scaled, (0,) * self.size, 0)
        except Unresolved:
            out.second = None
        return out

    def _sum(
        self, terms: Sequence[tuple[mpf, dict[frozenset[int], list[ast.expr]]]], alpha: Alpha, degree: int
    ) -> tuple[mpf, mpf]:
        value = error = mpf(0)
        for c, groups in terms:
            if any(a and not any(i in used for used in groups) for i, a in enumerate(alpha)):
                continue
            parts = []
            for used, factors in groups.items():
                order = sorted(used)
                values, errors, _ = self.table(_joined(factors), order, degree)
                key = tuple(alpha[i] for i in order)
                parts.append((values[key], errors[key]))
            value += c * mp.fprod(v for v, _ in parts)
            error += abs(c) * (mp.fprod(abs(v) + e for v, e in parts) - mp.fprod(abs(v) for v, _ in parts))
        return value, error + mpf(10) ** -33


def _flat(term: tuple[mpf, dict[frozenset[int], list[ast.expr]]]) -> list[ast.expr]:
    return [factor for factors in term[1].values() for factor in factors]


def _collected(
    terms: Sequence[tuple[mpf, dict[frozenset[int], list[ast.expr]]]], size: int
) -> list[tuple[mpf, dict[frozenset[int], list[ast.expr]]]]:
    """Terms in the same single set of variables, and of the same linear form if of one, as one term."""
    sums: dict[tuple[frozenset[int], object], ast.expr] = {}
    out = []
    for c, groups in terms:
        if len(groups) != 1:
            out.append((c, groups))
            continue
        ((used, factors),) = groups.items()
        node = _joined(factors)
        form = linear_form(node, size)
        key = used, None if form is None else tuple(mp.nstr(u, 20) for u in form)
        scaled = node if c == 1 else ast.BinOp(_exactly(c), ast.Mult(), node)
        sums[key] = ast.BinOp(sums[key], ast.Add(), scaled) if key in sums else scaled
    return out + [(mpf(1), {used: [node]}) for (used, _), node in sums.items()]


def linear_form(node: ast.expr, size: int) -> tuple[mpf, ...] | None:
    """The unit vector u, up to sign, if the expression is a function of <u, z> by the way it is written."""
    found: tuple[mpf, ...] | None = None
    for gradient in _gradients(node, size):
        length = mp.sqrt(mp.fdot(gradient, gradient))
        side = next(_sign(g) for g in gradient if g)
        unit = tuple(g / length * side for g in gradient)
        if found is not None and any(abs(a - b) > ZERO for a, b in zip(unit, found, strict=True)):
            return None
        found = unit
    return found


def _gradients(node: ast.expr, size: int) -> Iterator[list[mpf]]:
    """The gradients of the largest affine parts of an expression."""
    if not names(node):
        return
    gradient = _affine(node, size)
    if gradient is not None:
        if any(gradient):
            yield gradient
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield from _gradients(child, size)


def _affine(node: ast.expr, size: int) -> list[mpf] | None:
    """The gradient of an expression that is affine by the way it is written."""
    if not names(node):
        return [mpf(0)] * size
    match node:
        case ast.Name(id=name):
            return [mpf(i == int(name[1:]) - 1) for i in range(size)]
        case ast.UnaryOp(op=op, operand=operand):
            inner = _affine(operand, size)
            return inner if inner is None or isinstance(op, ast.UAdd) else [-g for g in inner]
        case ast.BinOp(left=left, op=(ast.Add() | ast.Sub()) as op, right=right):
            a, b = _affine(left, size), _affine(right, size)
            side = 1 if isinstance(op, ast.Add) else -1
            return None if a is None or b is None else [g + side * h for g, h in zip(a, b, strict=True)]
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if not (names(left) and names(right)):
            c, inner = (_constant(left), _affine(right, size)) if not names(left) else (_constant(right), _affine(left, size))
            return None if inner is None else [c * g for g in inner]
        case ast.BinOp(left=left, op=ast.Div(), right=right) if not names(right):
            inner = _affine(left, size)
            return None if inner is None else [g / _constant(right) for g in inner]
    return None


def _best_axis(node: ast.expr, i: int, j: int) -> tuple[mpf, mpf] | None:
    """A unit vector u such that in the axes u and u⊥ fewer kinks lie across; None where z_{i+1} and z_{j+1} serve as well."""
    lines = []
    for argument in kink_arguments(node):
        try:
            branches = _branches(argument, i, j)
        except Unresolved:
            if len(names(argument)) > 1:
                raise
            return None
        for p in branches:
            a, b = p.get((1, 0), mpf(0)), p.get((0, 1), mpf(0))
            if sum(map(sum, p)) and all(sum(k) <= 1 for k in p) and (a or b):
                length = mp.hypot(a, b)
                lines.append((a / length, b / length))
            elif any(sum(k) > 1 for k in p):
                return None

    def across(u: tuple[mpf, mpf]) -> int:
        return sum(abs((u[0] * a + u[1] * b) * (u[0] * b - u[1] * a)) > ZERO for a, b in lines)

    best = min(lines, key=across, default=None)
    return best if best is not None and across(best) < across((mpf(1), mpf(0))) else None


def _turned(node: ast.expr, i: int, j: int, unit: tuple[mpf, mpf]) -> ast.expr:
    """The expression in coordinates (s, t) along u and u⊥, named z1 and z2."""
    (a, b), s, t = unit, ast.Name("z1"), ast.Name("z2")

    def form(x: mpf, y: mpf) -> ast.expr:
        return ast.BinOp(ast.BinOp(_exactly(x), ast.Mult(), s), ast.Add(), ast.BinOp(_exactly(y), ast.Mult(), t))

    return _Substitution({i: form(a, -b), j: form(b, a)}).visit(ast.parse(ast.unparse(node), mode="eval").body)


def _turned_back(table: Table, unit: tuple[mpf, mpf], degree: int) -> Table:
    """E[f He_α(x)] from E[f He_β(s, t)]: the generating polynomial Σ c_β v^β/β! at v = (<u, x>, <u⊥, x>)."""
    values, errors, second = table
    a, b = unit
    forms = [{(1, 0): a, (0, 1): b}, {(1, 0): -b, (0, 1): a}]
    powers: list[list[dict[Alpha, mpf]]] = []
    for form in forms:
        powers.append([{(0, 0): mpf(1)}])
        for _ in range(degree):
            powers[-1].append(_poly_times(powers[-1][-1], form))
    out = {alpha: mpf(0) for alpha in values}
    slack = dict(out)
    for (k, m), value in values.items():
        for alpha, c in _poly_times(powers[0][k], powers[1][m]).items():
            weight = c * factorial(alpha[0]) * factorial(alpha[1]) / (factorial(k) * factorial(m))
            out[alpha] += weight * value
            slack[alpha] += abs(weight) * errors[k, m]
    return out, slack, second


def _spread(table: Table, unit: Sequence[mpf], degree: int) -> Table:
    """E[h(<u, z>) He_α(z)] = u^α E[h He_|α|]."""
    values, errors, second = table
    out, slack = {}, {}
    for alpha in multi_indices(len(unit), degree):
        weight = mp.fprod(u**k for u, k in zip(unit, alpha, strict=True))
        out[alpha] = weight * values[sum(alpha),]
        slack[alpha] = abs(weight) * errors[sum(alpha),] + mpf(10) ** -36
    return out, slack, second


def _scan_along(argument: ast.expr, unit: Sequence[mpf]) -> list[mpf]:
    """Where an expression changes sign on a line through the origin."""
    gradient = _affine(argument, len(unit))
    g = interpret(argument)
    if gradient is not None:
        slope, height = mp.fdot(gradient, unit), g([mpf(0)] * len(unit))
        return [-height / slope] if slope else []
    return sign_changes(lambda t: _sign(g([t * u for u in unit])))


def _exactly(c: mpf) -> ast.expr:
    """A binary number as a quotient of integers."""
    sign, man, exp, _bits = c._mpf_
    numerator, denominator = int(man) * 2 ** max(exp, 0), 2 ** max(-exp, 0)
    node: ast.expr = ast.BinOp(ast.Constant(numerator), ast.Div(), ast.Constant(denominator))
    return ast.UnaryOp(ast.USub(), node) if sign else node


def multi_indices(size: int, degree: int) -> Iterator[Alpha]:
    """All α with |α| <= degree."""
    return (a for a in product(range(degree + 1), repeat=size) if sum(a) <= degree)


@lru_cache(maxsize=32)
def gauss_hermite(n: int) -> Rule:
    """The Gauss rule for N(0, 1) with n points: the roots of He_n, weights n!/(n He_{n-1})²."""
    roots = sorted(mp.polyroots(_hermite_polynomial(n)[::-1], maxsteps=400, extraprec=400))
    return [(x, mpf(factorial(n)) / (n * hermite(n - 1, x)) ** 2) for x in roots]


def _hermite_polynomial(n: int) -> list[int]:
    below, current = [0], [1]
    for k in range(n):
        raised = [0, *current]
        below, current = current, [a - k * b for a, b in zip(raised, [*below, 0, 0][: len(raised)], strict=True)]
    return current


def polynomial_degree(node: ast.expr) -> int:
    """A bound on the degree of a polynomial expression."""
    if not names(node):
        return 0
    match node:
        case ast.Name():
            return 1
        case ast.UnaryOp(operand=operand):
            return polynomial_degree(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return polynomial_degree(left) * int(_constant(right))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return polynomial_degree(left) + polynomial_degree(right)
        case ast.BinOp(left=left, op=ast.Div()):
            return polynomial_degree(left)
        case ast.BinOp(left=left, right=right):
            return max(polynomial_degree(left), polynomial_degree(right))
        case ast.Call(func=ast.Name(id="He"), args=[k, u]):
            return int(_constant(k)) * polynomial_degree(u)
    raise Unresolved(f"{ast.unparse(node)} is not a polynomial")


def polynomial_moments(tree: ast.expr, size: int) -> Moments:
    """All E[f He_α] of a polynomial by Gauss rules that are exact for f²."""
    degree = polynomial_degree(tree)
    rule = gauss_hermite(degree + 1)
    f = interpret(tree)
    grid = {nodes: f([rule[i][0] for i in nodes]) for nodes in product(range(len(rule)), repeat=size)}
    weights = [w for _, w in rule]
    out = Moments(size, degree)
    square = mp.fsum(v * v * mp.fprod(weights[i] for i in nodes) for nodes, v in grid.items())
    table: dict[tuple[int, ...], mpf] = grid
    for axis in range(size):  # one axis at a time: nodes give way to degrees
        after: dict[tuple[int, ...], mpf] = {}
        heights = [[w * h for h in _hermites(x, degree)] for x, w in rule]
        for nodes, v in table.items():
            for k in range(degree + 1 - sum(nodes[:axis])):
                key = (*nodes[:axis], k, *nodes[axis + 1 :])
                after[key] = after.get(key, mpf(0)) + v * heights[nodes[axis]][k]
        table = after
    scale = mp.sqrt(square)
    out.values = table
    out.errors = {a: scale * mp.sqrt(prod(factorial(k) for k in a)) * mpf(10) ** -(DIGITS - 10) for a in table}
    out.second = (square, square * mpf(10) ** -(DIGITS - 10))
    return out


# -- what follows from the coefficients


def rank(rows: Sequence[Sequence[mpf]], error: mpf) -> tuple[int, mp.matrix, mp.matrix]:
    """The rank by singular values, with orthonormal bases of the row space and of its complement.

    Unresolved where a singular value is neither clearly zero nor clearly not.
    """
    columns = len(rows[0])
    padded = [list(row) for row in rows] + [[mpf(0)] * columns] * max(0, columns - len(rows))
    _, values, right = mp.svd_r(mp.matrix(padded), full_matrices=False)
    if error > ZERO:
        raise Unresolved(f"coefficients are known to {mp.nstr(error, 2)} only")
    count = sum(v > NONZERO for v in values)
    if any(ZERO < v <= NONZERO for v in values):
        raise Unresolved(f"singular values {mp.nstr(values.T, 3)} leave no clear gap")
    kept = [[right[i, j] for j in range(columns)] for i in range(columns)]
    return count, kept[:count], kept[count:]


class Truth:
    """What an independent computation says of a target; a quantity it cannot tell raises Unresolved."""

    def __init__(self, text: str, directions: Sequence[Sequence[object]] | None = None, polynomial: bool = False) -> None:
        self.tree, self.size = read(text, directions)
        self.polynomial = polynomial
        self.f = interpret(self.tree)

    @cached_property
    def moments(self) -> Moments:
        if self.polynomial:
            return polynomial_moments(self.tree, self.size)
        return Integrator(self.tree, self.size).moments()

    def coefficient(self, alpha: Alpha) -> tuple[mpf, mpf]:
        """E[f He_α] and its error; zero beyond the degree of a polynomial."""
        m = self.moments
        if sum(alpha) > m.degree and self.polynomial:
            return mpf(0), mpf(0)
        return m.values[alpha], m.errors[alpha]

    @property
    def mean(self) -> tuple[mpf, mpf]:
        return self.coefficient((0,) * self.size)

    @property
    def variance(self) -> tuple[mpf, mpf]:
        if self.moments.second is None:
            raise Unresolved("a second moment over three variables")
        square, error = self.moments.second
        mean, slack = self.mean
        return square - mean**2, error + 2 * abs(mean) * slack

    @cached_property
    def scale(self) -> mpf:
        """A size of f, by which zero is judged."""
        values = [abs(v) / mp.sqrt(prod(factorial(k) for k in a)) for a, v in self.moments.values.items()]
        return max(values)

    def _rows(self, k: int) -> list[list[mpf]]:
        unit = mp.sqrt(factorial(k)) * self.scale
        rows = []
        for beta in multi_indices(self.size, k - 1):
            if sum(beta) == k - 1:
                raised = [tuple(b + (i == j) for j, b in enumerate(beta)) for i in range(self.size)]
                rows.append([self.coefficient(a)[0] / unit for a in raised])
        return rows

    @cached_property
    def _error(self) -> mpf:
        return _worst(self.moments.errors) / self.scale

    @property
    def hessian_rank(self) -> int:
        return rank(self._rows(2), self._error)[0]

    @cached_property
    def _subspace(self) -> tuple[int, list[list[mpf]], list[list[mpf]]]:
        rows = [row for k in range(1, self.moments.degree + 1) for row in self._rows(k)]
        found = rank(rows, self._error)
        draw = random.Random(1)
        for v in found[2]:
            for _ in range(5):
                x = [mpf(draw.gauss(0, 1)) for _ in range(self.size)]
                step = mpf(draw.gauss(0, 1))
                moved = [a + step * b for a, b in zip(x, v, strict=True)]
                if abs(self.f(x) - self.f(moved)) > mpf(10) ** -20 * (1 + abs(self.f(x))):
                    raise Unresolved(f"a direction that coefficients up to degree {self.moments.degree} do not see")
        return found

    @property
    def effective_dimension(self) -> int:
        """The rank of all coefficients; f is constant along the rest, as a test at random points confirms."""
        return self._subspace[0]

    @property
    def assumption2(self) -> str:
        return "holds" if self.hessian_rank == self.effective_dimension else "fails"

    @property
    def information_exponent(self) -> int:
        for k in range(1, self.moments.degree + 1):
            size = max(abs(x) for row in self._rows(k) for x in row)
            if size > NONZERO:
                return k
            if max(size, self._error) > ZERO:
                raise Unresolved(f"the coefficients of degree {k} are at most {mp.nstr(size, 2)}")
        raise Unresolved(f"no coefficient up to degree {self.moments.degree}")

    @property
    def subspace_leap(self) -> int:
        """By its definition, on tensors up to the degree of `moments`, in floating bases at full precision."""
        total = self.effective_dimension
        basis = [[mpf(i == j) for j in range(self.size)] for i in range(self.size)]
        seen = leap = 0
        while seen < total:
            rotated = self._rotated(basis)
            for k in range(1, self.moments.degree + 1):
                rows = []
                for j in range(k, self.moments.degree + 1):
                    unit = mp.sqrt(factorial(j)) * self.scale
                    for gamma in _exactly_of_degree(seen, j - k):
                        for beta in _exactly_of_degree(self.size - seen, k - 1):
                            raised = [(*gamma, *(b + (i == m) for m, b in enumerate(beta))) for i in range(self.size - seen)]
                            rows.append([rotated.get(a, mpf(0)) / unit for a in raised])
                gained, inside, outside = rank(rows, self._error)
                if gained:
                    unseen = basis[seen:]
                    turned = [[mp.fdot(row, column) for column in zip(*unseen, strict=True)] for row in [*inside, *outside]]
                    basis = [*basis[:seen], *turned]
                    seen += gained
                    leap = max(leap, k)
                    break
            else:
                raise Unresolved(f"no step of the leap up to degree {self.moments.degree}")
        return leap

    def _rotated(self, basis: Sequence[Sequence[mpf]]) -> dict[Alpha, mpf]:
        """E[∂^β f] in the coordinates of an orthonormal basis."""
        out: dict[Alpha, mpf] = {}
        powers: dict[tuple[int, int], dict[Alpha, mpf]] = {}
        one = {(0,) * self.size: mpf(1)}
        for i in range(self.size):
            powers[i, 0] = one
            form = {tuple(int(a == b) for b in range(self.size)): row[i] for a, row in enumerate(basis)}
            for k in range(1, self.moments.degree + 1):
                powers[i, k] = _poly_times(powers[i, k - 1], form)
        for alpha, value in self.moments.values.items():
            term = {(0,) * self.size: value / prod(factorial(k) for k in alpha)}
            for i, k in enumerate(alpha):
                term = _poly_times(term, powers[i, k]) if k else term
            for beta, c in term.items():
                out[beta] = out.get(beta, mpf(0)) + c * prod(factorial(k) for k in beta)
        return out

    # -- one direction

    @cached_property
    def link(self) -> Callable[[mpf], mpf] | None:
        """f as a function of its one direction; None where there are several."""
        if self.effective_dimension != 1:
            return None
        unit = self._subspace[1][0]
        return lambda t: self.f([t * u for u in unit])

    @cached_property
    def _breaks(self) -> list[mpf]:
        unit = self._subspace[1][0]
        return _distinct([t for argument in kink_arguments(self.tree) for t in _scan_along(argument, unit)])

    @property
    def monotone(self) -> str:
        """Whether the link rises and falls, on a fine grid; many directions count as not monotone."""
        g = self.link
        if g is None:
            return "fails"
        points = sorted(
            [mpf(k) / 32 for k in range(-32 * 12, 32 * 12 + 1)] + [t + s for t in self._breaks for s in (-ZERO, ZERO)]
        )
        values = [g(t) for t in points]
        changes = [b - a for a, b in pairwise(values)]
        size = max(map(abs, values))
        signs = {_sign(c) for c in changes if abs(c) > size * mpf(10) ** -(DIGITS - 8)}
        return "fails" if {1, -1} <= signs else "holds"

    @property
    def generative_exponent(self) -> int | None:
        """The least k with E[He_k(Z) | Y = y] != 0 at drawn y, from all points of the level sets; None for many directions."""
        g = self.link
        if g is None:
            return None
        draw = random.Random(2)
        drawn = [self._level(g, mpf(draw.uniform(-2.5, 2.5))) for _ in range(6)]
        levels = [level for level in drawn if level is not None]
        if len(levels) < 4:
            raise Unresolved("too few levels whose points are told apart")
        for k in range(1, 9):
            sizes = [abs(level(k)) for level in levels]
            if sorted(sizes)[-2] > mpf(10) ** -10:  # more than one level: one could have lost a pair of points
                return k
            if max(sizes) > mpf(10) ** -20:
                raise Unresolved(f"E[He_{k} | Y] is about {mp.nstr(max(sizes), 2)}")
        raise Unresolved("E[He_k | Y] vanishes up to degree 8")

    @cached_property
    def _grid(self) -> tuple[list[mpf], list[mpf]]:
        """Points of the line, kinks among them, and the link there."""
        assert self.link is not None
        count = 1000
        grid = sorted([mpf(-14) + mpf(28) * i / count + mp.sqrt(2) / 999 for i in range(count)] + self._breaks)
        return grid, [self.link(t) for t in grid]

    def _level(self, g: Callable[[mpf], mpf], start: mpf) -> Callable[[int], mpf] | None:
        """k -> E[He_k(Z) | g(Z) = g(start)]; None where two points of the level may lie between two of the grid."""
        y = g(start)
        step, slack = mpf(10) ** -12, (1 + abs(y)) * mpf(10) ** -(DIGITS - 8)
        if abs(g(start + step) - y) < slack and abs(g(start - step) - y) < slack:
            edges = [-mpf(REACH), *self._breaks, mpf(REACH)]
            flat = [(a, b) for a, b in pairwise(edges) if all(abs(g(a + (b - a) * s / 7) - y) < slack for s in range(1, 7))]
            mass = mp.fsum(mp.ncdf(b) - mp.ncdf(a) for a, b in flat)
            return lambda k: mp.fsum(hermite(k - 1, a) * _density(a) - hermite(k - 1, b) * _density(b) for a, b in flat) / mass
        points = []
        grid, heights = self._grid
        values = [height - y for height in heights]
        for a, b, c in zip(values, values[1:], values[2:], strict=False):
            if a * b > 0 and b * c > 0 and abs(b) <= min(abs(a), abs(c)) and abs(b) < 10 * max(abs(a - b), abs(b - c)):
                return None
        for (a, b), (left, right) in zip(pairwise(grid), pairwise(values), strict=True):
            if left * right < 0:
                t = _root(lambda t: g(t) - y, a, b)
                if abs(g(t) - y) < mpf(10) ** -25 * (1 + abs(y)):  # no jump
                    points.append(t)
        weights = []
        for t in points:
            h = mpf(10) ** -14
            slope = (8 * (g(t + h) - g(t - h)) - (g(t + 2 * h) - g(t - 2 * h))) / (12 * h)  # error h^4 g^(5)
            if slope == 0:
                return None
            weights.append(_density(t) / abs(slope))
        mass = mp.fsum(weights)
        return lambda k: mp.fsum(w * hermite(k, t) for w, t in zip(weights, points, strict=True)) / mass


def _root(f: Callable[[mpf], mpf], a: mpf, b: mpf) -> mpf:
    """A root between points of opposite signs: Newton's method, or bisection where it leaves the interval."""
    low, high, left = a, b, f(a)
    t, h = (a + b) / 2, mpf(10) ** -20
    for _ in range(12):
        slope = (f(t + h) - f(t - h)) / (2 * h)
        if slope == 0:
            break
        step = f(t) / slope
        t -= step
        if not a < t < b:
            break
        if abs(step) < mpf(10) ** -(DIGITS - 4):
            return t
    while high - low > mpf(10) ** -(DIGITS - 3):
        t = (low + high) / 2
        value = f(t)
        if value == 0:
            return t
        if _sign(value) == _sign(left):
            low = t
        else:
            high = t
    return (low + high) / 2


def _exactly_of_degree(size: int, degree: int) -> list[Alpha]:
    if size == 0:
        return [()] if degree == 0 else []
    return [a for a in multi_indices(size, degree) if sum(a) == degree]


def _poly_times(p: dict[Alpha, mpf], q: dict[Alpha, mpf]) -> dict[Alpha, mpf]:
    out: dict[Alpha, mpf] = {}
    for a, c in p.items():
        for b, e in q.items():
            if c and e:
                key = tuple(i + j for i, j in zip(a, b, strict=True))
                out[key] = out.get(key, mpf(0)) + c * e
    return out

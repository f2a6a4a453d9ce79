"""Hermite coefficients E[f He_α(t)] of a function, with errors: polynomials by moments, others by quadrature or by sampling."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import factorial, prod
from typing import Any

import numpy as np
from mpmath import mp, mpf

from fuzz.evaluation import DIGITS, DOUBT, Array, Function, Unclear, constant, has_variables

Alpha = tuple[int, ...]
MAX_POLYNOMIAL, MAX_ON_A_LINE = 40, 200
"""Highest degree of a polynomial that is multiplied out, in several variables and in one."""
MAX_TERMS = 3000
SAME = mpf(10) ** (40 - DIGITS)
"""Relative size below which a coefficient that was computed is zero."""


@dataclass(frozen=True)
class Moments:
    """E[f He_α] for |α| <= degree and E f², each with an error."""

    size: int
    degree: int
    values: dict[Alpha, Any]
    errors: dict[Alpha, Any]
    second: tuple[Any, Any]
    exact: bool = False
    """Whether they are those of a polynomial, known to many digits: only there is a small value called zero."""
    parity: int = 0
    """1 for an even function, -1 for an odd one: then every other degree vanishes."""

    def __post_init__(self) -> None:
        if not all(map(mp.isfinite, [*self.values.values(), self.second[0]])):
            raise Unclear("an integral that is not finite")

    @property
    def scale(self) -> Any:
        return mp.sqrt(max(abs(self.second[0]), mpf(10) ** -200))

    def vanishes(self, k: int) -> bool:
        """Whether C_k is zero by parity."""
        return self.parity != 0 and (self.parity == 1) == (k % 2 == 1)

    def norm(self, k: int) -> tuple[Any, Any]:
        """‖C_k‖²/k! with its error."""
        total = error = mpf(0)
        for a in alphas(self.size, k):
            v, e, n = self.values[a], self.errors[a], prod(map(factorial, a))
            total += v * v / n
            error += (2 * abs(v) + e) * e / n
        return total, error


@cache
def alphas(size: int, degree: int) -> list[Alpha]:
    """All multi-indices of one degree."""
    return [a for a in product(range(degree + 1), repeat=size) if sum(a) == degree]


def up_to(size: int, degree: int) -> Iterator[Alpha]:
    return (a for k in range(degree + 1) for a in alphas(size, k))


# -- polynomials


Terms = dict[Alpha, mpf]


def polynomial(f: Function) -> Terms | None:
    """f multiplied out in the coordinates t; None where it is not written as a polynomial."""
    with mp.workdps(DIGITS):
        units = [{tuple(int(i == j) for j in range(f.size)): c for i, c in enumerate(row) if c} for row in f.rows]
        try:
            terms = _expand(f.tree, units, (0,) * f.size)
        except _NotWritten:
            return None
        return {a: c for a, c in terms.items() if c}


class _NotWritten(Exception):
    """Not a polynomial by the way it is written, or too large a one."""


def _most(zero: Alpha) -> int:
    return MAX_ON_A_LINE if len(zero) == 1 else MAX_POLYNOMIAL


def _expand(node: ast.expr, z: Sequence[Terms], zero: Alpha) -> Terms:
    if not has_variables(node):
        return {zero: constant(node)}
    match node:
        case ast.Name(id=name):
            return z[int(name[1:]) - 1]
        case ast.UnaryOp(op=ast.USub(), operand=u):
            return {a: -c for a, c in _expand(u, z, zero).items()}
        case ast.UnaryOp(operand=u):
            return _expand(u, z, zero)
        case ast.BinOp(left=left, op=(ast.Add() | ast.Sub()) as op, right=right):
            side = 1 if isinstance(op, ast.Add) else -1
            return _sum(_expand(left, z, zero), _expand(right, z, zero), side)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _product(_expand(left, z, zero), _expand(right, z, zero), _most(zero))
        case ast.BinOp(left=left, op=ast.Div(), right=right) if not has_variables(right):
            c = constant(right)
            return {a: v / c for a, v in _expand(left, z, zero).items()}
        case ast.BinOp(left=left, op=ast.Pow(), right=right) if not has_variables(right):
            k = constant(right)
            if k == int(k) and 0 <= k <= _most(zero):
                base, out = _expand(left, z, zero), {zero: mpf(1)}
                for _ in range(int(k)):
                    out = _product(out, base, _most(zero))
                return out
        case ast.Call(func=ast.Name(id="He"), args=[k, u]) if constant(k) <= _most(zero):
            base = _expand(u, z, zero)
            below: Terms = {}
            here: Terms = {zero: mpf(1)}
            for n in range(int(constant(k))):
                below, here = here, _sum(_product(here, base, _most(zero)), below, -n)
            return here
    raise _NotWritten


def _sum(p: Terms, q: Terms, side: int) -> Terms:
    out = dict(p)
    for a, c in q.items():
        total = out.get(a, mpf(0)) + side * c
        out[a] = total if abs(total) > SAME * abs(c) else mpf(0)
    return out


def _product(p: Terms, q: Terms, most: int = MAX_POLYNOMIAL) -> Terms:
    if len(p) * len(q) > MAX_TERMS * 20:
        raise _NotWritten
    out: Terms = {}
    sizes: Terms = {}
    for a, c in p.items():
        for b, e in q.items():
            key = tuple(i + j for i, j in zip(a, b, strict=True))
            if sum(key) > most:
                raise _NotWritten
            out[key] = out.get(key, mpf(0)) + c * e
            sizes[key] = max(sizes.get(key, mpf(0)), abs(c * e))
    return {a: c for a, c in out.items() if abs(c) > SAME * sizes[a]}


def degree_of(terms: Terms) -> int:
    return max(map(sum, terms), default=0)


@cache
def _line_moment(k: int, a: int) -> int:
    """E[t^k He_a(t)] = k!/((k - a)/2)!/2^((k - a)/2), zero unless k - a is even and not negative."""
    half, odd = divmod(k - a, 2)
    return 0 if odd or half < 0 else factorial(k) // (factorial(half) * 2**half)


def polynomial_moments(terms: Terms, size: int) -> Moments:
    with mp.workdps(DIGITS):
        degree = degree_of(terms)
        values: dict[Alpha, mpf] = {a: mpf(0) for a in up_to(size, degree)}
        sizes = dict(values)
        for powers, c in terms.items():
            for a in product(*(range(k % 2, k + 1, 2) for k in powers)):
                term = c * prod(_line_moment(k, i) for k, i in zip(powers, a, strict=True))
                values[a] += term
                sizes[a] = max(sizes[a], abs(term))
        values = {a: v if abs(v) > SAME * sizes[a] else mpf(0) for a, v in values.items()}
        second = mp.fsum(v * v / prod(map(factorial, a)) for a, v in values.items())
        return Moments(size, degree, values, {a: abs(v) * SAME for a, v in values.items()}, (second, second * SAME), exact=True)


# -- one variable


NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
PEAK = 1 / np.sqrt(2 * np.pi)


def integrate(f: Any, breaks: Sequence[float], reach: float, tolerance: float = 1e-13, most: int = 6000) -> tuple[Array, Array]:
    """∫ f φ over [-reach, reach], f of shape (columns, points), halving the panels where the halves disagree."""
    edges = np.unique(np.concatenate([np.arange(-reach, reach + 0.5, 1.0), [b for b in breaks if abs(b) < reach]]))
    low, high = edges[:-1], edges[1:]

    def panels(a: Array, b: Array) -> Array:
        t = (a + b)[:, None] / 2 + (b - a)[:, None] / 2 * NODES
        v = f(t.ravel()) * (np.exp(-(t.ravel() ** 2) / 2) * PEAK)
        return np.einsum("cpn,n->cp", v.reshape(len(v), *t.shape), WEIGHTS) * (b - a) / 2

    coarse = panels(low, high)
    total, error, used = np.zeros(len(coarse)), np.zeros(len(coarse)), len(low)
    scale = np.maximum(abs(coarse).sum(axis=1), 1e-300)
    while len(low):
        middle = (low + high) / 2
        left, right = panels(low, middle), panels(middle, high)
        miss = abs(left + right - coarse)
        if not np.isfinite(miss).all():
            raise Unclear("an integrand that is not finite")
        settled = (miss <= tolerance * 0.01 * scale[:, None]).all(axis=0)
        narrow = (high - low < 1e-13 * np.maximum(1, abs(middle))) | (used > most)
        done = settled | narrow
        total += (left + right)[:, done].sum(axis=1)
        error += miss[:, settled].sum(axis=1)
        lost = narrow & ~settled  # a singularity: what is left of |t|^(-0.99) there is a hundred times the panel
        error += 300 * (abs(left) + abs(right))[:, lost].sum(axis=1)
        go = ~done
        coarse = np.concatenate([left[:, go], right[:, go]], axis=1)
        low, high = np.concatenate([low[go], middle[go]]), np.concatenate([middle[go], high[go]])
        used += len(low)
    return total, error + 4e-15 * scale


def breaks(f: Function, unit: Array, low: float = -13, high: float = 13, steps: int = 2600) -> list[float]:
    """Where kinks, jumps and singularities may lie on the line t = s·unit: sign changes and near zeros of arguments."""
    out: list[float] = []
    grid = np.linspace(low + 0.00123, high, steps)
    for node in critical(f):
        signs = f.at(grid[:, None] * unit, node).signs
        for a, b, left, right in zip(grid, grid[1:], signs, signs[1:], strict=False):
            if left == right or not np.isfinite([left, right]).all():
                continue
            for _ in range(60):
                m = (a + b) / 2
                s = f.at(m * unit[None, :], node).signs[0]
                a, b = (m, b) if s == left else (a, m)
            near = round(b * 5040) / 5040
            out.append(near if abs(near - b) < 1e-11 else b)
        size = abs(f.at(grid[:, None] * unit, node).value)
        low_points = (size[1:-1] < size[:-2]) & (size[1:-1] < size[2:]) & (signs[:-2] != 0) & (signs[2:] != 0)
        for i in np.flatnonzero(low_points) + 1:
            a, b = grid[i - 1], grid[i + 1]
            for _ in range(80):  # golden enough: thirds
                m, n = a + (b - a) / 3, b - (b - a) / 3
                u, v = abs(f.at(np.array([[m], [n]]) * unit, node).value)
                a, b = (a, n) if u < v else (m, b)
            near = round(a * 5040) / 5040
            out.append(near if abs(near - a) < 1e-7 else a)
    out.sort()
    return [b for i, b in enumerate(out) if not i or b - out[i - 1] > 1e-12]


def critical(f: Function) -> list[ast.expr]:
    """Parts of the expression at whose zeros it may have a kink, a jump or a singularity."""
    out: list[ast.expr] = []
    for n in ast.walk(f.tree):
        match n:
            case ast.Call(func=ast.Name(id="relu" | "abs" | "sign" | "log" | "sqrt"), args=[u]):
                out.append(u)
            case ast.Call(func=ast.Name(id="Max" | "Min"), args=args):
                out += [ast.BinOp(a, ast.Sub(), b) for i, a in enumerate(args) for b in args[i + 1 :]]
            case ast.Compare(left=a, comparators=[b]):
                out.append(ast.BinOp(a, ast.Sub(), b))
            case ast.BinOp(op=ast.Div(), right=u):
                out.append(u)
            case ast.BinOp(left=u, op=ast.Pow(), right=k) if not has_variables(k) and (
                constant(k) < 0 or constant(k) != int(constant(k))
            ):
                out.append(u)
    return [u for u in {ast.unparse(u): u for u in out}.values() if has_variables(u)]


def singular(f: Function) -> bool:
    """Whether the expression may be unbounded near a point, by the way it is written."""
    for n in ast.walk(f.tree):
        match n:
            case ast.Call(func=ast.Name(id="log"), args=[u]) if has_variables(u):
                return True
            case ast.BinOp(op=ast.Div(), right=u) if has_variables(u):
                return True
            case ast.BinOp(left=u, op=ast.Pow(), right=k) if has_variables(u) and not has_variables(k) and constant(k) < 0:
                return True
    return False


def hermites(t: Array, degree: int) -> Array:
    """He_k(t)/sqrt(k!) for k <= degree."""
    out = [np.ones_like(t), t]
    for k in range(1, degree):
        out.append((t * out[k] - k**0.5 * out[k - 1]) / (k + 1) ** 0.5)
    return np.array(out[: degree + 1])


def reach_of(values: Any) -> float:
    """How far from zero f² φ matters; Unclear where it matters too far out."""
    for reach in (12.0, 18.0, 26.0, 36.0):
        t = np.array([-reach, -reach + 0.31, reach - 0.31, reach])
        with np.errstate(all="ignore"):
            ends = values(t) ** 2 * np.exp(-t * t / 2)
        inner = np.linspace(-4, 4, 41)
        if np.isfinite(ends).all() and ends.max() < 1e-24 * max(
            1e-200, np.nanmax(values(inner) ** 2 * np.exp(-inner * inner / 2))
        ):
            return reach
    raise Unclear("the tails matter beyond |t| = 36")


class Line:
    """A function on the line t = s·unit with its breaks."""

    def __init__(self, f: Function, unit: Array) -> None:
        self.f, self.unit = f, unit
        probe = f.at(np.linspace(-4, 4, 41)[:, None] * unit)
        if np.median(probe.error) > 1e-9 * np.max(abs(probe.value)):
            raise Unclear("values that floats do not tell")
        self.breaks = breaks(f, unit)
        self.reach = reach_of(self.values)

    def values(self, s: Array) -> Array:
        return np.asarray(self.f.at(s[:, None] * self.unit).value, dtype=float)

    def moments(self, degree: int = 10) -> tuple[Array, Array]:
        """E[f He_k]/sqrt(k!), k <= degree, then E f²; with errors."""

        def columns(s: Array) -> Array:
            v = self.values(s)
            return np.vstack([hermites(s, degree) * v, v * v])

        total, error = integrate(columns, self.breaks, self.reach)
        return total, error + self._blurred(columns)

    def _blurred(self, columns: Any) -> Array:
        """What the points may have missed at which floats do not tell the sign of an argument: about zeros of He(40,z1), say."""
        at, aside = np.array(self.breaks), 1e-6
        if not len(at):
            return np.asarray(0.0)
        beside = [
            self.f.at(points[:, None] * self.unit, node) for node in critical(self.f) for points in (at, at - aside, at + aside)
        ]
        widths = np.zeros(len(at))
        for here, left, right in zip(beside[::3], beside[1::3], beside[2::3], strict=True):
            slopes, doubts = abs(right.value - left.value) / (2 * aside), 2 * DOUBT * here.error
            near = abs(here.value) <= 2 * DOUBT * here.error + slopes * 1e-9
            widths += np.where(near & (slopes > 0), np.minimum(doubts / np.maximum(slopes, 1e-300), aside), 0)
        sizes = np.maximum(abs(columns(at - aside)), abs(columns(at + aside)))
        missed: Array = (np.nan_to_num(sizes, posinf=0) * widths * np.exp(-(at**2) / 2) * PEAK).sum(axis=1)
        return missed

    def transformed(self, labels: Any, degree: int = 8) -> tuple[Array, Array]:
        """E[T(f) He_k]/sqrt(k!) for k = 0..degree (rows) and each T (columns)."""

        def columns(s: Array) -> Array:
            made = labels(self.values(s))
            return (hermites(s, degree)[:, None, :] * made[None]).reshape(-1, len(s))

        total, error = integrate(columns, self.breaks, self.reach, 1e-11, 3000)
        error = error + self._blurred(columns)
        return total.reshape(degree + 1, -1), error.reshape(degree + 1, -1)


def line_moments(line: Line, size: int) -> Moments:
    """The moments of a function of one direction, spread over the coordinates t."""
    raw, errors = line.moments()
    degree = len(raw) - 2
    values, slack = {}, {}
    for a in up_to(size, degree):
        k = sum(a)
        weight = float(np.prod([float(u) ** i for u, i in zip(line.unit, a, strict=True)])) * factorial(k) ** 0.5
        values[a], slack[a] = weight * raw[k], abs(weight) * errors[k] + 1e-15 * abs(weight * raw[k])
    return Moments(size, degree, values, slack, (raw[-1], errors[-1]))


# -- more variables


def _rotation(size: int, rng: np.random.Generator) -> Array:
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return np.asarray(q * np.sign(np.diag(r)))


def sampled_moments(f: Function, degree: int, effort: int = 1, seed: int = 0) -> Moments:
    """Trapezoidal rules on turned and shifted grids of several meshes (up to three variables), or sampling; errors by spread.

    On grids of one mesh a jump at a and one at -a err together, by as much for nearly all shifts: the spread would not show it.
    """
    if singular(f):
        raise Unclear("a singular function of several variables")
    rng, runs = np.random.default_rng(seed), 8
    stretches = np.linspace(1, 1.03, runs)
    indices = list(up_to(f.size, degree))
    results: list[list[float]] = []
    outside = np.zeros(len(indices) + 1)
    for stretch in stretches:
        if f.size <= 3:
            count = {1: 4000, 2: 220, 3: 44}[f.size] * (3 if effort > 1 and f.size < 3 else 1)
            h = 17.0 / count * stretch
            axis = (np.arange(count) - count / 2) * h
            grid = np.stack(np.meshgrid(*[axis + rng.uniform(0, h) for _ in range(f.size)], indexing="ij"), -1).reshape(
                -1, f.size
            )
            weights = np.exp(-(grid**2).sum(1) / 2) * (h * PEAK) ** f.size
            keep = weights > 1e-22
            points, weights = grid[keep] @ _rotation(f.size, rng), weights[keep]
        else:
            points = rng.standard_normal((60_000 * effort, f.size))
            weights = np.full(len(points), 1 / len(points))
        v = np.asarray(f.at(points).value, dtype=float)
        if not np.isfinite(v).all():
            raise Unclear("a value that is not finite")
        weighted = weights * v
        table = [hermites(points[:, j], degree) for j in range(f.size)]
        columns = [weighted * prod(table[j][k] for j, k in enumerate(a) if k) for a in indices] + [weighted * v]
        results.append([float(c.sum()) for c in columns])
        shell = abs(points).max(axis=1) > 6.5
        outside = np.maximum(outside, [float(abs(c[shell]).sum()) for c in columns])
    data = np.array(results)
    if outside[-1] > 1e-3 * data.mean(0)[-1]:
        raise Unclear("the tails matter beyond the points")
    middle, spread = data.mean(0), data.std(0, ddof=1) * 4  # t with 7 degrees of freedom, far out
    if f.size <= 3:
        spread = spread + outside * 1e-2  # what lies beyond the grid is less than a hundredth of its rim
    values = {a: middle[i] * prod(map(factorial, a)) ** 0.5 for i, a in enumerate(indices)}
    slack = {a: (spread[i] + 3e-15 * middle[-1] ** 0.5) * prod(map(factorial, a)) ** 0.5 for i, a in enumerate(indices)}
    return Moments(f.size, degree, values, slack, (middle[-1], spread[-1] + 1e-14 * middle[-1]))

"""What is true of a target, as far as it is clear: intervals of integers, values with errors, verdicts, or nothing.

`Truth(text, directions)` computes each fact when it is asked for. Where a gap is not clear, the interval is wide, the verdict
None, or `Unclear` is raised: the oracle never guesses, and so every disagreement with it is worth a look.
"""

from __future__ import annotations

import ast
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from math import comb, factorial, inf
from typing import Any

import numpy as np
from mpmath import mp, mpf

from fuzz.evaluation import DIGITS, Array, Function, Unclear
from fuzz.expansions import (
    Line,
    Moments,
    Terms,
    alphas,
    critical,
    degree_of,
    line_moments,
    polynomial,
    polynomial_moments,
    sampled_moments,
)

Interval = tuple[int, float]
"""Least and largest possible value; inf where nothing is known above."""
CLEAR = mpf(10) ** -6
"""Relative size of what is clearly not zero when it is measured by differences."""
NOTHING = mpf(10) ** -25
"""Relative size of what is clearly zero there."""
SCALES = (1e-4, 0.003, 0.05, 0.4, 1, 2.5, 6, 60, 1500)
"""Standard deviations of the points at which functions are compared: steep ones differ near zero, flat ones far out."""
STEPS = 120
"""Intervals in which zeros on a line are looked for."""
DIFFERENCES = 30
"""Order of the differences by which polynomials are told from other functions."""


class Truth:
    """The facts about one target."""

    def __init__(self, text: str, directions: Sequence[Sequence[str]] | None = None, effort: int = 1) -> None:
        self.f = Function(text, directions)
        self.effort = effort
        self._steepest = mpf(0)
        """The least exponent of |δ| seen beside a zero of an argument, once `integrable` is known."""
        self.draw = random.Random(f"oracle {text}")

    # -- directions

    @cached_property
    def terms(self) -> Terms | None:
        return polynomial(self.f)

    @cached_property
    def constant(self) -> bool:
        """Whether f is the same at many points."""
        if self.terms is not None:
            return degree_of(self.terms) == 0
        if self.f.size == 0:
            return True
        points = [[mpf(self.draw.gauss(0, s)) for _ in range(self.f.size)] for s in SCALES * 6 + SCALES[-1:] * 60]
        v = self.f.exactly(points)
        return bool((abs(v.value - v.value[0]) <= 8 * (v.error + v.error[0])).all())

    @cached_property
    def _subspace(self) -> tuple[Interval, list[list[mpf]]]:
        """dim S* and a basis of it, from gradients at random points; f must not change along what is left."""
        size = self.f.size
        h = mpf(10) ** -30
        found: list[list[mpf]] = []
        doubtful = False
        with mp.workdps(DIGITS):
            for scale in SCALES:
                bases = [[mpf(self.draw.gauss(0, scale)) for _ in range(size)] for _ in range(5)]
                points = [
                    [x + side * h * (i == j) for i, x in enumerate(b)] for b in bases for j in range(size) for side in (1, -1)
                ]
                v = self.f.exactly(points)
                if not all(map(mp.isfinite, v.value)):
                    raise Unclear("a value that is not finite")
                slopes = ((v.value[::2] - v.value[1::2]) / (2 * h)).reshape(-1, size)
                noise = ((v.error[::2] + v.error[1::2]) / (2 * h)).reshape(-1, size)
                for g, e in zip(slopes, noise, strict=True):
                    length = mp.norm(list(g))
                    if length <= 100 * max(e):
                        continue
                    rest = [x / length for x in g]
                    for q in found:
                        c = mp.fdot(rest, q)
                        rest = [x - c * y for x, y in zip(rest, q, strict=True)]
                    left, slack = mp.norm(rest), 100 * max(e) / length
                    if left > CLEAR + slack:
                        found.append([x / left for x in rest])
                    elif left > NOTHING + slack:
                        doubtful = True
            upper: float = size
            if found and not doubtful and self._still(found):
                upper = len(found)
        return (max(len(found), 0 if self.constant else 1), upper), found

    def _still(self, found: list[list[mpf]]) -> bool:
        """Whether f does not change along the directions that no gradient showed."""
        pairs = []
        for scale in SCALES:
            for _ in range(5):
                x = [mpf(self.draw.gauss(0, scale)) for _ in range(self.f.size)]
                v = [mpf(self.draw.gauss(0, scale)) for _ in range(self.f.size)]
                for q in found:
                    c = mp.fdot(v, q)
                    v = [a - c * b for a, b in zip(v, q, strict=True)]
                pairs += [x, [a + b for a, b in zip(x, v, strict=True)]]
        v = self.f.exactly(pairs)
        slack = 8 * (v.error[::2] + v.error[1::2]) + mpf(10) ** -50 * abs(v.value[::2])
        return bool((abs(v.value[::2] - v.value[1::2]) <= slack).all())

    @property
    def dimension(self) -> Interval:
        return self._subspace[0]

    @cached_property
    def unit(self) -> list[mpf] | None:
        """The one direction of f, where it has one and f is the same on its line as beside it: a line is a null set."""
        if self.f.size == 1:  # whatever gradients show: those of a sign vanish
            return None if self.constant else [mpf(1)]
        if self.dimension != (1, 1):
            return None
        unit = self._subspace[1][0]
        on, beside = [], []
        for s in SCALES:
            v = [mpf(self.draw.gauss(0, s)) for _ in unit]
            t = mp.fdot(v, unit)
            on.append([t * x for x in unit])
            beside.append(v)
        a, b = self.f.exactly(on), self.f.exactly(beside)
        slack = 8 * (a.error + b.error) + mpf(10) ** -50 * (1 + abs(a.value))
        return unit if (abs(a.value - b.value) <= slack).all() else None

    @cached_property
    def line(self) -> Line:
        if self.unit is None:
            raise Unclear("several directions")
        return Line(self.f, np.array([float(x) for x in self.unit]))

    # -- moments

    @cached_property
    def moments(self) -> Moments:
        if self.terms is not None:
            return polynomial_moments(self.terms, self.f.size)
        if self.integrable is False:
            raise Unclear("infinite variance")
        if self.unit is not None:
            found = line_moments(self.line, self.f.size)
            steep = self._steepest < -0.49  # E f² lies where no panel reaches
            found = replace(found, parity=self.parity)
            return replace(found, second=(found.second[0], inf)) if steep else found
        degree = {1: 8, 2: 6, 3: 4}.get(self.f.size, 3)
        return replace(sampled_moments(self.f, degree, self.effort, self.draw.randrange(2**32)), parity=self.parity)

    @cached_property
    def parity(self) -> int:
        """1 where f(-t) = f(t) at many points, -1 where f(-t) = -f(t), else 0."""
        points = [[mpf(self.draw.gauss(0, s)) for _ in range(self.f.size)] for s in SCALES * 5]
        with mp.workdps(DIGITS):
            v, w = self.f.exactly(points), self.f.exactly([[-x for x in p] for p in points])
            for side in (1, -1):
                if (abs(v.value - side * w.value) <= 8 * (v.error + w.error)).all():
                    return side
        return 0

    @property
    def mean(self) -> tuple[Any, Any]:
        zero = (0,) * self.f.size
        return self.moments.values[zero], self.moments.errors[zero]

    @property
    def variance(self) -> tuple[Any, Any]:
        (m, e), (s, error) = self.mean, self.moments.second
        return s - m * m, error + (2 * abs(m) + e) * e

    @property
    def second_moment(self) -> tuple[Any, Any]:
        return self.moments.second

    def energy(self, k: int) -> tuple[Any, Any]:
        if k > self.moments.degree:
            if self.terms is not None:
                return 0.0, 0.0
            raise Unclear("a degree that was not computed")
        return self.moments.norm(k)

    @cached_property
    def rank(self) -> Interval:
        """rank H."""
        if self.moments.degree < 2:
            return (0, 0) if self.terms is not None else (0, inf)
        if self.moments.vanishes(2):
            return (0, 0)
        low, high, _ = _rank(self._rows(2), self._error(2), self.moments.exact)
        return low, high

    def _rows(self, k: int) -> list[list[Any]]:
        m = self.moments
        raised = ([tuple(b + (i == j) for j, b in enumerate(beta)) for i in range(m.size)] for beta in alphas(m.size, k - 1))
        return [[m.values[a] for a in row] for row in raised]

    def _error(self, k: int) -> Any:
        return max(self.moments.errors[a] for a in alphas(self.moments.size, k))

    @cached_property
    def information_exponent(self) -> Interval:
        low, m = 1, self.moments
        for k in range(1, m.degree + 1):
            unit = mp.sqrt(factorial(k))
            worst = self._error(k) / unit
            largest = max(abs(m.values[a]) for a in alphas(m.size, k)) / unit
            if not m.vanishes(k) and largest > _clear(worst, m):
                return low, k
            if low == k and (m.vanishes(k) or (m.exact and largest <= 4 * worst)):
                low = k + 1
        return low, inf

    @property
    def frame(self) -> Array:
        """The directions in the coordinates of `f`."""
        return np.array([[float(x) for x in row] for row in self.f.rows]).reshape(-1, self.f.size)

    @property
    def axes(self) -> Array:
        """These coordinates in x-space, as rows."""
        return np.array([[float(x) for x in row] for row in self.f.basis]).reshape(self.f.size, -1)

    @property
    def basis(self) -> Array:
        """An orthonormal basis of S* in these coordinates, where its dimension is clear."""
        return np.array([[float(x) for x in row] for row in self._subspace[1]]).reshape(-1, self.f.size)

    @cached_property
    def hessian(self) -> tuple[Array, float]:
        """H along the basis of `f`, and the error of its entries."""
        if self.moments.degree < 2:
            raise Unclear("a degree that was not computed")
        m, size = self.moments, self.f.size
        pairs = [[tuple((k == i) + (k == j) for k in range(size)) for j in range(size)] for i in range(size)]
        h = np.array([[float(m.values[alpha]) for alpha in row] for row in pairs]).reshape(size, size)
        return h, float(self._error(2)) + 1e-14 * float(abs(h).max(initial=0.0))

    @cached_property
    def kappa(self) -> tuple[float, float]:
        """‖H†‖ sqrt(E f²)/sqrt(r), where rank H is dim S*."""
        r, (low, high) = self.dimension, self.rank
        if not (r[0] == r[1] == low == high) or low == 0:
            raise Unclear("κ of an unclear rank")
        values = np.linalg.svd(np.array([[float(x) for x in row] for row in self._rows(2)]), compute_uv=False)
        least = sorted(values)[-int(low)]
        if least < 1e-9 * max(values):
            raise Unclear("κ beyond floats")
        second, error = map(float, self.moments.second)
        relative = float(self._error(2)) * self.f.size / least + error / second + 1e-12 * max(values) / least
        value = second**0.5 / least / low**0.5
        return value, value * relative * 2

    # -- polynomials

    @cached_property
    def degree(self) -> Interval:
        """The degree of a polynomial; (30, inf) for what is none, or one of degree 30 at least."""
        if self.terms is not None:
            return (d := degree_of(self.terms)), d
        highest = 0
        with mp.workdps(DIGITS):
            for h in (mpf(1) / 3, mpf(1) / 7, mpf(2), mpf(1) / 5, mpf(30), mpf(900), mpf(900), mpf(900)):
                x = [mpf(self.draw.gauss(0, 1)) for _ in range(self.f.size)]
                v = [mpf(self.draw.gauss(0, 1)) for _ in range(self.f.size)]
                count = DIFFERENCES + 1
                points = [[a + (j - DIFFERENCES // 2) * h * b for a, b in zip(x, v, strict=True)] for j in range(count)]
                found = self.f.exactly(points)
                if not all(map(mp.isfinite, found.value)):
                    raise Unclear("a value that is not finite")
                differences = list(found.value)
                size = max(abs(found.value)) * mpf(10) ** -100
                for n in range(1, count):
                    differences = [b - a for a, b in itertools.pairwise(differences)]
                    noise = (max(found.error) + size) * comb(n, n // 2) * n
                    if max(map(abs, differences)) > 1000 * noise:
                        highest = max(highest, n)
                if highest == DIFFERENCES:
                    return DIFFERENCES, inf
        return (highest, highest) if highest <= DIFFERENCES - 8 else (0, inf)

    @cached_property
    def leap(self) -> Interval:
        """The subspace leap, by its definition, of a polynomial; that of one direction is the information exponent."""
        if self.unit is not None:
            return self.information_exponent
        if self.terms is None:
            raise Unclear("the leap of what is not a polynomial")
        with mp.workdps(DIGITS):
            return self._polynomial_leap(self.terms)

    def _polynomial_leap(self, terms: Terms) -> Interval:
        size, total = self.f.size, self.dimension
        if total[0] != total[1] or self.moments.degree > 12:
            raise Unclear("an unclear dimension")
        basis = [[mpf(i == j) for j in range(size)] for i in range(size)]
        seen, leap = 0, 0
        while seen < total[0]:
            m = polynomial_moments(_turned(terms, basis), size)
            rest = size - seen
            for k in range(1, m.degree + 1):
                rows = [
                    [m.values[(*gamma, *(b + (i == j) for j, b in enumerate(beta)))] for i in range(rest)]
                    for j in range(k, m.degree + 1)
                    for gamma in alphas(seen, j - k)
                    for beta in alphas(rest, k - 1)
                ]
                low, high, found = _rank(rows, mpf(10) ** -70 * self.moments.scale, True)
                if low != high:
                    raise Unclear("an unclear step of the leap")
                if low:
                    turned = _complete(found, rest)
                    unseen = basis[seen:]
                    basis = basis[:seen] + [[mp.fdot(row, column) for column in zip(*unseen, strict=True)] for row in turned]
                    seen, leap = seen + low, max(leap, k)
                    break
            else:
                raise Unclear("no step of the leap")
        return leap, leap

    # -- one direction

    @cached_property
    def generative_exponent(self) -> Interval:
        """The least k with E[He_k(Z) T(Y)] != 0 for one of a dozen bounded labels T."""
        line = self.line
        inner = line.values(np.linspace(-2.5, 2.5, 202))
        inner = inner[np.isfinite(inner)]
        middle, spread = float(np.median(inner)), float(np.subtract(*np.percentile(inner, [80, 20])))
        spread = spread if spread > 0 else 1.0

        def labels(v: Array) -> Array:
            u = (v - middle) / spread
            return np.vstack([np.cos(0.7 * u + 0.4), np.cos(1.9 * u + 1.1), np.tanh(u - 0.4), np.tanh(2 * u + 0.7), np.arctan(u)])

        values, errors = line.transformed(labels)
        low = 1
        for k in range(1, len(values)):
            vanishes = self.parity == 1 and k % 2 == 1
            if not vanishes and (abs(values[k]) > 1e-8 + 30 * errors[k]).any():
                return low, k
            if low == k and vanishes:
                low = k + 1
        return low, inf

    @cached_property
    def monotone(self) -> str | None:
        """Whether it "holds" or "fails", None where that is not clear; a function of several directions is not monotone."""
        if self.dimension[0] > 1 or (self.terms is not None and degree_of(self.terms) % 2 == 0):
            return "fails"
        if self.unit is None:
            return None
        far = np.geomspace(9, 1e5, 400)
        grid = np.concatenate([-far[::-1], np.linspace(-9, 9, 6001)[1:-1] + 0.00012371, far])  # off the null sets
        v = self.f.at(grid[:, None] * np.array([float(x) for x in self.unit]))
        near = np.isfinite(v.value) & np.isfinite(v.error)
        value, error = v.value[near], v.error[near]
        steps, noise = np.diff(value), 20 * (error[1:] + error[:-1]) + 1e-14 * abs(value[1:])
        up, down = (steps > noise).any(), (steps < -noise).any()
        if up and down:
            return "fails"
        slopes = abs(steps) / np.diff(grid[near])
        clear = near.all() and (abs(steps) > noise).all() and slopes.min() > 1e-3 * np.median(slopes)
        return "holds" if clear and not critical(self.f) else None

    # -- near zeros of arguments, and far out

    @cached_property
    def _crossings(self) -> list[tuple[Callable[[mpf], Any], int]]:
        """For each zero found of an argument of abs, log, ... on a line: δ -> f at distance δ from it, on either side.

        With it the digits of the least δ that means anything: a zero without a change of sign is known to fewer.
        """
        out = []
        with mp.workdps(DIGITS):
            lines: list[tuple[list[mpf], list[mpf]]]
            if self.f.size and self.unit is not None:
                lines = [([mpf(0)] * self.f.size, self.unit)]
            else:
                lines = [
                    (
                        [mpf(self.draw.gauss(0, 1)) for _ in range(self.f.size)],
                        [mpf(self.draw.gauss(0, 1)) for _ in range(self.f.size)],
                    )
                    for _ in range(2)
                ]
            for x, v in lines:
                zeros = [zero for node in critical(self.f) for zero in self._zeros(node, x, v)]
                kept: list[mpf] = []
                for zero, digits in sorted(zeros, key=lambda found: -found[1]):
                    if all(abs(zero - other) > mpf(10) ** -30 for other in kept):
                        kept.append(zero)
                        out.append((self._beside(x, v, zero), digits))
        return out[:60]

    def _beside(self, x: list[mpf], v: list[mpf], s: mpf) -> Callable[[mpf], Any]:
        return lambda d: self.f.exactly([[a + (s + d) * b for a, b in zip(x, v, strict=True)]]).value[0]

    def _zeros(self, node: ast.expr, x: list[mpf], v: list[mpf]) -> list[tuple[mpf, int]]:
        def u(s: Sequence[Any]) -> Any:
            return self.f.exactly([[a + mpf(t) * b for a, b in zip(x, v, strict=True)] for t in s], node)

        grid = [mpf(-8) + mpf(16) * j / STEPS + mpf(1) / 977 for j in range(STEPS + 1)]
        found = u(grid)
        signs, size = found.signs, abs(found.value)
        out = []
        for j in range(STEPS):
            a, b = grid[j], grid[j + 1]
            if signs[j] * signs[j + 1] < 0:
                out.append((_root(lambda t: u([t]).value[0], a, b), 96))
            elif j > 0 and size[j] < size[j - 1] and size[j] <= size[j + 1] and signs[j - 1] == signs[j] == signs[j + 1] != 0:
                out += [(s, 40) for s in _touching(lambda *t: abs(u(t).value), grid[j - 1], b)]
            if len(out) >= 6:
                break
        return out

    def _rays(self) -> list[list[mpf]]:
        if self.unit is not None:
            return [self.unit, [-x for x in self.unit]]
        size = self.f.size
        axes = [[mpf(s * (i == j)) for j in range(size)] for i in range(size) for s in (1, -1)]
        rows = [[x / (mp.norm(r) or 1) for x in r] for r in self.f.rows]
        drawn = [[mpf(self.draw.gauss(0, 1)) for _ in range(size)] for _ in range(4)]
        return [*axes, *rows, *[[x / mp.norm(r) for x in r] for r in drawn]]

    @cached_property
    def integrable(self) -> bool | None:
        """Whether E f² < ∞."""
        if self.terms is not None:
            return True
        sure = self.unit is not None
        with mp.workdps(DIGITS):
            for f, digits in self._crossings:
                k = digits // 4
                for side in (1, -1):
                    v = [abs(f(side * mpf(10) ** -i)) for i in (k, 2 * k, 4 * k)]
                    if not all(map(mp.isfinite, v)) or not all(v):
                        sure = sure and v[-1] == 0
                        continue
                    first, second = (-mp.log(b / a) / mp.log(mpf(10) ** i) for a, b, i in ((v[0], v[1], k), (v[1], v[2], 2 * k)))
                    self._steepest = min(self._steepest, second)
                    if second < mpf("-0.53") or abs(second + mpf("0.5")) < mpf(10) ** -18:
                        return False  # beyond the limit by more than a logarithm makes up, or a pure power at it
                    pure = abs(first - second) < mpf(10) ** -15
                    if pure and second < mpf("-0.5"):
                        return False
                    sure = sure and (pure or second > mpf("-0.47"))
            for ray in self._rays():
                sizes = [abs(self.f.exactly([[s * x for x in ray]]).value[0]) for s in (2000, 4000, 8000)]
                if not all(map(mp.isfinite, sizes)):
                    sure = False
                    continue
                q = [
                    2 * mp.log(v) - s * s / 2 if v else mpf("-inf")
                    for v, s in zip(sizes, map(mpf, (2000, 4000, 8000)), strict=True)
                ]
                slope = (q[2] - q[1]) / mp.log(2) if mp.isfinite(q[1]) and mp.isfinite(q[2]) else mpf("-inf")
                if slope > (-0.9 if self.unit is not None else 10) and (q[1] - q[0]) / mp.log(2) > -0.95:
                    return False
                sure = sure and slope < -1.1
        return True if sure else None

    @cached_property
    def growth(self) -> str | None:
        """Whether f "holds" or clearly "fails" to be bounded by a power of 1 + |z|; the first in one direction only."""
        if self.terms is not None:
            return "holds"
        tame = self.unit is not None and not self.f.parts("sin", "cos")
        with mp.workdps(DIGITS):
            for f, digits in self._crossings:
                for side in (1, -1):
                    v = [abs(f(side * mpf(10) ** -(digits // k))) for k in (16, 8, 4, 2, 1)]
                    if not all(map(mp.isfinite, v)):
                        tame = False
                        continue
                    rises = [b - a for a, b in itertools.pairwise(v)]
                    if all(r > 0 for r in rises) and all(b > 0.99 * a for a, b in itertools.pairwise(rises)) and rises[-1] > 1e-3:
                        return "fails"
                    tame = tame and abs(rises[-1]) <= mpf(10) ** -3 * (1 + v[-1])
            for ray in self._rays():
                v = [abs(self.f.exactly([[mpf(10) ** k * x for x in ray]]).value[0]) for k in (2, 4, 8, 16, 32, 64)]
                if not all(map(mp.isfinite, v[:4])) or not all(v):
                    tame = tame and v[-1] == 0
                    continue
                tame = tame and mp.isfinite(v[-1])
                logs = [mp.log(x) for x in v]
                slopes = [(b - a) / w for a, b, w in zip(logs, logs[1:], (2, 4, 8, 16, 32), strict=False)]
                if slopes[2] > 1.3 * slopes[1] > 1.69 * slopes[0] > 0 and slopes[2] > 10:
                    return "fails"
                tame = tame and slopes[-1] <= max(slopes[-2], mpf(0)) + mpf(10) ** -3
        return "holds" if tame else None

    @cached_property
    def jumps(self) -> bool:
        """Whether f clearly jumps across a zero of an argument."""
        with mp.workdps(DIGITS):
            for f, _ in self._crossings:
                for d in (mpf(10) ** -30, mpf(10) ** -45):
                    left, right = f(-d), f(d)
                    if not (mp.isfinite(left) and mp.isfinite(right)) or abs(left - right) < CLEAR:
                        break
                    outer = f(-2 * d), f(2 * d)
                    if abs(outer[0] - left) + abs(outer[1] - right) > CLEAR / 1000:
                        break
                else:
                    return True
        return False


def _root(u: Callable[[mpf], Any], a: mpf, b: mpf) -> mpf:
    """A zero between points of opposite signs: false position with the Illinois change, then halving."""
    left, right = u(a), u(b)
    for step in range(500):
        width = b - a
        if width < mpf(10) ** (4 - DIGITS):
            break
        m = a + width * left / (left - right) if step % 4 != 3 else (a + b) / 2
        value = u(m)
        if value == 0:
            return m
        if (value > 0) == (right > 0):
            b, right, left = m, value, left / 2
        else:
            a, left, right = m, value, right / 2
    return (a + b) / 2


def _touching(sizes: Callable[..., Any], a: mpf, b: mpf) -> list[mpf]:
    """A zero without a change of sign between a and b, as a list: empty where there is none."""
    (start,) = sizes((a + b) / 2)
    for step in range(330):
        m, n = a + (b - a) / 3, b - (b - a) / 3
        left, right = sizes(m, n)
        a, b = (a, n) if left < right else (m, b)
        if step == 30 and min(left, right) > mpf(10) ** -3 * start:
            return []
    return [a] if sizes(a)[0] < mpf(10) ** -40 else []


def _clear(error: float, m: Moments) -> Any:
    return mpf(10) ** -60 * m.scale if m.exact and error < 1e-60 * m.scale else 30 * error + 1e-11 * m.scale


def _rank(rows: Sequence[Sequence[Any]], error: Any, exact: bool) -> tuple[int, float, list[list[mpf]]]:
    """The clear directions among the rows, how many there can be at most, and an orthonormal basis of the clear ones."""
    if not rows:
        return 0, 0, []
    size = len(rows[0])
    with mp.workdps(DIGITS):
        left = [[mpf(x) for x in row] for row in rows]
        top = max(map(mp.norm, left))
        noise = (mpf(error) * size + top * mpf(10) ** -75) * 4
        clear = max(30 * noise, top * mpf(10) ** -60 if noise < top * mpf(10) ** -62 else top * mpf(10) ** -10)
        found: list[list[mpf]] = []
        while len(found) < size:
            row = max(left, key=mp.norm)
            if mp.norm(row) <= clear:
                break
            q = [x / mp.norm(row) for x in row]
            found.append(q)
            left = [[x - mp.fdot(r, q) * y for x, y in zip(r, q, strict=True)] for r in left]
        rest = max(map(mp.norm, left)) if len(found) < size else mpf(0)
        return len(found), len(found) if exact and rest <= noise * 4 else size, found


def _complete(found: list[list[mpf]], size: int) -> list[list[mpf]]:
    """The rows and an orthonormal basis of what is orthogonal to them."""
    out = list(found)
    for i in range(size):
        v = [mpf(i == j) for j in range(size)]
        for _ in range(2):
            for q in out:
                c = mp.fdot(v, q)
                v = [a - c * b for a, b in zip(v, q, strict=True)]
        if len(out) < size and mp.norm(v) > mpf(1) / (10 * size):
            out.append([x / mp.norm(v) for x in v])
    return out


def _turned(terms: Terms, basis: Sequence[Sequence[mpf]]) -> Terms:
    """The polynomial in the coordinates of an orthonormal basis (its rows): t = Σ_a s_a b_a."""
    from fuzz.expansions import _product, _sum

    size = len(basis)
    zero = (0,) * size
    forms = [{tuple(int(a == b) for b in range(size)): row[i] for a, row in enumerate(basis) if row[i]} for i in range(size)]
    out: Terms = {}
    for powers, c in terms.items():
        term: Terms = {zero: c}
        for form, k in zip(forms, powers, strict=True):
            for _ in range(k):
                term = _product(term, form)
        out = _sum(out, term, 1)
    return out

"""What is true of a two-layer network, as far as it is clear: from its arrays, by quadrature along neurons and pairs of neurons.

f*(x) = c + Σ_l g_l(<v_l, x>), one unit vector v_l for each line that a neuron lies on. Functions of different lines that are not
polynomials cannot cancel, so what f* depends on is read off the lines; parities of each g_l, told by its values at sixty digits,
say which of its Hermite coefficients are zero. All else is SciPy's quadrature and NumPy, with errors.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import factorial, inf
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf
from numpy.polynomial.hermite_e import hermeval
from scipy.integrate import quad
from scipy.special import erf, expit, ndtr

from fuzz.evaluation import Array, Unclear, number

Interval = tuple[int, float]
Measured = tuple[float, float]
"""A value and a bound of its error."""
DIGITS = 60
SAME = mpf(10) ** -40
"""Relative size below which numbers of sixty digits are equal: those that are drawn have seventeen."""
CLEAR = 1e-7
"""Relative size of what is clearly not zero when floats measure it."""
FAR = 11.0
"""Where the Gaussian ends."""
HIGHEST = 6
"""The highest degree that is looked at."""
SCALES = (0.003, 0.05, 0.4, 1, 2.5, 6, 60, 1500)


class Activation(NamedTuple):
    """σ on floats and on mpmath's numbers; whether it rises."""

    floats: Callable[[Any], Any]
    exact: Callable[[mpf], mpf]
    rises: bool = False


ACTIVATIONS = {
    "relu": Activation(lambda u: np.maximum(u, 0.0), lambda u: max(u, mpf(0)), True),
    "tanh": Activation(np.tanh, mp.tanh, True),
    "sigmoid": Activation(expit, lambda u: 1 / (1 + mp.exp(-u)), True),
    "erf": Activation(erf, mp.erf, True),
    "gelu": Activation(lambda u: u * ndtr(u), lambda u: u * mp.ncdf(u)),
    "softplus": Activation(lambda u: np.logaddexp(0.0, u), lambda u: max(u, mpf(0)) + mp.log1p(mp.exp(-abs(u))), True),
    "abs": Activation(np.abs, abs),
    "sign": Activation(np.sign, mp.sign, True),
    "exp(-u**2)": Activation(lambda u: np.exp(-(u**2)), lambda u: mp.exp(-(u**2))),
}


class Neuron(NamedTuple):
    """a σ(n t + b) along its line."""

    a: float
    n: float
    b: float

    @property
    def bend(self) -> float:
        """Where its argument is zero."""
        return -self.b / self.n


class Line:
    """g(t) = Σ_j a_j σ(n_j t + b_j) along a unit vector."""

    def __init__(self, unit: list[mpf], activation: Activation) -> None:
        self.unit, self.activation = unit, activation
        self.terms: list[tuple[mpf, mpf, mpf]] = []

    def exactly(self, t: mpf) -> mpf:
        return mp.fsum(a * self.activation.exact(n * t + b) for a, n, b in self.terms)

    @cached_property
    def neurons(self) -> list[Neuron]:
        return [Neuron(*map(float, term)) for term in self.terms]

    @cached_property
    def parts(self) -> tuple[mpf | None, mpf | None]:
        """g(t) + g(-t) and (g(t) - g(-t))/t where they are constant: at many points."""
        draw = random.Random(0)
        with mp.workdps(DIGITS):
            points = [abs(mpf(draw.gauss(0, s))) for s in SCALES * 4]
            values = [(self.exactly(t), self.exactly(-t)) for t in points]
            slopes = [(v - w) / t for t, (v, w) in zip(points, values, strict=True)]
            return _constant([v + w for v, w in values]), _constant(slopes)

    @property
    def affine(self) -> bool:
        return None not in self.parts

    @property
    def constant(self) -> bool:
        return self.affine and self.parts[1] == 0

    def vanishes(self, k: int) -> bool:
        """Whether E[g He_k] = 0 by the parity of g."""
        part = self.parts[k % 2]
        return part is not None and (part == 0 or k > 1)

    def coefficient(self, k: int) -> Measured:
        """E[g He_k]/√k!."""
        if self.vanishes(k):
            return 0.0, 0.0
        return _sum(scaled(neuron.a, hermite_coefficient(self.activation, neuron, k)) for neuron in self.neurons)


def _constant(values: list[mpf]) -> mpf | None:
    """What all values are, 0 where that is so to SAME; None where they differ."""
    size = 1 + max(map(abs, values))
    if any(abs(v - values[0]) > SAME * size for v in values):
        return None
    return values[0] if abs(values[0]) > SAME * size else mpf(0)


def scaled(a: float, measured: Measured) -> Measured:
    return a * measured[0], abs(a) * measured[1]


def _sum(parts: Any) -> Measured:
    values = list(parts)
    rounding = 1e-14 * sum(abs(v) for v, _ in values)
    return sum(v for v, _ in values), sum(e for _, e in values) + rounding


def gaussian(t: Any) -> Any:
    return np.exp(-t * t / 2) / np.sqrt(2 * np.pi)


def integral(f: Callable[[float], float], breaks: Sequence[float]) -> Measured:
    """E f(t) for t ~ N(0, 1), the line broken where f may bend: SciPy's quad on each part."""
    ends = sorted({-FAR, 0.0, FAR, *(t for t in breaks if abs(t) < FAR)})
    found = [quad(lambda t: f(t) * gaussian(t), a, b, epsabs=1e-13, epsrel=1e-11, limit=200) for a, b in itertools.pairwise(ends)]
    return _sum((value, 4 * error + 1e-14) for value, error, *_ in found)


def hermite_coefficient(activation: Activation, neuron: Neuron, k: int) -> Measured:
    """E[σ(n t + b) He_k(t)]/√k!."""
    weights = [0.0] * k + [1 / factorial(k) ** 0.5]
    return integral(lambda t: float(activation.floats(neuron.n * t + neuron.b)) * float(hermeval(t, weights)), [neuron.bend])


def product_mean(activation: Activation, p: Neuron, q: Neuron, rho: float, effort: int) -> Measured:
    """E[σ(p) σ(q)] along unit vectors with inner product ρ: on a line where |ρ| = 1, else in the plane."""
    if abs(rho) == 1:
        turned = Neuron(q.a, q.n * rho, q.b)
        return integral(
            lambda t: float(activation.floats(p.n * t + p.b) * activation.floats(turned.n * t + turned.b)), [p.bend, turned.bend]
        )
    coarse, fine = (_in_the_plane(activation, p, q, rho, panels * effort) for panels in (5, 8))
    return fine, 4 * abs(fine - coarse) + 1e-12 * (1 + abs(fine))


NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)


def _rule(low: Array, high: Array, panels: int) -> tuple[Array, Array]:
    """Gauss and Legendre's rule on so many equal panels between each low and high: nodes and weights (..., panels · 16)."""
    width = (high - low)[..., None, None] / panels
    starts = low[..., None, None] + width * np.arange(panels)[:, None]
    nodes = starts + width * (NODES + 1) / 2
    return nodes.reshape(*low.shape, -1), np.broadcast_to(width * WEIGHTS / 2, nodes.shape).reshape(*low.shape, -1)


def _in_the_plane(activation: Activation, p: Neuron, q: Neuron, rho: float, panels: int) -> float:
    """∫ σ(p(t)) ∫ σ(q(ρ t + √(1 - ρ²) s)) dγ(s) dγ(t), either integral broken where its neuron bends."""
    across = np.sqrt((1 - rho) * (1 + rho))
    turn = q.bend / rho if abs(rho) > 1e-3 else 0.0
    spread = 4 * across / max(abs(rho), 0.1)
    ends = np.array(sorted({-FAR, FAR, *(float(np.clip(t, -FAR, FAR)) for t in (p.bend, turn - spread, turn, turn + spread))}))
    t, w = (x.ravel() for x in _rule(ends[:-1], ends[1:], panels))
    bend = np.clip((q.bend - rho * t) / across, -FAR, FAR)
    inner = np.zeros(len(t))
    for low, high in ((np.full(len(t), -FAR), bend), (bend, np.full(len(t), FAR))):
        s, v = _rule(low, high, panels)
        inner += (activation.floats(q.n * (rho * t[:, None] + across * s) + q.b) * gaussian(s) * v).sum(axis=1)
    return float((w * gaussian(t) * activation.floats(p.n * t + p.b) * inner).sum())


def independent(rows: Sequence[Sequence[mpf]]) -> list[list[mpf]]:
    """An orthonormal basis of the span, by Gram and Schmidt at sixty digits."""
    found: list[list[mpf]] = []
    with mp.workdps(DIGITS):
        for row in rows:
            size, rest = mp.norm(row), list(row)
            for q in found * 2:
                c = mp.fdot(rest, q)
                rest = [x - c * y for x, y in zip(rest, q, strict=True)]
            if mp.norm(rest) > SAME * size:
                found.append([x / mp.norm(rest) for x in rest])
    return found


class NetworkTruth:
    """The facts about one network, as `fuzz.oracle.Truth` tells those of an expression."""

    integrable = True
    growth = "holds"
    """Every σ here grows at most like |u|."""

    def __init__(self, network: Mapping[str, Any], directions: Sequence[Sequence[str]] | None = None, effort: int = 1) -> None:
        self.effort, self.name = effort, network["activation"]
        self.activation = ACTIVATIONS[self.name]
        with mp.workdps(DIGITS):
            self.offset = mpf(0)
            self.lines: list[Line] = []
            rows = [[_exact(x) for x in row] for row in network["weights"]]
            if directions is not None:
                columns = list(zip(*([_exact(x) for x in row] for row in directions), strict=True))
                rows = [[mp.fdot(row, column) for column in columns] for row in rows]
            self.size = len(rows[0])
            self.axes = np.eye(self.size)
            self.frame = np.eye(self.size) if directions is None else np.array(columns, dtype=float).T
            for row, a, b in zip(rows, map(_exact, network["head"]), map(_exact, network["biases"]), strict=True):
                if a:
                    self._add(row, a, b)

    def _add(self, row: list[mpf], a: mpf, b: mpf) -> None:
        length = mp.norm(row)
        if length < SAME:
            self.offset += a * self.activation.exact(b)
            return
        unit = [x / length for x in row]
        for line in self.lines:
            for side in (1, -1):
                if mp.norm([x - side * y for x, y in zip(unit, line.unit, strict=True)]) < SAME:
                    line.terms.append((a, side * length, b))
                    return
        self.lines.append(Line(unit, self.activation))
        self.lines[-1].terms.append((a, length, b))

    # -- directions

    @cached_property
    def subspace(self) -> list[list[mpf]]:
        """An orthonormal basis of S*: the span of the lines that are not affine, and of the slope of all that are."""
        with mp.workdps(DIGITS):
            bent = [line.unit for line in self.lines if not line.affine]
            slope = [mp.fsum(line.parts[1] * line.unit[i] for line in self.lines if line.affine) for i in range(self.size)]
            scale = mp.fsum(abs(line.parts[1]) for line in self.lines if line.affine)
            return independent([*bent, slope] if mp.norm(slope) > SAME * scale else bent)

    @property
    def basis(self) -> Array:
        return np.array(self.subspace, dtype=float).reshape(-1, self.size)

    @property
    def dimension(self) -> Interval:
        return len(self.subspace), len(self.subspace)

    @property
    def constant(self) -> bool:
        return not self.subspace

    @property
    def degree(self) -> Interval:
        return (30, inf) if any(not line.affine for line in self.lines) else (len(self.subspace),) * 2

    # -- moments

    @cached_property
    def units(self) -> Array:
        return np.array([[float(x) for x in line.unit] for line in self.lines]).reshape(-1, self.size)

    @cached_property
    def gram(self) -> Array:
        """Inner products of the lines: 1 on the diagonal only."""
        with mp.workdps(DIGITS):
            return np.array([[float(mp.fdot(p.unit, q.unit)) for q in self.lines] for p in self.lines])

    def _coefficients(self, k: int) -> tuple[Array, Array]:
        found = [self._coefficient(i, k) for i in range(len(self.lines))]
        return np.array([v for v, _ in found]), np.array([e for _, e in found])

    def _coefficient(self, i: int, k: int) -> Measured:
        if (i, k) not in self._known:
            self._known[i, k] = self.lines[i].coefficient(k)
        return self._known[i, k]

    @cached_property
    def _known(self) -> dict[tuple[int, int], Measured]:
        return {}

    @cached_property
    def mean(self) -> Measured:
        return _sum([(float(self.offset), 0.0), *(self._coefficient(i, 0) for i in range(len(self.lines)))])

    @cached_property
    def second_moment(self) -> Measured:
        c, (mean, error) = float(self.offset), self.mean
        pairs = [(2 * c * mean - c * c, 2 * abs(c) * error)]
        for i, p in enumerate(self.lines):
            for j, q in enumerate(self.lines[: i + 1]):
                rho, doubt = float(self.gram[i, j]), 0.0
                if i != j and abs(rho) > 1 - 1e-12:  # lines that floats hardly tell apart
                    rho, doubt = float(np.sign(rho)), 1e-5
                for x in p.neurons:
                    for y in q.neurons:
                        value, error = product_mean(self.activation, x, y, rho, self.effort)
                        found = value, error + doubt * (1 + abs(x.n)) * (1 + abs(y.n))
                        pairs.append(scaled(x.a * y.a * (1 if i == j else 2), found))
        return _sum(pairs)

    @property
    def variance(self) -> Measured:
        (m, e), (s, error) = self.mean, self.second_moment
        return s - m * m, error + (2 * abs(m) + e) * e

    def energy(self, k: int) -> Measured:
        """Σ_lm c_l(k) c_m(k) <v_l, v_m>^k."""
        if k == 0:
            m, e = self.mean
            return m * m, (2 * abs(m) + e) * e
        if k > HIGHEST:
            raise Unclear("a degree that was not computed")
        c, e = self._coefficients(k)
        powers = self.gram**k
        rounding = 1e-14 * k * abs(c).sum() ** 2
        return float(c @ powers @ c), float(2 * e @ abs(powers) @ abs(c) + e @ abs(powers) @ e) + rounding

    def vanishes(self, k: int) -> bool:
        """Whether every line has E[g_l He_k] = 0 by its parity."""
        return all(line.vanishes(k) for line in self.lines)

    def _unfolded(self, k: int, j: int, seen: Array) -> tuple[Array, float]:
        """C_k/√k! with j indices across orthonormal rows `seen` and the others along them, as a matrix (d, ...); its error."""
        c, e = self._coefficients(k)
        along = self.units @ seen.T
        across = self.units - along @ seen
        total = np.zeros((self.size, self.size ** (j - 1) * len(seen) ** (k - j)))
        for value, u, v in zip(c, across, along, strict=True):
            power = np.ones(1)
            for part in [u] * (j - 1) + [v] * (k - j):
                power = np.multiply.outer(power, part).ravel()
            total += value * np.outer(u, power)
        return total, float(e.sum()) + 1e-14 * float(abs(c).sum())

    @cached_property
    def hessian(self) -> tuple[Array, float]:
        """E[∇²f*] in x-space, and the error of its entries."""
        h, error = self._unfolded(2, 2, np.zeros((0, self.size)))
        return h * 2**0.5, error * 2**0.5

    @cached_property
    def rank(self) -> Interval:
        """Clear singular values of H from below; from above the span of the lines with E[g_l He_2] not zero by parity."""
        h, error = self.hessian
        above = independent([line.unit for line in self.lines if not line.vanishes(2)])
        return _clear_rank(h, error), len(above)

    @cached_property
    def kappa(self) -> Measured:
        r, (low, high) = len(self.subspace), self.rank
        if not r == low == high or low == 0:
            raise Unclear("κ of an unclear rank")
        h, error = self.hessian
        least = np.sort(np.linalg.svd(h, compute_uv=False))[-r]
        second, doubt = self.second_moment
        value = second**0.5 / least / r**0.5
        return value, value * 2 * (error * self.size / least + doubt / second)

    # -- exponents

    @cached_property
    def information_exponent(self) -> Interval:
        low = 1
        for k in range(1, HIGHEST + 1):
            value, error = self.energy(k)
            if value > 30 * error + CLEAR**2 * float(self.second_moment[0]):
                return low, k
            if low == k and self.vanishes(k):
                low = k + 1
        return low, inf

    @cached_property
    def leap(self) -> Interval:
        """At least the information exponent; at most the largest degree of steps that are clearly there, the least ones first."""
        low, high = self.information_exponent
        if len(self.subspace) == 1:
            return low, high
        seen, highest = np.zeros((0, self.size)), 0
        while len(seen) < len(self.subspace):
            for j in range(1, HIGHEST + 1):
                parts = [self._unfolded(k, j, seen) for k in range(j, HIGHEST + 1)]
                left, values, _ = np.linalg.svd(np.hstack([part for part, _ in parts]))
                gained = int((values > _noise(values, self.size * HIGHEST * max(error for _, error in parts))).sum())
                if gained:
                    seen, highest = np.vstack([seen, left.T[:gained]]), max(highest, j)
                    break
            else:
                return low, inf
        return low, highest

    # -- one direction

    @cached_property
    def line(self) -> Callable[[Array], Array]:
        """f* along its one direction."""
        if len(self.subspace) != 1:
            raise Unclear("several directions")
        along = self.units @ np.array([float(x) for x in self.subspace[0]])
        terms = [(x, side) for line, side in zip(self.lines, along, strict=True) for x in line.neurons]
        return lambda t: float(self.offset) + sum(x.a * self.activation.floats(x.n * side * t + x.b) for x, side in terms)

    @cached_property
    def generative_exponent(self) -> Interval:
        """The least k with E[He_k(Z) T(Y)] != 0 for one of a few bounded labels T."""
        f = self.line
        bends = {float(np.clip(side * x.bend, -FAR, FAR)) for line in self.lines for x in line.neurons for side in (1, -1)}
        ends = np.array(sorted({-FAR, 0.0, FAR} | bends))
        t, w = (x.ravel() for x in _rule(ends[:-1], ends[1:], 40))
        y = f(t)
        spread = float(np.ptp(f(np.linspace(-1.5, 1.5, 101)))) or 1.0
        u = (y - float(f(np.array(0.1)))) / spread
        even = all(line.parts[1] == 0 for line in self.lines)
        low = 1
        for k in range(1, 5):
            if even and k % 2:
                low = k + 1 if low == k else low
                continue
            he = hermeval(t, [0.0] * k + [1.0]) * gaussian(t) * w
            if max(abs(float(label @ he)) for label in (np.tanh(u), np.cos(2 * u + 1), np.arctan(3 * u - 1))) > 1e-4:
                return low, k
        return low, inf

    @cached_property
    def monotone(self) -> str | None:
        """Fails where f* clearly rises and falls, or has several directions; holds where all neurons rise the same way."""
        if len(self.subspace) != 1:
            return "fails"
        ways = {np.sign(x.a * x.n) for line in self.lines for x in line.neurons}
        if self.activation.rises and len(self.lines) == 1 and len(ways) == 1:
            return "holds"
        t = np.linspace(-9, 9, 4001)
        y = self.line(t)
        steps, noise = np.diff(y), 1e-9 * (1 + abs(y).max())
        return "fails" if (steps > noise).any() and (steps < -noise).any() else None

    @cached_property
    def jumps(self) -> bool:
        """Whether the jumps of the signs along some line do not cancel."""
        if self.name != "sign":
            return False
        with mp.workdps(DIGITS):
            return any(
                abs(mp.fsum(a * mp.sign(n) for a, n, b in line.terms if abs(b / n - c / m) < SAME * (1 + abs(c)))) > SAME
                for line in self.lines
                for _, m, c in line.terms
            )


def _exact(x: str | float) -> mpf:
    return number(x) if isinstance(x, str) else mpf(x)


def _clear_rank(matrix: Array, error: float) -> int:
    """How many singular values are clearly not zero."""
    values = np.linalg.svd(matrix, compute_uv=False)
    return int((values > _noise(values, error * sum(matrix.shape))).sum())


def _noise(values: Array, error: float) -> float:
    return 30 * error + CLEAR * float(values.max(initial=1e-6))

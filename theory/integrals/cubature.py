"""Certified integrals over boxes in one to three variables: Gauss-Legendre rules on an adaptive partition, with proved errors.

The integral of F(z) Π z_i^{p_i} exp(-z_i²/2) over a box is enclosed in one of two ways.

Mean value: the weight has one sign on a box that does not cross a coordinate plane, so the integral is the integral of the weight
times a value of F, which a ball over the box holds. This serves everywhere, across kinks and jumps too.

Gauss: let F be holomorphic in each variable on an ellipse around its edge, the others being real in the box. The tensor rule with
n_i >= 2 nodes has an error of at most Σ_i (64/15) h_i M_i ρ_i^{-2 n_i}/(1 - ρ_i^{-2}) Π_{j≠i} w_j, where h_i is half the edge,
M_i a bound on |F weight_i| on the ellipse of parameter ρ_i, and w_j the length of edge j times the maximum of |weight_j|. Proof:
integrals are exchanged for rules one variable at a time, and w_j bounds both ∫|weight_j| and the rule's sum. In one variable a
Chebyshev coefficient is at most 2 M ρ^{-k}, the rule is exact below degree 2n, and on T_k, k >= 2n >= 4 even, rule and integral
differ by at most 2 + 2/15 = 32/15, both being zero for odd k.

Boxes with the largest radius are halved until the sum of radii meets the goal or the evaluations are spent. Either way the result
holds the integral. Kind: certified.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count
from itertools import product as cartesian
from math import ceil, inf, log, prod
from typing import TypeAlias

from flint import acb, arb, ctx

from steinlab.theory.budget import charge, priced
from steinlab.theory.exact.precision import kept_balls, working_precision
from steinlab.theory.links.balls import Function, fraction_ball, interval
from steinlab.theory.links.enclosures import EVALUATION_STEPS, integral


@dataclass(frozen=True, eq=False)
class Edge:
    """[low, high], made by `edge` alone: equal edges are mostly one object, so that what is known of one is found fast."""

    low: Fraction
    high: Fraction


@lru_cache(maxsize=200_000)
def edge(low: Fraction, high: Fraction) -> Edge:
    """The edge [low, high]."""
    return Edge(low, high)


Box: TypeAlias = tuple[Edge, ...]

_RHO = (Fraction(6, 5), Fraction(7, 5), Fraction(9, 5), Fraction(7, 3), Fraction(3), Fraction(4), Fraction(6), Fraction(12))
"""Parameters of ellipses that are tried, rising until the function is not holomorphic or the rule gets no shorter."""
_MANY = 1_000
_MOST_NODES = {1: 64, 2: 28, 3: 16}
"""Most nodes a variable, by the number of variables: boxes that need more are halved."""
BOX_STEPS = 12
"""Steps of work for a box beside those for its values."""
KEPT_VALUES = 1_000_000
"""Most values of functions at nodes that are kept: about a hundred bytes each."""


@dataclass(eq=False)
class Integrand:
    """F as a function of the `variables` that are integrated, each an index into the point that `f` takes.

    `smooth` is False where F has kinks inside boxes; `steps` is the work of a value; `doubtful(box)` names the variables of the
    kinks in a box, as far as known.
    """

    f: Function
    variables: tuple[int, ...]
    size: int
    smooth: bool = True
    steps: float = EVALUATION_STEPS
    doubtful: Callable[[Sequence[arb]], frozenset[int]] = lambda _: frozenset()

    def at(self, coordinates: Sequence[acb], analytic: bool) -> acb:
        point = [acb(0)] * self.size
        for i, z in zip(self.variables, coordinates, strict=True):
            point[i] = z
        return self.f(point, analytic)


@kept_balls(100_000)
def _range(integrand: Integrand, box: Box) -> arb:
    """A ball that holds F on the box; not finite where none is found."""
    value = integrand.at([acb(_hull(side)) for side in box], False)
    return value.real if value.is_finite() else arb("nan")


@kept_balls(200_000)
def _bound(integrand: Integrand, box: Box, i: int, rho: Fraction) -> arb:
    """A bound on |F|, its i-th variable on the ellipse around its side, the others real; not finite unless holomorphic."""
    value = integrand.at([_ellipse(side, rho) if j == i else acb(_hull(side)) for j, side in enumerate(box)], True)
    return value.abs_upper() if value.is_finite() else arb("nan")


_VALUES: dict[tuple[int, Integrand, Box, tuple[int, ...]], list[arb]] = {}
"""Values at the nodes of rules at a precision, oldest first: the coefficients of a link are integrals of one F against powers."""


def _values(integrand: Integrand, box: Box, counts: tuple[int, ...]) -> list[arb]:
    """F at the nodes of the tensor rule, the last variable running fastest."""
    key = (ctx.prec, integrand, box, counts)
    known = _VALUES.get(key)
    if known is None:
        grids = [_nodes(side, n) for side, n in zip(box, counts, strict=True)]
        known = _VALUES[key] = [integrand.at(point, False).real for point in cartesian(*grids)]
        kept = sum(map(prod, (entry[-1] for entry in _VALUES))) if len(_VALUES) % 64 == 0 else 0
        while kept > KEPT_VALUES:
            oldest = next(iter(_VALUES))
            kept -= prod(oldest[-1])
            del _VALUES[oldest]
    return known


@dataclass(frozen=True)
class Region:
    """A box to integrate over, counted `times`, with its integrand."""

    box: Box
    times: int
    integrand: Integrand


@dataclass(frozen=True)
class _Part:
    """What is known of one region: a ball, its radius with the multiplicity counted, and the axis to halve along (None: none)."""

    region: Region
    value: arb
    radius: float
    axis: int | None


def cubature(regions: Sequence[Region], powers: Sequence[int], goal: arb, budget: int) -> arb:
    """A ball that holds Σ times · ∫_box F Π z_i^{p_i} exp(-z_i²/2), at the current precision.

    Aims at a radius of `goal`; gives the ball it has after about `budget` evaluations, or, once a third of them is spent (a tenth
    where there are kinks, which are costly), when the radius is a thousandth of the value. Boxes must not cross a coordinate
    plane. Kind: certified.
    """
    floor = float(goal) / 256
    rough = budget / (3 if all(region.integrand.smooth for region in regions) else 10)
    spent = 0
    order = count()
    parts: list[tuple[float, int, _Part]] = []
    waiting = [(region, floor if region.integrand.smooth else inf) for region in regions]
    while True:
        for region, allowed in waiting:
            part, cost = _evaluate(region, powers, allowed)
            spent += cost
            charge(EVALUATION_STEPS * cost, BOX_STEPS + region.integrand.steps * cost)
            heappush(parts, (-part.radius, next(order), part))
        radius = -sum(entry[0] for entry in parts)
        if radius <= float(goal) or spent > (budget if radius < inf else 2 * budget):
            break
        if rough < spent and radius < abs(sum(float(e[2].value.mid()) * e[2].region.times for e in parts)) / 1000:
            break
        waiting = []
        worst = -parts[0][0]
        while parts and -parts[0][0] >= worst / 4:
            part = heappop(parts)[2]
            goal_here = floor if part.region.integrand.smooth and part.axis is not None else part.radius / 64
            if part.axis is None:
                waiting.append((part.region, goal_here))
            else:
                r = part.region
                waiting += [(Region(half, r.times, r.integrand), goal_here) for half in _halves(r.box, part.axis)]
    total = sum((entry[2].value * entry[2].region.times for entry in parts), arb(0))
    return total if total.is_finite() else arb("nan")


def _evaluate(region: Region, powers: Sequence[int], allowed: float) -> tuple[_Part, int]:
    """A ball of the integral over one region, of a radius about `allowed` where a rule with few nodes gives it; evaluations."""
    box, integrand = region.box, region.integrand
    sizes = [_weight(side, p, ctx.prec) for side, p in zip(box, powers, strict=True)]
    crude = _range(integrand, box) * prod(sizes, start=arb(1))
    radius = _radius(crude, region.times)
    spent = 1
    counts: list[int | None] = []
    wanted = frozenset() if integrand.smooth else integrand.doubtful([_hull(side) for side in box])  # no rule across a kink
    if (radius > allowed or allowed == inf) and not wanted:
        target = min(allowed, radius / 8) / (2 * len(box) * region.times)
        error = arb(0)
        largest = [_largest_weight(side, p) for side, p in zip(box, powers, strict=True)]
        for i, (side, p) in enumerate(zip(box, powers, strict=True)):
            others = prod((s for j, s in enumerate(largest) if j != i), start=_half(side)) * arb(64) / 15
            best: tuple[int, arb] | None = None
            for rho in _RHO:
                spent += 1
                m = _bound(integrand, box, i, rho)
                if not m.is_finite():
                    break
                m = m * _weight_bound(side, p, rho) * others / (1 - fraction_ball(rho) ** (-2))
                ratio = max(float(m.upper()) / target, 1.0) if target > 0 else inf
                n = max(2, ceil(log(ratio) / (2 * log(rho)))) if ratio < inf else _MANY
                if best is not None and n >= best[0]:
                    break
                best = (n, m * fraction_ball(rho) ** (-2 * n))
            counts.append(None if best is None else best[0])
            if best is not None:
                error += best[1]
        known = [n for n in counts if n is not None]
        if len(known) == len(box) and max(known) <= _MOST_NODES[len(box)]:
            value = _rule(_values(integrand, box, tuple(known)), box, known, powers) + arb(0, error.upper())
            return _Part(region, value, _radius(value, region.times), None), spent + prod(known)
    return _Part(region, crude, radius, _axis(region, counts, wanted)), spent


def _radius(value: arb, times: int) -> float:
    return float(value.rad()) * times if value.is_finite() else inf


def _axis(region: Region, counts: Sequence[int | None], wanted: frozenset[int]) -> int:
    """The axis to halve along: that of a kink, else the one that needs most nodes, else the longest side."""
    box, integrand = region.box, region.integrand
    lengths = [side.high - side.low for side in box]
    if not counts or None in counts:
        axes = [i for i, variable in enumerate(integrand.variables) if variable in wanted] or list(range(len(box)))
        return max(axes, key=lambda i: lengths[i])
    return max(range(len(box)), key=lambda i: (counts[i] or 0, lengths[i]))


def _rule(values: Sequence[arb], box: Box, counts: Sequence[int], powers: Sequence[int]) -> arb:
    """The tensor rule on values, the last variable running fastest."""
    work = list(values)
    for side, n, p in reversed(list(zip(box, counts, powers, strict=True))):
        weights = _weights(side, n, p)
        work = [sum((w * v for w, v in zip(weights, work[s : s + n], strict=True)), arb(0)) for s in range(0, len(work), n)]
    return work[0]


def _halves(box: Box, axis: int) -> tuple[Box, Box]:
    whole = box[axis]
    middle = (whole.low + whole.high) / 2
    return (
        (*box[:axis], edge(whole.low, middle), *box[axis + 1 :]),
        (*box[:axis], edge(middle, whole.high), *box[axis + 1 :]),
    )


@kept_balls(100_000)
def _hull(side: Edge) -> arb:
    return interval(fraction_ball(side.low), fraction_ball(side.high))


@kept_balls(100_000)
def _half(side: Edge) -> arb:
    return fraction_ball((side.high - side.low) / 2)


@kept_balls(100_000)
def _ellipse(side: Edge, rho: Fraction) -> acb:
    """A rectangle around the ellipse with foci at the ends of the side and semiaxes h (ρ ± 1/ρ)/2."""
    half = (side.high - side.low) / 4
    middle = fraction_ball((side.low + side.high) / 2)
    wide, high = fraction_ball(half * (rho + 1 / rho)), fraction_ball(half * (rho - 1 / rho))
    return acb(interval(middle - wide, middle + wide), interval(-high, high))


@kept_balls(100_000)
def _weight_bound(side: Edge, p: int, rho: Fraction) -> arb:
    """A bound on |z^p exp(-z²/2)| on the ellipse."""
    z = _ellipse(side, rho)
    x, y = z.real.abs_lower(), z.imag.abs_upper()
    bound: arb = z.abs_upper() ** p * ((y * y - x * x) / 2).exp()
    return bound.upper()


@kept_balls(100_000)
def _largest_weight(side: Edge, p: int) -> arb:
    """A bound on ∫|z^p exp(-z²/2)| over the side and on every rule with positive weights for it: length times maximum."""
    z = _hull(side)
    nearest = z.abs_lower()
    bound: arb = 2 * _half(side) * z.abs_upper() ** p * (-nearest * nearest / 2).exp()
    return bound.upper()


@priced(100_000)
def _weight(side: Edge, p: int, precision: int) -> arb:
    """∫ z^p exp(-z²/2) over the side."""
    with working_precision(precision):
        return integral(lambda z, _: z**p * (-z * z / 2).exp(), fraction_ball(side.low), fraction_ball(side.high), precision - 8)


@kept_balls(500)
def _legendre(n: int) -> tuple[tuple[arb, arb], ...]:
    return tuple(arb.legendre_p_root(n, k, weight=True) for k in range(n))


@kept_balls(100_000)
def _nodes(side: Edge, n: int) -> tuple[acb, ...]:
    middle, half = fraction_ball((side.low + side.high) / 2), _half(side)
    return tuple(acb(middle + half * x) for x, _ in _legendre(n))


@kept_balls(100_000)
def _weights(side: Edge, n: int, p: int) -> tuple[arb, ...]:
    """Weights of the rule for the integral against z^p exp(-z²/2)."""
    half = _half(side)
    nodes = (z.real for z in _nodes(side, n))
    return tuple(half * w * z**p * (-z * z / 2).exp() for z, (_, w) in zip(nodes, _legendre(n), strict=True))

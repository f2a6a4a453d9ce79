"""Certified values of constants: the integrals E[...] that have no closed form, with proved tails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from itertools import pairwise, permutations
from itertools import product as cartesian
from typing import TypeAlias

from flint import acb, arb, ctx

from steinlab.theory.behaviour.growth import Growth, growth, product_growth, tail
from steinlab.theory.behaviour.points import singular_points
from steinlab.theory.behaviour.points import zeros as vanishing_points
from steinlab.theory.budget import priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import exact_fraction, working_precision
from steinlab.theory.exact.reals import GUARD
from steinlab.theory.integrals.cubature import Integrand, Region, cubature, edge
from steinlab.theory.integrals.singular import toward
from steinlab.theory.integrals.slices import Slice, compile_slice, slice_along
from steinlab.theory.links.balls import certain_sign, fraction_ball, interval, real_value
from steinlab.theory.links.enclosures import compile_product, compile_sum, integral, zeros
from steinlab.theory.links.ranges import may_be_singular
from steinlab.theory.links.ring import ENERGY, Atom, Product, Sum, absolute, power, sign_atoms, substitute, variable

MAX_RADIUS = 400
"""Largest |z| up to which an integral is computed; beyond lies the proved tail."""
LEAST_BITS = 53
"""The accuracy up to which an integral over the line is worked out at once; for more, half of it must have been reached."""
MAX_VARIABLES = 3
"""Most variables of an integral that is enclosed."""
_MAX_OPEN = 3
"""Most signs that are not known on a tiny interval for which both values are tried."""
UNKNOWN = arb("nan")


def enclosure(u: Sum, bits: int, energies: Callable[[Atom, int], arb] = lambda _, __: UNKNOWN) -> arb:
    """A ball that holds the constant u, each integral in it to about 2^-bits; not finite where no enclosure is known.

    `energies` gives balls of the energies in it. Kind: certified.

    >>> from steinlab.theory.integrals.expectations import expectation
    >>> from steinlab.theory.links.ring import apply
    >>> z = variable(0)
    >>> print(enclosure(expectation(apply("tanh", z) * z), 53).str(15, radius=False))
    0.605705509602159
    """
    atoms = {atom for product in u.terms for atom, _ in product}
    found = sorted(_integrals(atoms), key=lambda a: a.order)
    means = {a: energies(a, bits) if a.name == ENERGY else mean_enclosure(a.argument, bits) for a in found}
    with working_precision(bits + GUARD):
        value = compile_sum(u, {}, means)([], False)
        return value.real if value.is_finite() else UNKNOWN


def _integrals(atoms: set[Atom]) -> set[Atom]:
    """The E[...] and the energies among the atoms and inside their arguments."""
    out = {atom for atom in atoms if atom.name in ("E", ENERGY)}
    for atom in atoms - out:
        if not atom.is_variable:
            out |= _integrals({a for product in atom.argument.terms for a, _ in product})
    return out


@priced(20_000)
def mean_enclosure(u: Sum, bits: int) -> arb:
    """A ball that holds E[u], to about 2^-bits; not finite where the integration does not converge. Kind: certified.

    Hypothesis: u is a product in z1, z2, ..., or integrable as a whole and a function of z1.
    """
    with working_precision(bits + GUARD):
        closed = _power_moment(u)
        if closed is not None:
            return closed
        if u.variables == {0}:
            coarser = min(bits, max(bits // 2, LEAST_BITS))
            known = mean_enclosure(u, coarser) if bits > coarser else UNKNOWN
            reached = bits == coarser or known.rad() <= arb(2) ** (-coarser // 2)  # else all evaluations were spent on less
            return _line(u, bits) if reached else known
        if len(u.terms) > 1 or len(u.variables) > MAX_VARIABLES or u.variables != set(range(len(u.variables))):
            return UNKNOWN
        ((product, c),) = u.terms.items()
        return _space(product, bits) * c.ball()


def _power_moment(u: Sum) -> arb | None:
    """E[c |z|^p] = c 2^{p/2} Γ((p + 1)/2)/√π, p > -1: no quadrature comes near to -1. None for other functions.

    z^k sign(z)^k |z|^e counts as |z|^{k+e}.
    """
    if len(u.terms) != 1:
        return None
    ((product, c),) = u.terms.items()
    held = dict(product)
    z, size = (next(iter(v.terms))[0][0] for v in (variable(0), power(absolute(variable(0)), Fraction(1, 2))))
    kink = Atom.get("sign", variable(0))
    k, e = held.pop(z, Fraction(0)), held.pop(size, Fraction(0))
    odd = held.pop(kink, None) is not None
    p = k + e
    if held or p <= -1 or odd != (k % 2 == 1):
        return None
    half = fraction_ball((p + 1) / 2)
    return arb(c.ball() * arb(2) ** fraction_ball(p / 2) * half.gamma() / arb.pi().sqrt())


def _line(u: Sum, bits: int) -> arb:
    """∫ u φ over the line: pieces between kinks and neighbourhoods of singular points, and tails."""
    points = singular_points(u)
    exact = [point for point in points.found if isinstance(point, Sum)]
    try:
        bound = growth(u)
    except InputError:  # no bound is known
        return UNKNOWN
    radius = _radius(bound, 0, bits)
    if radius is None or not points.complete or len(exact) < len(points.found):
        return UNKNOWN
    even = u.substitute({0: -variable(0)}) == u
    low = Fraction(0) if even else -radius
    kinks = sign_atoms(u)
    gaps = _breakpoints(kinks, low, radius, bits, exact)
    around = None if gaps is None else _neighbourhoods(exact, gaps, low, radius)
    if gaps is None or around is None:
        return UNKNOWN
    total = arb(0, tail(bound, 0, radius) * bound.constant * (1 if even else 2))
    weight = 1 / (2 * arb.pi()).sqrt()
    edges = sorted([(low, low), *gaps, *((a, b) for _, a, b in around), (radius, radius)])
    for (_, a), (b, _) in pairwise(edges):
        if a < b:
            total += _piece(u, kinks, a, b, bits) * weight
    for a, b in gaps:
        total += _gap(u, kinks, max(a, low), b) * weight
    for point, a, b in around:
        t = real_value(compile_sum(point), [])
        for side, reach in ((-1, t - fraction_ball(a)), (1, fraction_ball(b) - t)):
            if not (side == -1 and a == low):  # of an even function the right side is enough
                total += toward(u, point, side, reach, bits) * weight
    return total * 2 if even else total


def _neighbourhoods(
    points: Sequence[Sum], gaps: Sequence[tuple[Fraction, Fraction]], low: Fraction, high: Fraction
) -> list[tuple[Sum, Fraction, Fraction]] | None:
    """(t, a, b) for the points t in [low, high]: disjoint intervals [a, b] around them that meet no gap; None if these meet.

    Where low = 0 is one of the points its interval begins there.
    """
    balls = [real_value(compile_sum(point), []) for point in points]
    inside = [
        (t, point) for t, point in zip(balls, points, strict=True) if not (t < fraction_ball(low) or t > fraction_ball(high))
    ]
    obstacles = [fraction_ball(x) for x in {low, high, *(x for gap in gaps for x in gap)}]
    out = []
    for t, point in inside:
        others = [other for other, p in inside if p != point] + [x for x in obstacles if not (x - t).is_zero()]
        room = min((abs(t - other).lower() for other in others), key=float, default=arb(1))
        if not room > 0:
            return None
        half = (room / 2).min(arb(1) / 2).lower()
        a, b = (exact_fraction(end) for end in ((t - half).lower(), (t + half).upper()))
        out.append((point, max(a, low), b))
    return out


def _piece(u: Sum, kinks: Sequence[Atom], a: Fraction, b: Fraction, bits: int) -> arb:
    """∫_a^b u exp(-z²/2) where no kink changes sign in the interior."""
    middle = acb(fraction_ball((a + b) / 2))
    signs: dict[Atom, int] = {}
    for kink in kinks:
        side = certain_sign(real_value(compile_sum(kink.argument, signs), [middle.real]))
        if not side:
            return UNKNOWN
        signs[kink] = side
    f = compile_sum(u, signs)
    return integral(lambda z, analytic: f([z], analytic) * (-z * z / 2).exp(), fraction_ball(a), fraction_ball(b), bits)


def _gap(u: Sum, kinks: Sequence[Atom], a: Fraction, b: Fraction) -> arb:
    """∫_a^b of the same over a tiny interval on which a sign is not known: for each of both, terms that it multiplies cancel."""
    if a == b:
        return arb(0)
    z = interval(fraction_ball(a), fraction_ball(b))
    open_kinks = [kink for kink in kinks if not certain_sign(real_value(compile_sum(kink.argument), [z]))][:_MAX_OPEN]
    values = [
        real_value(compile_sum(u, dict(zip(open_kinks, signs, strict=True))), [z])
        for signs in cartesian((1, -1), repeat=len(open_kinks))
    ]
    return reduce(arb.union, values) * (-z * z / 2).exp() * fraction_ball(b - a)


@dataclass(frozen=True)
class Effort:
    """What is spent on an integral over several variables: the accuracy aimed at, in bits, and the most evaluations."""

    bits: int
    evaluations: int


EFFORTS = {
    1: (Effort(53, 40_000), Effort(106, 80_000), Effort(212, 160_000)),
    2: (Effort(46, 250_000), Effort(80, 600_000)),
    3: (Effort(14, 500_000), Effort(30, 2_000_000)),
}
"""Efforts by the number of variables that are integrated numerically, tried one after the other."""
ROUGH_BITS, ROUGH_EVALUATIONS = 10, 60_000
"""Accuracy and evaluations where less accuracy is asked for than that of the first efforts."""
SLICE_STEPS, PRODUCT_STEPS = 2, 1
"""Steps of work for a value of an integrand: of one with a variable integrated out by each of its kinks, and of a product."""
PIECES = 4
"""Pieces into which the range of a variable on either side of zero is cut at first."""


def _space(product: Product, bits: int) -> arb:
    """E[product] in several variables: by boxes, after one variable is integrated out between kinks that lie on curves."""
    size = len({i for atom, _ in product for i in atom.variables})
    kinks = sign_atoms(Sum({product: Number.of(1)}))
    curved = any(len(kink.variables) > 1 for kink in kinks)
    parts = [slice_along(product, i) for i in range(size)] if curved else []
    inner = min((part for part in parts if part is not None), key=_difficulty, default=None)
    efforts = EFFORTS[size - (inner is not None)]
    if bits < EFFORTS[1][0].bits:
        return _boxes(product, inner, Effort(min(bits, ROUGH_BITS), ROUGH_EVALUATIONS))
    return _boxes(product, inner, efforts[min(sum(bits > p for p in (53, 106)), len(efforts) - 1)])


def _difficulty(part: Slice) -> tuple[int, int]:
    """Linear kinks are split with fewer singular points than quadratic ones."""
    return sum(not kink[2].is_zero for kink in part.kinks), -len(part.kinks)


@priced(5_000)
def _boxes(product: Product, inner: Slice | None, effort: Effort) -> arb:
    """E[product] by cubature over the variables other than that of `inner`, with a proved bound on what lies outside."""
    size = len({i for atom, _ in product for i in atom.variables})
    outer = tuple(i for i in range(size) if inner is None or i != inner.variable)
    if may_be_singular(product):
        return UNKNOWN
    with working_precision(effort.bits + GUARD):
        try:
            bound = product_growth(product)
        except InputError:  # no bound is known
            return UNKNOWN
        radii = {i: _radius(bound, i, effort.bits + 4) for i in range(size)}
        if None in radii.values():
            return UNKNOWN
        known = {i: r for i, r in radii.items() if r is not None}
        radius = max(known[i] for i in outer)
        regions = _regions(product, inner, outer, radius)
        powers = [int(dict(product).get(next(iter(variable(i).terms))[0][0], 0)) for i in outer]
        value = cubature(regions, powers, arb(2) ** -effort.bits, effort.evaluations)
        value = value / (2 * arb.pi()) ** (arb(len(outer)) / 2)
        return value + arb(0, _outside(bound, {**known, **dict.fromkeys(outer, radius)}, outer))


def _regions(product: Product, inner: Slice | None, outer: Sequence[int], radius: Fraction) -> list[Region]:
    """Boxes that cover |z_i| <= radius, one of each class under the symmetries of the product."""
    kinks = sign_atoms(Sum({product: Number.of(1)}))
    places: dict[Atom, tuple[int, Fraction]] = {}
    for kink in kinks:
        if len(kink.variables) == 1 and not kink.variables.isdisjoint(outer):
            (i,) = kink.variables
            root = _rational_root(kink.argument.substitute({i: variable(0)}))
            if root is not None and kink.argument.is_affine:
                places[kink] = (i, root)
    group = _symmetries(product, outer)
    cuts = {i: {radius * k / PIECES for k in range(-PIECES, PIECES + 1)} for i in outer}
    for images in group:
        for i, root in places.values():
            j, side = images[i]
            if abs(root) < radius:
                cuts[j].add(root * side)
    edges = [list(pairwise(sorted(cuts[i]))) for i in outer]
    counts: dict[Intervals, int] = {}
    for box in cartesian(*edges):
        orbit = {tuple(_image(box, outer, images)) for images in group}
        least = min(orbit)
        counts[least] = counts.get(least, 0) + 1
    out = []
    for box, times in counts.items():
        middles = {i: (a + b) / 2 for i, (a, b) in zip(outer, box, strict=True)}
        signs = {kink: 1 if middles[i] > root else -1 for kink, (i, root) in places.items()}
        out.append(
            Region(
                tuple(edge(a, b) for a, b in box), times, _integrand(product, inner, tuple(outer), tuple(signs.items()), ctx.prec)
            )
        )
    return out


Intervals: TypeAlias = tuple[tuple[Fraction, Fraction], ...]
Images: TypeAlias = dict[int, tuple[int, int]]
"""A signed permutation: variable i goes to the sign times variable j."""


def _symmetries(product: Product, outer: Sequence[int]) -> list[Images]:
    """Signed permutations of the outer variables that leave the product unchanged, with the inner one kept or flipped."""
    size = len({i for atom, _ in product for i in atom.variables})
    rest = [i for i in range(size) if i not in outer]
    out: list[Images] = []
    for order in permutations(outer):
        for signs in cartesian((1, -1), repeat=len(outer)):
            for side in (1, -1) if rest else (1,):
                images = {i: variable(j) * s for i, j, s in zip(outer, order, signs, strict=True)}
                images |= {i: variable(i) * side for i in rest}
                if substitute(product, images).terms == {product: Number.of(1)}:
                    out.append({i: (j, s) for i, j, s in zip(outer, order, signs, strict=True)})
                    break
    return out


def _image(box: Intervals, outer: Sequence[int], images: Images) -> list[tuple[Fraction, Fraction]]:
    """The box moved by a symmetry: the coordinate j of the image is the sign times the coordinate i."""
    moved: dict[int, tuple[Fraction, Fraction]] = {}
    for i, (a, b) in zip(outer, box, strict=True):
        j, side = images[i]
        moved[j] = (a, b) if side == 1 else (-b, -a)
    return [moved[i] for i in outer]


@priced(200)
def _integrand_of(
    rest: Product, inner: Slice | None, outer: tuple[int, ...], signs: tuple[tuple[Atom, int], ...], precision: int
) -> Integrand:
    """The integrand, its constants rounded to the precision."""
    with working_precision(precision):
        return _compiled(rest, inner, outer, dict(signs))


def _compiled(rest: Product, inner: Slice | None, outer: tuple[int, ...], fixed: Mapping[Atom, int]) -> Integrand:
    size = max(outer) + 2
    if inner is not None:
        return Integrand(compile_slice(inner, fixed), outer, size, len(outer) == 1, SLICE_STEPS * (1 + len(inner.kinks)))
    kinks = [kink for kink in sign_atoms(Sum({rest: Number.of(1)})) if kink not in fixed]
    arguments = [(kink.variables, compile_sum(kink.argument, fixed)) for kink in kinks]

    def doubtful(box: Sequence[arb]) -> frozenset[int]:
        found: frozenset[int] = frozenset()
        for variables, f in arguments:
            if certain_sign(real_value(f, box)) not in (1, -1):
                found |= variables
        return found

    return Integrand(compile_product(rest, fixed), outer, size, not kinks, PRODUCT_STEPS, doubtful)


def _integrand(
    product: Product, inner: Slice | None, outer: tuple[int, ...], signs: tuple[tuple[Atom, int], ...], precision: int
) -> Integrand:
    """The product without the powers of the outer variables: coefficients of one link share it."""
    rest = tuple((atom, e) for atom, e in product if not (atom.is_variable and atom.index in outer))
    if inner is not None:
        bare = tuple((atom, e) for atom, e in inner.outside if not (atom.is_variable and atom.index in outer))
        inner = replace(inner, outside=bare)
    return _integrand_of(rest, inner, outer, signs, precision)


def _outside(bound: Growth, radii: Mapping[int, Fraction], outer: Sequence[int]) -> arb:
    """A bound on the integral where |z_i| > radii[i] for one of the outer variables."""
    tails = {i: 2 * tail(bound, i, r) for i, r in radii.items()}
    whole = {}
    for i, r in radii.items():
        p, rate, square = (entries.get(i, arb(0)) for entries in (bound.power, bound.rate, bound.square))

        def envelope(z: acb, _: bool, p: arb = p, rate: arb = rate, square: arb = square) -> acb:
            return ((1 + z) ** acb(p)) * (rate * z + (square - arb(1) / 2) * z * z).exp()

        inside = 2 * integral(envelope, arb(0), fraction_ball(r), 10) / (2 * arb.pi()).sqrt()
        whole[i] = inside + tails[i]
    total = arb(0)
    for i in outer:
        term = bound.constant * tails[i]
        for j, other in whole.items():
            term *= arb(1) if i == j else other
        total += term
    return total.upper()


def _breakpoints(
    kinks: Sequence[Atom], low: Fraction, high: Fraction, bits: int, singular: Sequence[Sum]
) -> list[tuple[Fraction, Fraction]] | None:
    """Disjoint intervals in [low, high], rising, that hold all zeros of the kinks' arguments that are no singular points."""
    found: list[tuple[Fraction, Fraction]] = []
    for kink in kinks:
        parts = kink.argument.coefficients_in(0)
        if parts is not None and set(parts) <= {0, 1} and set(vanishing_points(kink.argument).found) <= set(singular):
            continue
        root = _rational_root(kink.argument)
        if root is not None:
            found.append((root, root))
            continue
        roots = zeros(kink.argument, low, high, bits + GUARD // 2)
        if roots is None:
            return None
        found += roots
    merged: list[tuple[Fraction, Fraction]] = []
    for a, b in sorted((max(a, low), min(b, high)) for a, b in found if b >= low and a <= high):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged


def _rational_root(u: Sum) -> Fraction | None:
    parts = u.coefficients_in(0) if u.is_affine else None
    if parts is None or 1 not in parts:
        return None
    slope, offset = parts[1].number, parts.get(0, Sum({})).number
    root = -offset / slope if slope is not None and offset is not None else None
    return root.fraction if root is not None and root.is_rational else None


def _radius(bound: Growth, i: int, bits: int) -> Fraction | None:
    """A radius beyond which the integral is below 2^-bits; None if there is none within MAX_RADIUS."""
    goal = arb(2) ** -(bits + 2)
    radius = max(Fraction(6), bound.beyond.get(i, Fraction(0)))
    while radius <= MAX_RADIUS:
        if tail(bound, i, radius) * bound.constant < goal:
            return radius
        radius += 1 if radius < 20 else 5
    return None

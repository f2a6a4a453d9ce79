"""Certified values of constants: the integrals E[...] that have no closed form, with proved tails."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from itertools import product as cartesian

from flint import acb, arb

from steinlab.theory.links.enclosures import (
    Function,
    certain_sign,
    compile_product,
    compile_sum,
    fraction_ball,
    integral,
    interval,
    real_value,
    sign_atoms,
    zeros,
)
from steinlab.theory.links.growth import Growth, product_growth, singularities, tail
from steinlab.theory.links.symbolic import Atom, Product, Sum, substitute, variable
from steinlab.theory.numbers import Number, working_precision

MAX_RADIUS = 400
"""Largest |z| up to which an integral is computed; beyond lies the proved tail."""
GUARD = 32
"""Working bits beyond the accuracy that is asked for."""
PLANE_BITS = (53, 16)
"""Accuracies in bits of integrals over two variables, tried in this order: they are nested and slow."""
BUDGET = 250_000
"""Most evaluations of the integrand of one integral over two variables; beyond it no enclosure is given."""
EVALUATIONS = 4_000
"""Most evaluations of one integration within a nested one."""
WIDE_EVALUATIONS = 300
"""The same at a wide ball of the outer variable."""
UNKNOWN = arb("nan")


def enclosure(u: Sum, bits: int) -> arb:
    """A ball that holds the constant u, each integral in it to about 2^-bits; not finite where no enclosure is known.

    Kind: certified.

    >>> from steinlab.theory.links.expectations import expectation
    >>> from steinlab.theory.links.symbolic import apply
    >>> z = variable(0)
    >>> print(enclosure(expectation(apply("tanh", z) * z), 53).str(15, radius=False))
    0.605705509602159
    """
    atoms = {atom for product in u.terms for atom, _ in product}
    means = {a: mean_enclosure(next(iter(a.argument.terms)), bits) for a in sorted(_mean_atoms(atoms), key=lambda a: a.order)}
    with working_precision(bits + GUARD):
        value = compile_sum(u, {}, means)([], False)
        return value.real if value.is_finite() else UNKNOWN


def _mean_atoms(atoms: set[Atom]) -> set[Atom]:
    """The E[...] among the atoms and inside their arguments."""
    out = {atom for atom in atoms if atom.name == "E"}
    for atom in atoms - out:
        if not atom.is_variable:
            out |= _mean_atoms({a for product in atom.argument.terms for a, _ in product})
    return out


@lru_cache(maxsize=20_000)
def mean_enclosure(product: Product, bits: int) -> arb:
    """A ball that holds E[product], to about 2^-bits; not finite where the integration does not converge. Kind: certified."""
    variables = {i for atom, _ in product for i in atom.variables}
    with working_precision(bits + GUARD):
        if variables == {0}:
            return _line(product, bits)
    if variables != {0, 1}:  # nested integration over three variables does not finish in minutes
        return UNKNOWN
    return _plane(product)


def _line(product: Product, bits: int) -> arb:
    """∫ product φ over the line: pieces between breakpoints, gaps around singular points, and tails."""
    bound = product_growth(product)
    singular = {t: e for (_, t), e in singularities(product).items()}
    if any(e <= -1 for e in singular.values()):
        return UNKNOWN
    radius = _radius(bound, 0, bits, max((abs(t) for t in singular), default=Fraction(0)))
    if radius is None:
        return UNKNOWN
    even = substitute(product, {0: -variable(0)}).terms == {product: Number.of(1)}
    low = Fraction(0) if even else -radius
    kinks = sign_atoms(Sum({product: Number.of(1)}))
    gaps = _breakpoints(kinks, low, radius, bits, singular)
    if gaps is None:
        return UNKNOWN
    total = arb(0, tail(bound, 0, radius) * bound.constant * (1 if even else 2))
    edges = [(low, low), *gaps, (radius, radius)]
    weight = 1 / (2 * arb.pi()).sqrt()
    for (_, a), (b, _) in pairwise(edges):
        if a < b:
            total += _piece(product, kinks, a, b, bits) * weight
    for a, b in gaps:
        total += _gap(product, singular, max(a, low), b, bits) * weight
    return total * 2 if even else total


def _piece(product: Product, kinks: Sequence[Atom], a: Fraction, b: Fraction, bits: int) -> arb:
    """∫_a^b product exp(-z²/2) where no kink changes sign in the interior."""
    middle = acb(fraction_ball((a + b) / 2))
    signs: dict[Atom, int] = {}
    for kink in kinks:
        side = certain_sign(real_value(compile_sum(kink.argument, signs), [middle.real]))
        if not side:
            return UNKNOWN
        signs[kink] = side
    f = compile_product(product, signs)
    return integral(lambda z, analytic: f([z], analytic) * (-z * z / 2).exp(), fraction_ball(a), fraction_ball(b), bits)


def _gap(product: Product, singular: dict[Fraction, Fraction], a: Fraction, b: Fraction, bits: int) -> arb:
    """∫_a^b of the same over a tiny interval where a sign is not known or a factor is singular."""
    if a == b:
        return arb(0)
    z = interval(fraction_ball(a), fraction_ball(b))
    points = [t for t in singular if a <= t <= b]
    if not points:
        f = compile_product(product)
        return real_value(f, [z]) * (-z * z / 2).exp() * fraction_ball(b - a)
    if len(points) > 1:
        return UNKNOWN
    special = {atom for atom, power in product if singularities(((atom, power),))}
    rest = tuple((atom, e) for atom, e in product if atom not in special)
    logs = sum(int(e) for atom, e in product if atom in special and atom.name == "log")
    e = fraction_ball(singular[points[0]])
    # ∫_0^δ (-log x)^m x^e dx = Γ(m+1, (1+e) L)/(1+e)^{m+1}, L = -log δ, on either side of the point
    depth = -fraction_ball(max(b - points[0], points[0] - a)).log()
    size = 2 * ((1 + e) * depth).gamma_upper(arb(logs + 1)) / (1 + e) ** (logs + 1)
    height = abs(real_value(compile_product(rest), [z])) if rest else arb(1)
    bound: arb = arb(0, (size * height).upper())
    return bound


@lru_cache(maxsize=5_000)
def _plane(product: Product) -> arb:
    """E[product] in two variables, at the first accuracy that the budget allows."""
    for bits in PLANE_BITS:
        with working_precision(bits + GUARD):
            value = _plane_to(product, bits)
        if value.is_finite():
            return value
    return UNKNOWN


def _plane_to(product: Product, bits: int) -> arb:
    """E[product] in two variables by nested integration over a box, with a proved bound on the rest.

    The inner integral is a holomorphic function of the outer variable wherever the integrand is: it is asked for analyticity in
    both whenever the outer integration asks for it. Kinks must be kinks of one variable.
    """
    kinks = sign_atoms(Sum({product: Number.of(1)}))
    if singularities(product) or any(len(kink.variables) > 1 for kink in kinks):
        return UNKNOWN
    bound = product_growth(product)
    radii: list[Fraction] = []
    for i in range(2):
        radius = _radius(bound, i, bits + 4, Fraction(0))
        if radius is None:
            return UNKNOWN
        radii.append(radius)
    ranges = []
    folded = _folded(product)
    for i, radius in enumerate(radii):
        low = Fraction(0) if folded[i] else -radius
        gaps = _breakpoints([_kink_of_first(kink, i) for kink in kinks if kink.variables == {i}], low, radius, bits, {})
        if gaps is None or any(a < b for a, b in gaps):
            return UNKNOWN
        edges = sorted({low, radius, *(a for a, _ in gaps)})
        ranges.append(list(pairwise(edges)))
    total: arb = arb(0, _outside(bound, radii))
    scale = 2 ** sum(folded) / (2 * arb.pi())
    for box in cartesian(*ranges):
        total += _box(product, kinks, box, bits) * scale
    return total


def _folded(product: Product) -> list[bool]:
    """Variables that may be kept positive, by symmetry, at the price of a factor 2 each.

    The sign changes under which the product is invariant form a group; a variable is folded when an element flips it and none of
    the variables folded later.
    """
    one = Number.of(1)
    flips = [
        set(flipped)
        for flipped in ((0,), (1,), (0, 1))
        if substitute(product, {i: -variable(i) for i in flipped}).terms == {product: one}
    ]
    folded: set[int] = set()
    for i in (1, 0):
        if any(i in flipped and not flipped & folded for flipped in flips):
            folded.add(i)
    return [0 in folded, 1 in folded]


def _kink_of_first(kink: Atom, i: int) -> Atom:
    """A kink of z_{i+1} as the same kink of z1."""
    return Atom.get("sign", kink.argument.substitute({i: variable(0)}))


def _box(product: Product, kinks: Sequence[Atom], box: Sequence[tuple[Fraction, Fraction]], bits: int) -> arb:
    """∫ product exp(-|z|²/2) over a box on which no kink changes sign."""
    middle = [fraction_ball((a + b) / 2) for a, b in box]
    signs: dict[Atom, int] = {}
    for kink in kinks:
        side = certain_sign(real_value(compile_sum(kink.argument, signs), middle))
        if not side:
            return UNKNOWN
        signs[kink] = side
    value = _nested(_Limited(compile_product(product, signs)), box, [], False, bits)
    return value.real if value.is_finite() else UNKNOWN


class _Limited:
    """A function for its first BUDGET evaluations, then not finite."""

    def __init__(self, f: Function) -> None:
        self.f = f
        self.left = BUDGET

    def __call__(self, x: Sequence[acb], analytic: bool) -> acb:
        self.left -= 1
        return self.f(x, analytic) if self.left >= 0 else acb(UNKNOWN, UNKNOWN)


def _nested(f: _Limited, box: Sequence[tuple[Fraction, Fraction]], outer: list[acb], analytic: bool, bits: int) -> acb:
    """∫ f exp(-|z|²/2) over the variables that are left, the outer ones being fixed balls."""
    depth = len(outer)

    def slice_(z: acb, also: bool) -> acb:
        if f.left < 0:
            return acb(UNKNOWN, UNKNOWN)
        point = [*outer, z]
        value = f(point, analytic or also) if depth + 1 == len(box) else _nested(f, box, point, analytic or also, bits)
        return value * (-z * z / 2).exp()

    # wide outer balls serve for bounds and for finding out where f is not analytic: no effort is spent on accuracy there
    wide = any(not (x.real.rad() + x.imag.rad() < arb(2) ** -(bits + 10)) for x in outer)
    tolerance = arb(2) ** (-4 if wide else -bits - 8 * depth)
    low, high = (acb(fraction_ball(edge)) for edge in box[depth])
    limit = WIDE_EVALUATIONS if wide else EVALUATIONS
    return acb.integral(slice_, low, high, abs_tol=tolerance, rel_tol=tolerance, eval_limit=limit)


def _outside(bound: Growth, radii: Sequence[Fraction]) -> arb:
    """A bound on the integral outside the box |z_i| <= radii[i]."""
    tails = [2 * tail(bound, i, r) for i, r in enumerate(radii)]
    whole = []
    for i, r in enumerate(radii):
        p, rate, square = (entries.get(i, arb(0)) for entries in (bound.power, bound.rate, bound.square))

        def envelope(z: acb, _: bool, p: arb = p, rate: arb = rate, square: arb = square) -> acb:
            return ((1 + z) ** acb(p)) * (rate * z + (square - arb(1) / 2) * z * z).exp()

        inside = 2 * integral(envelope, arb(0), fraction_ball(r), 10) / (2 * arb.pi()).sqrt()
        whole.append(inside + tails[i])
    total = arb(0)
    for i, beyond in enumerate(tails):
        term = bound.constant * beyond
        for j, other in enumerate(whole):
            term *= arb(1) if i == j else other
        total += term
    return total.upper()


def _breakpoints(
    kinks: Sequence[Atom], low: Fraction, high: Fraction, bits: int, singular: dict[Fraction, Fraction]
) -> list[tuple[Fraction, Fraction]] | None:
    """Disjoint intervals in [low, high], rising, that hold all zeros of the kinks' arguments and the singular points."""
    found: list[tuple[Fraction, Fraction]] = []
    # wide enough to be cheap, narrow enough that the gap's integral is below the accuracy asked for
    half_gap = Fraction(1, 2 ** (2 * bits + GUARD))
    for t, e in singular.items():
        width = half_gap ** max(1, -(-1 // (1 + e))) if e < 0 else half_gap
        found.append((t - width, t + width))
    for kink in kinks:
        root = _rational_root(kink.argument)
        if root is not None:
            if root not in singular:
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


def _radius(bound: Growth, i: int, bits: int, least: Fraction) -> Fraction | None:
    """A radius beyond which the integral is below 2^-bits; None if there is none within MAX_RADIUS."""
    goal = arb(2) ** -(bits + 2)
    radius = max(Fraction(6), least + 2)
    while radius <= MAX_RADIUS:
        if tail(bound, i, radius) * bound.constant < goal:
            return radius
        radius += 1 if radius < 20 else 5
    return None

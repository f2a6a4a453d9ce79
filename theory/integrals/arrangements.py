"""Is a product in several variables integrable under the Gaussian? Its singular hyperplanes are counted.

A product is split into factors that are functions of one linear form each, a Gaussian, powers of quadratic forms, and what is
bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias

from flint import arb

from steinlab.theory.behaviour.germs import End, Germ, Point, germ
from steinlab.theory.behaviour.growth import identity_minus, is_positive_definite, is_regular, product_growth
from steinlab.theory.behaviour.points import singular_points
from steinlab.theory.behaviour.scales import (
    LOGARITHMS,
    ONE,
    Scale,
    UnknownBehaviour,
    X,
    compare,
    constant_sign,
    leading_power,
)
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.integrals.line import Integrability, Weight, converges, growth_text
from steinlab.theory.links.balls import certain_sign, fraction_ball, real_value
from steinlab.theory.links.coordinates import forms, span
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ranges import quadratic_minimum
from steinlab.theory.links.ring import (
    Product,
    Sum,
    apply,
    constant,
    is_polynomial_form,
    variable,
)

MAX_SUBSPACES = 10
"""Most singular subspaces of one product whose intersections are all counted."""
_BITS = 128
_BOX = Fraction(1, 2**24)
"""Half the width of the box on which a factor is bounded, next to a point of a singular hyperplane."""
_COORDINATES = (Fraction(17, 23), Fraction(-29, 19), Fraction(41, 31), Fraction(-11, 37))
Form: TypeAlias = tuple[tuple[int, Number], ...]
"""A linear form: its nonzero coefficients by variable, the first one 1."""


def _form(u: Sum) -> Form | None:
    """The linear form of which u is a function; None where there is none."""
    order = sorted(u.variables)
    basis = span(forms(u), order)
    return tuple((i, c) for i, c in zip(order, basis[0], strict=True) if c) if len(basis) == 1 else None


def split_by_forms(product: Product) -> tuple[dict[Form, Sum], Sum, list[Sum]]:
    """({linear form: the product of the factors that are functions of it}, a quadratic exponent, the other factors)."""
    along: dict[Form, Sum] = {}
    exponent, wide = constant(0), []
    for factor in _factors(product):
        ((term, _),) = factor.terms.items()
        inner = term[0][0].argument if term and term[0][0].name == "exp" else None
        if inner is not None and inner.degree <= 2 and is_polynomial_form(inner):
            exponent = exponent + inner
            continue
        form = _form(factor)
        if form is not None:
            along[form] = along.get(form, constant(1)) * factor
        elif factor.variables:
            wide.append(factor)
    return along, exponent, wide


def _factors(product: Product) -> Iterator[Sum]:
    """The factors of a product, an exponential by the terms of its exponent."""
    for atom, e in product:
        if atom.name == "exp":
            yield from (apply("exp", Sum({term: c})) for term, c in atom.argument.terms.items())
        else:
            yield Sum({((atom, e),): Number.of(1)})


def along_form(u: Sum, form: Form) -> Sum:
    """h, as a function of z1, with u = h(y), u a function of the linear form y."""
    lead, slope = form[0]
    return u.substitute({i: constant(0) for i, _ in form} | {lead: variable(0) * slope.inverse()})


def arrangement(product: Product, p: int) -> Integrability:
    """A product of functions of linear forms, a Gaussian, powers of quadratic forms, and bounded factors.

    Next to a point only the singular subspaces through it matter, |factor| <= C dist^{-a-ε}. By induction over their
    intersections F, in polar coordinates across F, the p-th power is locally integrable where p Σ a < codim F for each F, the sum
    over the subspaces that hold F. The integrals over unit boxes are then bounded, as finitely many arrangements occur in them,
    and what grows is a Gaussian of smaller curvature than the density.
    """
    along, exponent, wide = split_by_forms(product)
    subspaces: list[tuple[list[Form], Point, Sum]] = []
    rates: list[tuple[Form, arb]] = []
    for factor in wide:
        ((((atom, e), *_), _),) = factor.terms.items()
        definite = _vanishing_forms(atom.argument) if atom.name in ("base", "log") else None
        if definite is not None:
            subspaces.append((definite, constant(0), constant(max(Fraction(0), -2 * e) if atom.name == "base" else 0)))
        elif not (is_regular(((atom, e),), p) and product_growth(((atom, e),)).is_polynomial):
            return Integrability(None, f"{factor} was not bounded by functions of one linear form")
    for form, u in along.items():
        h = along_form(u, form)
        points = singular_points(h)
        if not points.complete:
            return Integrability(None, f"the points where {u} is singular were not all found")
        try:
            subspaces += [([form], point, _order([germ(h, End(point, side)) for side in (1, -1)])) for point in points.found]
            rates.append((form, _rate([germ(h, End(None, side)) for side in (1, -1)])))
        except UnknownBehaviour as error:
            return Integrability(None, f"{u}: {error}")
    definite_sign = _outweighed(exponent, rates, p)
    if definite_sign is False and not wide and all(is_polynomial_form(u) for u in along.values()):
        reason = (
            f"exp({exponent}) grows too fast: for zᵀAz in an exponent I - 4A must be positive definite, as c z1**2 needs c < 1/4"
        )
        return Integrability(False, reason)
    if not definite_sign:
        return Integrability(None, "the Gaussian density was not proved to outweigh the growth")
    if not _few_enough([part for part in subspaces if not part[2].is_zero], p):
        return Integrability(None, "the exponents of singular factors that meet were not proved small enough")
    return Integrability(True, "where singular subspaces meet, their exponents add up to less than the codimension")


def _order(germs: Sequence[Germ]) -> Sum:
    """The least a >= 0 with u = O(x^{a + ε}) for every ε > 0; UnknownBehaviour where u outgrows every power."""
    out = constant(0)
    for m in (m for u in germs for m in u.above if m != ONE):
        lead = leading_power(m)
        size = None if lead is None else compare(lead[0], LOGARITHMS[0])
        if lead is None or size is None or (size == 1 and lead[1] > 0):
            raise UnknownBehaviour("a factor that grows faster than every power")
        if size == 0:
            larger = constant_sign(dict(m.powers)[LOGARITHMS[0]] - out)
            if larger is None:
                raise UnknownBehaviour("exponents that were not told apart")
            out = dict(m.powers)[LOGARITHMS[0]] if larger == 1 else out
    return out


def _rate(germs: Sequence[Germ]) -> arb:
    """A least s with u = O(exp((s + ε) x²)) for every ε > 0, rounded up."""
    square, found = X ** constant(2), list[arb]()
    for m in (m for u in germs for m in u.above):
        here = arb(0)
        for k, c in m.powers:
            size = compare(k, square)
            if size is None or (size == 1 and constant_sign(c) != -1):
                raise UnknownBehaviour("a factor that grows faster than every Gaussian")
            if size == 0:
                with working_precision(_BITS):
                    here = real_value(compile_sum(c), []).upper()
        if not here.is_finite():
            raise UnknownBehaviour("a rate that is not enclosed")
        found.append(here)
    return max(found, default=arb(0))


def _vanishing_forms(u: Sum) -> list[Form] | None:
    """Linear forms on whose common zeros a positive semidefinite quadratic form vanishes; None for other sums."""
    if not u.is_polynomial or any(sum(e for _, e in product) != 2 for product in u.terms) or quadratic_minimum(u) is None:
        return None
    return [tuple(sorted(form.items())) for form in forms(u)]


def _outweighed(exponent: Sum, rates: Sequence[tuple[Form, arb]], p: int) -> bool | None:
    """Whether I - 2p(A + Σ s l lᵀ) is positive definite, A the matrix of the exponent's quadratic part; None: not decided."""
    if all(rate.is_zero() for _, rate in rates) and exponent.is_polynomial:
        return is_positive_definite(identity_minus(exponent, 2 * p))
    order = sorted({*exponent.variables, *(i for form, _ in rates for i, _ in form)})
    with working_precision(_BITS):
        rows = [[arb(int(i == j)) for j in order] for i in order]
        for product, c in exponent.terms.items():
            indices = [order.index(atom.index) for atom, e in product if atom.is_variable for _ in range(int(e))]
            if len(indices) == 2:
                size = p * real_value(compile_sum(Sum({tuple(f for f in product if not f[0].is_variable): c})), [])
                for i, j in (indices, indices[::-1]):
                    rows[i][j] -= size
        for form, rate in rates:
            for i, a in form:
                for j, b in form:
                    rows[order.index(i)][order.index(j)] -= 2 * p * rate * a.ball() * b.ball()
        for k in range(len(rows)):
            side = certain_sign(rows[k][k])
            if side != 1:
                return False if side == -1 else None
            for i in range(k + 1, len(rows)):
                factor = rows[i][k] / rows[k][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
    return True


def _few_enough(subspaces: Sequence[tuple[list[Form], Point, Sum]], p: int) -> bool:
    """Whether p times the exponents of any singular subspaces that meet add up to less than the codimension of where they do."""
    if len(subspaces) > MAX_SUBSPACES:
        return False
    for size in range(1, len(subspaces) + 1):
        for chosen in combinations(subspaces, size):
            if any(a[0] == b[0] and a[1] != b[1] for a, b in combinations(chosen, 2)):
                continue  # parallel hyperplanes
            rows = [form for found, _, _ in chosen for form in found]
            codimension = len(span([dict(form) for form in rows], sorted({i for form in rows for i, _ in form})))
            total = sum((a for _, _, a in chosen), constant(0)) * p
            if constant_sign(constant(codimension) - total) != 1:
                return False
    return True


def singular_hyperplane(u: Sum, p: int) -> Integrability | None:
    """Infinite, where one factor of one linear form is too singular and nothing else in the sum is: None if that is not proved.

    The sum is Σ h_j(y) R_j. Next to a point of the hyperplane one h_j outgrows the others, no R_j is unbounded there and the one
    beside it is bounded away from zero.
    """
    splits = [(split_by_forms(product), product, c) for product, c in u.terms.items()]
    for form in dict.fromkeys(form for (along, _, _), _, _ in splits for form in along):
        layers: dict[Sum, Sum] = {}
        for (along, exponent, wide), _, c in splits:
            rest = constant(c) * apply("exp", exponent)
            for factor in (*(f for other, f in along.items() if other != form), *wide):
                rest = rest * factor
            h = along_form(along[form], form) if form in along else constant(1)
            layers[h] = layers.get(h, constant(0)) + rest
        points = {point for h in layers for point in singular_points(h).found if isinstance(point, Sum)}
        for end in (End(point, side) for point in points for side in (1, -1)):
            found = _outgrows(layers, end, p)
            if found is not None and _is_bounded_near(layers, found[0], form, end):
                name = str(sum((variable(i) * c for i, c in form), constant(0)))
                return Integrability(False, growth_text(found[1], end, name, Weight(), p))
    return None


def _outgrows(layers: Mapping[Sum, Sum], end: End, p: int) -> tuple[Sum, Scale] | None:
    """(h, lower bound) for the one h among the layers that is not integrable at an end and outgrows the others."""
    try:
        germs = {h: germ(h, end) for h in layers}
        for h, here in germs.items():
            low = here.below
            if low is None or converges(Weight().integrand(low ** constant(p), end)) is not False:
                continue
            if all(compare(low, m) == 1 for other, there in germs.items() if other != h for m in there.above):
                return h, low
    except UnknownBehaviour:
        pass
    return None


def _is_bounded_near(layers: Mapping[Sum, Sum], top: Sum, form: Form, end: End) -> bool:
    """Whether on a box at a point of the hyperplane balls bound every R_j, and that of the top one away from zero."""
    assert isinstance(end.point, Sum), "the hyperplane is known exactly"
    size = max(i for rest in layers.values() for i in (*rest.variables, *(i for i, _ in form))) + 1
    with working_precision(_BITS):
        at = real_value(compile_sum(end.point), [])
        for shift in range(len(_COORDINATES)):
            point = [fraction_ball(_COORDINATES[(i + shift) % len(_COORDINATES)]) for i in range(size)]
            lead, slope = form[0]
            point[lead] = (at - sum((c.ball() * point[i] for i, c in form[1:]), arb(0))) / slope.ball()
            box = [x + arb(0, fraction_ball(_BOX)) for x in point]
            values = {h: real_value(compile_sum(rest), box) for h, rest in layers.items()}
            if all(value.is_finite() for value in values.values()) and certain_sign(values[top]) in (1, -1):
                return True
    return False

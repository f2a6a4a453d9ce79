"""How fast a link can grow, read off its structure: bounds that prove integrability and the tails of integrals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from math import ceil

from flint import arb

from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, identity
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.links.balls import certain_sign, fraction_ball, real_value
from steinlab.theory.links.cases import settle
from steinlab.theory.links.enclosures import compile_product, compile_sum
from steinlab.theory.links.functions import FUNCTIONS, bound_of
from steinlab.theory.links.ranges import ceiling, is_positive, kept_distance, may_be_singular, positive_floor, value_range
from steinlab.theory.links.ring import Atom, Product, Sum, product_order, sign_atoms

_BITS = 64


@dataclass(frozen=True)
class Growth:
    """|h(z)| <= constant · Π_i (1 + |z_i|)^power_i exp(rate_i |z_i| + square_i z_i²) where |z_i| >= beyond_i for every i.

    Rates are >= 0; squares may be negative. Absent entries are zero; `beyond` has some where h may be singular.
    """

    constant: arb
    power: dict[int, arb] = field(default_factory=dict)
    rate: dict[int, arb] = field(default_factory=dict)
    square: dict[int, arb] = field(default_factory=dict)
    beyond: dict[int, Fraction] = field(default_factory=dict)

    def __mul__(self, other: Growth) -> Growth:
        return Growth(
            self.constant * other.constant,
            _plus(self.power, other.power),
            _plus(self.rate, other.rate),
            _plus(self.square, other.square),
            _furthest(self.beyond, other.beyond),
        )

    def __add__(self, other: Growth) -> Growth:
        return Growth(
            self.constant + other.constant,
            _max(self.power, other.power),
            _max(self.rate, other.rate),
            _max(self.square, other.square),
            _furthest(self.beyond, other.beyond),
        )

    def __pow__(self, e: Fraction) -> Growth:
        """Hypothesis: e >= 0."""
        x = fraction_ball(e)
        power, rate, square = ({i: v * x for i, v in bound.items()} for bound in (self.power, self.rate, self.square))
        return Growth(self.constant**x, power, rate, square, self.beyond)

    @property
    def is_polynomial(self) -> bool:
        """Whether rates are certainly zero and squares certainly nowhere positive: false where a ball does not decide."""
        return all(certain_sign(v) == 0 for v in self.rate.values()) and all(v <= 0 for v in self.square.values())


def growth(u: Sum) -> Growth:
    """A bound on |u|. InputError where the structure gives none (exp of something faster than a quadratic). Kind: certified."""
    with working_precision(_BITS):
        bounds = [product_growth(p) * Growth(abs(u.terms[p].ball()).upper()) for p in sorted(u.terms, key=product_order)]
    return reduce(Growth.__add__, bounds) if bounds else Growth(arb(0))


def polynomial_powers(u: Sum) -> dict[int, float] | None:
    """Powers p_i with |u| <= C Π (1 + |z_i|)^{p_i} everywhere; None where no such bound is known. Kind: certified."""
    if any(_may_be_unbounded(product) for product in u.terms):
        return None
    try:
        bound = growth(u)
    except InputError:
        return None
    return {i: float(p.upper()) for i, p in bound.power.items()} if bound.is_polynomial else None


def product_growth(product: Product) -> Growth:
    """A bound on |product|."""
    with working_precision(_BITS):
        out = Growth(arb(1))
        for atom, e in product:
            out = out * _factor_growth(atom, e)
    return out


def _factor_growth(atom: Atom, e: Fraction) -> Growth:
    if atom.name == "z":
        return Growth(arb(1), {atom.index: fraction_ball(e)})
    most = bound_of(atom.name)
    if most is not None and atom.variables:
        return Growth(fraction_ball(most ** int(e)))
    if not atom.variables:
        value = abs(compile_product(((atom, e),))([], False).real)
        if not value.is_finite():
            raise InputError(f"could not bound the constant {atom}: write it in another form")
        return Growth(value.upper())
    if atom.name == "exp":
        return _exponential(atom.argument) ** e
    if atom.name == "log":
        return _logarithm(atom.argument) ** e
    if atom.name != "base":
        slope = FUNCTIONS[atom.name].near_zero if atom.name in FUNCTIONS else None
        if slope is None:
            raise InputError(f"could not bound {atom}: no bound on this function is known")
        return (growth(atom.argument) * Growth(arb(slope))) ** e
    if e > 0:
        return growth(atom.argument) ** e
    low = positive_floor(atom.argument)
    if low is not None:
        return Growth(low.ball() ** fraction_ball(e))
    beyond = _at_least_one_beyond(atom.argument)
    if beyond is not None:
        return Growth(arb(1), beyond=beyond)
    exponent, c = _one_exponential(atom)
    return _exponential(exponent * e) * Growth(c.ball() ** fraction_ball(e))


def _at_least_one_beyond(u: Sum) -> dict[int, Fraction] | None:
    """{i: R} with u >= 1 where |z_{i+1}| >= R, for a polynomial in one variable on either side of its kinks; None for others.

    c_n z^n + ... is at least 1 in absolute value where |z| >= 1 and |c_n| |z| >= 1 + Σ_{k<n} |c_k|.
    """
    if len(u.variables) != 1:
        return None
    (i,) = u.variables
    radius = Fraction(1)
    for side in (1, -1):
        signs = {}
        for kink in sign_atoms(u):
            far = _leading(kink.argument, i)
            if far is None:
                return None
            signs[kink] = far[0] * (side ** far[1])
            radius = max(radius, far[2])
        lead = _leading(settle(u, signs), i)
        if lead is None or lead[0] * side ** lead[1] < 0 or lead[1] == 0:
            return None
        radius = max(radius, lead[2])
    return {i: radius}


def _leading(p: Sum, i: int) -> tuple[int, int, Fraction] | None:
    """(sign of the leading coefficient, degree, R) of a polynomial in z_{i+1} with |p| >= 1 where |z| >= R; None for others."""
    parts = p.coefficients_in(i)
    if not parts or any(c.variables for c in parts.values()):
        return None
    balls = {k: real_value(compile_sum(c), []) for k, c in parts.items()}
    degree = max(balls)
    top = balls.pop(degree)
    radius = (sum((abs(c) for c in balls.values()), arb(1)) / abs(top)).upper()
    side = certain_sign(top)
    return (side, degree, Fraction(ceil(float(radius) * (1 + 1e-9)))) if side and radius.is_finite() else None


def _one_exponential(atom: Atom) -> tuple[Sum, Number]:
    """(u, c) with c e^u a lower bound: a term of a positive sum of exponentials, or one on the distance to a bound."""
    distance = kept_distance(atom.argument)
    if distance is not None:
        return -distance[1], distance[0]
    for product, c in atom.argument.terms.items():
        if is_positive(atom.argument) and len(product) == 1 and product[0][0].name == "exp":
            return product[0][0].argument, c
    raise InputError(f"could not bound {atom.argument} away from zero: write it as a sum of positive terms with a constant")


def _logarithm(v: Sum) -> Growth:
    upper = growth(v)
    beyond = upper.beyond
    size = abs(upper.constant.log()).upper()
    power: dict[int, arb] = {}
    low = positive_floor(v)
    if low is not None:
        size += (-low.ball().log()).max(arb(0)).upper()  # where v >= 1 its logarithm is not negative
    elif (found := _at_least_one_beyond(v)) is not None:
        beyond = _furthest(beyond, found)
    else:
        exponent, c = _one_exponential(Atom.get("log", v))
        size += abs(c.ball().log()).upper()
        lower = growth(exponent)
        if not lower.is_polynomial:
            raise InputError(f"could not bound log({v}): its argument is not bounded below by the exponential of a polynomial")
        size += lower.constant
        power = dict(lower.power)
        beyond = _furthest(beyond, lower.beyond)
    for i in {*upper.power, *upper.rate, *upper.square}:
        square = upper.square.get(i, arb(0))
        size += upper.power.get(i, arb(0)) + upper.rate.get(i, arb(0)) + abs(square).upper()
        power[i] = power.get(i, arb(0)).max(arb(1 if certain_sign(square) == 0 else 2))
    return Growth(size.upper(), power, beyond=beyond)


def _exponential(u: Sum) -> Growth:
    """e^u through an upper bound of u: term by term, or of u as a whole where a term grows like a quadratic or faster."""
    try:
        bound = _exponential_by_terms(u)
        if all(square <= 0 for square in bound.square.values()):
            return bound
        error = None
    except InputError as refused:
        error = refused
    high = ceiling(u)
    if high is not None:
        return Growth(high.ball().exp().upper())
    if error is not None:
        raise error
    return bound


def _exponential_by_terms(u: Sum) -> Growth:
    """e^u through an upper bound of u by a constant, |z_i| and z_i²."""
    total = arb(0)
    beyond: dict[int, Fraction] = {}
    rate: dict[int, arb] = {}
    square: dict[int, arb] = {}
    for product, c in u.terms.items():
        constants = tuple((a, e) for a, e in product if not a.variables)
        ball = c.ball() * compile_product(constants)([], False).real if constants else c.ball()
        varying = [(a, e) for a, e in product if a.variables]
        variables = [a.index for a, e in varying if a.name == "z" for _ in range(int(e))]
        pure = all(a.name == "z" for a, _ in varying)
        if pure and len(variables) == 2 and variables[0] == variables[1]:
            square[variables[0]] = square.get(variables[0], arb(0)) + ball
            continue
        side = value_range(Sum({product: c}))
        if side.high is not None and side.high.sign() <= 0:
            continue
        if side.high is not None:
            total += side.high.ball()
            continue
        size = abs(ball).upper()
        bounds = [(Fraction(1) if a.name == "z" else bound_of(a.name), e) for a, e in varying]
        for most, e in bounds:
            size = size if most is None else size * fraction_ball(most ** int(e))
        if any(most is None for most, _ in bounds):
            whole = growth(Sum({product: c}))
            powers = list(whole.power.items())
            if not (whole.is_polynomial and len(powers) == 1 and powers[0][1] <= 1):
                raise _too_fast(u)
            total += whole.constant  # C (1 + |z|)
            beyond = _furthest(beyond, whole.beyond)
            rate[powers[0][0]] = rate.get(powers[0][0], arb(0)) + whole.constant
            continue
        if len(variables) > 2:
            raise _too_fast(u)
        if not variables:
            total += size
        elif len(variables) == 1:
            rate[variables[0]] = rate.get(variables[0], arb(0)) + size
        else:
            for i in variables:
                square[i] = square.get(i, arb(0)) + size / 2
    return Growth(total.exp().upper(), {}, rate, square, beyond)


def _too_fast(u: Sum) -> InputError:
    return InputError(
        f"could not bound exp({u}): its argument is not bounded by a quadratic, so its variance is infinite or cannot be proved "
        "finite; use an argument of at most quadratic growth"
    )


def _may_be_unbounded(product: Product) -> bool:
    """Whether a divisor or logarithm may be singular, one that stands in a bounded function excepted."""
    return may_be_singular(tuple(factor for factor in product if bound_of(factor[0].name) is None))


def is_regular(product: Product, p: int = 2) -> bool:
    """Whether |product|^p has a finite Gaussian mean by its growth alone, nothing in it being singular. False: not known.

    Bounded functions are so whatever stands in them, atan(z1/z2) too.
    """
    if _may_be_unbounded(product):
        return False
    try:
        if _is_small_gaussian(product, p):
            return True
        bound = product_growth(product)
    except InputError:  # no bound is known
        return False
    with working_precision(_BITS):
        return all(2 * p * a < 1 for a in bound.square.values())


def _is_small_gaussian(product: Product, p: int) -> bool:
    """Whether the product is exp(Q) times factors of polynomial growth, Q an exact quadratic with I - 2pA positive definite."""
    exponents = [atom.argument for atom, _ in product if atom.name == "exp"]
    rest = tuple((atom, e) for atom, e in product if atom.name != "exp")
    if len(exponents) != 1 or not exponents[0].is_polynomial or exponents[0].degree > 2:
        return False
    return is_positive_definite(identity_minus(exponents[0], 2 * p)) and product_growth(rest).is_polynomial


def identity_minus(q: Sum, factor: int) -> Matrix:
    """I - factor · A for the quadratic part zᵀAz of a polynomial, over its variables."""
    order = sorted(q.variables)
    rows = [list(row) for row in identity(len(order))]
    for product, c in q.terms.items():
        indices = [order.index(a.index) for a, e in product for _ in range(int(e))]
        if len(indices) == 2:
            i, j = indices
            rows[i][j] = rows[i][j] - c * Fraction(factor, 2)
            rows[j][i] = rows[j][i] - c * Fraction(factor, 2)
    return tuple(tuple(row) for row in rows)


def is_positive_definite(a: Matrix) -> bool:
    """Whether a symmetric matrix is positive definite, by exact elimination."""
    work = [list(row) for row in a]
    for k in range(len(work)):
        if work[k][k].sign() <= 0:
            return False
        for i in range(k + 1, len(work)):
            factor = work[i][k] / work[k][k]
            work[i] = [x - factor * y for x, y in zip(work[i], work[k], strict=True)]
    return True


def tail(bound: Growth, i: int, radius: Fraction) -> arb:
    """A bound on ∫_radius^∞ (1 + z)^power exp(rate z + square z²) φ(z) dz, φ the normal density.

    Not finite where the radius is too small for the argument:

    the logarithm h of the integrand is concave, so h(z) <= h(R) + h'(R)(z - R) and the integral is at most e^{h(R)}/(-h'(R)).
    """
    p, rate, square = (entries.get(i, arb(0)) for entries in (bound.power, bound.rate, bound.square))
    r = fraction_ball(radius)
    slope = p / (1 + r) + rate - (1 - 2 * square) * r
    if not (slope < 0 and square < arb(1) / 2):
        return arb("nan")
    height = p * (1 + r).log() + rate * r - (arb(1) / 2 - square) * r * r
    return (height.exp() / (-slope) / (2 * arb.pi()).sqrt()).upper()


def _plus(a: dict[int, arb], b: dict[int, arb]) -> dict[int, arb]:
    return {i: a.get(i, arb(0)) + b.get(i, arb(0)) for i in {*a, *b}}


def _furthest(a: Mapping[int, Fraction], b: Mapping[int, Fraction]) -> dict[int, Fraction]:
    return {i: max(a.get(i, Fraction(0)), b.get(i, Fraction(0))) for i in {*a, *b}}


def _max(a: dict[int, arb], b: dict[int, arb]) -> dict[int, arb]:
    """The larger entry for each variable, an absent one being zero."""
    return {i: a.get(i, arb(0)).max(b.get(i, arb(0))) for i in {*a, *b}}

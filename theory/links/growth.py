"""How fast a link can grow, read off its structure: bounds that prove integrability and the tails of integrals."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb

from steinlab.theory.errors import InputError
from steinlab.theory.linear_algebra import Matrix, identity
from steinlab.theory.links.enclosures import certain_sign, compile_product, fraction_ball
from steinlab.theory.links.reading import distance_to_point, is_positive
from steinlab.theory.links.signs import value_range
from steinlab.theory.links.symbolic import BOUNDED, Atom, Product, Sum
from steinlab.theory.numbers import Number, working_precision

_BITS = 64


@dataclass(frozen=True)
class Growth:
    """|h(z)| <= constant · Π_i (1 + |z_i|)^power_i exp(rate_i |z_i| + square_i z_i²), at distance >= 1 from singular points.

    Rates are >= 0; squares may be negative. Absent entries are zero.
    """

    constant: arb
    power: dict[int, arb] = field(default_factory=dict)
    rate: dict[int, arb] = field(default_factory=dict)
    square: dict[int, arb] = field(default_factory=dict)

    def __mul__(self, other: Growth) -> Growth:
        return Growth(
            self.constant * other.constant,
            _plus(self.power, other.power),
            _plus(self.rate, other.rate),
            _plus(self.square, other.square),
        )

    def __add__(self, other: Growth) -> Growth:
        return Growth(
            self.constant + other.constant,
            _max(self.power, other.power),
            _max(self.rate, other.rate),
            _max(self.square, other.square),
        )

    def __pow__(self, e: Fraction) -> Growth:
        """Hypothesis: e >= 0."""
        x = fraction_ball(e)
        power, rate, square = ({i: v * x for i, v in bound.items()} for bound in (self.power, self.rate, self.square))
        return Growth(self.constant**x, power, rate, square)

    @property
    def is_polynomial(self) -> bool:
        """Whether rates are certainly zero and squares certainly nowhere positive: false where a ball does not decide."""
        return all(certain_sign(v) == 0 for v in self.rate.values()) and all(v <= 0 for v in self.square.values())


def growth(u: Sum) -> Growth:
    """A bound on |u|. InputError where the structure gives none (exp of something faster than a quadratic). Kind: certified."""
    with working_precision(_BITS):
        bounds = [product_growth(p) * Growth(abs(c.ball()).upper()) for p, c in u.terms.items()]
    total = Growth(arb(0))
    for bound in bounds:
        total = total + bound
    return total


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
    if atom.name in BOUNDED:
        return Growth(arb(1))
    if not atom.variables:
        value = abs(compile_product(((atom, e),))([], False).real)
        if not value.is_finite():
            raise InputError(f"could not bound the constant {atom}: write it in another form")
        return Growth(value.upper())
    if atom.name == "exp":
        return _exponential(atom.argument) ** e
    if atom.name == "log":
        return _logarithm(atom.argument) ** e
    if e > 0:
        return growth(atom.argument) ** e
    low = value_range(atom.argument).low
    if low is not None and low.sign() > 0:
        return Growth(low.ball() ** fraction_ball(e))
    if distance_to_point(atom.argument) is not None:
        return Growth(arb(1))
    exponent, c = _one_exponential(atom)
    return _exponential(exponent * e) * Growth(c.ball() ** fraction_ball(e))


def _one_exponential(atom: Atom) -> tuple[Sum, Number]:
    """(u, c) with c e^u one of the terms of a positive sum of exponentials: a lower bound on it."""
    for product, c in atom.argument.terms.items():
        if is_positive(atom.argument) and len(product) == 1 and product[0][0].name == "exp":
            return product[0][0].argument, c
    raise InputError(f"could not bound {atom.argument} away from zero: write it as a sum of positive terms with a constant")


def _logarithm(v: Sum) -> Growth:
    upper = growth(v)
    size = abs(upper.constant.log()).upper()
    power: dict[int, arb] = {}
    low = value_range(v).low
    if low is not None and low.sign() > 0:
        size += abs(low.ball().log()).upper()
    elif distance_to_point(v) is None:
        exponent, c = _one_exponential(Atom.get("log", v))
        size += abs(c.ball().log()).upper()
        lower = growth(exponent)
        if not lower.is_polynomial:
            raise InputError(f"could not bound log({v}): its argument is not bounded below by the exponential of a polynomial")
        size += lower.constant
        power = dict(lower.power)
    for i in {*upper.power, *upper.rate, *upper.square}:
        square = upper.square.get(i, arb(0))
        size += upper.power.get(i, arb(0)) + upper.rate.get(i, arb(0)) + abs(square).upper()
        power[i] = power.get(i, arb(0)).max(arb(1 if certain_sign(square) == 0 else 2))
    return Growth(size.upper(), power)


def _exponential(u: Sum) -> Growth:
    """e^u through an upper bound of u: term by term, or of u as a whole where a term grows like a quadratic or faster."""
    try:
        bound = _exponential_by_terms(u)
        if all(square <= 0 for square in bound.square.values()):
            return bound
        error = None
    except InputError as refused:
        error = refused
    high = value_range(u).high
    if high is not None:
        return Growth(high.ball().exp().upper())
    if error is not None:
        raise error
    return bound


def _exponential_by_terms(u: Sum) -> Growth:
    """e^u through an upper bound of u by a constant, |z_i| and z_i²."""
    total = arb(0)
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
        if not all(a.name == "z" or a.name in BOUNDED for a, _ in varying):
            bound = growth(Sum({product: c}))
            powers = list(bound.power.items())
            if not (bound.is_polynomial and len(powers) == 1 and powers[0][1] <= 1):
                raise _too_fast(u)
            total += bound.constant  # C (1 + |z|)
            rate[powers[0][0]] = rate.get(powers[0][0], arb(0)) + bound.constant
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
    return Growth(total.exp().upper(), {}, rate, square)


def _too_fast(u: Sum) -> InputError:
    return InputError(
        f"could not bound exp({u}): its argument is not bounded by a quadratic, so its variance is infinite or cannot be proved "
        "finite; use an argument of at most quadratic growth"
    )


def require_square_integrable(u: Sum) -> None:
    """InputError unless every term of u is proved to have a finite second moment under the standard Gaussian. Kind: certified."""
    for product in u.terms:
        singular = singularities(product)
        for (i, t), e in singular.items():
            if 2 * e <= -1:
                factor = f"abs(z{i + 1} - {t})" if t else f"abs(z{i + 1})"
                alone = all(
                    i not in atom.variables or atom.name == "sign" or singularities(((atom, power),)) for atom, power in product
                )
                claim = (
                    "has infinite variance" if alone else "is not known to have a finite variance, even times what vanishes there"
                )
                raise InputError(f"{factor}**({e}) {claim}: use an exponent above -1/2")
        if _is_small_gaussian(product):
            continue
        bound = product_growth(product)
        for i, a in bound.square.items():
            with working_precision(_BITS):
                fine = bool(a < arb(1) / 4)
            if not fine:
                known = len(u.terms) == 1 and _is_gaussian(product)
                claim = "has infinite variance" if known else "has no finite variance, or it could not be proved"
                raise InputError(
                    f"{Sum({product: Number.of(1)})}: it {claim} under the Gaussian: exp(c z{i + 1}**2) needs c < 1/4; make the "
                    "exponent smaller"
                )


def singularities(product: Product) -> dict[tuple[int, Fraction], Fraction]:
    """{(i, t): e} for the factors |z_{i+1} - t|^e, e < 0, and log|z_{i+1} - t| (e = 0) of a product."""
    out: dict[tuple[int, Fraction], Fraction] = {}
    for atom, e in product:
        if atom.name == "log" or (atom.name == "base" and e < 0):
            point = distance_to_point(atom.argument)
            if point is not None:
                out[point] = out.get(point, Fraction(0)) + (e if atom.name == "base" else 0)
    return out


def _is_small_gaussian(product: Product) -> bool:
    """Whether the product is exp(Q) times factors of polynomial growth, Q an exact quadratic with I - 4A positive definite."""
    exponents = [atom.argument for atom, _ in product if atom.name == "exp"]
    rest = tuple((atom, e) for atom, e in product if atom.name != "exp")
    if len(exponents) != 1 or not exponents[0].is_polynomial or exponents[0].degree > 2:
        return False
    return is_positive_definite(identity_minus(exponents[0], 4)) and product_growth(rest).is_polynomial


def _is_gaussian(product: Product) -> bool:
    """Whether the product is a monomial times exp(Q), Q a polynomial of degree at most 2."""
    return all(
        atom.is_variable or (atom.name == "exp" and atom.argument.is_polynomial and atom.argument.degree <= 2)
        for atom, _ in product
    )


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


def _max(a: dict[int, arb], b: dict[int, arb]) -> dict[int, arb]:
    """The larger entry for each variable, an absent one being zero."""
    return {i: a.get(i, arb(0)).max(b.get(i, arb(0))) for i in {*a, *b}}

"""Mousavi-Hosseini et al. 2022: the Stein decomposition, constants of activations, thresholds, stationary points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from flint import arb, arb_series

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import HOLDS, AnyClaim, Claim, Fault, Outcome, Source, at_most, equal, every, failed, undecided
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number, working_precision
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.symbolic import apply, constant, pi
from steinlab.theory.shape.bounds import Bound
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.population_gradient import SteinDecomposition, stationary_point, stein_decomposition
from steinlab.theory.statements.thresholds import Threshold, contraction_rate, density_supremum
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Vector = tuple[Fraction, ...]
Rows = tuple[Vector, ...]

_BITS = 160
_TINY = 1e-20
"""Relative slack of the balls in claims about suprema: far above their width, far below any other value of the constant."""


def mousavi(item: str, *, printed: bool = False) -> Source:
    """A statement in the form of Mousavi-Hosseini et al. (ICLR 2023); unless `printed`, re-derived by this project."""
    return Source("Mousavi-Hosseini, Park, Girotti, Mitliagkas, Erdogdu 2022 (arXiv 2209.14863)", item, printed)


# -- the Stein decomposition


@dataclass(frozen=True)
class Network:
    """ŷ = Σ a_j σ(w_j·x + b_j) against y = g(Ux), σ and g polynomials with exact coefficients."""

    link: oracles.Poly
    activation: oracles.Poly
    weights: Rows
    heads: Vector
    biases: Vector
    directions: Rows

    @property
    def decomposition(self) -> SteinDecomposition:
        return stein_decomposition(
            Polynomial.from_terms(self.link),
            Polynomial.from_terms(self.activation, 1),
            self.weights,
            self.heads,
            self.biases,
            self.directions,
        )


def _networks() -> SearchStrategy[Network]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def of_size(shape: tuple[int, int, int]) -> SearchStrategy[Network]:
        m, d, k = shape
        return st.builds(
            Network,
            cases.polynomials(k, 3, terms=3),
            cases.polynomials(1, 3, terms=3),
            cases.matrices(m, d),
            st.tuples(*[cases.nonzero_rationals(2)] * m),
            cases.vectors(m, 2),
            cases.matrices(k, d),
        )

    return st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 2)).flatmap(of_size)


def _gradient(network: Network) -> Matrix:
    return network.decomposition.gradient


def _without_curvature(network: Network) -> Matrix:
    """ℋ without its diagonal part a_j E[ℓ' σ''_j]."""
    at = network.decomposition
    slope = oracles.derivative(network.activation, 0)
    inner = [_composed(slope, network, j) for j in range(len(network.heads))]
    coupling = tuple(
        tuple(Number.of(a * b * oracles.expectation(oracles.multiply(p, q))) for b, q in zip(network.heads, inner, strict=True))
        for a, p in zip(network.heads, inner, strict=True)
    )
    return replace(at, coupling=coupling).gradient


def _drift_of_the_prediction(network: Network) -> Matrix:
    """𝒟 with the sign of ℓ'' in place of that of ∂²ℓ/∂ŷ∂y."""
    at = network.decomposition
    return replace(at, drift=tuple(tuple(-x for x in row) for row in at.drift)).gradient


def _composed(p: oracles.Poly, network: Network, j: int) -> oracles.Poly:
    """p(w_j·x + b_j) as a polynomial in x."""
    d = len(network.weights[j])
    inner = oracles.add(oracles.linear(network.weights[j]), oracles.constant(network.biases[j], d))
    out: oracles.Poly = {}
    for (power,), c in p.items():
        out = oracles.add(out, oracles.scale(c, oracles.power(inner, power, d)))
    return out


def _check_stein(subject: Callable[[Network], Matrix], case: Network) -> Outcome:
    d = len(case.directions[0])
    residual = oracles.scale(-1, oracles.substitute(case.link, case.directions, d))
    for j, a in enumerate(case.heads):
        residual = oracles.add(residual, oracles.scale(a, _composed(case.activation, case, j)))
    actual = subject(case)
    slope = oracles.derivative(case.activation, 0)
    outcomes = []
    for j, a in enumerate(case.heads):
        weighted = oracles.multiply(residual, oracles.scale(a, _composed(slope, case, j)))
        for i in range(d):
            unit = tuple(Fraction(int(i == n)) for n in range(d))
            expected = oracles.expectation(oracles.multiply(weighted, oracles.linear(unit)))
            outcomes.append(equal(f"entry ({j}, {i}) of the gradient", actual[j][i], expected))
    return every(outcomes)


# -- the largest density at a point


@dataclass(frozen=True)
class DensityCase:
    b: Fraction
    s: Fraction


def _densities() -> SearchStrategy[DensityCase]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    return st.builds(DensityCase, cases.nonzero_rationals(), cases.nonzero_rationals(6).map(abs))


def _density(b: Fraction, s: Fraction) -> arb:
    """The density of N(0, s²) at b."""
    x = arb(b.numerator) / b.denominator / (arb(s.numerator) / s.denominator)
    return (-x * x / 2).exp() / (2 * arb.pi()).sqrt() / (arb(s.numerator) / s.denominator)


def _check_density(subject: Callable[[Fraction], Constant], case: DensityCase) -> Outcome:
    value = subject(case.b).ball(_BITS)
    with working_precision(_BITS):
        slack = value * _TINY
        return every(
            [
                *(
                    _certain(_density(case.b, s) <= value + slack, f"the density for s = {s} is above the supremum")
                    for s in (case.s, abs(case.b))
                ),
                _certain(value <= _density(case.b, abs(case.b)) + slack, "the supremum is not attained at s = |b|"),
            ]
        )


def _certain(holds: bool, otherwise: str) -> Outcome:
    """A ball comparison that is certain, or a failure: the slack is far wider than the balls, so a doubt is a difference."""
    return HOLDS if holds else failed(otherwise)


# -- the constants of the named activations


_ACTIVATIONS = ("tanh", "erf", "sigmoid", "softplus", "relu")


def _points() -> SearchStrategy[Fraction]:
    from steinlab.checks.claims import cases

    return cases.rationals(8)


Constants = Callable[[str], tuple[Bound, Bound, Bound]]


def _constants(name: str) -> tuple[Bound, Bound, Bound]:
    at = Activation.of(name)
    return at.beta0, at.beta1, at.beta2


def _derivatives(name: str, z: arb) -> tuple[arb, arb, arb]:
    """σ, σ', σ'' at z from a Taylor series around it."""
    x = arb_series([z, 1], 3)
    if name == "relu":  # away from the kink
        return (z.max(arb(0)), arb(1) if z > 0 else arb(0), arb(0))
    if name == "erf":
        series = x.erf()
    else:
        e = ((2 if name == "tanh" else 1) * x).exp()
        series = {"tanh": (e - 1) / (e + 1), "sigmoid": e / (e + 1), "softplus": (e + 1).log()}[name]
    coefficients = [*series.coeffs(), arb(0), arb(0), arb(0)]
    return coefficients[0], coefficients[1], 2 * coefficients[2]


def _extremes(name: str) -> tuple[arb, arb, arb]:
    """Points where |σ|, |σ'|, |σ''| come within the slack of their suprema; where there is none, a far one."""
    root = arb(3).sqrt()
    far = arb(60)
    return {
        "tanh": (far, arb(0), ((1 + 1 / root) / (1 - 1 / root)).log() / 2),
        "erf": (far, arb(0), 1 / arb(2).sqrt()),
        "sigmoid": (far, arb(0), (2 + root).log()),
        "softplus": (arb(10**6), far, arb(0)),
        "relu": (arb(10**6), arb(1), arb(0)),
    }[name]


def _check_constants(subject: Constants, z: Fraction) -> Outcome:
    """Every activation at the drawn point and at those where its derivatives are largest."""
    with working_precision(_BITS):
        return every([outcome for name in _ACTIVATIONS for outcome in _constants_hold(subject(name), name, z)])


def _constants_hold(bounds: tuple[Bound, Bound, Bound], name: str, z: Fraction) -> Iterator[Outcome]:
    here = _derivatives(name, arb(z.numerator) / z.denominator) if name != "relu" or z else None
    for order, (bound, extreme) in enumerate(zip(bounds, _extremes(name), strict=True)):
        what = f"sup|σ^({order})| of {name}"
        attained = abs(_derivatives(name, extreme)[order])
        if bound.value is None:
            kink = name == "relu" and order == 2
            yield _certain(kink or attained > 1000, f"{what} is not infinite")
            continue
        value = bound.value.ball(_BITS)
        yield _certain(value <= attained + _TINY, f"{what} is less than {bound}")
        yield _certain(attained <= value + _TINY, f"{what} is above {bound}")
        if here is not None:
            yield _certain(abs(here[order]) <= value + _TINY, f"{what} is above {bound} at z = {z}")


def _with_constant(name: str, order: int, value: Bound) -> Constants:
    def constants(of: str) -> tuple[Bound, Bound, Bound]:
        out = list(_constants(of))
        if of == name:
            out[order] = value
        return out[0], out[1], out[2]

    return constants


# -- contraction and stationary points


@dataclass(frozen=True)
class FlowCase:
    """ℋ = AAᵀ + diag(δ), |δ_j| <= γ_0/m; weights W, directions U and a weight decay."""

    root: Rows
    shares: Vector
    gamma0: Fraction
    weight_decay: Fraction
    weights: Rows
    drift: Rows
    directions: Rows

    @property
    def m(self) -> int:
        return len(self.weights)

    @property
    def coupling(self) -> list[list[Fraction]]:
        out = [[oracles.dot(p, q) for q in self.root] for p in self.root]
        for j, share in enumerate(self.shares):
            out[j][j] += share * self.gamma0 / self.m
        return out

    @property
    def velocity(self) -> list[list[Fraction]]:
        """dW/dt = -(ℋ W + 𝒟 U + λ W)."""
        columns, pulls = list(zip(*self.weights, strict=True)), list(zip(*self.directions, strict=True))
        return [
            [
                -oracles.dot(tuple(self.coupling[j]), column) - oracles.dot(self.drift[j], pull) - self.weight_decay * column[j]
                for column, pull in zip(columns, pulls, strict=True)
            ]
            for j in range(self.m)
        ]

    @property
    def perpendicular(self) -> list[list[Fraction]]:
        """The rows of W minus their projections on the span of the directions."""
        d = len(self.directions[0])
        onto = oracles.projector(oracles.orthogonalised(self.directions), d)
        return [[w - oracles.dot(tuple(onto[i]), row) for i, w in enumerate(row)] for row in self.weights]


def _flows() -> SearchStrategy[FlowCase]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    share = st.sampled_from([Fraction(-1), Fraction(1), Fraction(0), Fraction(-1, 2)])

    def of_size(shape: tuple[int, int, int]) -> SearchStrategy[FlowCase]:
        m, d, k = shape
        positive = cases.nonzero_rationals().map(abs)
        return st.builds(
            FlowCase,
            st.just(tuple((Fraction(0),) for _ in range(m))) | cases.matrices(m, 1),
            st.tuples(*[share] * m),
            positive,
            positive,
            cases.matrices(m, d),
            cases.matrices(m, k),
            cases.matrices(k, d),
        )

    return st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)).flatmap(of_size)


Rate = Callable[[Fraction, Threshold, int], Constant]


def _check_flow(subject: Rate, case: FlowCase) -> Outcome:
    gamma0 = Threshold("drawn", Constant(constant(case.gamma0)), Evidence.EXACT, ())
    rate = subject(case.weight_decay, gamma0, case.m).form.number
    if rate is None:
        return undecided("the rate is not an algebraic number")
    outside = case.perpendicular
    size = sum((x * x for row in outside for x in row), Fraction(0))
    fall = -2 * sum((x * y for row, move in zip(outside, case.velocity, strict=True) for x, y in zip(row, move, strict=True)), 0)
    return at_most("rate · ‖W_⊥‖² against -d/dt ‖W_⊥‖²", rate * size, fall)


def _slowest() -> tuple[FlowCase, ...]:
    """A = 0, δ = -γ_0/m and a pull 𝒟 U along W: the rate is reached by W_⊥, and W itself falls far more slowly."""
    one, none = Fraction(1), Fraction(0)
    return (FlowCase(((none,),), (-one,), one, 2 * one, ((3 * one, one),), ((-50 * one,),), ((one, none),)),)


def _slightly_too_fast(decay: Fraction, gamma0: Threshold, m: int) -> Constant:
    return Constant(contraction_rate(decay, gamma0, m).form * Fraction(1001, 1000))


def _too_fast(decay: Fraction, gamma0: Threshold, m: int) -> Constant:
    return Constant(contraction_rate(decay, gamma0, m).form + gamma0.value.form * Fraction(4, m))


Stationary = Callable[[FlowCase, Fraction], Matrix]


def _stationary(case: FlowCase, weight_decay: Fraction) -> Matrix:
    return stationary_point(case.coupling, case.drift, case.directions, weight_decay)


def _check_stationary(subject: Stationary, case: FlowCase) -> Outcome:
    decay = case.gamma0 / case.m + case.weight_decay  # above the threshold
    found = subject(case, decay)
    d, k = len(case.directions[0]), len(case.directions)
    onto = oracles.projector(oracles.orthogonalised(case.directions), d)
    outcomes = []
    for j in range(case.m):
        for i in range(d):
            shifted = sum((found[n][i] * case.coupling[j][n] for n in range(case.m)), found[j][i] * decay)
            pull = sum((case.drift[j][n] * case.directions[n][i] for n in range(k)), Fraction(0))
            outcomes.append(equal(f"entry ({j}, {i}) of (ℋ + λ) W + 𝒟 U", shifted + pull, 0))
            inside = sum((found[j][n] * onto[i][n] for n in range(d)), Number.of(0))
            outcomes.append(equal(f"entry ({j}, {i}) of W_⊥", found[j][i] - inside, 0))
    return every(outcomes)


def _off_the_subspace(case: FlowCase, weight_decay: Fraction) -> Matrix:
    found = _stationary(case, weight_decay)
    return ((found[0][0] + 1, *found[0][1:]), *found[1:])


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="mousavi.stein_decomposition",
        statement="∇_W R = ℋ W + 𝒟 U, ℋ = E[(a∘σ')(a∘σ')ᵀ] + diag(a_j E[ℓ' σ''_j]), 𝒟_ji = -a_j E[σ'_j ∂_i g]",
        hypotheses="R = E ½(ŷ - y)², ŷ = aᵀσ(Wx + b), y = g(Ux), σ and g polynomials, any U, x ~ N(0, I_d)",
        source=mousavi("Section 2, the population gradient"),
        direction="identity",
        method="E[(ŷ - y) a_j σ'_j x_i] as a polynomial in x, by the moments of each monomial",
        evidence=Evidence.EXACT,
        subject=_gradient,
        cases=_networks,
        check=_check_stein,
        faults=(
            Fault("ℋ without its diagonal part", _without_curvature),
            Fault("𝒟 with the opposite sign", _drift_of_the_prediction),
        ),
    ),
    Claim(
        id="mousavi.activation_constants",
        statement="(β_0, β_1, β_2): tanh (1, 1, 4/(3√3)), erf (1, 2/√π, 2√2/√(πe)), sigmoid (1, ¼, √3/18), softplus (∞, 1, ¼)",
        hypotheses="β_i = sup of the i-th derivative of σ in size; ReLU: (∞, 1, ∞)",
        source=mousavi("Section 1, the smooth case and ReLU"),
        direction="identity",
        method="Taylor series of balls: at most the constant at drawn points, within 1e-20 of it at a critical one",
        evidence=Evidence.CERTIFIED,
        subject=_constants,
        cases=_points,
        check=_check_constants,
        faults=(
            Fault(
                "β_2 of tanh as 3/4, which few points exceed", _with_constant("tanh", 2, Bound.exact(Fraction(3, 4), "planted"))
            ),
            Fault("β_1 of erf without its factor 2", _with_constant("erf", 1, Bound.exact(pi(Fraction(-1, 2)), "planted"))),
            Fault("β_2 of sigmoid as 1/10", _with_constant("sigmoid", 2, Bound.exact(Fraction(1, 10), "planted"))),
            Fault("β_2 of softplus infinite", _with_constant("softplus", 2, Bound.infinite("planted"))),
        ),
    ),
    Claim(
        id="mousavi.threshold_relu",
        statement="sup_s e^{-b²/2s²}/(√(2π) s) = 1/(|b| √(2πe)), attained at s = |b|: γ_0 = L/(b* √(2πe)) for ReLU",
        hypotheses="b ≠ 0, s > 0",
        source=mousavi("Section 2, the threshold for ReLU"),
        direction="identity",
        method="balls: the density at drawn s is at most the constant, the one at s = |b| within 1e-20 of it",
        evidence=Evidence.CERTIFIED,
        subject=density_supremum,
        cases=_densities,
        check=_check_density,
        faults=(
            Fault("without √e", lambda b: Constant(density_supremum(b).form * apply("exp", constant(Fraction(1, 2))))),
            Fault("1/b² in place of 1/|b|", lambda b: Constant(density_supremum(b).form * abs(1 / b))),
            Fault("one part in a million less", lambda b: Constant(density_supremum(b).form * Fraction(999_999, 1_000_000))),
        ),
    ),
    Claim(
        id="mousavi.gradient_flow_contraction",
        statement="d/dt ‖W_⊥‖_F² <= -2(λ - γ_0/m) ‖W_⊥‖_F² along the gradient flow of R + (λ/2)‖W‖²",
        hypotheses="ℋ = a positive semi-definite matrix + diag(δ), |δ_j| <= γ_0/m; any W, U, λ > 0",
        source=mousavi("Section 2, the threshold"),
        direction="upper",
        method="rational ℋ, W and U; W_⊥ by Gram-Schmidt; -2<W_⊥, dW/dt> with the whole flow, 𝒟 U included",
        evidence=Evidence.EXACT,
        subject=contraction_rate,
        cases=_flows,
        check=_check_flow,
        faults=(
            Fault("the rate 2(λ + γ_0/m)", _too_fast),
            Fault("the rate 2λ", lambda decay, gamma0, m: Constant(constant(2 * decay))),
            Fault("one part in a thousand faster", _slightly_too_fast),
        ),
        extremal=_slowest,
    ),
    Claim(
        id="mousavi.stationary_rank",
        statement="Stationary points of R + (λ/2)‖W‖² are -(ℋ + λI)⁻¹ 𝒟 U: W_⊥ = 0 and rank W <= k",
        hypotheses="ℋ = a positive semi-definite matrix + diag(δ), |δ_j| <= γ_0/m, λ > γ_0/m",
        source=mousavi("Section 2, the threshold"),
        direction="identity",
        method="rational ℋ, 𝒟 and U; (ℋ + λ) W + 𝒟 U and W minus its projection on the rows of U vanish exactly",
        evidence=Evidence.EXACT,
        subject=_stationary,
        cases=_flows,
        check=_check_stationary,
        faults=(
            Fault("(ℋ + λI)⁻¹ 𝒟 U", lambda case, decay: tuple(tuple(-x for x in row) for row in _stationary(case, decay))),
            Fault("one entry moved off the subspace", _off_the_subspace),
        ),
    ),
)

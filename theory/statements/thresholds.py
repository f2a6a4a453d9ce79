"""How much weight decay makes W_⊥ vanish: the threshold γ_0 and the hypotheses that it rests on.

Setting: ŷ = aᵀσ(Wx + b), x ~ N(0, I_d), |a_j| <= 1/m, y = g(Ux; e); R_λ = E ℓ(ŷ, y) + (λ/2)‖W‖_F². By the Stein decomposition
∇R = ℋ W + 𝒟 U the part of W outside the principal subspace feels -(ℋ + λ) W_⊥ only.

The form of the statements is that of Mousavi-Hosseini et al. 2022 (ICLR 2023); **they are derived by this project**,
with their proofs in the docstrings.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isfinite

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.exact.precision import exact_fraction, working_precision
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import Sum, apply, constant, pi
from steinlab.theory.shape.bounds import Bound
from steinlab.theory.shape.labels import LabelMoments
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.losses import Loss
from steinlab.theory.verdicts import Evidence, Finding, Verdict

_DECLARED = "declared, not checked: it holds if the user's word does"


@dataclass(frozen=True)
class Threshold:
    """γ_0: a weight decay λ > γ_0/m keeps W_⊥ from surviving. `case` names which of the three bounds it is.

    `rests_on` are the constants it was computed from; with a declared one among them nothing is proved.
    """

    case: str
    value: Constant
    evidence: Evidence
    rests_on: tuple[tuple[str, Bound], ...]

    @property
    def is_declared(self) -> bool:
        """Whether one of the constants is the user's word."""
        return any(bound.declared for _, bound in self.rests_on)

    @property
    def upper(self) -> Fraction:
        """A rational number at or above γ_0, within 2^-40 relative or absolute."""
        return rounded_up(self.value.form)

    def __float__(self) -> float:
        return float(self.value)

    def __str__(self) -> str:
        return str(self.value)


def hypotheses(
    activation: Activation, loss: Loss, *, labels: LabelMoments | None = None, bias_gap: Scalar | None = None
) -> tuple[Finding, ...]:
    """The hypotheses of the threshold on activation, loss, biases and labels, each decided.

    `bias_gap` is b* = min_j |b_j - kink|, asked for by ReLU only. Where a constant is declared the finding is undecided and says
    on what it rests. Source: Mousavi-Hosseini et al. 2022.

    >>> [f.verdict.value for f in hypotheses(Activation.of("relu"), Loss.of("squared"), bias_gap=1)]
    ['holds', 'fails', 'holds']
    """
    return _findings(activation, loss, labels, bias_gap, trusting=False)


def _findings(
    activation: Activation, loss: Loss, labels: LabelMoments | None, bias_gap: Scalar | None, *, trusting: bool
) -> tuple[Finding, ...]:
    """Those of `hypotheses`; with `trusting`, constants that are declared are taken at the user's word."""
    findings = [_activation_finding(activation, trusting), _loss_finding(activation, loss, labels, trusting)]
    if activation.is_relu:
        findings.append(_bias_finding(activation, bias_gap))
    return tuple(findings)


def threshold(
    activation: Activation, loss: Loss, *, labels: LabelMoments | None = None, bias_gap: Scalar | None = None
) -> Threshold:
    """γ_0 = m max_j |a_j| sup_W E|ℓ' σ''(w_j·x + b_j)| for |a_j| <= 1/m, in one of three cases.

    - smooth activation, L-Lipschitz loss: γ_0 = L β_2;
    - smooth bounded activation, squared loss ½(ŷ - y)²: γ_0 = β_2 (β_0 + E|y|), since |ŷ| <= β_0 Σ|a_j| <= β_0;
    - ReLU, L-Lipschitz loss, |b_j - kink| >= b* > 0: γ_0 = L/(b* √(2πe)): σ'' is a point mass, E|ℓ' σ''_j| is at most L times the
      density of w_j·x at kink - b_j, and sup_s e^{-b²/2s²}/(√(2π) s) = 1/(|b| √(2πe)), attained at s = |b|.

    Hypotheses, enforced: those that `hypotheses` lists; ℓ convex. `labels` is needed for the squared loss, `bias_gap` for ReLU.
    Raises: InputError that names the hypothesis that fails. Kind: upper, exact or certified; derived.

    >>> str(threshold(Activation.of("tanh"), Loss.huber())), float(threshold(Activation.of("relu"), Loss.huber(), bias_gap=1))
    ('4*sqrt(3)/9', 0.24197072451914334)
    """
    for finding in _findings(activation, loss, labels, bias_gap, trusting=True):
        if finding.verdict is not Verdict.HOLDS:
            raise InputError(f"no threshold for {activation.name} with the {loss.name} loss: {finding.reason}")
    slope = loss.lipschitz
    if activation.is_relu:
        assert slope.value is not None, "the hypotheses were checked"
        assert bias_gap is not None, "the hypotheses were checked"
        form = slope.value.form * density_supremum(bias_gap).form
        return Threshold("ReLU, Lipschitz loss", Constant(form), slope.evidence, (("L", slope),))
    beta2 = activation.beta2
    assert beta2.value is not None, "the hypotheses were checked"
    if slope.value is not None:
        rests_on: tuple[tuple[str, Bound], ...] = (("β_2", beta2), ("L", slope))
        return Threshold("smooth, Lipschitz loss", Constant(beta2.value.form * slope.value.form), _weakest(rests_on), rests_on)
    assert labels is not None, "the hypotheses were checked"
    beta0, size = activation.beta0, labels.mean_size
    assert beta0.value is not None, "the hypotheses were checked"
    assert size.value is not None, "the hypotheses were checked"
    rests_on = (("β_0", beta0), ("β_2", beta2), ("E|y|", size))
    form = beta2.value.form * (beta0.value.form + size.value.form)
    return Threshold("smooth, squared loss", Constant(form), _weakest(rests_on), rests_on)


def density_supremum(b: Scalar) -> Constant:
    """sup_s e^{-b²/2s²}/(√(2π) s) = 1/(|b| √(2πe)), the largest density at b of a centred normal, attained at s = |b|.

    Raises: InputError at b = 0, where the supremum is infinite. Kind: exact. Source: the ReLU case of `threshold`.

    >>> str(density_supremum(2))
    'sqrt(2)/4*exp(-1/2)*pi**(-1/2)'
    """
    gap = abs(Number.of(b))
    if gap.is_zero:
        raise InputError("b* is 0: a ReLU's kink must keep a distance from every bias; choose biases with |b_j| >= b* > 0")
    root = Number.of(2).root(2)
    return Constant(apply("exp", constant(Fraction(-1, 2))) * pi(Fraction(-1, 2)) * (root * Fraction(1, 2) * gap.inverse()))


# -- weight decay


def contraction_rate(weight_decay: float | Scalar, gamma0: Threshold, width: int) -> Constant:
    """2(λ - γ_0/m): along the gradient flow of R + (λ/2)‖W‖², d/dt ‖W_⊥‖_F² <= -rate · ‖W_⊥‖_F².

    Proof: the flow of W_⊥ is -(ℋ + λ) W_⊥, and ℋ >= -γ_0/m as a matrix: its first part is positive semi-definite for convex ℓ,
    its diagonal part is at least -γ_0/m. A rate that is not positive promises nothing. Kind: lower bound, exact or certified;
    derived.

    >>> str(contraction_rate(1, threshold(Activation.of("softplus"), Loss.huber()), 10))
    '39/20'
    """
    decay, m = positive("the weight decay", weight_decay, zero=True), check_width(width)
    return Constant((constant(decay) - gamma0.value.form * Fraction(1, m)) * 2)


def weight_decay_warning(weight_decay: float | Scalar, gamma0: Threshold, width: int) -> str | None:
    """What is lost when λ <= γ_0/m, in words; None where λ is above the threshold. Raises: InputError for λ < 0 or m < 1."""
    rate = contraction_rate(weight_decay, gamma0, width)
    if rate.sign == 1:
        return None
    least = float(gamma0) / width
    return (
        f"λ = {float(exact('the weight decay', weight_decay)):g} is not above γ_0/m = {least:.6g} ({gamma0.case}): the "
        "guarantee that W_⊥ vanishes (contraction, and rank <= k at stationary points) is lost; the run is allowed"
    )


# -- the findings


def _activation_finding(activation: Activation, trusting: bool) -> Finding:
    id = "mousavi.activation"
    if activation.is_relu:
        return Finding(id, Verdict.HOLDS, Evidence.EXACT, f"{activation.name} is ReLU: 1-Lipschitz, σ'' a point mass at its kink")
    for what, bound in (("sup|σ'|", activation.beta1), ("sup|σ''|", activation.beta2)):
        if bound.finite is not Verdict.HOLDS:
            reason = f"{activation.name} is neither ReLU nor smooth: {what} is {bound} ({bound.reason})"
            return Finding(id, bound.finite, bound.evidence, reason)
    constants = f"β_0 = {activation.beta0}, β_1 = {activation.beta1}, β_2 = {activation.beta2}"
    if not trusting and (activation.beta1.declared or activation.beta2.declared):
        reason = f"{constants} are {_DECLARED}"
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, reason)
    weakest = _weakest((("", activation.beta1), ("", activation.beta2)))
    return Finding(id, Verdict.HOLDS, weakest, f"{activation.name} is smooth: {constants}")


def _loss_finding(activation: Activation, loss: Loss, labels: LabelMoments | None, trusting: bool) -> Finding:
    id = "mousavi.loss"
    if not loss.convex:
        reason = f"the {loss.name} loss is not convex, so the first part of ℋ need not be positive semi-definite"
        return Finding(id, Verdict.FAILS, Evidence.EXACT, reason)
    if loss.lipschitz.value is not None:
        if loss.is_declared and not trusting:
            return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"L = {loss.lipschitz} and convexity are {_DECLARED}")
        return _within_range(id, loss, labels)
    if activation.is_relu or not loss.is_squared:
        reason = f"ℓ' of the {loss.name} loss is unbounded: " + (
            "ReLU needs an L-Lipschitz loss, such as huber" if activation.is_relu else "use huber, logistic or squared"
        )
        return Finding(id, Verdict.FAILS, Evidence.EXACT, reason)
    beta0 = activation.beta0
    if beta0.finite is not Verdict.HOLDS:
        reason = f"the squared loss needs a bounded activation, and sup|σ| of {activation.name} is {beta0} ({beta0.reason})"
        return Finding(id, beta0.finite, beta0.evidence, reason)
    if labels is None:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, "the squared loss needs E|y|: give the target's label moments")
    if beta0.declared and not trusting:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"β_0 = {beta0} is {_DECLARED}")
    size = labels.mean_size
    if size.value is None:
        return Finding(id, size.finite, size.evidence, f"E|y| is {size}: {size.reason}")
    relation = "=" if size.tight else "<="
    return Finding(id, Verdict.HOLDS, size.evidence, f"squared loss, bounded activation: β_0 = {beta0}, E|y| {relation} {size}")


def _within_range(id: str, loss: Loss, labels: LabelMoments | None) -> Finding:
    """A Lipschitz convex loss; the logistic one for labels in its range only."""
    reason = f"the {loss.name} loss is convex and {loss.lipschitz}-Lipschitz ({loss.lipschitz.reason})"
    if loss.max_label is None:
        return Finding(id, Verdict.HOLDS, loss.lipschitz.evidence, reason)
    if labels is None:
        reason = f"the {loss.name} loss is Lipschitz for |y| <= {loss.max_label}: give the target's label moments"
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, reason)
    largest = labels.largest
    if largest.value is None:
        reason = f"the {loss.name} loss is Lipschitz for |y| <= {loss.max_label} only, and sup|y| is {largest} ({largest.reason})"
        return Finding(id, largest.finite, largest.evidence, reason)
    over = Constant(constant(loss.max_label) - largest.value.form).sign
    if over in (0, 1):
        return Finding(id, Verdict.HOLDS, largest.evidence, f"{reason}; |y| <= {largest}")
    reason = f"the {loss.name} loss is Lipschitz for |y| <= {loss.max_label} only, and the bound on |y| is {largest}"
    return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"{reason}: use Loss.logistic(max_label={largest})")


def _bias_finding(activation: Activation, bias_gap: Scalar | None) -> Finding:
    id = "mousavi.biases"
    if bias_gap is None:
        reason = "ReLU needs biases bounded away from its kink: give b* = min |b_j - kink|"
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, reason)
    gap = exact("b*", bias_gap)
    if gap.sign() < 0:
        raise InputError(f"b* is {gap}: expected a distance >= 0")
    where = "0" if activation.kink is None or activation.kink.is_zero else str(activation.kink)
    if gap.is_zero:
        reason = f"b* is 0: biases come arbitrarily close to ReLU's kink at {where}; choose a law with |b_j - {where}| >= b* > 0"
        return Finding(id, Verdict.FAILS, Evidence.EXACT, reason)
    return Finding(id, Verdict.HOLDS, Evidence.EXACT, f"every |b_j - {where}| >= {gap} > 0")


# -- numbers


def rounded_up(form: Sum) -> Fraction:
    """A fraction at or above a constant, within about 2^-40 of it, equal to it where it is rational."""
    value = form.number
    if value is not None and value.is_rational:
        return value.fraction
    ball = Constant(form).ball()
    if not ball.is_finite():
        raise InputError(f"the constant {form} has no finite enclosure: use an activation or target with simpler constants")
    with working_precision(96):
        above = exact_fraction(ball.upper())
    return Fraction(ceil(above * 2**40), 2**40)


def exact(what: str, value: float | Scalar) -> Number:
    if isinstance(value, float):
        if not isfinite(value):
            raise InputError(f"{what} is {value}: expected a finite number")
        return Number.of(Fraction(value))
    try:
        return Number.of(value)
    except TypeError:
        raise InputError(f"{what} is {value!r}: expected a number") from None


def positive(what: str, value: float | Scalar, zero: bool = False) -> Fraction:
    """A rational number > 0 (>= 0 with `zero`); irrational ones are rounded to 2^-40."""
    x = exact(what, value)
    if x.sign() < 0 or (x.is_zero and not zero):
        raise InputError(f"{what} is {x}: expected a number {'>=' if zero else '>'} 0")
    return rounded_up(constant(x))


def check_width(m: int) -> int:
    if isinstance(m, bool) or not isinstance(m, int) or m < 1:
        raise InputError(f"the width m is {m!r}: expected a whole number >= 1")
    return m


def _weakest(bounds: tuple[tuple[str, Bound], ...]) -> Evidence:
    order = [Evidence.EXACT, Evidence.CERTIFIED, Evidence.NUMERICAL]
    return max((bound.evidence for _, bound in bounds), key=order.index)

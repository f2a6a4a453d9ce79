"""The hypotheses of the second paper's theorems on subspace convergence and generalisation, decided for one configuration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import constant
from steinlab.theory.shape.labels import LabelMoments, label_moments
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.biases import BiasLaw
from steinlab.theory.statements.convergence import Recommendation, recommend
from steinlab.theory.statements.losses import Loss
from steinlab.theory.statements.thresholds import (
    Threshold,
    contraction_rate,
    hypotheses,
    positive,
    threshold,
    weight_decay_warning,
)
from steinlab.theory.targets.target import LinkTarget, PolynomialTarget, Target
from steinlab.theory.verdicts import Evidence, Finding, Verdict


@dataclass(frozen=True)
class Configuration:
    """A target with an activation, a loss, a bias law and, if chosen, a weight decay λ and a width m.

    `activation`, `loss` and `biases` are values or text (see `Activation.of`, `Loss.of`, `BiasLaw.of`).
    Raises: InputError for text that is none, or for a λ without a width.

    >>> configuration = Configuration.of("tanh(z1)", activation="relu", loss="huber", biases="±1")
    >>> [f.verdict.value for f in configuration.hypotheses.values()]
    ['holds', 'holds', 'holds']
    """

    target: Target
    activation: Activation
    loss: Loss
    biases: BiasLaw | None = None
    weight_decay: float | Scalar | None = None
    width: int | None = None

    @staticmethod
    def of(
        target: Target | str,
        *,
        activation: Activation | str = "relu",
        loss: Loss | str = "huber",
        biases: BiasLaw | str | Scalar | None = None,
        weight_decay: float | Scalar | None = None,
        width: int | None = None,
    ) -> Configuration:
        """The configuration with these parts; text is read."""
        if isinstance(target, str):
            target = Target.from_expression(target)
        if (weight_decay is None) != (width is None):
            raise InputError("the threshold is γ_0/m: give the weight decay λ and the width m together")
        if weight_decay is not None:
            positive("the weight decay", weight_decay, zero=True)
        law = None if biases is None else BiasLaw.of(biases)
        return Configuration(target, Activation.of(activation), Loss.of(loss), law, weight_decay, width)

    @cached_property
    def labels(self) -> LabelMoments:
        return label_moments(self.target)

    @property
    def bias_gap(self) -> Number | None:
        """b*, the distance of the biases from the kink; None where there is no kink or no law was given."""
        kink = self.activation.kink
        return None if kink is None or self.biases is None else self.biases.gap(kink)

    @cached_property
    def hypotheses(self) -> dict[str, Finding]:
        """By their ids the hypotheses on activation, loss and biases, and on the weight decay where one is chosen, under which
        W_⊥ vanishes. Source: Mousavi-Hosseini et al. 2022 (constants derived)."""
        found = list(hypotheses(self.activation, self.loss, labels=self.labels, bias_gap=self.bias_gap))
        if not self.activation.is_relu:
            reason = f"{self.activation.name} has no kink: no distance of the biases is asked for"
            found.append(Finding("mousavi.biases", Verdict.HOLDS, Evidence.EXACT, reason))
        if self.weight_decay is not None:
            found.append(self._weight_decay())
        return {finding.id: finding for finding in found}

    @property
    def relu_student(self) -> Finding:
        """What the O(d) result for monotone targets asks of the student."""
        relu = self.activation.is_relu
        reason = "the student is ReLU" if relu else f"the result is for ReLU students, not {self.activation.name}"
        return Finding("mousavi.relu_student", Verdict.HOLDS if relu else Verdict.FAILS, Evidence.EXACT, reason)

    @property
    def few_directions(self) -> Finding:
        """y depends on x through k directions: true of every target, with k = dim S* (or the proved bound on it)."""
        return few_directions(self.target)

    @property
    def lipschitz_loss(self) -> Finding:
        """What the gap O(sqrt(kd/T)) asks of the loss. Source: section 4; the frame is the paper's, the argument derived."""
        return lipschitz_loss(self.loss, self.labels)

    @property
    def bounded_loss(self) -> Finding:
        """The same for high probability."""
        return bounded_loss(self)

    @cached_property
    def threshold(self) -> Threshold:
        """γ_0; InputError where a hypothesis fails."""
        return threshold(self.activation, self.loss, labels=self.labels, bias_gap=self.bias_gap)

    def recommend(
        self,
        *,
        width: int,
        d: int,
        tolerance: float,
        gamma: float | Scalar | None = None,
        measured_constant: float | None = None,
        delta: float = 0.1,
    ) -> Recommendation:
        """λ, η_t, t* and T for ‖W_⊥‖_F/√m <= tolerance; see `steinlab.theory.statements.convergence.recommend`.

        >>> Configuration.of("tanh(z1)", activation="relu", biases="±1").recommend(width=100, d=20, tolerance=0.5).offset
        7
        """
        return recommend(
            self.activation,
            self.loss,
            width=width,
            d=d,
            k=directions(self.target),
            tolerance=tolerance,
            labels=self.labels,
            bias_gap=self.bias_gap,
            gamma=gamma,
            measured_constant=measured_constant,
            delta=delta,
        )

    def _weight_decay(self) -> Finding:
        id = "mousavi.weight_decay"
        assert self.weight_decay is not None, "asked for only when there is one"
        assert self.width is not None, "they come together"
        try:
            gamma0 = self.threshold
        except InputError as error:
            return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"there is no threshold to compare with: {error}")
        warning = weight_decay_warning(self.weight_decay, gamma0, self.width)
        if warning is None:
            rate = contraction_rate(self.weight_decay, gamma0, self.width)
            reason = f"λ > γ_0/m = {float(gamma0) / self.width:.6g}: ‖W_⊥‖² contracts at the rate {rate}"
            return Finding(id, Verdict.HOLDS, gamma0.evidence, reason)
        # The threshold is sufficient, and an upper bound: below it the guarantee is lost, not refuted.
        return Finding(id, Verdict.FAILS, gamma0.evidence, warning)


def directions(target: Target) -> int:
    """k, the number of directions of f*, or the proved upper bound on it where it is undecided."""
    if not isinstance(target, (PolynomialTarget, LinkTarget)):
        raise InputError(f"the target is {target!r}: expected a polynomial or a general link")
    upper = target.effective_dimension.upper
    return target.latent_dimension if upper is None else upper


def few_directions(target: Target) -> Finding:
    """y depends on x through k directions: true of every target, with k = dim S* (or the proved bound on it)."""
    k = directions(target)
    known = isinstance(target, PolynomialTarget) or (isinstance(target, LinkTarget) and target.effective_dimension.value == k)
    reason = f"f* depends on {'' if known else 'at most '}{k} direction{'' if k == 1 else 's'}"
    return Finding("mousavi.few_directions", Verdict.HOLDS, Evidence.EXACT, reason)


def lipschitz_loss(loss: Loss, labels: LabelMoments) -> Finding:
    """ℓ is L-Lipschitz in ŷ: the contraction principle behind the uniform bound over heads needs it."""
    id = "mousavi.lipschitz_loss"
    bound = loss.lipschitz
    if bound.value is None:
        return Finding(id, Verdict.FAILS, Evidence.EXACT, f"ℓ' of the {loss.name} loss is unbounded: use huber or logistic")
    if loss.is_declared:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"L = {bound} is declared, not checked")
    if loss.max_label is None:
        return Finding(id, Verdict.HOLDS, bound.evidence, f"the {loss.name} loss is {bound}-Lipschitz")
    largest = labels.largest
    within = largest.value is not None and Constant(constant(loss.max_label) - largest.value.form).sign in (0, 1)
    if within:
        return Finding(
            id, Verdict.HOLDS, largest.evidence, f"the {loss.name} loss is {bound}-Lipschitz for |y| <= {loss.max_label}"
        )
    verdict = Verdict.FAILS if largest.finite is Verdict.FAILS else Verdict.UNDECIDED
    reason = f"the {loss.name} loss is {bound}-Lipschitz for |y| <= {loss.max_label} only; sup|y| is {largest}"
    return Finding(id, verdict, largest.evidence, reason)


def bounded_loss(configuration: Configuration) -> Finding:
    """ℓ is bounded on the predictions and labels that occur: the high-probability form of the derived argument needs it.

    ℓ(ŷ, y) <= ℓ(0, y) + L|ŷ|, |ŷ| <= β_0: bounded for a bounded activation and bounded labels. The bound in expectation does not
    need it.
    """
    id = "mousavi.bounded_loss"
    only = "; it is needed with high probability, not in expectation"
    for what, bound in (("sup|σ|", configuration.activation.beta0), ("sup|y|", configuration.labels.largest)):
        if bound.declared:
            return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"{what} = {bound} is declared, not checked{only}")
        if bound.value is None:
            return Finding(id, bound.finite, bound.evidence, f"{what} is {bound} ({bound.reason}){only}")
    reason = f"|ŷ| <= {configuration.activation.beta0} and |y| <= {configuration.labels.largest}"
    if configuration.loss.is_declared:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"{reason}, but the loss is declared, not checked{only}")
    return Finding(
        id, Verdict.HOLDS, configuration.labels.largest.evidence, f"{reason}, so the {configuration.loss.name} loss is bounded"
    )

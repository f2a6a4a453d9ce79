"""What one run found."""

import dataclasses
from dataclasses import dataclass, field
from html import escape
from typing import Any

from steinlab.numerics.methods.estimator import FeatureRegressor
from steinlab.numerics.methods.online_sgd import OnlineSGD

__all__ = ["OnlineResult", "Result", "TrainingResult"]


@dataclass(frozen=True)
class Result:
    """What the results of all methods have in common, with a view as a mapping, and one for notebooks."""

    method: str
    n: int
    d: int
    m: int
    seed: int
    excess_risk: float
    excess_risk_method: str
    excess_risk_standard_error: float

    def to_mapping(self) -> dict[str, Any]:
        """The fields by name, for JSON; without the network."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "network"}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}

    def _repr_html_(self) -> str:
        fields = self.to_mapping()
        fields["settings"] = ", ".join(f"{name} = {value}" for name, value in fields["settings"].items())
        rows = "".join(f"<tr><th>{name}</th><td>{escape(str(value))}</td></tr>" for name, value in fields.items())
        return f"<table>{rows}</table>"


@dataclass(frozen=True)
class TrainingResult(Result):
    """What one run of `train` found.

    Attributes:
        method, n, d, m, seed: as asked for.
        excess_risk: E (f(x) - f*(x))² over x, without label noise.
        excess_risk_method: "closed form" (`population_risk` or `tangent_risk`, which need no test points), or "Monte Carlo"
            over fresh x, with f* and f*² (of known mean) as control variates: for targets that are neither
            polynomial nor, with hidden features, sums of ReLU neurons, for more than CLOSED_FORM_WIDTH neurons, and where the
            closed form would lose more to rounding than Monte Carlo to chance.
        excess_risk_standard_error: standard error over the fresh points (not over seeds); 0 for the closed form.
        excess_risk_rounding_error: the closed form's estimate of its rounding error; 0 for Monte Carlo.
        excess_l1: E|f(x) - y| - E|e|, by Monte Carlo, the noise integrated in closed form.
        excess_l1_standard_error: its standard error over the fresh points.
        alignment: share of ‖W‖_F² in the principal subspace, W the weights that define the features (for the tangent
            kernel: at which the network is linearised).
        ridge: the λ that was used.
        settings: every setting, those left to a rule at the value that the rule chose; JSON scalars.
        network: the fitted estimator (with a transfer, of the new head); no part of the mapping.
    """

    excess_risk_rounding_error: float
    excess_l1: float
    excess_l1_standard_error: float
    alignment: float
    ridge: float
    settings: dict[str, Any]
    network: FeatureRegressor = field(repr=False, compare=False)


@dataclass(frozen=True)
class OnlineResult(Result):
    """What one run of `train_online` found.

    Attributes:
        method, n, d, m, seed: as asked for; n = T, a sample a step.
        excess_risk: E (f(x) - f*(x))² over x, without label noise.
        excess_risk_method: "closed form" for ReLU on polynomial targets and sums of ReLU neurons, else "Monte Carlo".
        excess_risk_standard_error: standard error over the test points (not over seeds); 0 for the closed form.
        excess_loss: E ℓ(f(x), y) - E ℓ(f*(x), y) for the loss ℓ that was trained on, by Monte Carlo; None for the logistic loss,
            which f* does not minimise.
        excess_loss_standard_error: its standard error over the test points.
        perpendicular: ‖W_⊥‖_F/√m, W_⊥ the rows of W projected on the complement of the principal subspace.
        norm: ‖W‖_F/√m, about 1 at the start.
        alignment: share of ‖W‖_F² in the principal subspace.
        warnings: the guarantees that the settings lose, a sentence each.
        settings: every setting, those left to a rule at the value that the rule chose; JSON scalars.
        network: the fitted estimator, with ``weights_``, ``biases_`` and ``head_``; no part of the mapping.
    """

    excess_loss: float | None
    excess_loss_standard_error: float | None
    perpendicular: float
    norm: float
    alignment: float
    warnings: tuple[str, ...]
    settings: dict[str, Any]
    network: OnlineSGD = field(repr=False, compare=False)

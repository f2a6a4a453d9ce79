"""Mousavi-Hosseini et al. 2022: the Stein decomposition for ReLU and the named activations and losses, in floating point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from steinlab.checks.claims.claim import HOLDS, AnyClaim, Claim, Fault, Outcome, failed, mousavi
from steinlab.theory.exact.numbers import Number
from steinlab.theory.statements.activations import ACTIVATIONS
from steinlab.theory.statements.losses import LOSSES
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from steinlab.numerics.population.stein import SteinDecomposition

LINKS = ("z1**3 - z1", "z1*z2", "relu(z1 - 1/2)", "tanh(z1)*z2", "2*z1 + z2")
NOISES = ("none", "rademacher", "gaussian")

_DRAWS, _BUDGET = 20_000, 10_000
_ERRORS = 7
"""A mean may be so many of its standard errors off: for normal ones, once in 10^11."""


@dataclass(frozen=True)
class NetworkCase:
    """Two neurons of R² drawn from a seed, of a named activation, under a named loss, against a link with noise."""

    link: str
    activation: str
    loss: str
    noise: Literal["none", "rademacher", "gaussian"]
    seed: int


Decomposition = Callable[[NetworkCase], "SteinDecomposition"]


def _cases() -> SearchStrategy[NetworkCase]:
    from hypothesis import strategies as st

    choices = [st.sampled_from(names) for names in (LINKS, tuple(ACTIVATIONS), LOSSES, NOISES)]
    return st.builds(NetworkCase, *choices, st.integers(0, 10**6))


def _hard() -> tuple[NetworkCase, ...]:
    """Labels far above what the network predicts: ℓ' is large, and with it the curvature term."""
    return tuple(NetworkCase("z1**3 - z1", activation, "squared", "none", 1) for activation in ACTIVATIONS)


def _network(case: NetworkCase) -> Any:
    """(W, b, a); rows of unit norm, so that no neuron is active too rarely for a sample to tell."""
    import numpy as np

    rng = np.random.default_rng([case.seed, 0])
    W = rng.standard_normal((2, 2))
    return W / np.linalg.norm(W, axis=1, keepdims=True), rng.choice([-0.8, 0.5], 2), rng.choice([-1.0, 1.0], 2)


def _decomposition(case: NetworkCase) -> SteinDecomposition:
    from steinlab.numerics.networks.losses import loss_functions
    from steinlab.numerics.networks.network import Network
    from steinlab.numerics.population.stein import stein_decomposition
    from steinlab.theory.targets.target import Noise, Target

    noise = Noise() if case.noise == "none" else Noise(case.noise, Number.of(Fraction(1, 2)))
    target = Target.from_expression(case.link, noise=noise, directions=[[1, 0], [0, 1]] if "z2" in case.link else [[1, 0]])
    W, b, a = _network(case)
    return stein_decomposition(Network(W, b, a, case.activation), loss_functions(case.loss), target, budget=_BUDGET)


def _sample(case: NetworkCase) -> Any:
    """Draws x, a∘σ', ℓ' and ℓ'' at each, from the definitions."""
    import numpy as np
    from scipy.special import erf

    (W, b, a), rng = _network(case), np.random.default_rng([case.seed, 1])
    x = rng.standard_normal((_DRAWS, 2))
    z1, z2 = x.T
    g = {
        "z1**3 - z1": z1**3 - z1,
        "z1*z2": z1 * z2,
        "relu(z1 - 1/2)": np.maximum(z1 - 0.5, 0),
        "tanh(z1)*z2": np.tanh(z1) * z2,
        "2*z1 + z2": 2 * z1 + z2,
    }[case.link]
    noise = rng.choice([-0.5, 0.5], _DRAWS) if case.noise == "rademacher" else 0.5 * rng.standard_normal(_DRAWS)
    y = g if case.noise == "none" else g + noise
    u = x @ W.T + b
    s = 1 / (1 + np.exp(-u))
    value, slope = {
        "relu": (np.maximum(u, 0), u >= 0),
        "tanh": (np.tanh(u), 1 - np.tanh(u) ** 2),
        "erf": (erf(u), 2 / np.sqrt(np.pi) * np.exp(-(u**2))),
        "sigmoid": (s, s * (1 - s)),
        "softplus": (np.logaddexp(0, u), s),
    }[case.activation]
    r, p = value @ a - y, 1 / (1 + np.exp(y * (value @ a)))
    first, second = {
        "squared": (r, np.ones_like(r)),
        "huber": (np.clip(r, -1, 1), abs(r) <= 1),
        "logistic": (-y * p, y**2 * p * (1 - p)),
    }[case.loss]
    return x, a * slope, first, second


def _without_curvature(case: NetworkCase) -> SteinDecomposition:
    """ℋ without its diagonal part a_j E[ℓ' σ''_j]."""
    import numpy as np

    at = _decomposition(case)
    _, slopes, _, second = _sample(case)
    coupling = at.coupling.copy()
    np.fill_diagonal(coupling, (slopes**2 * second[:, None]).mean(axis=0))
    return replace(at, coupling=coupling)


def _drift_of_the_prediction(case: NetworkCase) -> SteinDecomposition:
    at = _decomposition(case)
    return replace(at, drift=None if at.drift is None else -at.drift)


def _check(subject: Decomposition, case: NetworkCase) -> Outcome:
    import numpy as np

    at = subject(case)
    x, slopes, first, _ = _sample(case)
    terms = (slopes * first[:, None])[:, :, None] * x[:, None]
    means, errors = terms.mean(axis=0), terms.std(axis=0) / np.sqrt(_DRAWS)
    gaps = np.abs(at.gradient - means) - _ERRORS * errors - 10 * at.error
    j, i = np.unravel_index(int(np.argmax(gaps)), gaps.shape)
    if gaps[j, i] <= 1e-9:
        return HOLDS
    found, expected = f"{at.gradient[j, i]:.6g}", f"{means[j, i]:.6g} ± {errors[j, i]:.2g}"
    return failed(f"entry ({j}, {i}) of ℋ W + 𝒟 U is {found}, the sample says {expected}")


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="mousavi.stein_activations",
        statement="∇_W R = ℋ W + 𝒟 U, for ReLU with E[ℓ' σ''_j] = p_j E[ℓ' | w_j·x + b_j = 0], p_j the density there",
        hypotheses="R = E ℓ(ŷ, y); named activations and losses, continuous links, noise of mean zero; x ~ N(0, I_2)",
        source=mousavi("Section 2, the population gradient"),
        direction="identity",
        method=f"E[ℓ' a_j σ'_j x] from its definition over {_DRAWS:,} draws, within {_ERRORS} standard errors of quadrature",
        evidence=Evidence.NUMERICAL,
        subject=_decomposition,
        cases=_cases,
        check=_check,
        faults=(
            Fault("ℋ without its diagonal part", _without_curvature),
            Fault("𝒟 with the opposite sign", _drift_of_the_prediction),
        ),
        extremal=_hard,
    ),
)

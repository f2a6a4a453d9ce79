"""One run: data from a target, a method, and its population risk; what `steinlab train` and every sweep call."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.limits import one_blas_thread, require_memory
from steinlab.numerics.methods.estimator import FeatureRegressor
from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.methods.transfer import TransferredHead
from steinlab.numerics.population.loss_risk import NEGLIGIBLE, closed_form_risk
from steinlab.numerics.population.monte_carlo import absolute_excess, controlled_mean
from steinlab.numerics.population.subspace import alignment, principal_basis
from steinlab.numerics.registry import make_estimator, method_settings, methods
from steinlab.numerics.results import TrainingResult
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.numerics.samples.noise import resolve_noise
from steinlab.theory.errors import InputError
from steinlab.theory.language.spelling import quoted
from steinlab.theory.targets.target import Noise, Target

__all__ = ["train"]


def train(
    target: Target | str,
    *,
    method: str,
    n: int,
    d: int,
    m: int,
    seed: int,
    noise: Noise | float | str | None = None,
    settings: Mapping[str, Any] | None = None,
    transfer: tuple[Target, int] | None = None,
    holdout: int = 100_000,
    test: int = 100_000,
) -> TrainingResult:
    """Train one method on n samples of a target and measure its population risk.

    Inputs are N(0, I_d), drawn from the seed block by block; the training samples of a smaller n are the first of those
    of a larger one, and all methods see the same samples. λ is chosen on `holdout` noisy samples unless
    ``settings["ridge"]`` fixes it.

    Args:
        target: a target, or an expression for one.
        method: one of `registry.METHODS` that is not online.
        n: training samples (all of them: with `fresh_head_data` half learn the features, half the head).
        d: dimension, at least the target's.
        m: width, even.
        seed: any integer; data, weights and biases are functions of it.
        noise: label noise; see `resolve_noise`.
        settings: the method's settings by name; see `method_settings`.
        transfer: (g*, N) for one-step: freeze the hidden layer, retrain the head on N samples of g* (its own noise, or
            `noise`), and measure the risk and the alignment on g*. A fixed ridge, or its grid, serves both heads.
        holdout: samples that choose λ.
        test: fresh points for what has no closed form; see `TrainingResult`.

    Returns:
        A deterministic function of the arguments, to the bit on one machine (BLAS is held to one thread).

    Raises:
        InputError: a size, a setting or the method is not acceptable, or the run would need too much memory or work.

    Guarantee: numerical; the squared risk in closed form with an estimate of its rounding error, or by Monte Carlo with
    its standard error.

    Example:
        >>> target = Target.from_expression("He(2, z1)/sqrt(2)")
        >>> result = train(target, method="one-step", n=2000, d=5, m=20, seed=0, holdout=2000, test=2000)
        >>> result.excess_risk < 0.1 and result.alignment > 0.9
        True
    """
    if isinstance(target, str):
        target = Target.from_expression(target)
    n, m = check_integer("n", n, least=1), check_integer("m", m, least=1)
    if m % 2:
        raise InputError(f"m = {m} is odd; neurons come in pairs, give an even number")
    holdout, test = check_integer("holdout", holdout, least=1), check_integer("test", test, least=2)
    estimator = make_estimator(method, width=m, random_state=seed, settings=settings)
    if not isinstance(estimator, FeatureRegressor):
        raise InputError(f"{method} sees each sample once: use train_online, or choose from {', '.join(methods(online=False))}")
    require_memory(64 * test, f"the risk on {test} fresh points", "take fewer test points")
    law = resolve_noise(target, noise)
    stages: list[tuple[FeatureRegressor, GaussianData, GaussianData]] = [
        (estimator, *_samples(target, (n, holdout), d, seed, "", law))
    ]
    if transfer is not None:  # everything is checked before the source is trained
        head = _new_head(estimator, method, seed)
        target, samples = transfer[0], check_integer("N", transfer[1], least=1)
        law = resolve_noise(target, noise)
        stages.append((head, *_samples(target, (samples, holdout), d, seed, "transfer ", law)))
    clean = GaussianData(target, test, d, seed, "test", Noise())

    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
        for fitted, data, held_out in stages:
            fitted.fit_blocks(data, held_out)
        measured = _measured(fitted, clean, law)

    resolved = _resolved(estimator, method, fitted.ridge_, law) | {"holdout": holdout, "test": test}
    if transfer is not None:
        resolved |= {"transfer": target.link, "transfer_samples": samples}
    return TrainingResult(
        method=method,
        n=n,
        d=data.d,
        m=m,
        seed=seed,
        **measured,
        ridge=fitted.ridge_,
        settings=dict(sorted(resolved.items())),
        network=fitted,
    )


def _samples(
    target: Target, sizes: tuple[int, int], d: int, seed: int, stage: str, law: Noise
) -> tuple[GaussianData, GaussianData]:
    """Training samples and those that choose λ."""
    n, holdout = sizes
    return GaussianData(target, n, d, seed, f"{stage}train", law), GaussianData(target, holdout, d, seed, f"{stage}holdout", law)


def _resolved(estimator: FeatureRegressor, method: str, ridge: float, law: Noise) -> dict[str, Any]:
    """The settings that a run accepts at the values that were taken, `ridge` the λ of its head, and the noise."""
    chosen = estimator.resolved_settings()
    return {name: chosen[name] for name in method_settings(method)} | {
        "ridge": ridge,
        "ridge_rule": "fixed" if estimator.ridge is not None else "holdout",
        "noise_kind": law.kind,
        "noise_scale": str(law.scale),
    }


def _new_head(estimator: FeatureRegressor, method: str, seed: int) -> TransferredHead:
    """A head to be fitted on the features that the estimator will have learned, with its choice of λ."""
    if not isinstance(estimator, OneStepNetwork):
        raise InputError(f"method {method!r} learns no features to transfer; use one-step")
    return TransferredHead(
        estimator,
        ridge=estimator.ridge,
        ridge_smallest=estimator.ridge_smallest,
        ridge_largest=estimator.ridge_largest,
        ridge_count=estimator.ridge_count,
        random_state=seed,
    )


def _measured(fitted: FeatureRegressor, clean: GaussianData, law: Noise) -> dict[str, Any]:
    """The risks and the alignment of `TrainingResult`; the squared one by sampling where rounding would cost more than that."""
    target = clean.target
    exact = closed_form_risk(fitted.features_, fitted.head_, target, alpha=fitted.alpha_, beta=fitted.beta_)
    (squared, squared_error), (absolute, absolute_error) = _monte_carlo_risks(fitted, clean, law)
    closed = exact.rounding_error <= max(squared_error, NEGLIGIBLE * target.moments[1])
    risk = exact.value if closed else squared
    if not np.isfinite([risk, squared_error, absolute, absolute_error]).all():
        raise InputError(f"the risk on {quoted(target.link)} is beyond floating point: multiply the target by a constant")
    return {
        "excess_risk": risk,
        "excess_risk_method": "closed form" if closed else "Monte Carlo",
        "excess_risk_standard_error": 0.0 if closed else squared_error,
        "excess_risk_rounding_error": exact.rounding_error if closed else 0.0,
        "excess_l1": absolute,
        "excess_l1_standard_error": absolute_error,
        "alignment": alignment(fitted.features_.weights, principal_basis(target, clean.d)),
    }


def _monte_carlo_risks(
    fitted: FeatureRegressor, data: GaussianData, noise: Noise
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Means and standard errors of Δ² and of `absolute_excess` over data without noise."""
    differences, values = [], []
    for X, clean in data:
        differences.append(fitted.predict_block(X) - clean)
        values.append(clean)
    difference, value = np.concatenate(differences), np.concatenate(values)
    # Control variates: f* and f*² have known means, and f*² carries the heavy tail of a poor predictor's Δ².
    moments = data.target.moments
    known = [value**k - mean for k, mean in enumerate(moments, start=1) if math.isfinite(mean)]
    controls = np.reshape(known, (len(known), len(value))).T
    squared, absolute = difference**2, absolute_excess(difference, noise)
    return controlled_mean(squared, controls), controlled_mean(absolute, controls)

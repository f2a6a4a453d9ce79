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
    noise_law = resolve_noise(target, noise)
    data = GaussianData(target, n, d, seed, "train", noise_law)
    held_out = GaussianData(target, holdout, d, seed, "holdout", noise_law)
    final: FeatureRegressor = estimator
    if transfer is not None:  # everything is checked before the source is trained
        if not isinstance(estimator, OneStepNetwork):
            raise InputError(f"method {method!r} learns no features to transfer; use one-step")
        target, samples = transfer[0], check_integer("N", transfer[1], least=1)
        noise_law = resolve_noise(target, noise)
        new_data = GaussianData(target, samples, d, seed, "transfer train", noise_law)
        new_held_out = GaussianData(target, holdout, d, seed, "transfer holdout", noise_law)
        final = TransferredHead(
            estimator,
            ridge=estimator.ridge,
            ridge_smallest=estimator.ridge_smallest,
            ridge_largest=estimator.ridge_largest,
            ridge_count=estimator.ridge_count,
            random_state=seed,
        )
    clean = GaussianData(target, test, d, seed, "test", Noise())

    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
        estimator.fit_blocks(data, held_out)
        if transfer is not None:
            final.fit_blocks(new_data, new_held_out)
        exact = closed_form_risk(final.features_, final.head_, target, alpha=final.alpha_, beta=final.beta_)
        sampled, absolute = _monte_carlo_risks(final, clean, noise_law)
        share = alignment(final.features_.weights, principal_basis(target, data.d))

    known, chosen = method_settings(method), estimator.resolved_settings()
    resolved = {name: chosen[name] for name in known}
    if transfer is not None:
        resolved |= {"transfer": target.link, "transfer_samples": samples}
    resolved |= {
        "ridge": final.ridge_,
        "ridge_rule": "fixed" if estimator.ridge is not None else "holdout",
        "noise_kind": noise_law.kind,
        "noise_scale": str(noise_law.scale),
        "holdout": holdout,
        "test": test,
    }
    tolerated = max(sampled[1], NEGLIGIBLE * target.moments[1])
    in_closed_form = exact.rounding_error <= tolerated
    if not np.isfinite([exact.value if in_closed_form else sampled[0], *sampled[1:], *absolute]).all():
        raise InputError(f"the risk on {target.link!r} is beyond floating point: multiply the target by a constant")
    return TrainingResult(
        method=method,
        n=n,
        d=data.d,
        m=m,
        seed=seed,
        excess_risk=exact.value if in_closed_form else sampled[0],
        excess_risk_method="closed form" if in_closed_form else "Monte Carlo",
        excess_risk_standard_error=0.0 if in_closed_form else sampled[1],
        excess_risk_rounding_error=exact.rounding_error if in_closed_form else 0.0,
        excess_l1=absolute[0],
        excess_l1_standard_error=absolute[1],
        alignment=share,
        ridge=final.ridge_,
        settings=dict(sorted(resolved.items())),
        network=final,
    )


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

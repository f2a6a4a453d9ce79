"""One run of online SGD on a target, and the population quantities of what it learned; for `steinlab train` and sweeps."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.limits import one_blas_thread, require_memory
from steinlab.numerics.methods.online_sgd import OnlineSGD
from steinlab.numerics.networks.student import labelled_data
from steinlab.numerics.population.loss_risk import NEGLIGIBLE, closed_form_risk, loss_risk
from steinlab.numerics.population.monte_carlo import mean_and_error
from steinlab.numerics.population.subspace import alignment, perpendicular_norm, principal_basis, scaled_norm
from steinlab.numerics.registry import make_estimator, methods
from steinlab.numerics.results import OnlineResult
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.numerics.samples.noise import resolve_noise
from steinlab.theory.errors import InputError
from steinlab.theory.language.spelling import quoted
from steinlab.theory.targets.target import Noise, Target

__all__ = ["train_online"]


def train_online(
    target: Target | str,
    *,
    method: str,
    T: int,
    d: int,
    m: int,
    seed: int,
    noise: Noise | float | str | None = None,
    settings: Mapping[str, Any] | None = None,
    test: int = 100_000,
    snapshots: Sequence[int] = (),
) -> OnlineResult:
    """Train a student by online SGD on T fresh samples of a target and measure what it learned.

    Args:
        target: any target, or an expression for one.
        method: one of `registry.METHODS` that is online.
        T: steps, each with a fresh sample; the samples of a smaller T are the first of those of a larger one.
        d: dimension, at least the target's.
        m: width.
        seed: any integer; data, weights, biases and head are functions of it.
        noise: label noise; see `resolve_noise`.
        settings: the method's settings by name; see `method_settings`.
        test: fresh points for what has no closed form.
        snapshots: steps after which W is kept, in ``network.snapshots_`` of the result.

    Returns:
        A deterministic function of the arguments, to the bit on one machine (BLAS is held to one thread).

    Raises:
        InputError: a size, a setting or the method is not acceptable, the run diverges, or it needs too much memory or work.

    Guarantee: numerical. Source: Mousavi-Hosseini et al. (2023).

    Example:
        >>> result = train_online("tanh(z1)", method="online-sgd", T=4000, d=10, m=20, seed=0, test=1000)
        >>> result.alignment > 0.9, result.perpendicular < 0.1
        (True, True)
    """
    if isinstance(target, str):
        target = Target.from_expression(target)
    T, m, test = check_integer("T", T, least=1), check_integer("m", m, least=1), check_integer("test", test, least=2)
    law = resolve_noise(target, noise)
    estimator = make_estimator(method, width=m, random_state=seed, settings=settings)
    if not isinstance(estimator, OnlineSGD):
        raise InputError(f"{method} sees samples more than once: use train, or choose from {', '.join(methods(online=True))}")
    student = estimator.student()
    require_memory(64 * test, f"the risk on {test} fresh points", "take fewer test points")
    data = labelled_data(student.loss_functions, target, T, d, seed, "train", law)
    with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        estimator.fit_blocks(data, snapshots)
        network, loss = estimator.features_.network, student.loss_functions
        risk = _squared_risk(estimator, target, test, seed)
        excess = loss_risk(network, loss, target, points=test, seed=seed, noise=law, closed_form=False)
    if not np.isfinite([risk[0], excess.value]).all():
        raise InputError(f"the risk on {quoted(target.link)} is beyond floating point: multiply the target by a constant")
    weights, basis = network.weights, principal_basis(target, data.d)
    has_excess = math.isfinite(excess.excess)
    resolved = estimator.resolved_settings() | {"noise_kind": law.kind, "noise_scale": str(law.scale), "test": test}
    return OnlineResult(
        method=method,
        n=T,
        d=data.d,
        m=m,
        seed=seed,
        excess_risk=risk[0],
        excess_risk_method="Monte Carlo" if risk[1] else "closed form",
        excess_risk_standard_error=risk[1],
        excess_loss=excess.excess if has_excess else None,
        excess_loss_standard_error=excess.excess_standard_error if has_excess else None,
        perpendicular=perpendicular_norm(weights, basis),
        norm=scaled_norm(weights),
        alignment=alignment(weights, basis),
        warnings=(*estimator.recipe_.warnings, *estimator.unfit_for(target)),
        settings=dict(sorted(resolved.items())),
        network=estimator,
    )


def _squared_risk(fitted: OnlineSGD, target: Target, test: int, seed: int) -> tuple[float, float]:
    """E (f - f*)² and its standard error, which is 0 for the closed form."""
    exact = closed_form_risk(fitted.features_, fitted.head_, target)
    if exact.rounding_error <= NEGLIGIBLE * target.moments[1]:
        return exact.value, 0.0
    clean = GaussianData(target, test, fitted.weights_.shape[1], seed, "test", Noise())
    squares = np.concatenate([(fitted.predict_block(X) - y) ** 2 for X, y in clean])
    return mean_and_error(squares)

"""Time the closed-form population risk against Monte Carlo in the same run: python tests/benchmarks/population.py

Prints, for networks after one gradient step (pairs of opposite weights, almost parallel in one direction) and for random
features, the time of `population_risk` and its gradient as a ratio to the mean squared error over 100,000 points, on one BLAS
thread, with both errors. Runs alternate and medians are compared, so that a busy machine disturbs both alike.
"""

import statistics
import time

import numpy as np

from steinlab.numerics.limits import one_blas_thread
from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.methods.random_features import RandomFeatures
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population.relu_risk import population_risk, population_risk_gradient
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.targets.target import Noise, Target

TARGET = Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)", noise=Noise("rademacher", 1))
POINTS = 100_000
SIZES = ((10, 100), (10, 1000), (100, 1000), (100, 4000))


def monte_carlo(fitted: OneStepNetwork | RandomFeatures, d: int) -> tuple[float, float]:
    parts = [(fitted.predict_block(X) - y) ** 2 for X, y in GaussianData(TARGET, POINTS, d, 1, "test", Noise())]
    squares = np.concatenate(parts)
    return float(squares.mean()), float(squares.std() / np.sqrt(POINTS))


def measure(kind: type[OneStepNetwork] | type[RandomFeatures], d: int, m: int, repeats: int) -> None:
    fitted = kind(width=m, ridge=1e-3).fit_blocks(GaussianData(TARGET, 2000, d, 0))
    network = Network(fitted.weights_, fitted.biases_, fitted.head_)
    affine = {"alpha": fitted.alpha_, "beta": fitted.beta_}
    times: dict[str, list[float]] = {"risk": [], "gradient": [], "Monte Carlo": []}
    for _ in range(repeats):
        start = time.perf_counter()
        exact = population_risk(network, TARGET, **affine)
        risk = time.perf_counter()
        population_risk_gradient(network, TARGET, **affine)
        gradient = time.perf_counter()
        value, error = monte_carlo(fitted, d)
        for name, seconds in zip(times, (risk - start, gradient - risk, time.perf_counter() - gradient), strict=True):
            times[name].append(seconds)
    a, b, c = (statistics.median(seconds) for seconds in times.values())
    print(f"{kind.__name__}, d = {d}, m = {m}: risk {a:.3f} s, with gradient {b:.3f} s, {POINTS} points {c:.3f} s")
    print(f"  ratio {a / c:.2f}; {exact.value:.6g} ± {exact.rounding_error:.0e} against {value:.4g} ± {error:.0e}")


if __name__ == "__main__":
    with one_blas_thread():
        for kind in (OneStepNetwork, RandomFeatures):
            for d, m in SIZES:
                measure(kind, d, m, 1 if m > 1000 else 5)

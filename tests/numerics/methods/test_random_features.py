"""Random features: kernel ridge regression, laws of the weights, what kernels see."""

import numpy as np
import pytest

from steinlab.numerics.methods.random_features import RandomFeatures
from steinlab.numerics.methods.tangent_kernel import TangentKernel


def samples(n=50, d=4):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, d))
    return X, X[:, 0] * X[:, 1] + 0.1 * rng.standard_normal(n)


def kernel_ridge(gram, cross, y, ridge):
    """The minimiser of (1/n) Σ (f(x_i) - y_i)² + (λ/2)‖f‖² over the kernel's space, from its representer."""
    n = len(y)
    return cross @ np.linalg.solve(gram + n * ridge / 2 * np.eye(n), y)


@pytest.mark.parametrize("width", [6, 80])
def test_random_features_are_kernel_ridge_regression(width):
    X, y = samples()
    fitted = RandomFeatures(width=width, ridge=0.3).fit(X, y)
    features = np.maximum(X @ fitted.weights_.T + fitted.biases_, 0)
    gram = features @ features.T
    assert np.allclose(fitted.predict(X), kernel_ridge(gram, gram, y, 0.3), atol=1e-9)


def test_laws_of_the_random_weights():
    X, y = samples()
    sphere = RandomFeatures(width=500, ridge=1.0).fit(X, y)
    assert np.allclose(np.linalg.norm(sphere.weights_, axis=1), 1)
    assert abs(sphere.biases_.std() - 1) < 0.15
    gaussian = RandomFeatures(width=500, ridge=1.0, weight_law="gaussian", bias_scale=0.0).fit(X, y)
    assert gaussian.weights_.std() == pytest.approx(0.5, rel=0.1)
    assert not gaussian.biases_.any()


@pytest.mark.parametrize("kind", [RandomFeatures, TangentKernel])
def test_paired_neurons_are_fitted_once(kind):
    """Duplicated features with λ give the fit of the distinct ones with λ/2: the grid of λ follows, so pairs change nothing."""
    X, y = samples()
    paired = kind(width=12, paired=True).fit(X, y)
    single = kind(width=6).fit(X, y)
    assert paired.weights_.shape == (6, 4)
    assert np.array_equal(paired.predict(X), single.predict(X))


def test_kernels_cannot_see_past_low_degrees_but_learn_what_they_see():
    rng = np.random.default_rng(3)
    X, Z = rng.standard_normal((4000, 10)), rng.standard_normal((4000, 10))
    linear = RandomFeatures(width=200).fit(X, X[:, 0])
    assert linear.score(Z, Z[:, 0]) > 0.95
    quartic = X[:, 0] ** 4 - 6 * X[:, 0] ** 2 + 3
    for kind in (RandomFeatures(width=200), TangentKernel(width=40)):
        assert kind.fit(X, quartic).score(Z, Z[:, 0] ** 4 - 6 * Z[:, 0] ** 2 + 3) < 0.5

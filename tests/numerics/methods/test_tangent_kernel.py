"""The linearised network: kernel ridge regression on the derivatives of the network."""

import numpy as np
import pytest

from steinlab.numerics.methods.tangent_kernel import TangentKernel


def samples(n=50, d=4):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, d))
    return X, X[:, 0] * X[:, 1] + 0.1 * rng.standard_normal(n)


def kernel_ridge(gram, cross, y, ridge):
    """The minimiser of (1/n) Σ (f(x_i) - y_i)² + (λ/2)‖f‖² over the kernel's space, from its representer."""
    n = len(y)
    return cross @ np.linalg.solve(gram + n * ridge / 2 * np.eye(n), y)


@pytest.mark.parametrize("width", [6, 40])
@pytest.mark.parametrize("include_head", [True, False])
def test_the_tangent_kernel_is_kernel_ridge_regression(width, include_head):
    X, y = samples()
    fitted = TangentKernel(width=width, include_head=include_head, ridge=0.3).fit(X, y)
    z = X @ fitted.weights_.T + fitted.biases_
    gram = np.zeros((50, 50))
    for i in range(50):
        for k in range(50):
            both = (z[i] >= 0) & (z[k] >= 0)
            gram[i, k] = both.sum() * (X[i] @ X[k]) + include_head * np.sum(z[i][both] * z[k][both])
    assert np.allclose(fitted.predict(X), kernel_ridge(gram, gram, y, 0.3), atol=1e-9)


def test_the_linearised_network_is_the_derivative_of_the_network():
    """The features are the finite differences of Σ_j σ(w_j·x + b_j) a_j at a = 1 in W and a."""
    X, y = samples()
    fitted = TangentKernel(width=3, ridge=0.1).fit(X, y)
    W, b, x = fitted.weights_, fitted.biases_, X[0]

    def output(weights, head):
        return head @ np.maximum(weights @ x + b, 0)

    step, derivatives = 1e-6, []
    for c in range(4):
        for j in range(3):
            moved = W.copy()
            moved[j, c] += step
            derivatives.append((output(moved, np.ones(3)) - output(W, np.ones(3))) / step)
    derivatives += list(np.maximum(W @ x + b, 0))
    assert np.allclose(fitted.features_.matrix(x[None])[0], derivatives, atol=1e-5)

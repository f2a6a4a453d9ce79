"""The head in closed form: every ridge solution and every gradient-descent iterate from one eigendecomposition."""

from collections.abc import Sequence

import numpy as np
import scipy.linalg

from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["RidgePath"]


class RidgePath:
    """Minimisers, and gradient-descent iterates, of L(a) + (λ/2)‖a‖² with L(a) = (1/n)‖Φa - y‖², for every λ.

    Φ is n x P, the loss carries no factor 1/2. With G = ΦᵀΦ/n and h = Φᵀy/n the minimiser is (G + (λ/2) I)⁻¹ h, and
    gradient descent a ← a - η(∇L(a) + λa) from zero gives after T steps 2(1 - (1 - ηq)^T)/q at each eigenvalue s of G,
    q = 2s + λ. Both are a function of G applied to h, and φ(ΦᵀΦ/n) Φᵀ = Φᵀ φ(ΦΦᵀ/n): so the same object serves

    - the **primal** problem, ``RidgePath(G, h)``: solutions are the heads a, of length P;
    - the **dual** problem, ``RidgePath(ΦΦᵀ/n, y/n)``: solutions are c of length n, and the head is a = Φᵀc.

    Args:
        matrix: symmetric positive semi-definite; only the lower triangle is read. Overwritten when it is in Fortran
            order, so hand over a copy to keep it.
        moment: vector of the same length.

    Attributes:
        eigenvalues: ascending, those below rounding error set to zero.
        trace: their sum, the mean squared norm of the feature vectors.

    Raises:
        InputError: the matrix or the vector is not finite (features or labels that overflow).

    Guarantee: numerical, backward stable (LAPACK ``syevd``); exact in the number of steps, no iteration is run.

    Example:
        >>> import numpy as np
        >>> path = RidgePath(np.diag([1.0, 2.0]), np.array([1.0, 1.0]))
        >>> path.solve([2.0])[:, 0]  # 1/(s + λ/2)
        array([0.5       , 0.33333333])
    """

    def __init__(self, matrix: Array, moment: Array) -> None:
        if not (np.isfinite(matrix).all() and np.isfinite(moment).all()):
            raise InputError("the features or labels overflow (their products are not finite); rescale the data")
        eigenvalues, vectors = scipy.linalg.eigh(matrix, lower=True, driver="evd", overwrite_a=True, check_finite=False)
        rounding = len(moment) * np.finfo(np.float64).eps * max(float(eigenvalues[-1]), 0.0)
        self.eigenvalues: Array = np.where(eigenvalues > rounding, eigenvalues, 0.0)
        self.trace = float(self.eigenvalues.sum())
        self._vectors: Array = vectors
        self._coordinates: Array = vectors.T @ moment

    def solve(self, ridges: Sequence[float] | Array) -> Array:
        """Minimisers for every λ >= 0 in `ridges`, one a column; at λ = 0 the one of least norm.

        Returns:
            Array of shape (length of the moment, number of λ).
        """
        shifted = self.eigenvalues[:, None] + np.asarray(ridges, dtype=np.float64)[None, :] / 2
        filters = np.divide(1.0, shifted, out=np.zeros_like(shifted), where=shifted > 0)
        return np.asarray(self._vectors @ (filters * self._coordinates[:, None]))

    def largest_step(self, ridge: float) -> float:
        """1/(2 s_max + λ): a step size at which gradient descent contracts in every direction without overshooting."""
        curvature = 2 * float(self.eigenvalues[-1]) + ridge
        return 1 / curvature if curvature > 0 else 1.0

    def gradient_descent(self, ridge: float, step_size: float, steps: int, start: Array | None = None) -> Array:
        """The iterate after `steps` steps a ← a - step_size·(∇L(a) + ridge·a), whatever the number of steps.

        Args:
            ridge: λ >= 0.
            step_size: η > 0.
            steps: T >= 0.
            start: the iterate at step 0 (default zero). Only meaningful in the primal problem.

        Raises:
            InputError: η(2 s_max + λ) > 2, at which the iterates diverge.
        """
        curvature = 2 * self.eigenvalues + ridge
        if step_size * curvature[-1] > 2:
            raise InputError(
                f"head step size {step_size:g} diverges: with ridge {ridge:g} it must be below {2 / curvature[-1]:.3g}; "
                "lower it, or leave it out to use the safe value"
            )
        # (1 - ηq)^T, through log1p where the base is positive so that tiny ηq and huge T lose no digits.
        product = step_size * curvature
        positive = product < 1
        exponent = steps * np.log1p(-product, where=positive, out=np.zeros_like(product))
        decay = np.where(positive, np.exp(exponent), (1 - product) ** steps)
        gain = np.where(positive, -np.expm1(exponent), 1 - decay)
        filters = np.divide(2 * gain, curvature, out=np.full_like(gain, 2 * step_size * steps), where=curvature > 0)
        coordinates = filters * self._coordinates
        if start is not None:
            coordinates += decay * (self._vectors.T @ start)
        return np.asarray(self._vectors @ coordinates)

"""Lemma 13's head as a program: a* that makes the neurons after one gradient step fit a polynomial target.

Damian et al. (2022), Appendix A, end to end: monomials of one variable as averages of σ(ax + b) (Lemma 9, Corollary 3), symmetric
tensors as averages of (g·x)^k (Corollary 4), both together (Lemma 12, Corollary 5), and the average over m neurons in place
of the expectation (Lemma 13). The papers' constants are not printed; what is returned here are the numbers themselves.
"""

from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb, factorial, prod

import numpy as np
from numpy.polynomial import polynomial

from steinlab.numerics.checked import check_number
from steinlab.numerics.limits import require_memory
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population.relu_pairs import normal_density
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.language.spelling import quoted
from steinlab.theory.statements.random_features import gaussian_monomial_weight
from steinlab.theory.targets.target import Target, require_polynomial

__all__ = ["FeatureHead", "TensorWeight", "feature_head"]


# Directions in which the moments of the gradients are below this share of the largest count as not reached.
_RANK_TOLERANCE = 1e-10


class TensorWeight:
    """z with E[z(g) (g·x)^k] = p(x) for all x: Corollary 4, for p homogeneous of degree k.

    z(g) = <M⁺T, g^{⊗k}>, M = E[g^{⊗k} ⊗ g^{⊗k}] and p(x) = <T, x^{⊗k}>; of all such weights it has the least E z² = <T, M⁺T>.
    The expectation is over the rows of `gradients`.

    Args:
        part: p, a homogeneous polynomial in at most d variables (those of x that it names come first).
        gradients: g(w) for draws of w, shape (N, d).

    Attributes:
        second_moment: E z².

    Raises:
        InputError: T is not in the span of the g^{⊗k}: too few draws, or no gradient along a variable that p uses.

    Guarantee: numerical; an identity over the given draws up to the rounding of a least-squares problem.
    Source: Damian et al. (2022), Corollary 4 (which prints the power p for k).

    Example:
        >>> z1 = Polynomial.variable(0, 1)
        >>> g = np.array([[1.0, 1.0], [2.0, -1.0], [0.0, 1.0]])
        >>> weight, x = TensorWeight(z1**2, g), np.array([3.0, -1.0])
        >>> bool(np.isclose(np.mean(weight(g) * (g @ x) ** 2), 9))
        True
    """

    def __init__(self, part: Polynomial, gradients: Array) -> None:
        self.degree = part.degree
        draws, d = gradients.shape
        require_memory(
            8 * 3 * draws * comb(d + self.degree - 1, self.degree),
            f"the symmetric tensors of order {self.degree} in dimension {d} at {draws} gradients",
            "take a smaller d or fewer gradients",
        )
        self._indices = list(combinations_with_replacement(range(d), self.degree))
        # <T, g^{⊗k}> = Σ_α T_α √(k!/α!) · √(k!/α!) g^α, an inner product of vectors over the multi-indices α.
        self._norms = np.sqrt([self._multiplicity(index) for index in self._indices])
        tensor = np.zeros(len(self._indices))
        positions = {index: i for i, index in enumerate(self._indices)}
        for alpha, c in part.terms().items():
            position = positions[tuple(i for i, e in enumerate(alpha) for _ in range(e))]
            tensor[position] = float(c) / self._norms[position]
        # The scale of g is taken out, so that the tolerance is one for directions.
        self._scale = float(np.sqrt(np.mean(gradients**2) * d)) or 1.0
        powers = self._powers(gradients) / np.sqrt(draws)
        _, singular, right = np.linalg.svd(powers, full_matrices=False)
        kept = singular > _RANK_TOLERANCE * singular[0]
        within = right[kept] @ tensor
        if np.linalg.norm(tensor - right[kept].T @ within) > 1e-6 * np.linalg.norm(tensor):
            raise InputError(
                f"{draws} gradients in dimension {d} do not span the tensor of {part}; give more of them, or a target whose "
                "variables they see"
            )
        coefficients = within / singular[kept]
        self.second_moment = float(coefficients @ coefficients) / self._scale ** (2 * self.degree)
        self._dual = right[kept].T @ (coefficients / singular[kept]) / self._scale**self.degree

    def __call__(self, gradients: Array) -> Array:
        """z at the rows of `gradients`, shape (n, d): shape (n,)."""
        return np.asarray(self._powers(gradients) @ self._dual)

    def _powers(self, gradients: Array) -> Array:
        columns = (gradients / self._scale).T
        ones = np.ones(len(gradients))
        rows = [prod((columns[i] for i in index), start=ones) for index in self._indices]
        return np.asarray(np.array(rows).T * self._norms)

    @staticmethod
    def _multiplicity(index: tuple[int, ...]) -> float:
        return float(factorial(len(index)) // prod(factorial(index.count(i)) for i in set(index)))


@dataclass(frozen=True, eq=False)
class FeatureHead:
    """A head that Lemma 13 builds.

    Attributes:
        network: w_j = 2η a_j g_j, b_j and the new head a*_j = h(a_j, w_j, b_j)/m.
        second_moment: mean of h² over the neurons (Corollary 5's E h²); ‖a*‖² = `second_moment`/m.
        supremum: largest |h| over the neurons.
    """

    network: Network
    second_moment: float
    supremum: float


def feature_head(target: Target, gradients: Array, signs: Array, biases: Array, *, step_size: float) -> FeatureHead:
    """Lemma 13's a* for f* = Σ_k <T_k, x^{⊗k}> on neurons w_j = 2η a_j g_j, b_j.

    Statement: h(a, w, b) = Σ_k z_k(g) v_k(a, b)/(2η)^k, z_k the weight of T_k in Corollary 4 over the given gradients and v_k the
    weight of x^k in Corollary 3, has E_{a,b}[mean_j h σ(w_j·x + b)] = f*(x) wherever |2η g_j·x| <= 1 for all j, for a uniform on
    {-1, 1} and b ~ N(0, 1). a* = h/m averages over one draw of a_j, b_j for each j.

    Args:
        target: a polynomial target in dimension d or below.
        gradients: g_j, shape (m, d).
        signs, biases: a_j in {-1, 1} and b_j, shape (m,), independent of the gradients.
        step_size: η > 0. A smaller one widens the region of x and raises E h² as η^{-2p}.

    Raises:
        InputError: the gradients do not span the target's tensors, a sign is not ±1, or η is not positive.

    Guarantee: numerical; `population_risk` of `network` is its error, in expectation O(1/m) beside that of x outside the region.
    Source: Damian et al. (2022), Lemmas 12 and 13, Corollary 5. Lemma 12's indicator lacks the factor 2η there.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> g, signs = rng.standard_normal((4000, 1)), rng.choice([-1.0, 1.0], 4000)
        >>> fit = feature_head(Target.from_expression("z1 + 1"), g, signs, rng.standard_normal(4000), step_size=0.1)
        >>> bool(abs(fit.network.output(np.array([[0.5]]))[0] - 1.5) < 0.5)
        True
    """
    step_size = check_number("step_size", step_size)
    if not np.isin(signs, (-1, 1)).all():
        raise InputError("signs must be -1 or 1: they are the head before the step")
    m, d = gradients.shape
    if d < target.ambient_dimension:
        raise InputError(f"the gradients have dimension {d}, the target {quoted(target.link)} needs {target.ambient_dimension}")
    inside = np.abs(biases) <= 1
    total = np.zeros(m)
    for k, part in _in_coordinates(target).homogeneous_parts().items():
        weights = TensorWeight(part, gradients)(gradients) / (2 * step_size) ** k
        for sign in (-1, 1):
            rows = inside & (signs == sign)
            by_power = [float(c) for c in gaussian_monomial_weight(k, sign)]
            total[rows] += weights[rows] * polynomial.polyval(biases[rows], by_power) / normal_density(biases[rows])
    network = Network(2 * step_size * signs[:, None] * gradients, biases, total / m)
    return FeatureHead(network, float(np.mean(total**2)), float(np.max(np.abs(total))))


def _in_coordinates(target: Target) -> Polynomial:
    """f* as a polynomial in x."""
    target = require_polynomial(target)
    if target.directions is None:
        return target.polynomial
    d = target.ambient_dimension
    units = [tuple(int(i == j) for i in range(d)) for j in range(d)]
    return target.polynomial.compose([Polynomial.from_terms(dict(zip(units, row, strict=True)), d) for row in target.directions])

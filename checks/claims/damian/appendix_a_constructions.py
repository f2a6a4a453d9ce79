"""Damian, Lee, Soltanolkotabi 2022, Appendix A: the size of the weights that Corollary 4 and Lemma 12 build, with constants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import cos, factorial, pi, prod, sin, sqrt
from typing import TYPE_CHECKING, Any

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import HOLDS, AnyClaim, Claim, Fault, Outcome, damian, failed
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_BIASES = 1_000
"""Biases at the midpoints of equal shares of the normal law, in place of its mean; the indicator costs about 1/_BIASES."""


@dataclass(frozen=True)
class WeightCase:
    """<T, x^{⊗k}> = `part` in the r = 2 eigendirections of H = diag(`eigenvalues`), inputs of dimension d."""

    part: oracles.Poly
    eigenvalues: tuple[Fraction, Fraction]
    d: int

    @property
    def k(self) -> int:
        return oracles.degree(self.part)

    @property
    def energy(self) -> float:
        """‖T‖_F² = Σ_α (α!/k!) c_α²."""
        return float(sum(c * c * Fraction(prod(map(factorial, alpha)), factorial(self.k)) for alpha, c in self.part.items()))

    @property
    def pseudo_inverse(self) -> float:
        """‖H†‖_op = κ√r."""
        return 1 / float(min(map(abs, self.eigenvalues)))

    def gradients(self) -> Any:
        """Points with the moments of order 2k of H w, w uniform on the sphere: equal angles, and one radius for E|Π*w|^{2k}."""
        import numpy as np

        radius = prod((2 + 2 * j) / (self.d + 2 * j) for j in range(self.k)) ** (1 / (2 * self.k))
        angles = [pi * (i + 0.3) / (2 * self.k + 1) for i in range(4 * self.k + 2)]
        first, second = (float(c) for c in self.eigenvalues)
        return np.array([[first * radius * cos(t), second * radius * sin(t)] for t in angles])


def _weights() -> SearchStrategy[WeightCase]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def of_degree(k: int) -> SearchStrategy[WeightCase]:
        monomials = [(i, k - i) for i in range(k + 1)]
        parts = st.dictionaries(st.sampled_from(monomials), cases.nonzero_rationals(), min_size=1, max_size=3)
        return st.builds(WeightCase, parts, st.tuples(*[cases.nonzero_rationals()] * 2), st.integers(2, 60))

    return st.integers(1, 3).flatmap(of_degree)


Energy = Callable[[WeightCase], float]


def _second_moment(case: WeightCase) -> float:
    from steinlab.numerics.constructions.lemma13 import TensorWeight

    return TensorWeight(Polynomial.from_terms(case.part), case.gradients()).second_moment


def _bound(case: WeightCase) -> float:
    return prod(case.d + 2 * j for j in range(case.k)) / factorial(case.k) * case.pseudo_inverse ** (2 * case.k) * case.energy


def _check_weight(subject: Energy, case: WeightCase) -> Outcome:
    """The bound, and E z² >= (E z (g·x)^k)²/E (g·x)^{2k} at a point, by Cauchy-Schwarz, so that too small a value fails too."""
    import numpy as np

    found, bound = subject(case), _bound(case)
    if not found <= bound * (1 + 1e-8):
        return failed(f"E z_T² = {found} is above {bound}")
    least = 0.0
    for x in ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0), (2.0, 1.0)):
        value = sum(float(c) * x[0] ** a * x[1] ** b for (a, b), c in case.part.items())
        least = max(least, value**2 / float(np.mean((case.gradients() @ np.array(x)) ** (2 * case.k))))
    return HOLDS if found >= least * (1 - 1e-8) else failed(f"E z_T² = {found} is below {least}, which the identity needs")


def _head_energy(case: WeightCase) -> float:
    """The mean of h² over neurons of Lemma 13 at η = √d, gradients H w/√(2π), both signs, and biases of the normal law."""
    import numpy as np
    from scipy.special import ndtri

    from steinlab.numerics.constructions.lemma13 import feature_head
    from steinlab.theory.targets.target import Target

    g = case.gradients() / sqrt(2 * pi)
    biases = ndtri((np.arange(_BIASES) + 0.5) / _BIASES)
    rows = np.repeat(g, 2 * _BIASES, axis=0)
    signs = np.tile(np.repeat([-1.0, 1.0], _BIASES), len(g))
    target = Target.from_polynomial(Polynomial.from_terms(case.part))
    return feature_head(target, rows, signs, np.tile(biases, 2 * len(g)), step_size=sqrt(case.d)).second_moment


def _univariate_energy(k: int) -> float:
    """E v_k(a, b)² over a = ±1 and b ~ N(0, 1), v_k of Lemma 9 carried to Gaussian biases: ½ Σ_a ∫_{-1}^1 v_k²/(4μ) db.

    From the formulas of Lemma 9: v_1 = 2a and, for k >= 2 and f = x^k, 2(1 - a) f''(b) - [f'(1) - f(1)] 6b + f'(1) 2a.
    """
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(60)
    density = np.exp(-(nodes**2) / 2) / sqrt(2 * pi)
    total = 0.0
    for a in (-1, 1):
        v = 2 * a + 0 * nodes
        if k >= 2:
            v = 2 * (1 - a) * k * (k - 1) * nodes ** (k - 2) - (k - 1) * 6 * nodes + k * 2 * a
        total += float(np.sum(weights * v**2 / (4 * density))) / 2
    return total


def _check_head(subject: Energy, case: WeightCase) -> Outcome:
    """With η = √d and gradients H w/√(2π): E h² <= E v_k² (2π)^k Π(d + 2j)/((4d)^k k!) (rκ²)^k ‖T‖_F², up to the biases' grid."""
    bound = _univariate_energy(case.k) * (2 * pi / (4 * case.d)) ** case.k * _bound(case)
    found = subject(case)
    if not found <= bound * 1.01:
        return failed(f"E h_T² = {found} is above {bound}")
    expected = _univariate_energy(case.k) * (2 * pi / (4 * case.d)) ** case.k * _second_moment(case)
    return (
        HOLDS if abs(found - expected) <= 0.01 * expected else failed(f"E h_T² = {found}, not E z_T² E v_k²/(2η)^2k = {expected}")
    )


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="damian.corollary4",
        statement="E z_T² <= Π_{j<k}(d + 2j)/k! ‖H†‖_op^{2k} ‖T‖_F², that is (rdκ²)^k ‖T‖_F² up to a factor of k",
        hypotheses="E_w[z_T (g·x)^k] = <T, x^{⊗k}>, g = H w, w uniform on the sphere of R^d, H of rank r = 2, k <= 3",
        source=damian("Corollary 4; the constant, from Corollary 11 and Lemma 26", printed=False),
        direction="upper",
        method="points with the exact moments of order 2k; the bound, and Cauchy-Schwarz from below; slack 1e-8",
        evidence=Evidence.NUMERICAL,
        subject=_second_moment,
        cases=_weights,
        check=_check_weight,
        faults=(
            Fault("1.1 times as large: equality is reached", lambda case: 1.1 * _second_moment(case)),
            Fault("gradients scaled by √d", lambda case: _second_moment(case) / case.d**case.k),
        ),
    ),
    Claim(
        id="damian.lemma12",
        statement="E h_T² = E z_T² E v_k²/(2η)^{2k} <= C_k Π_{j<k}(1 + 2j/d) r^k κ^{2k} ‖T‖_F² at η = √d: the claimed scaling",
        hypotheses="g = H w/√(2π), the leading term of the gradient; a = ±1, b ~ N(0, 1); r = 2, k <= 3; C_k = E v_k² (π/2)^k/k!",
        source=damian("Lemma 12, without its powers of ι; the constant", printed=False),
        direction="upper",
        method="neurons of Lemma 13 on points with exact moments and a grid of 1000 biases, against Lemma 9's formulas; slack 1%",
        evidence=Evidence.NUMERICAL,
        subject=_head_energy,
        cases=_weights,
        check=_check_head,
        faults=(
            Fault("the indicator's missing factor: η for 2η", lambda case: _head_energy(case) * 4**case.k),
            Fault("v_k for uniform biases", lambda case: _head_energy(case) / _univariate_energy(case.k)),
        ),
    ),
)

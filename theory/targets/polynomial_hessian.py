"""The expected Hessian H = E[∇²f*(x)]: what one gradient step sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce

from flint import arb

from steinlab.theory.display import html_table
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import (
    Matrix,
    characteristic_polynomial,
    inverse,
    kernel,
    multiply,
    rank,
    row_echelon,
    transpose,
)
from steinlab.theory.exact.numbers import Number, working_precision
from steinlab.theory.exact.univariate import RealRoot, all_real_roots
from steinlab.theory.targets.polynomial_expansion import HermiteExpansion

MAX_KAPPA = 1e300
"""Largest κ that is reported."""
_BITS = 256
"""Precision at which eigenvalues without an exact form are told from the least of the others."""


@dataclass(frozen=True)
class ExpectedHessian:
    """H = E[∇²f*(x)] = C_2, with its rank, eigenvalues, range and κ. Build it with `expected_hessian`.

    Vectors are in the intrinsic coordinates of the expansion (`HermiteExpansion.in_ambient` takes them to R^d).
    Kind: exact; eigenvalues that are not rational or quadratic are certified enclosures.
    Source: Damian et al. 2022, Assumption 2 and section 1.

    >>> from steinlab.theory.targets.target import Target
    >>> h = expected_hessian(Target.from_expression("z1*z2 + He(3, z3)").expansion)
    >>> h.rank, [str(root) for root in h.eigenvalues], h.is_nondegenerate, h.kappa
    (2, ['-1', '0', '1'], False, None)
    """

    expansion: HermiteExpansion

    def _repr_html_(self) -> str:
        eigenvalues = ", ".join(str(root) for root in self.eigenvalues)
        kappa = "undefined: rank H is less than dim S*" if self.kappa is None else self.kappa
        return html_table(
            "expected Hessian",
            [("E[∇²g]", self.matrix), ("rank", self.rank), ("eigenvalues", eigenvalues), ("κ", kappa)],
        )

    @cached_property
    def matrix(self) -> Matrix:
        """E[∇²g(y)] in the coordinates of the latent variables, r x r."""
        r = self.expansion.link.variables
        tensor = self.expansion.tensor(2)
        zero = Number.of(0)
        return tuple(tuple(tensor.get((min(i, j), max(i, j)), zero) for j in range(r)) for i in range(r))

    @cached_property
    def form(self) -> Matrix:
        """The bilinear form of H on span(u_i), in intrinsic coordinates."""
        lift = self.expansion.intrinsic.lift
        return multiply(transpose(lift, len(lift[0])), multiply(self.matrix, lift))

    @cached_property
    def operator(self) -> Matrix:
        """H as a linear map of span(u_i), in intrinsic coordinates: G^{-1} times the form."""
        return self.form if self.expansion.gram is None else multiply(inverse(self.expansion.intrinsic.gram), self.form)

    @cached_property
    def rank(self) -> int:
        """rank H, by exact row reduction."""
        return rank(self.form)

    @property
    def is_nondegenerate(self) -> bool:
        """Assumption 2: rank H = dim S*, so that range(H) = S*."""
        return self.rank == len(self.expansion.effective_subspace)

    @cached_property
    def eigenvalues(self) -> tuple[RealRoot, ...]:
        """The eigenvalues of H on span(u_i), rising, each repeated by its multiplicity; H vanishes on the complement."""
        a = self.operator
        if all(not x for i, row in enumerate(a) for j, x in enumerate(row) if i != j):
            diagonal = sorted(row[i] for i, row in enumerate(a))
            return tuple(RealRoot((-x, Number.of(1)), 0, x) for x in diagonal)
        return tuple(all_real_roots(characteristic_polynomial(a)))

    @cached_property
    def range(self) -> Matrix:
        """A basis of range(H), the principal subspace that one gradient step can find."""
        return row_echelon(transpose(self.operator, len(self.operator)))[0]

    @cached_property
    def invisible(self) -> Matrix:
        """A basis of S* ∩ ker H: directions that f* depends on and H does not see."""
        effective = self.expansion.effective_subspace
        if not effective:
            return ()
        images = multiply(effective, self.form)
        return multiply(kernel(transpose(images, len(self.form)), len(effective)), effective)

    @property
    def _nonzero(self) -> list[RealRoot]:
        """The eigenvalues but zeros, which are recognised by algebra: a root that has no exact form is not zero."""
        return [root for root in self.eigenvalues if root.exact is None or root.exact]

    @cached_property
    def kappa(self) -> float | None:
        """κ = ‖H†‖_op/√r for the target scaled to E f*² = 1, r = dim S*, as a float; None unless `is_nondegenerate`.

        Raises: InputError where κ exceeds MAX_KAPPA. Kind: certified (rounded from an enclosure, refined to relative accuracy).
        κ >= 1/√2, because ‖H‖_F² <= 2 under the scaling (derived).
        """
        if not self.is_nondegenerate or not self._nonzero:
            return None
        bits = 96
        while True:
            with working_precision(bits):
                scale = self.expansion.second_moment.ball().sqrt()
                least = reduce(arb.min, (abs(root.ball(bits)) for root in self._nonzero))
                kappa = scale / (least * arb(len(self.expansion.effective_subspace)).sqrt())
                if kappa.is_finite() and kappa.rel_accuracy_bits() >= 60:
                    break
            bits *= 2
        if kappa > MAX_KAPPA:
            raise InputError(f"κ is above {MAX_KAPPA:.0e}, beyond the range of floats: drop the negligible terms of the link")
        return float(kappa.mid())

    @cached_property
    def kappa_exact(self) -> Number | None:
        """κ as an exact number, where the numbers in it are simple enough; None otherwise."""
        known = [abs(root.exact) for root in self._nonzero if root.exact is not None]
        if self.kappa is None or not known:
            return None
        least = min(known)
        with working_precision(_BITS):
            if not all(least.ball() < abs(root.ball(_BITS)) for root in self._nonzero if root.exact is None):
                return None
        try:
            return self.expansion.second_moment.root(2) / (least * Number.of(len(self.expansion.effective_subspace)).root(2))
        except InputError:
            return None


def expected_hessian(expansion: HermiteExpansion) -> ExpectedHessian:
    """The expected Hessian of the target with this expansion."""
    return ExpectedHessian(expansion)

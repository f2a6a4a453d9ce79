"""The exponents that govern how hard a target is to learn, computed from its exact expansion."""

from __future__ import annotations

from dataclasses import dataclass

from steinlab.theory.display import html_table
from steinlab.theory.exact.linear_algebra import Matrix, identity, kernel, multiply, orthogonal_complement, transpose
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.targets.polynomial_expansion import HermiteExpansion, gradient_rows, linear_forms


@dataclass(frozen=True)
class LeapStep:
    """One step of the leap: `degree` k, `gained` dimension, and a basis of what was gained in intrinsic coordinates."""

    degree: int
    gained: int
    basis: Matrix


@dataclass(frozen=True)
class SubspaceLeap:
    """The subspace leap and the steps that lead to the effective subspace."""

    value: int
    steps: tuple[LeapStep, ...]

    def _repr_html_(self) -> str:
        rows = [(f"degree {step.degree} gains {step.gained}", step.basis) for step in self.steps]
        return html_table(f"subspace leap {self.value}: steps, with bases in intrinsic coordinates", rows)


def information_exponent(expansion: HermiteExpansion) -> int:
    """The least k >= 1 with C_k != 0. Hypothesis: the target is not constant (ValueError). Kind: exact.

    >>> from steinlab.theory.targets.target import Target
    >>> information_exponent(Target.from_expression("He(4,z1) + He(3,z2)").expansion)
    3
    """
    orders = [k for k in expansion.degree_energies if k >= 1]
    if not orders:
        raise ValueError("a constant target has no information exponent")
    return min(orders)


def subspace_leap(expansion: HermiteExpansion) -> SubspaceLeap:
    """The rotation-invariant leap and its steps.

    Statement: V = {0}; at the least k for which R, the span of the mode-1 columns of (P_{V⊥}^{⊗k} ⊗ P_V^{⊗(j-k)}) C_j over j
    >= k, is not {0}, record (k, dim R) and set V ← V + R; stop at S*. The leap is the largest k recorded. Kind: exact.
    Source: the definition this project uses (a rotation-invariant form of Abbe, Boix-Adserà, Misiakiewicz 2023).

    >>> from steinlab.theory.targets.target import Target
    >>> leap = subspace_leap(Target.from_expression("z1 + z2 + z1*z2").expansion)
    >>> leap.value, [(step.degree, step.gained) for step in leap.steps]
    (2, [(1, 1), (2, 1)])
    """
    view = expansion.intrinsic
    size = len(view.pivots)
    unseen: Matrix = identity(size)
    steps: list[LeapStep] = []
    total = expansion.effective_dimension
    while sum(step.gained for step in steps) < total:
        seen = orthogonal_complement(unseen, view.gram)
        degree, part = _lowest_part_in_unseen(expansion, unseen, seen)
        # u ⊥ R exactly when the part does not vary along u, so what stays unseen is the kernel of its gradient
        still = kernel(gradient_rows(part, len(unseen)), len(unseen))
        remaining = multiply(still, unseen) if still else ()
        gained = orthogonal_complement((*remaining, *seen), view.gram)
        steps.append(LeapStep(degree, len(gained), gained))
        unseen = remaining
    return SubspaceLeap(max(step.degree for step in steps), tuple(steps))


def _lowest_part_in_unseen(expansion: HermiteExpansion, unseen: Matrix, seen: Matrix) -> tuple[int, Polynomial]:
    """(k, part): the part of least degree k >= 1 in s of the symbol at Σ s_i unseen_i + Σ t_j seen_j, as a polynomial whose
    first variables are s; the t are kept as they are."""
    basis = (*unseen, *seen)
    forms = linear_forms(multiply(expansion.intrinsic.lift, transpose(basis, len(basis[0]))))
    grouped: dict[int, dict[tuple[int, ...], Number]] = {}
    for part in (expansion.parts[k] for k in sorted(expansion.parts) if k >= 1):
        for alpha, c in part.compose(forms).terms().items():
            grouped.setdefault(sum(alpha[: len(unseen)]), {})[alpha] = c
        if grouped and not seen:  # later parts have higher degrees in s
            break
    degree = min(k for k in grouped if k >= 1)
    return degree, Polynomial.from_terms(grouped[degree], len(basis))


def coordinate_leap(expansion: HermiteExpansion) -> int | None:
    """The leap of Abbe, Boix-Adserà and Misiakiewicz in the basis of the latent variables as written.

    Statement: the least, over orderings of the nonzero Hermite monomials, of the largest total degree that a monomial has in
    coordinates not yet seen. Hypothesis: orthonormal directions; None otherwise, since Hermite monomials are then not
    orthogonal. Kind: exact (taking the cheapest monomial first is optimal: seeing more coordinates never raises a cost).
    Source: Abbe, Boix-Adserà, Misiakiewicz 2023.

    >>> from steinlab.theory.targets.target import Target
    >>> coordinate_leap(Target.from_expression("z1 + z2 + z1*z2").expansion)
    1
    """
    if expansion.gram is not None:
        return None
    monomials = [alpha for alpha in expansion.symbol.terms() if any(alpha)]
    seen: set[int] = set()
    leap = 0
    while monomials:
        costs = {alpha: sum(a for i, a in enumerate(alpha) if i not in seen) for alpha in monomials}
        cheapest = min(costs.values())
        leap = max(leap, cheapest)
        for alpha, cost in costs.items():
            if cost == cheapest:
                seen.update(i for i, a in enumerate(alpha) if a)
                break
        monomials = [alpha for alpha in monomials if any(a and i not in seen for i, a in enumerate(alpha))]
    return leap


def generative_exponent(expansion: HermiteExpansion) -> int | None:
    """The least k >= 1 such that E[He_k(Z) | Y] is not identically zero, for a polynomial of one direction; None for several.

    Statement: 2 if the link is even in its direction, 1 otherwise. Proof (derived): for large |y| a polynomial takes the value
    y at one point, or at two points z_- < 0 < z_+. In the first case E[Z | y] != 0. In the second E[Z | y] = 0 for all large y
    says that φ(z_+) - φ(z_-) is constant in y, hence 0 by its limit, so z_- = -z_+ for all large y and the link is even. An
    even link has E[Z | Y] = 0, and E[Z² - 1 | y] = z_+² - 1 > 0 for large y. Label noise whose characteristic function
    vanishes only on isolated points does not change it. Kind: exact. Source: definition of Damian, Pillaud-Vivien, Lee, Bruna
    2024; this criterion is derived.

    >>> from steinlab.theory.targets.target import Target
    >>> [generative_exponent(Target.from_expression(link).expansion) for link in ("He(3,z1)", "He(4,z1)")]
    [1, 2]
    """
    if expansion.effective_dimension != 1:
        return None
    return 1 if any(k % 2 for k in expansion.degree_energies) else 2

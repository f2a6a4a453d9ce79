"""Information exponent and leaps of a target, on the expansion that any engine gives.

The generative exponent is asked of the engine itself (`theory/expansions/generative.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steinlab.theory.budget import FACT_STEPS, attempt
from steinlab.theory.display import html_table
from steinlab.theory.exact.linear_algebra import Matrix, Vector, identity, kernel
from steinlab.theory.expansions.expansion import Expansion
from steinlab.theory.verdicts import Decided, Evidence, Verdict

_ACROSS_SHARE = 0.25
"""The share of a fact's steps that the space may take which holds what is gained at one degree."""


@dataclass(frozen=True)
class LeapStep:
    """One step: `degree` k, `gained` dimension, and an exact basis of what was gained, in the coordinates of the expansion."""

    degree: int
    gained: int
    basis: Matrix


@dataclass(frozen=True)
class SubspaceLeap:
    """A leap with the steps whose subspaces are known exactly: all of them, or the first ones.

    Where they stop short, the value may still be decided, and is None otherwise.
    """

    value: Decided
    steps: tuple[LeapStep, ...]

    def _repr_html_(self) -> str:
        rows = [(f"degree {step.degree} gains {step.gained}", step.basis) for step in self.steps]
        value = "undecided" if self.value.value is None else self.value.value
        return html_table(f"subspace leap {value}: steps, with bases in the coordinates of the expansion", rows)


def _evidence(expansion: Expansion) -> Evidence:
    return Evidence.EXACT if expansion.labels_independent else Evidence.CERTIFIED


def information_exponent(expansion: Expansion) -> Decided:
    """The least k >= 1 with C_k != 0. Hypothesis: the target is not constant (ValueError where that is known).

    Kind: exact for polynomials; for links certified, or exact where the coefficients are closed forms, or bounds.

    >>> from steinlab.theory.targets.target import Target
    >>> links = ("He(4,z1) + He(3,z2)", "z1**2*exp(-z1**2)")
    >>> [information_exponent(Target.from_expression(link).expansion).value for link in links]
    [3, 4]
    """
    lower = 1
    unresolved = ""
    for k in range(1, expansion.search_degree + 1):
        found = expansion.vanishes(k)
        if found.verdict is Verdict.FAILS:
            reason = found.explain()
            if lower == k:
                below = "1" if k == 2 else f"1 to {k - 1}"
                reason += "" if k == 1 else f", and every coefficient of degree {below} is proved zero"
                return Decided(k, found.evidence(), reason, k, k)
            return Decided(None, Evidence.NUMERICAL, f"{reason}, but a coefficient of degree {lower} is undecided", lower, k)
        if found.verdict is Verdict.UNDECIDED and lower == k:
            unresolved = found.explain()
        elif lower == k:
            lower = k + 1
    if expansion.labels_independent:
        raise ValueError("a constant target has no information exponent")
    reason = f"no coefficient up to degree {expansion.search_degree} is certified nonzero"
    reason += f": {unresolved}" if lower <= expansion.search_degree else ""
    return Decided(None, Evidence.NUMERICAL, reason, lower, None)


def subspace_leap(expansion: Expansion) -> SubspaceLeap:
    """The rotation-invariant leap and its steps.

    Statement: V = {0}; at the least k for which R, the span of the mode-1 columns of (P_{V⊥}^{⊗k} ⊗ P_V^{⊗(j-k)}) C_j over j
    >= k, is not {0}, record (k, dim R) and set V ← V + R; stop at S*. The leap is the largest k recorded.

    A step from V at degree k is proved by conditional expectations across V: G_β = E[g He_β | V] vanishes identically for every
    |β| < k, and at k the vectors on which the gradient of (G_β)_{|β|=k} vanishes identically leave R. All degrees in the seen
    variables are covered, since G_β is treated as a function. Where that is an upper bound, the certified rank of finitely many
    coefficients must meet it; where a step gains a subspace that is not known exactly, the degree that it needs at least and the
    directions that are certainly reached bound the leap, and decide it where they meet. Kind: exact for polynomials, else
    certified. Source: the definition this project uses (a rotation-invariant form of Abbe, Boix-Adserà, Misiakiewicz 2023).

    >>> from steinlab.theory.targets.target import Target
    >>> for link in ("z1 + z2 + z1*z2", "z1*tanh(z2) + tanh(z1)"):
    ...     leap = subspace_leap(Target.from_expression(link).expansion)
    ...     print(leap.value.value, [(step.degree, step.gained) for step in leap.steps])
    2 [(1, 1), (2, 1)]
    1 [(1, 1), (1, 1)]
    """
    total = expansion.effective_dimension
    reduced = expansion.reduced
    if total.value is None:
        reason = f"the effective dimension is undecided: {total.reason}"
        return SubspaceLeap(Decided(None, Evidence.NUMERICAL, reason, 1, None), ())
    steps: list[LeapStep] = []
    seen: list[Vector] = []
    while len(seen) < total.value:
        lower = max((step.degree for step in steps), default=1)
        degree, gained = _step(reduced, tuple(seen), lower)
        if isinstance(gained, str) and total.value == len(expansion.linear_span) == 1:  # one direction: C_k is its k-th power
            first = information_exponent(expansion)
            found = () if first.value is None else (LeapStep(first.value, 1, expansion.linear_span),)
            return SubspaceLeap(first, found)
        if isinstance(gained, str):
            return SubspaceLeap(_bounded(reduced, total.value, max(degree, lower), gained), tuple(steps))
        steps.append(LeapStep(degree, len(gained), tuple(map(expansion.from_reduced, gained))))
        seen += gained
    value = max(step.degree for step in steps)
    return SubspaceLeap(Decided(value, _evidence(expansion), "every step is proved", value, value), tuple(steps))


def _step(expansion: Expansion, seen: Sequence[Vector], lower: int) -> tuple[int, Matrix | str]:
    """(degree, basis of what is gained across the seen directions), or (least degree possible, why the gain is not known)."""
    if expansion.labels_independent:
        return _proved_step(expansion, seen)
    return attempt(lambda: _proved_step(expansion, seen), lambda reason: (lower, reason))


def _proved_step(expansion: Expansion, seen: Sequence[Vector]) -> tuple[int, Matrix | str]:
    if expansion.doubt:
        return 1, expansion.doubt
    across = expansion.across(seen)
    for k in range(1, expansion.search_degree + 1):
        space, too_much = attempt(lambda: (across(k), ""), lambda reason: ((), reason), FACT_STEPS * _ACROSS_SHARE)  # noqa: B023 - at once
        if too_much:  # all that is left may be gained
            axes: Matrix = identity(expansion.size)
            rows = [tuple(expansion.inner(v, axis) for axis in axes) for v in seen]
            rest = kernel(rows, expansion.size) if seen else axes
            if expansion.gained_for_certain(seen, k, len(rest)) < len(rest):
                return k, too_much
            return k, rest
        if not space:
            continue
        rank = expansion.gained_for_certain(seen, k, len(space))
        if rank == len(space):
            return k, space
        return k, (
            f"at degree {k}, with {len(seen)} of {expansion.size} directions seen, between {rank} and {len(space)} new "
            "directions are gained: the subspace is not known exactly"
        )
    return expansion.search_degree + 1, (
        f"with {len(seen)} of {expansion.size} directions seen, nothing new is gained up to degree {expansion.search_degree}"
    )


def _bounded(expansion: Expansion, dimension: int, lower: int, reason: str) -> Decided:
    """The leap from its lower bound: decided where steps of that degree certainly reach every direction."""
    for highest in range(lower, min(lower + 1, expansion.search_degree) + 1):
        if attempt(lambda: expansion.reached(highest, dimension), lambda _: 0) == dimension:  # noqa: B023 - called at once
            if highest == lower:
                proof = f"steps of degree <= {lower} certainly reach {dimension} independent directions, and one needs {lower}"
                return Decided(lower, Evidence.CERTIFIED, proof, lower, lower)
            return Decided(None, Evidence.NUMERICAL, reason, lower, highest)
    return Decided(None, Evidence.NUMERICAL, reason, lower, None)


def coordinate_leap(expansion: Expansion) -> Decided | None:
    """The leap of Abbe, Boix-Adserà and Misiakiewicz in the basis of the latent variables as written.

    Statement: the least, over orderings of the nonzero Hermite monomials, of the largest total degree that a monomial has in
    coordinates not yet seen. Hypothesis: Hermite monomials in the latent variables are known to be orthogonal; None otherwise.
    Taking the cheapest monomial first is optimal: seeing more coordinates never raises a cost. Kind: exact for polynomials;
    else certified, a coefficient at each step being certified nonzero, and all of lower degree in the unseen coordinates, with
    any degree in the seen ones, proved zero. Source: Abbe, Boix-Adserà, Misiakiewicz 2023.

    >>> from steinlab.theory.targets.target import Target
    >>> [coordinate_leap(Target.from_expression(link).expansion).value for link in ("z1 + z2 + z1*z2", "tanh(z1)*abs(z2)")]
    [1, 2]
    """
    wanted = expansion.axes
    if wanted is None:
        return None
    if expansion.doubt:
        return Decided(None, Evidence.NUMERICAL, expansion.doubt, 1, None)
    seen: set[int] = set()
    leap = 0
    while not wanted <= seen:
        unseen = sorted(wanted - seen)
        for k in range(1, expansion.search_degree + 1):
            gained = expansion.axes_gained(sorted(seen), unseen, k)
            if gained is None:
                reason = f"with {len(seen)} coordinates seen, a coefficient of degree {k} in the others is undecided"
                return Decided(None, Evidence.NUMERICAL, reason, max(leap, 1), None)
            if gained:
                seen |= gained
                leap = max(leap, k)
                break
        else:
            names = ", ".join(f"z{i + 1}" for i in unseen)
            reason = f"coordinates {names} are not reached up to degree {expansion.search_degree}"
            return Decided(None, Evidence.NUMERICAL, reason, max(leap, 1), None)
    reason = "each step has a certified nonzero coefficient, and those of lower degree are proved zero"
    return Decided(leap, _evidence(expansion), reason, leap, leap)

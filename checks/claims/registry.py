"""The ledger: every claim, in the order of the papers, and its selection by glob."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from steinlab.checks.claims import exponents
from steinlab.checks.claims.abbe import activations, leaps, rotations, unchecked
from steinlab.checks.claims.claim import AnyClaim, Unchecked
from steinlab.checks.claims.damian import (
    appendix_a,
    appendix_a_constructions,
    appendix_c,
    appendix_e_basis,
    appendix_e_moments,
    section1,
    section4,
    section5_queries,
    section5_vectors,
)
from steinlab.checks.claims.mousavi import section2_constants, section2_flow, section2_gradient, section2_networks, section3
from steinlab.theory.errors import InputError

LEDGER: tuple[AnyClaim, ...] = (
    *section1.CLAIMS,
    *section4.CLAIMS,
    *section5_queries.CLAIMS,
    *section5_vectors.CLAIMS,
    *appendix_a.CLAIMS,
    *appendix_a_constructions.CLAIMS,
    *appendix_c.CLAIMS,
    *appendix_e_basis.CLAIMS,
    *appendix_e_moments.CLAIMS,
    *exponents.CLAIMS,
    *section2_gradient.CLAIMS,
    *section2_networks.CLAIMS,
    *section2_constants.CLAIMS,
    *section2_flow.CLAIMS,
    *section3.CLAIMS,
    *leaps.CLAIMS,
    *rotations.CLAIMS,
    *activations.CLAIMS,
)


UNCHECKED: tuple[Unchecked, ...] = unchecked.ROWS
"""What the papers state and no claim checks, with the reason."""


def without_check(patterns: Sequence[str]) -> tuple[Unchecked, ...]:
    """The statements without a check whose id matches one of the globs; all of them when no glob is given."""
    return tuple(row for row in UNCHECKED if not patterns or any(fnmatchcase(row.id, pattern) for pattern in patterns))


def select(patterns: Sequence[str]) -> tuple[AnyClaim, ...]:
    """The claims whose id matches one of the globs, in ledger order; all of them when no glob is given.

    InputError for a glob that matches nothing.

    >>> [claim.id for claim in select(["damian.corollary1?"])]
    ['damian.corollary10', 'damian.corollary11']
    """
    for pattern in patterns:
        if not any(fnmatchcase(claim.id, pattern) for claim in LEDGER):
            raise InputError(f"{pattern!r} matches no claim: see `steinlab verify --list` for the ids")
    return tuple(c for c in LEDGER if not patterns or any(fnmatchcase(c.id, pattern) for pattern in patterns))

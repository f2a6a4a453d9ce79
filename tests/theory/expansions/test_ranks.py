"""Ranks of matrices of constants by balls, by exact relations and by minors, against ranks of rational matrices."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.ranks import (
    CertifiedMap,
    ball_rank,
    certified_rank,
    determinant,
    exact_row_space,
    known_row_space,
    largest_nonzero_minor,
)
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import apply, constant, logarithm, pi
from steinlab.theory.verdicts import Evidence

small = st.integers(-2, 2)
matrices = st.integers(1, 3).flatmap(lambda n: st.lists(st.lists(small, min_size=n, max_size=n), min_size=1, max_size=4))
squares = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(small, min_size=n, max_size=n), min_size=n, max_size=n))
symmetric = squares.map(lambda a: [[a[i][j] + a[j][i] for j in range(len(a))] for i in range(len(a))])
PARTS = (constant(1), pi(), logarithm(constant(2)), apply("tanh", constant(1)))
"""Constants of which no algebraic relation is known."""


def constants(rows, factor=PARTS[0]):
    return [[Constant(factor * x) for x in row] for row in rows]


@pytest.mark.parametrize("width", [0.1, 0.49, 0.51, 1.0])
def test_a_rank_of_balls_counts_pivots_that_exclude_zero_alone(width):
    """Rank of [[1, 1], [1, 3/2 ± w]]: the second pivot is 1/2 ± w, and a matrix of rank 1 is among them from w = 1/2 on."""
    half = arb(0.5)
    assert ball_rank([[arb(1), arb(1)], [arb(1), 1 + half + arb(0, width)]]) == (2 if width < 0.5 else 1)
    assert ball_rank([[arb(1), arb(1)], [arb(1), arb("nan")]]) == 1
    assert ball_rank([[arb(2), arb(1)], [arb(4), arb(2)]]) == 1
    assert ball_rank([]) == ball_rank([[]]) == ball_rank([[arb(0, 1)]]) == 0


@given(matrices)
def test_the_rank_of_numbers_is_met_from_both_sides(rows):
    rank = sympy.Matrix(rows).rank()
    for factor in PARTS:
        assert certified_rank(constants(rows, factor)) == len(exact_row_space(constants(rows, factor))) == rank
        assert certified_rank(constants(rows, factor), min(rank, 1)) >= min(rank, 1)
    assert certified_rank([]) == len(exact_row_space([])) == 0


def test_small_entries_count_and_zeros_do_not():
    """1 - tanh(3000) is 2 e^-6000 or so."""
    far, zero = Constant(constant(1) - apply("tanh", constant(3000))), Constant(constant(0))
    assert certified_rank([[zero, zero], [zero, far]]) == 1
    assert certified_rank([[far, far], [far, zero]]) == 2
    assert certified_rank([[zero, zero]]) == 0


def test_a_small_rank_is_found_at_a_finer_precision():
    """det [[1, 1], [1, 1 + π/10^k]] is π/10^k, which sixteen bits do not tell from zero, nor 106 at last."""
    for k, rank in ((10, 2), (25, 2), (90, 1)):
        tiny = Constant(constant(1) + pi() * Fraction(1, 10**k))
        assert certified_rank([[Constant(constant(1))] * 2, [Constant(constant(1)), tiny]]) == rank


@given(matrices, st.data())
def test_the_row_space_holds_every_row_whatever_constants_stand_in_it(rows, data):
    """Rows Σ_b b v_b over constants b: the space is spanned by the v_b, and by nothing else."""
    n, parts = len(rows[0]), data.draw(st.lists(st.sampled_from(range(len(PARTS))), min_size=len(rows), max_size=len(rows)))
    combined = [Constant(sum((PARTS[b] * row[i] for b, row in zip(parts, rows, strict=True)), constant(0))) for i in range(n)]
    by_part = [[sum(row[i] for b, row in zip(parts, rows, strict=True) if b == part) for i in range(n)] for part in set(parts)]
    space = exact_row_space([combined])
    assert len(space) == sympy.Matrix(by_part).rank()
    assert sympy.Matrix([*by_part, *([x.fraction for x in v] for v in space)]).rank() == len(space)


@given(squares)
def test_determinants(rows):
    assert determinant([[constant(x) for x in row] for row in rows]) == constant(int(sympy.Matrix(rows).det()))


@given(symmetric)
def test_the_largest_principal_minor_that_is_not_zero_has_the_size_of_the_rank(rows):
    assert largest_nonzero_minor(constants(rows)) == sympy.Matrix(rows).rank()
    assert largest_nonzero_minor(constants(rows, pi())) == sympy.Matrix(rows).rank()


@given(symmetric)
def test_a_map_has_the_rank_range_and_eigenvalues_of_its_matrix(rows):
    exact = sympy.Matrix(rows)
    h = CertifiedMap(constants(rows, pi()))
    assert (h.rank.value, h.rank.lower, h.rank.upper, h.rank.evidence) == (exact.rank(),) * 3 + (Evidence.EXACT,)
    reduced = exact.rref()[0].tolist()[: exact.rank()]
    assert [[x.fraction for x in v] for v in h.range] == [[Fraction(int(x.p), int(x.q)) for x in v] for v in reduced]
    for bits in h.accuracies:
        found = h.eigenvalues(bits)
        assert [float(x.enclosure.mid()) for x in found] == pytest.approx((np.pi * np.linalg.eigvalsh(rows)).tolist(), abs=1e-9)
    assert all(x.enclosure.rad() < 1e-9 for x in found)


def test_what_no_relation_shows_is_open():
    """tanh(2)(1 + tanh(1)²) = 2 tanh(1), which no rule of the normal form shows: [[a, b], [b, a]] has rank 1 or 2."""
    one, two = apply("tanh", constant(1)), apply("tanh", constant(2))
    a, b = Constant(two * (one**2 + 1)), Constant(one * 2)
    h = CertifiedMap([[a, b], [b, a]])
    assert (h.rank.value, h.rank.lower, h.rank.upper, h.rank.evidence) == (None, 1, 2, Evidence.NUMERICAL)
    assert h.range is None
    assert known_row_space([[a, b]]) is None


def test_minors_decide_what_relations_between_rows_do_not():
    """[[π, 1], [1, 1/π]] has determinant 0, and rows that no algebraic relation binds."""
    rows = [[Constant(pi()), Constant(constant(1))], [Constant(constant(1)), Constant(pi(-1))]]
    assert len(exact_row_space(rows)) == 2
    assert (CertifiedMap(rows).rank.value, CertifiedMap(rows).rank.evidence) == (1, Evidence.EXACT)


@pytest.mark.parametrize(("size", "rank"), [(5, 4), (6, None)])
def test_minors_are_tried_of_matrices_up_to_size_five(size, rank):
    """The same beside an identity matrix, of rank one less than its size."""
    rows = [[Constant(constant(int(i == j))) for j in range(size)] for i in range(size)]
    rows[0][:2], rows[1][:2] = [Constant(pi()), Constant(constant(1))], [Constant(constant(1)), Constant(pi(-1))]
    found = CertifiedMap(rows).rank
    assert (found.value, found.lower, found.upper) == (rank, size - 1, rank or size)


def test_the_evidence_of_a_rank_is_that_of_the_entries():
    integral = LinkExpansion.from_expression("tanh(z1)").coefficient((1,))
    assert CertifiedMap([[integral]]).rank.evidence is Evidence.CERTIFIED
    assert "leave no more than 1" in CertifiedMap([[integral, integral], [integral, integral]]).rank.reason
    assert "leave" not in CertifiedMap([[integral]]).rank.reason

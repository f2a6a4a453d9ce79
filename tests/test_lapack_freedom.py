"""What is computed is the same whatever LAPACK chooses: signs, bases of degenerate spaces, rounding."""

import ast
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st
from lapack_freedom import Machine

from steinlab.numerics.constructions.csq_adversary import RidgeClass, gradient_learner
from steinlab.numerics.constructions.lemma13 import TensorWeight
from steinlab.numerics.methods.ridge_head import RidgePath
from steinlab.numerics.networks.losses import loss_functions
from steinlab.numerics.networks.network import Network
from steinlab.numerics.population.compression import rank_truncation
from steinlab.numerics.population.stein import stein_decomposition
from steinlab.numerics.population.subspace import alignment, principal_basis
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.statements.line_sets import devore, kerdock, paley
from steinlab.theory.targets.target import Target

ROOT = Path(__file__).parents[1]
MACHINES = range(6)
MANY = range(40)  # so many that a sign comes out both ways, but for one draw in 10^11


def on_every_machine(compute, machines=MACHINES):
    out = []
    for seed in machines:
        with Machine(seed):
            out.append(compute())
    return out


def rotation(rng, n):
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


# -- the machines differ, and are right


@pytest.mark.parametrize("eigh", [lambda a: np.linalg.eigh(a), lambda a: scipy.linalg.eigh(a)], ids=["numpy", "scipy"])
def test_machines_turn_degenerate_spaces_and_flip_signs(eigh):
    rng = np.random.default_rng(0)
    turn = rotation(rng, 7)
    a = turn * np.array([1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 5.0]) @ turn.T
    found = on_every_machine(lambda: eigh(a), MANY)
    for values, vectors in found:
        assert np.allclose(values, [1, 1, 1, 2, 3, 3, 5])
        assert np.allclose(vectors * values @ vectors.T, a)
        assert np.allclose(vectors.T @ vectors, np.eye(7))
    first = [vectors[:, 0] for _, vectors in found]
    assert min(abs(first[0] @ other) for other in first[1:]) < 0.9  # another basis, not only another sign
    assert len({bool(vectors[0, 3] > 0) for _, vectors in found}) == 2


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4), (1, 1)])
def test_machines_keep_the_factors_right(shape):
    rng = np.random.default_rng(1)
    a = rng.standard_normal(shape)
    for full in (True, False):
        for left, values, right in on_every_machine(lambda full=full: np.linalg.svd(a, full_matrices=full)):
            k = len(values)
            assert np.allclose(left[:, :k] * values @ right[:k], a)
            assert np.allclose(left.T @ left, np.eye(left.shape[1]))
            assert np.allclose(right @ right.T, np.eye(right.shape[0]))
    found = on_every_machine(lambda: np.linalg.qr(a), MANY)
    for q, r in found:
        assert np.allclose(q @ r, a)
        assert np.allclose(np.tril(r, -1), 0)
    assert len({bool(q[0, 0] > 0) for q, _ in found}) == 2


def test_upper_triangles_are_read_where_they_are_asked_for():
    a = np.array([[1.0, 2.0], [9.0, 3.0]])
    with Machine(0):
        assert np.allclose(np.linalg.eigh(a, "U")[0], np.linalg.eigvalsh([[1, 2], [2, 3]]))
        assert np.allclose(scipy.linalg.eigh(a, lower=True)[0], np.linalg.eigvalsh([[1, 9], [9, 3]]))


def test_every_test_runs_on_a_drawn_machine():
    assert {f.__module__ for f in (np.linalg.eigh, np.linalg.svd, np.linalg.qr, scipy.linalg.eigh)} == {"lapack_freedom"}


def test_one_machine_is_a_function():
    a = np.eye(4)
    with Machine(3):
        assert (np.linalg.eigh(a)[1] == np.linalg.eigh(a.copy())[1]).all()


FREE = {"eig", "eigh", "svd", "qr", "schur", "cholesky", "null_space", "orth", "polar", "rq", "qz", "hessenberg", "ldl", "lu"}


def test_the_layers_call_lapack_where_machines_can_reach_it():
    """numpy's eigh, svd, qr and scipy's eigh, by attribute: no other function with freedom, none imported by name."""
    for path in (p for folder in ("theory", "numerics", "checks") for p in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in ("numpy.linalg", "scipy.linalg", "numpy", "scipy"):
                assert not FREE & {alias.name for alias in node.names} | {"linalg"} & {a.name for a in node.names}, path
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("np.linalg", "numpy.linalg"):
                assert node.attr not in FREE - {"eigh", "svd", "qr"}, path
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("scipy.linalg", "linalg"):
                assert node.attr not in FREE - {"eigh"}, path


# -- results


@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 5), st.lists(st.integers(0, 2), min_size=5, max_size=5))
def test_truncation_at_tied_singular_values(seed, m, d, sizes):
    """Singular values of 0, 1 and 2, most of them tied: still a nearest matrix of its rank, and the same one everywhere."""
    rng = np.random.default_rng(seed)
    values = np.sort(sizes[: min(m, d)])[::-1].astype(float)
    W = rotation(rng, m)[:, : len(values)] * values @ rotation(rng, d)[: len(values)]
    for k in range(min(m, d) + 1):
        cut, *others = on_every_machine(lambda k=k: rank_truncation(W, k))
        assert np.linalg.norm(W - cut) == pytest.approx(np.sqrt(np.sum(values[k:] ** 2)), abs=1e-12)
        assert np.linalg.matrix_rank(cut, tol=1e-9) == min(k, np.count_nonzero(values))
        for other in others:
            np.testing.assert_allclose(other, cut, atol=1e-10)


@pytest.mark.parametrize("made", [kerdock(64), devore(49, 2), paley(51)], ids=lambda made: made.name)
@pytest.mark.parametrize("degree", [2, 4])
def test_the_adversary_decides_alike(made, degree):
    """With other machines, and with the rounding of another order of the sums in the inner products."""
    outcomes = on_every_machine(
        lambda: gradient_learner(RidgeClass(made.vectors(), {degree: 1.0}), tolerance=1 / 128, neurons=8, seed=1)
    )
    rng = np.random.default_rng(0)
    for _ in range(3):
        noisy = made.vectors() * (1 + 4e-16 * rng.choice([-1, 0, 1], (made.size, made.dimension)))
        outcomes.append(gradient_learner(RidgeClass(noisy, {degree: 1.0}), tolerance=1 / 128, neurons=8, seed=1))
    found = {(o.survivors, o.most_removed, o.answers_not_zero, o.output, o.truth, o.won) for o in outcomes}
    assert len(found) == 1


def test_paley_lines_are_written_in_closed_form():
    first, *others = on_every_machine(lambda: paley(27).vectors())
    assert all((first == other).all() for other in others)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 8))
def test_ridge_solutions_of_repeated_eigenvalues(seed, p, rank):
    rng = np.random.default_rng(seed)
    values = np.where(np.arange(p) < rank, rng.integers(1, 3, p), 0).astype(float)
    turn = rotation(rng, p)
    matrix, moment = turn * values @ turn.T, turn @ (values * rng.standard_normal(p))
    ridges, steps = [0.0, 1e-3, 2.0], 50

    def solve():
        path = RidgePath(matrix.copy(), moment)
        return np.column_stack([path.solve(ridges), path.gradient_descent(0.1, path.largest_step(0.1), steps)])

    first, *others = on_every_machine(solve)
    for other in others:
        np.testing.assert_allclose(other, first, atol=1e-9)


def test_weights_of_tensors():
    z1, z2 = (Polynomial.variable(i, 2) for i in (0, 1))
    gradients = np.concatenate([np.eye(2), -np.eye(2), [[0.6, 0.8], [0.8, -0.6]]])

    def weight():
        made = TensorWeight(z1 * z2 + z1**2 * 3, gradients)
        return [made.second_moment, *made(gradients)]

    first, *others = on_every_machine(weight)
    for other in others:
        assert other == pytest.approx(first, rel=1e-10, abs=1e-12)


def test_principal_subspaces():
    target = Target.from_expression("tanh(z1)*z2 + z3**2", directions=[[1, 1, 0], [0, 1, 1], [1, 2, 1]])
    W = np.random.default_rng(0).standard_normal((4, 5))
    found = on_every_machine(lambda: (principal_basis(target, 5), alignment(W, principal_basis(target, 5))))
    assert all((basis == found[0][0]).all() and share == found[0][1] for basis, share in found)


@pytest.mark.parametrize("directions", [[[1, 0, 0], [1, 0, 0]], [["1/3", "2/3", "2/3"], ["-1/3", "-2/3", "-2/3"]]])
def test_projectors_of_dependent_directions(directions):
    """The rank is decided with a margin: a singular value of the size of rounding is none."""
    target = Target.from_expression("z1 + z2**3", directions=directions)
    at = stein_decomposition(Network(np.eye(3)[:1], np.zeros(1), np.ones(1), "tanh"), loss_functions("huber"), target)
    u = np.array([[float(Fraction(x)) for x in row] for row in directions])
    assert np.trace(at.projector) == pytest.approx(2)
    assert np.abs(at.projector @ u.T).max() < 1e-12

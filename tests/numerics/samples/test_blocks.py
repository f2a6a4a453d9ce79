from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.samples.blocks import ArrayBlocks, Residual, RowRange
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.numerics.samples.link import Link, link_values
from steinlab.numerics.samples.noise import noise_values
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.targets.target import Noise, Target

QUADRATIC = Target.from_expression("z1**2 + z1*z2", noise=Noise("rademacher", 1))


def stack(blocks):
    X, y = zip(*blocks, strict=True)
    return np.concatenate(X), np.concatenate(y)


powers = st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 4))
coefficients = st.fractions(-5, 5, max_denominator=9).filter(bool)


@given(st.dictionaries(powers, coefficients, min_size=1, max_size=12), st.lists(st.integers(-4, 4), min_size=3, max_size=3))
def test_the_link_agrees_with_exact_evaluation(terms, point):
    if not any(any(p) for p in terms):
        return
    terms = {**terms, (0, 0, 1): terms.get((0, 0, 1), Fraction(1))}
    polynomial = Polynomial.from_terms(terms)
    exact = sum(c * point[0] ** a * point[1] ** b * point[2] ** e for (a, b, e), c in terms.items())
    scale = sum(abs(c) * abs(point[0]) ** a * abs(point[1]) ** b * abs(point[2]) ** e for (a, b, e), c in terms.items())
    value = link_values(Target.from_polynomial(polynomial), np.array([[*point, 7.0]]))[0]
    assert abs(value - float(exact)) <= 1e-14 * float(scale)


def test_directions_are_padded_with_zeros():
    target = Target.from_expression("z1*z2", directions=[[1, 2], [0, "sqrt(2)"]])
    X = generator(0).standard_normal((20, 5))
    assert np.allclose(link_values(target, X), (X[:, 0] + 2 * X[:, 1]) * np.sqrt(2) * X[:, 1], rtol=1e-14)


def test_a_dimension_too_small_for_the_target_is_refused():
    with pytest.raises(InputError, match="d = 2 is too small"):
        Link(Target.from_expression("z3"), 2)
    with pytest.raises(InputError, match="take d >= 4"):
        GaussianData(Target.from_expression("z1", directions=[[1, 0, 0, 1]]), n=5, d=3, seed=0)


def test_the_link_refuses_inputs_of_another_dimension():
    with pytest.raises(InputError, match="expected"):
        Link(QUADRATIC, 3)(np.zeros((2, 4)))


@given(st.integers(1, 3000), st.integers(1, 4000))
def test_data_do_not_depend_on_the_block_size(n, block_rows):
    reference = stack(GaussianData(QUADRATIC, n, 3, seed=5))
    again = stack(GaussianData(QUADRATIC, n, 3, seed=5, block_rows=max(block_rows, n // 50)))
    assert all(map(np.array_equal, reference, again))


@pytest.mark.parametrize("kind", ["rademacher", "gaussian", "none"])
def test_fewer_samples_are_the_first_of_more(kind):
    noise = Noise(kind, 0 if kind == "none" else 2)
    few = stack(GaussianData(QUADRATIC, 1500, 3, seed=5, noise=noise))
    many = stack(GaussianData(QUADRATIC, 5000, 3, seed=5, noise=noise, block_rows=700))
    assert np.array_equal(few[0], many[0][:1500])
    assert np.array_equal(few[1], many[1][:1500])


def test_seeds_and_streams_give_different_data_and_the_noise_changes_no_input():
    base = stack(GaussianData(QUADRATIC, 50, 3, seed=5))
    for other in (
        GaussianData(QUADRATIC, 50, 3, seed=6),
        GaussianData(QUADRATIC, 50, 3, seed=5, stream="holdout"),
    ):
        X, y = stack(other)
        assert not np.intersect1d(X, base[0]).size
        assert not np.array_equal(y, base[1])
    assert np.array_equal(stack(GaussianData(QUADRATIC, 50, 3, seed=5, noise=Noise()))[0], base[0])


def test_inputs_are_standard_normal():
    X, _ = stack(GaussianData(QUADRATIC, 40_000, 4, seed=3))
    assert np.abs(X.mean(axis=0)).max() < 5 / 200
    assert np.abs(X.T @ X / len(X) - np.eye(4)).max() < 5 * np.sqrt(2) / 200
    assert np.abs((X**4).mean(axis=0) - 3).max() < 5 * np.sqrt(96) / 200


def test_noise_has_its_law():
    rng = np.random.default_rng(0)
    signs = noise_values(Noise("rademacher", 3), 10_000, rng)
    assert set(np.unique(signs)) == {-3.0, 3.0}
    assert abs(signs.mean()) < 0.15
    normal = noise_values(Noise("gaussian", 3), 10_000, rng)
    assert abs(normal.std() - 3) < 0.15
    assert not noise_values(Noise(), 5, rng).any()


def test_labels_are_the_link_plus_noise():
    X, y = stack(GaussianData(QUADRATIC, 3000, 2, seed=1))
    assert np.allclose(np.abs(y - X[:, 0] ** 2 - X[:, 0] * X[:, 1]), 1, atol=1e-12)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 12))
def test_a_row_range_is_a_slice(start, length, block_rows):
    X = np.arange(60.0).reshape(30, 2)
    blocks = ArrayBlocks(X, X[:, 0], block_rows=block_rows)
    stop = min(start + length, 30)
    rows = [x for block, _ in RowRange(blocks, start, stop) for x in block[:, 0]]
    assert rows == X[start:stop, 0].tolist()


def test_a_row_range_stops_reading_where_it_ends():
    def blocks():
        yield np.zeros((4, 1)), np.zeros(4)
        raise AssertionError("read past the end")

    class Guarded(ArrayBlocks):
        def __iter__(self):
            return blocks()

    rows = RowRange(Guarded(np.zeros((8, 1)), np.zeros(8)), 1, 4)
    assert [len(y) for _, y in rows] == [3]


def test_the_residual_subtracts_the_affine_part():
    X = np.arange(6.0).reshape(3, 2)
    residual = stack(Residual(ArrayBlocks(X, np.ones(3)), 0.5, np.array([1.0, -1.0])))
    assert residual[1].tolist() == [1.5, 1.5, 1.5]


@pytest.mark.parametrize(("field", "value"), [("n", 0), ("n", 2.5), ("n", True), ("d", 0), ("d", "3"), ("block_rows", 0)])
def test_sizes_are_positive_whole_numbers(field, value):
    with pytest.raises(InputError, match=field):
        GaussianData(QUADRATIC, **({"n": 5, "d": 3, "seed": 0} | {field: value}))


def test_arrays_must_match():
    with pytest.raises(InputError, match="expected"):
        ArrayBlocks(np.zeros((3, 2)), np.zeros(4))

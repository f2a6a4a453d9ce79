"""Gaussian data are a function of the seed, the stream and the row, and have their law."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

QUADRATIC = Target.from_expression("z1**2 + z1*z2", noise=Noise("rademacher", 1))


def stack(blocks):
    X, y = zip(*blocks, strict=True)
    return np.concatenate(X), np.concatenate(y)


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


def test_labels_are_the_link_plus_noise():
    X, y = stack(GaussianData(QUADRATIC, 3000, 2, seed=1))
    assert np.allclose(np.abs(y - X[:, 0] ** 2 - X[:, 0] * X[:, 1]), 1, atol=1e-12)


@pytest.mark.parametrize(("field", "value"), [("n", 0), ("n", 2.5), ("n", True), ("d", 0), ("d", "3"), ("block_rows", 0)])
def test_sizes_are_positive_whole_numbers(field, value):
    with pytest.raises(InputError, match=field):
        GaussianData(QUADRATIC, **({"n": 5, "d": 3, "seed": 0} | {field: value}))


def test_1024_rows_share_a_seed_and_blocks_hold_twice_as_many():
    X, _ = stack(GaussianData(QUADRATIC, 2100, 3, seed=5, stream="s"))
    for chunk, start in enumerate((0, 1024, 2048)):
        drawn = generator(5, "s", "inputs", chunk).standard_normal((min(1024, 2100 - start), 3))
        assert np.array_equal(X[start : start + 1024], drawn)
    assert [len(y) for _, y in GaussianData(QUADRATIC, 5000, 3, seed=5)] == [2048, 2048, 904]
    assert GaussianData(QUADRATIC, 1, 2, seed=5).stream == "train"

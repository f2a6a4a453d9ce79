"""Data sets: what is refused and in which words, blocks, halves, whitening."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.estimation import dataset
from steinlab.numerics.estimation.dataset import FEWEST_ROWS, DataSet
from steinlab.theory.errors import InputError

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((60, 3)), RNG.standard_normal(60)


def spoiled(array, at, value):
    out = array.copy()
    out[at] = value
    return out


@pytest.mark.parametrize(
    ("X", "y", "words"),
    [
        (X[:, 0], Y, r"X has shape \(60,\) and y \(60,\); expected \(n, d\) and \(n,\)$"),
        (X, Y[:-1], r"X has shape \(60, 3\) and y \(59,\)"),
        (X, Y[:, None], r"y \(60, 1\); .*give y.ravel\(\)"),
        (X[:, :0], Y, r"X has shape \(60, 0\)"),
        (X[:39], Y[:39], "the data have 39 rows: give at least 40"),
        (spoiled(X, (7, 2), np.nan), Y, r"X\[7, 2\] is nan: give finite numbers"),
        (spoiled(X, (59, 0), 1e61), Y, r"X\[59, 0\] is 1e\+61: .*at most 1e\+60"),
        (X, spoiled(Y, 5, -np.inf), r"y\[5\] is -inf: give finite numbers"),
        (X, np.full(60, 2.5), "every label is 2.5"),
        (X, Y * 1e-70, "the labels vary by .*e-70 only"),
        (X.astype(complex), Y, "X has entries of type complex128: give real numbers"),
        (X, Y.astype(str), "y has entries of type <U"),
        ([[1.0], [1.0, 2.0]], Y, "X is no rectangular array"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(X, y, words):
    with pytest.raises(InputError, match=words):
        DataSet.of(X, y)


def test_forty_rows_will_do():
    data = DataSet.of(X[:FEWEST_ROWS].tolist(), Y[:FEWEST_ROWS])
    assert (data.n, data.d) == (40, 3)
    assert data.centred.sum() == pytest.approx(0, abs=1e-12)


def test_memory_is_asked_for_before_anything_is_made(monkeypatch):
    asked = []
    monkeypatch.setattr(dataset, "require_memory", lambda *need: asked.append(need))
    DataSet.of(X, Y)
    assert asked == [(40 * 3 * 3 + 400 * 60, "estimating from 60 rows of dimension 3", "give fewer columns or rows")]


def test_labels_may_vary_as_little_as_floats_allow():
    assert DataSet.of(X, np.linspace(0, 1e-60, 60) * 1.0001).n == 60
    with pytest.raises(InputError, match=r"the labels vary by .* only"):
        DataSet.of(X, np.linspace(0, 1e-60, 60) * 0.9999)


@pytest.mark.parametrize(("d", "rows"), [(1, 2**18), (2**12, 64), (2**11, 128), (2**14, 64)])
def test_a_block_has_as_many_rows_as_fit_and_64_at_least(d, rows):
    assert DataSet(np.zeros((1, d)), np.zeros(1)).block_rows == rows


def test_an_entry_at_the_bound_is_taken():
    assert DataSet.of(spoiled(X, (0, 0), -1e60), Y).n == 60


def test_blocks_are_rows_in_floats_and_their_cost_is_told(monkeypatch):
    monkeypatch.setattr(dataset, "BLOCK_ENTRIES", 64 * 3)
    told = []
    X = np.arange(200 * 3, dtype=np.int16).reshape(200, 3)
    data = DataSet.of(X, np.arange(200), told.append)
    told.clear()
    blocks = list(data.blocks(cost=2.0))
    assert [len(at) for at, _ in blocks] == [64, 64, 64, 8]
    assert told == [128.0, 128.0, 128.0, 16.0]
    assert all(x.dtype == np.float64 and np.array_equal(x, X[at]) for at, x in blocks)
    some = np.array([1, 5, 199])
    ((at, x),) = data.blocks(some)
    assert at.tolist() == some.tolist()
    assert np.array_equal(x, X[some])


@given(st.integers(40, 90), st.integers(0, 5))
def test_halves_part_the_rows(n, seed):
    data = DataSet.of(np.zeros((n, 1)), np.arange(n))
    a, b = data.halves(seed)
    assert len(a) == n // 2
    assert sorted([*a, *b]) == list(range(n))
    assert (np.diff(a) > 0).all()
    assert (np.diff(b) > 0).all()
    assert np.array_equal(a, data.halves(seed)[0])
    assert not np.array_equal(a, data.halves(seed + 1)[0])


@given(st.integers(0, 50))
def test_whitened_inputs_have_mean_zero_and_covariance_one(seed):
    rng = np.random.default_rng(seed)
    skewed = 5 + rng.standard_normal((80, 4)) @ rng.standard_normal((4, 4)) * [1, 1e-3, 1, 1e4]
    data = DataSet.of(skewed, np.arange(80)).whitened()
    ((_, x),) = data.blocks()
    assert np.allclose(x.mean(axis=0), 0, atol=1e-6)
    assert np.allclose(x.T @ x / 80, np.eye(4), atol=1e-6)
    standard = (skewed - skewed.mean(axis=0)) / skewed.std(axis=0)
    assert np.trace(standard.T @ x) >= np.trace(standard.T @ x @ np.linalg.qr(rng.standard_normal((4, 4)))[0])
    root = data.whitening.root * skewed.std(axis=0)[:, None]
    assert np.allclose(root, root.T, rtol=1e-4, atol=1e-6 * abs(root).max())


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.c_[X, np.full(60, 3.0)], "column 3 of X .* is constant"),
        (np.c_[X, X @ [1, 0, -2]], "column [023] of X .* is a combination of the others"),
        (RNG.standard_normal((60, 60)), "60 rows cannot whiten 60 columns"),
    ],
)
def test_what_cannot_be_whitened_is_refused(X, words):
    with pytest.raises(InputError, match=words):
        DataSet.of(X, Y).whitened()

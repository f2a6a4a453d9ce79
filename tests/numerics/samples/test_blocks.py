"""Views of blocks: ranges of rows, what is left after the affine part, arrays."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.samples.blocks import ArrayBlocks, Residual, RowRange, Signed
from steinlab.theory.errors import InputError


def stack(blocks):
    X, y = zip(*blocks, strict=True)
    return np.concatenate(X), np.concatenate(y)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 12))
def test_a_row_range_is_a_slice(start, length, block_rows):
    X = np.arange(60.0).reshape(30, 2)
    blocks = ArrayBlocks(X, X[:, 0], block_rows=block_rows)
    stop = min(start + length, 30)
    rows = [x for block, _ in RowRange(blocks, start, stop) for x in block[:, 0]]
    assert rows == X[start:stop, 0].tolist()
    assert (RowRange(blocks, start, stop).n, RowRange(blocks, start, stop).d) == (stop - start, 2)
    assert all(len(y) for _, y in RowRange(blocks, start, stop))


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


def test_arrays_must_match():
    with pytest.raises(InputError, match="expected"):
        ArrayBlocks(np.zeros((3, 2)), np.zeros(4))
    with pytest.raises(InputError, match=r"X has shape \(3,\) and y \(3,\); expected \(n, d\) and \(n,\)"):
        ArrayBlocks(np.zeros(3), np.zeros(3))
    with pytest.raises(InputError, match="block_rows = 0"):
        ArrayBlocks(np.zeros((3, 2)), np.zeros(3), block_rows=0)
    assert [len(y) for _, y in ArrayBlocks(np.zeros((2049, 1)), np.zeros(2049))] == [2048, 1]
    assert len(list(ArrayBlocks(np.zeros((3, 2)), np.zeros(3), block_rows=1))) == 3


def test_signs_of_labels_take_zero_up():
    signed = Signed(ArrayBlocks(np.zeros((3, 2)), np.array([-0.5, 0.0, 2.0])))
    assert (signed.n, signed.d, stack(signed)[1].tolist()) == (3, 2, [-1.0, 1.0, 1.0])


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(ArrayBlocks).kwonlydefaults == {"block_rows": 2048}

"""Multi-indices are counted by stars and bars, and each is the exponents of its sorted index."""

from math import comb

import pytest

from steinlab.theory.exact.multi_indices import exponents, multi_indices


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("k", [0, 1, 5])
def test_each_is_met_once(size, k):
    found = list(multi_indices(size, k))
    assert len(found) == len(set(found)) == comb(size + k - 1, k)
    assert all(len(alpha) == size and sum(alpha) == k for alpha in found)


def test_exponents_forget_the_order():
    assert exponents((2, 0, 2), 3) == exponents((0, 2, 2), 3) == (1, 0, 2)
    assert exponents((), 2) == (0, 0)

"""Sets by name: random signs are a function of their seed, and the best exact one is known."""

import numpy as np
import pytest

from steinlab.numerics.constructions.near_orthogonal_sets import CONSTRUCTIONS, default_construction, random_set
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError


def test_random_signs_are_a_function_of_the_seed():
    once, again, other = (random_set(200, 300, seed) for seed in (5, 5, 6))
    assert once.coherence == again.coherence != other.coherence
    assert (once.size, once.dimension) == (300, 200)


def test_too_few_and_too_many_vectors_are_refused():
    with pytest.raises(InputError, match="at least 2 vectors"):
        random_set(9, 1, 0)
    with pytest.raises(InputError, match="fewer vectors"):
        random_set(9, 10**9, 0)


def test_kerdock_is_the_default_where_it_exists():
    for d in range(2, 300):
        try:
            CONSTRUCTIONS["kerdock"](d)
        except InputError:
            assert default_construction(d) == "random"
        else:
            assert default_construction(d) == "kerdock"


def test_random_sets_have_two_vectors_and_a_dimension_at_least():
    made = random_set(1, 2, 0)
    assert (made.size, made.dimension) == (2, 1)
    with pytest.raises(InputError, match="--vectors 2 in dimension 0: give at least 2 vectors and d >= 1"):
        random_set(0, 2, 0)
    signs = generator(3, "csq", "signs").integers(0, 2, size=(5, 4), dtype=np.int8)
    assert np.array_equal(np.sign(random_set(4, 5, 3).vectors()), np.where(signs == 1, 1, -1))

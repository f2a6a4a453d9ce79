"""Memory and work are bounded before anything is allocated, and BLAS is held to one thread."""

import numpy as np
import pytest
import threadpoolctl

from steinlab.numerics.limits import WORK_LIMIT, memory_limit, one_blas_thread, require_memory, require_work
from steinlab.theory.errors import InputError


def test_what_fits_is_let_through():
    require_memory(memory_limit(), "a matrix", "take less")
    require_work(WORK_LIMIT, "a run", "take less")


def test_what_does_not_fit_is_refused_with_its_size_and_advice():
    with pytest.raises(InputError, match=r"a matrix needs .* GiB of memory, the limit is .*; take a smaller one"):
        require_memory(memory_limit() + 2**30, "a matrix", "take a smaller one")
    with pytest.raises(
        InputError, match=r"a run needs about 2\.0e\+16 floating-point operations, the limit is 1e\+16; take fewer steps"
    ):
        require_work(2e16, "a run", "take fewer steps")


def test_the_memory_limit_is_below_what_the_machine_has():
    assert 2**26 < memory_limit() < 2**60


def test_blas_has_one_thread_inside_and_what_it_had_outside():
    np.ones((2, 2)) @ np.ones((2, 2))

    def threads():
        return [pool["num_threads"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]

    before = threads()
    with one_blas_thread():
        assert set(threads()) <= {1}
    assert threads() == before

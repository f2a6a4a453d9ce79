"""Memory and work are bounded before anything is allocated, and BLAS is held to one thread."""

from fractions import Fraction

import numpy as np
import pytest
import threadpoolctl

from steinlab.numerics import limits
from steinlab.numerics.limits import WORK_LIMIT, memory_limit, one_blas_thread, require_memory, require_work
from steinlab.theory.errors import InputError


def test_what_fits_is_let_through():
    require_memory(float(memory_limit()), "a matrix", "take less")
    require_work(1e16, "a run", "take less")
    with pytest.raises(InputError):
        require_memory(memory_limit() + 1, "a matrix", "take less")
    with pytest.raises(InputError):
        require_work(WORK_LIMIT * 1.001, "a run", "take less")


def test_what_does_not_fit_is_refused_with_its_size_and_advice():
    with pytest.raises(InputError, match=r"a matrix needs .* GiB of memory, the limit is .*; take a smaller one"):
        require_memory(memory_limit() + 2**30, "a matrix", "take a smaller one")
    with pytest.raises(
        InputError, match=r"a run needs about 2\.0e\+16 floating-point operations, the limit is 1e\+16; take fewer steps"
    ):
        require_work(2e16, "a run", "take fewer steps")


def test_whole_numbers_of_any_length_are_refused():
    with pytest.raises(InputError, match="a matrix needs inf GiB of memory"):
        require_memory(10**400, "a matrix", "take less")
    with pytest.raises(InputError, match="a run needs about inf floating-point operations"):
        require_work(10**400, "a run", "take less")


def test_memory_is_said_in_gibibytes(monkeypatch):
    monkeypatch.setattr(limits, "memory_limit", lambda: 3 * 2**29)
    with pytest.raises(InputError, match=r"^a matrix needs 2.5 GiB of memory, the limit is 1.5; take a smaller one$"):
        require_memory(5 * 2**29, "a matrix", "take a smaller one")


@pytest.mark.parametrize(
    ("pages", "group", "total"),
    [
        (1_000_000, "max", 4096 * 1_000_000),
        (1_000_000, "123456789", 123456789),
        (1_000, "123456789", 4096 * 1_000),
        (1_000_000, None, 4096 * 1_000_000),
        (None, None, 5 * 2**30),
    ],
)
def test_the_limit_is_four_fifths_of_the_machine_or_the_container(pages, group, total, monkeypatch, tmp_path):
    def sysconf(name):
        if pages is None:
            raise ValueError(name)
        return {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": pages}[name]

    if group is not None:
        (tmp_path / "memory.max").write_text(group)
    monkeypatch.setattr(limits.os, "sysconf", sysconf)
    monkeypatch.setattr(limits, "Path", lambda _: tmp_path / "memory.max")
    found = memory_limit.__wrapped__()
    assert Fraction(4, 5) * total - 1 < found <= Fraction(4, 5) * total


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

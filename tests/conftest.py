"""Hypothesis profiles, and another LAPACK for each test.

`ci` is derandomised; `fresh` and `thorough` draw new seeds, which `--hypothesis-seed` fixes (HYPOTHESIS_PROFILE chooses).
"""

import os
import zlib

import pytest
from hypothesis import HealthCheck, settings
from lapack_freedom import Machine

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fresh", deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.register_profile("thorough", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def another_machine(request):
    """No test may hang on the choices that this machine's LAPACK makes: each runs with those of a drawn one.

    The draw is fixed by the test's name and by `--hypothesis-seed`.
    """
    seed = f"{request.config.getoption('--hypothesis-seed')} {request.node.nodeid}"
    with Machine(zlib.crc32(seed.encode())):
        yield

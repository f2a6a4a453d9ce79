"""Hypothesis profiles, another LAPACK for each test, and a look at every report that a test makes: none may contradict itself.

`ci` is derandomised; `fresh` and `thorough` draw new seeds, which `--hypothesis-seed` fixes (HYPOTHESIS_PROFILE chooses).
"""

import os
import zlib

import pytest
from consistency import contradictions
from hypothesis import HealthCheck, settings
from lapack_freedom import Machine

from steinlab.checks.assumptions import check as assumptions
from steinlab.checks.commands import check as command

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fresh", deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.register_profile("thorough", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_check, _made, _looked_at = assumptions.check, [], set()


def _recorded(*arguments, **configuration):
    _made.append(_check(*arguments, **configuration))
    return _made[-1]


# before a test module imports it
assumptions.check = command.check = _recorded


@pytest.fixture(autouse=True)
def made_reports(request):
    """The reports that this test makes, each held against itself once when it ends; with planted faults they may disagree."""
    _made.clear()
    yield _made
    for report in _made if "monkeypatch" not in request.fixturenames else ():
        key = (repr(report.target), report.theorem)
        if key not in _looked_at:
            _looked_at.add(key)
            assert not contradictions(report.to_dict()), key


@pytest.fixture(autouse=True)
def another_machine(request):
    """No test may hang on the choices that this machine's LAPACK makes: each runs with those of a drawn one.

    The draw is fixed by the test's name and by `--hypothesis-seed`.
    """
    seed = f"{request.config.getoption('--hypothesis-seed')} {request.node.nodeid}"
    with Machine(zlib.crc32(seed.encode())):
        yield

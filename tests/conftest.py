"""Hypothesis profiles, and a look at every report that a test makes: none may contradict itself.

`ci` is derandomised; `thorough` draws new seeds (HYPOTHESIS_PROFILE=thorough).
"""

import os

import pytest
from consistency import contradictions
from hypothesis import HealthCheck, settings

from steinlab.checks import assumptions
from steinlab.checks.commands import check as command

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
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
            assert not contradictions(command.to_json(report)), key

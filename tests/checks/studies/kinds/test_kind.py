"""The numbers of a result: those that it has, as floats."""

from types import SimpleNamespace

from steinlab.checks.studies.kinds.kind import numbers


def test_what_a_run_does_not_have_is_left_out():
    assert numbers(SimpleNamespace(a=1, b=None, c=0.5), ["a", "b"]) == {"a": 1.0}

"""What a run measures is a function of its configuration."""

from small_studies import TINY

from steinlab.checks.studies.kinds.menu import METHODS
from steinlab.checks.studies.measure import measure
from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.reading.parse import parse_study


def test_measuring_is_a_function_of_the_configuration():
    study = parse_study(TINY)
    for series in study.series:
        first, again, other = (Grid(study, s).runs(series)[0].task.configuration for s in (0, 0, 1))
        assert measure(first) == measure(again) != measure(other)


def test_a_run_measures_what_its_kind_promises():
    study = parse_study(TINY)
    for series in study.series:
        measured = measure(Grid(study, 0).runs(series)[0].task.configuration)
        assert METHODS[series.method].quantities.keys() <= measured.keys()

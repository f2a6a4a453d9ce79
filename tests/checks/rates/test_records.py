"""A judgement as JSON values: every number finite or null."""

import json

import numpy as np

from steinlab.checks.rates.claims import Bound, PredictedExponent
from steinlab.checks.rates.judging import judge
from steinlab.checks.rates.planning import Needed
from steinlab.checks.rates.records import bound_record, needed_record, slope_record
from steinlab.checks.rates.samples import Sample

X = (100.0, 200.0, 400.0, 800.0)


def samples(exponent, noise, seeds=4):
    rng = np.random.default_rng(3)
    return [Sample(x, tuple(x**exponent * np.exp(noise * rng.standard_normal(seeds)))) for x in X]


def test_a_slope_with_all_that_qualifies_it():
    found = judge(PredictedExponent(-0.5), samples(-0.5, 0.2))
    record = slope_record(found)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["points"] == 4
    assert record["held_out"]["x"] == 800
    assert record["tested"] == [float(end) for end in found.slope.tested.interval]
    assert record["offset"]["fits"] is True
    assert record["logarithm"]["told_apart"] is False
    assert record["logarithm"]["sizes_needed"] == found.logarithm_size
    assert slope_record(judge(PredictedExponent(-0.5), [])) is None


def test_an_offset_beyond_all_sizes_is_null():
    record = slope_record(judge(PredictedExponent(-0.5), samples(0.5, 0.01)))
    assert (record["offset"]["c"], record["offset"]["fits"]) == (None, False)
    assert record["offset"]["excess"] > 3


def test_a_bound_with_the_slope_of_the_ratio_to_it():
    claim = PredictedExponent(0.5, bound=Bound("sqrt(x)", np.sqrt))
    record = bound_record(claim, judge(claim, samples(0.75, 0.01)))
    assert record["law"] == "sqrt(x)"
    assert abs(record["slope_of_ratio"] - 0.25) < 0.02
    assert record["interval"][0] < record["slope_of_ratio"] < record["interval"][1]
    assert bound_record(claim, judge(claim, [])) == {"law": "sqrt(x)", "slope_of_ratio": None, "interval": None}
    assert bound_record(PredictedExponent(0.5), judge(claim, [])) is None


def test_what_is_needed():
    assert needed_record(None) is None
    assert needed_record(Needed((10.0, 20.0), 3, 6)) == {"sizes": [10, 20], "seeds": 3, "runs": 6}
    assert needed_record(Needed((0.5, 2.0), 3, 6))["sizes"] == [0.5, 2.0]

"""Wrong studies are refused with the key that is wrong, in one line."""

import copy
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_studies import TINY, WITH_THRESHOLDS, changed

from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.reading.parse import parse_study
from steinlab.theory.errors import InputError


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("schema", "steinlab/study/9", "schema is 'steinlab/study/9': expected 'steinlab/study/1'"),
        ("name", "A Study", "name is 'A Study': expected a name"),
        ("seed", 3, "unknown key seed: did you mean 'seeds'"),
        ("seeds", 0, "seeds is 0: expected a whole number, at least 1"),
        ("seeds", True, "seeds is True: expected a whole number"),
        ("seeds", 2.0, "seeds is 2.0: expected a whole number"),
        ("title", None, "title is missing: expected text"),
        ("quantity", "risk", "quantity is 'risk': expected one of 'excess_risk'"),
        ("series", {}, "series is {}: expected tables"),
        ("seeds", 10**11, "the study asks for 400000000000 runs; the bound is 1000000"),
        ("series/Bad One", {}, r"series\.Bad One is a bad name"),
        ("series/one/method", "two-step", r"series\.one\.method is 'two-step': expected one of 'one-step'"),
        ("series/one/target", "none", r"series\.one\.target is 'none': expected one of 'even', 'odd'"),
        ("series/one/setings", {}, r"unknown key series\.one\.setings: did you mean 'settings'"),
        ("series/one/settings/centre", True, r"unknown key series\.one\.settings\.centre: did you mean 'center'"),
        ("series/one/settings/width", 4, r"unknown key series\.one\.settings\.width"),
        ("series/one/settings/ridge", math.inf, r"series\.one\.settings\.ridge is inf: expected a finite number"),
        ("series/one/settings/center", [1], r"series\.one\.settings\.center is \[1\]"),
        ("series/one/x", [16, 8], r"series\.one\.x is \[16, 8\]: expected an increasing list"),
        ("series/one/x", [], r"series\.one\.x is \[\]"),
        ("series/one/axis", "N", r"series\.one\.axis is 'N': expected one of 'n', 'd', 'k', 'm'"),
        ("series/one/fixed", {"m": 5}, r"series\.one: m is 5, expected an even width"),
        ("series/one/fixed", {"k": 5}, r"unknown key series\.one\.fixed\.k"),
        ("targets/even/link", "z1 +", r"targets\.even"),
        ("targets/even/noise", {"kind": "loud"}, r"targets\.even: noise kind 'loud'"),
        ("figures/risk/series", ["one", "two"], "mixes axes"),
        ("figures/risk/series", ["three"], r"figures\.risk\.series is \['three'\]"),
        ("figures/risk/guides", [{"y": "high", "label": "x"}], r"figures\.risk\.guides\[0\]\.y is 'high'"),
        ("published/theirs/mean", [1, 2], "has 2 entries: expected one for each of the 1 x"),
        ("published/theirs/mean", [float("nan")], r"published\.theirs\.mean is \[nan\]: expected a list of finite"),
        ("rates/slope/direction", "down", r"rates\.slope\.direction is 'down'"),
        ("rates/slope/window", [10, 1], r"rates\.slope\.window is \[10, 1\]"),
        ("rates/slope/widest_interval", 0, r"rates\.slope\.widest_interval is 0"),
        ("rates/slope/minimum_points", 2, r"rates\.slope\.minimum_points is 2"),
        ("rates/slope/rivals", [-0.25], r"rates\.slope\.rivals contains the prediction"),
        ("rates/slope/estimand", "median", r"rates\.slope\.estimand is 'median'"),
        ("rates/slope/bound", "sqrt(d)", r"rates\.slope\.bound is 'sqrt\(d\)': expected an expression in n"),
        ("rates/slope/bound", "sqrt(n - 8)", r"rates\.slope\.bound is 'sqrt\(n - 8\)': at n = 8"),
        ("rates/slope/does_not_imply", None, r"rates\.slope\.does_not_imply is missing"),
        ("levels/floor/predicted", "1", r"levels\.floor\.predicted is '1': expected a finite number"),
    ],
)
def test_a_wrong_study_is_refused_with_its_key(path, value, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_study(changed(path, value))
    assert "\n" not in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def paths(table, prefix=""):
    for key, value in table.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{key}/")


@given(st.sampled_from(sorted(paths(TINY))), json_values)
def test_any_damage_is_either_still_a_study_or_one_clear_line(path, value):
    message = ""
    try:
        parse_study(changed(path, value))
    except InputError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("thresholds/samples/axis", "m", "must be alike"),
        ("thresholds/samples/level", 0, "positive"),
        ("thresholds/samples/series", ["d-2", "d-2"], "same d"),
        ("series/d-2/fixed/m", 6, "must be alike"),
        ("thresholds/samples/quantity", "threshold", "expected one of"),
        ("figures/t/quantity", "excess_risk", "expected 'threshold'"),
    ],
)
def test_a_wrong_curve_of_thresholds_is_refused(path, value, message):
    with pytest.raises(InputError, match=message):
        parse_study(changed(path, value, WITH_THRESHOLDS))


def test_a_rate_may_name_its_bound_its_mean_and_leave_out_its_width():
    document = changed("rates/slope/bound", "sqrt(n)/(n + 3)")
    document["rates"]["slope"]["estimand"] = "geometric"
    del document["rates"]["slope"]["widest_interval"]
    predicted = parse_study(document).rates[0].predicted
    assert (predicted.bound.text, str(predicted.estimand), predicted.widest_interval) == ("sqrt(n)/(n + 3)", "geometric", None)
    assert predicted.bound.law(np.array([9.0])).tolist() == [0.25]
    plain = parse_study(TINY).rates[0].predicted
    assert (plain.bound, str(plain.estimand)) == (None, "mean")


def test_a_curve_of_thresholds_has_rates_and_no_levels():
    document = copy.deepcopy(WITH_THRESHOLDS)
    document["levels"] = {"floor": TINY["levels"]["floor"] | {"series": "samples", "quantity": "threshold"}}
    with pytest.raises(InputError, match=r"levels\.floor\.series is 'samples': expected one of"):
        parse_study(document)


def test_the_axis_k_takes_a_target_for_each_point():
    document = copy.deepcopy(WITH_THRESHOLDS)
    document["targets"] |= {"two": {"link": "z1*z2"}}
    document["series"] = {
        "k": {"label": "k", "axis": "k", "x": [1, 2], "target": ["even", "two"], "fixed": {"n": 9, "d": 2, "m": 4}}
    }
    document["figures"]["t"] |= {"series": ["k"], "quantity": "excess_risk"}
    del document["thresholds"]
    study = parse_study(document)
    links = {run.x: run.task.configuration["target"]["link"] for run in Grid(study, 0).first()}
    assert links == {1: "He(2, z1)/sqrt(2)", 2: "z1*z2"}
    document["series"]["k"]["target"] = ["even"]
    with pytest.raises(InputError, match="expected one for each of the 2 x"):
        parse_study(document)


def test_a_picture_of_neurons_needs_a_series_that_follows_them():
    document = json.loads(load_study("mousavi-figure-1").document)
    del document["series"]["picture"]["neurons"]
    with pytest.raises(InputError, match="neurons = 100"):
        parse_study(document)

"""Neurons followed through a run: the run's own, drawn in the report and in an animated picture."""

import json

import numpy as np
import pytest

from steinlab.checks.cli import main
from steinlab.checks.measure import measure
from steinlab.checks.neurons import positions
from steinlab.checks.store import configuration_seed
from steinlab.checks.study import load_study, parse_study
from steinlab.numerics.online_training import train_online
from steinlab.theory.errors import InputError

RUN = {
    "method": "online-sgd",
    "target": {"link": "tanh(z1)", "noise": {"kind": "none"}},
    "T": 50,
    "d": 2,
    "m": 12,
    "settings": {"gamma": 0.7},
    "test": 10,
    "gap_samples": 0,
    "neurons": 5,
    "seed": 0,
    "replicate": 0,
}
SMALL = [
    *("--set", "seeds=3", "--set", "defaults.fixed.m=8", "--set", "defaults.x=[1, 4, 20]", "--set", "series.picture.x=[20]"),
    *("--set", "series.control-picture.x=[20]", "--set", "series.picture.neurons=6", "--set", "series.control-picture.neurons=6"),
]


def test_the_neurons_are_those_of_the_run_that_is_measured():
    found = positions(measure(RUN))
    result = train_online(
        "tanh(z1)", method="online-sgd", T=50, d=2, m=12, seed=configuration_seed(RUN), settings=RUN["settings"]
    )
    assert found["steps"][0] == 0
    assert found["steps"][-1] == 50
    np.testing.assert_allclose(found["w"][-1], result.network.weights_[:5], rtol=1e-12)
    np.testing.assert_array_equal(found["sign"], np.sign(result.network.head_[:5]))


def test_nothing_is_followed_unless_asked_for():
    assert positions(measure(RUN | {"neurons": 0})) is None


def test_neurons_need_the_plane():
    with pytest.raises(InputError, match="d = 2"):
        measure(RUN | {"d": 3})


def test_the_report_draws_them_beside_an_animation_that_stays_small(tmp_path, capsys):
    assert main(["rates", "mousavi-figure-1", *SMALL, "--out", str(tmp_path), "--workers", "1"]) == 0
    summary = json.loads((tmp_path / "summary.json").read_text())
    page = (tmp_path / "report.html").read_text()
    assert len(summary["neurons"]["picture"]["w"][0]) == 6
    assert "along the teacher" in page
    assert "neurons-picture.gif" in page
    picture = (tmp_path / "neurons-picture.gif").read_bytes()
    assert picture.startswith(b"GIF8")
    assert len(picture) < 500_000
    assert not list(tmp_path.glob("*.draft*"))


def test_a_picture_of_neurons_needs_a_series_that_follows_them():
    document = json.loads(load_study("mousavi-figure-1").document)
    del document["series"]["picture"]["neurons"]
    with pytest.raises(InputError, match="neurons = 100"):
        parse_study(document)

"""Results as mappings for JSON and as tables for notebooks; the network is no part of either."""

import dataclasses
import json

import pytest

from steinlab.numerics.online_runs import train_online
from steinlab.numerics.runs import train

SMALL = {"d": 3, "m": 4, "seed": 0, "test": 50}
RESULTS = {
    "one-step": lambda: train("z1**2", method="one-step", n=40, holdout=40, **SMALL),
    "online-sgd": lambda: train_online("tanh(z1)", method="online-sgd", T=40, settings={"weight_decay": 0.0}, **SMALL),
}


@pytest.mark.parametrize("method", RESULTS)
def test_a_mapping_has_every_field_but_the_network_and_is_json(method):
    result = RESULTS[method]()
    fields = result.to_mapping()
    assert list(fields) == [field.name for field in dataclasses.fields(result) if field.name != "network"]
    assert json.loads(json.dumps(fields, allow_nan=False)) == fields
    assert result == RESULTS[method]()
    assert "network" not in repr(result)


@pytest.mark.parametrize("method", RESULTS)
def test_a_notebook_shows_the_fields_with_the_settings_in_a_line(method):
    html = RESULTS[method]()._repr_html_()
    assert f"<th>method</th><td>{method}</td>" in html
    assert "noise_kind = none" in html
    assert "object at 0x" not in html


def test_warnings_are_a_list_of_sentences():
    result = RESULTS["online-sgd"]()
    assert result.warnings
    assert result.to_mapping()["warnings"] == list(result.warnings)


def test_what_is_shown_in_a_notebook_is_escaped():
    warned = dataclasses.replace(RESULTS["online-sgd"](), warnings=("a < b",))
    assert "a &lt; b" in warned._repr_html_()
    assert warned._repr_html_().startswith("<table><tr><th>method</th>")
    assert warned._repr_html_().endswith("</table>")

"""Studies of a few milliseconds, and made-up results for any study, shared by the tests of studies."""

import copy
import json

import numpy as np

from steinlab.checks.studies.kinds.menu import METHODS
from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.store import Results
from steinlab.checks.studies.summary import Request, summarise

TINY = {
    "schema": "steinlab/study/1",
    "name": "tiny",
    "title": "Tiny",
    "summary": "A study for tests.",
    "source": "nowhere",
    "quantity": "excess_risk",
    "seeds": 3,
    "targets": {
        "even": {"link": "He(2, z1)/sqrt(2)", "noise": {"kind": "rademacher", "scale": 1}},
        "odd": {"link": "He(3, z1)/sqrt(6)"},
    },
    "defaults": {"target": "even", "axis": "n", "x": [8, 16], "fixed": {"d": 2, "m": 4}, "holdout": 20, "test": 20},
    "series": {
        "one": {"label": "one step", "method": "one-step", "settings": {"center": False}},
        "two": {
            "label": "transfer",
            "method": "one-step",
            "transfer": "odd",
            "axis": "N",
            "x": [4, 8],
            "fixed": {"n": 16},
        },
    },
    "figures": {"risk": {"title": "Risk", "caption": "Bars.", "series": ["one"], "guides": [{"y": 1, "label": "zero"}]}},
    "published": {
        "theirs": {
            "label": "theirs",
            "series": ["one"],
            "fixed": {"d": 2, "m": 4},
            "source": "there",
            "seeds": 3,
            "resolution": 0.01,
            "x": [8],
            "mean": [0.9],
            "std": [0.1],
        }
    },
    "rates": {
        "slope": {
            "series": "one",
            "quantity": "excess_l1",
            "predicted": -0.25,
            "direction": "upper",
            "rivals": [0],
            "window": [1, 100],
            "minimum_points": 3,
            "widest_interval": 0.25,
            "hides_logarithms": True,
            "statement": "It decays.",
            "source": "there",
            "does_not_imply": "Anything else.",
        }
    },
    "levels": {
        "floor": {
            "series": "one",
            "quantity": "excess_risk",
            "predicted": 0.1,
            "direction": "lower",
            "window": [1, 100],
            "minimum_points": 1,
            "widest_interval": 100.0,
            "statement": "It stays up.",
            "source": "there",
            "does_not_imply": "Anything else.",
        }
    },
}


WITH_THRESHOLDS = {
    "schema": "steinlab/study/1",
    "name": "tiny",
    "title": "Tiny",
    "summary": "A study for tests.",
    "source": "nowhere",
    "quantity": "excess_risk",
    "seeds": 3,
    "targets": {"even": {"link": "He(2, z1)/sqrt(2)"}},
    "defaults": {"target": "even", "method": "one-step", "axis": "n", "x": [8, 16, 32], "holdout": 20, "test": 20},
    "series": {f"d-{d}": {"label": f"d = {d}", "fixed": {"d": d, "m": 4}} for d in (4, 2, 8)},
    "thresholds": {
        "samples": {
            "label": "samples",
            "series": ["d-4", "d-2", "d-8"],
            "axis": "d",
            "quantity": "excess_risk",
            "level": 0.09,
        }
    },
    "figures": {"t": {"title": "T", "caption": "C", "series": ["samples"], "quantity": "threshold"}},
}


def changed(path, value, document=TINY):
    """The document with another value at a/path/of/keys; None takes the key away."""
    document = copy.deepcopy(document)
    *parents, last = path.split("/")
    table = document
    for key in parents:
        table = table[key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return document


def as_toml(document):
    """The document as TOML with inline tables, enough for these tests."""

    def inline(value):
        if isinstance(value, dict):
            return "{" + ", ".join(f'"{k}" = {inline(v)}' for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(inline, value)) + "]"
        return json.dumps(value)

    scalars = [f"{k} = {inline(v)}" for k, v in document.items() if not isinstance(v, dict)]
    tables = []
    for name, table in document.items():
        if isinstance(table, dict) and name in ("targets", "series", "figures", "published", "rates", "levels"):
            for id, inner in table.items():
                tables += [f"[{name}.{id}]", *(f"{k} = {inline(v)}" for k, v in inner.items())]
        elif isinstance(table, dict):
            tables += [f"[{name}]", *(f"{k} = {inline(v)}" for k, v in table.items())]
    return "\n".join(scalars + tables) + "\n"


def summarised(study, results, seed=0, quick=False, overrides=()):
    """The summary of a study from made-up results."""
    return summarise(study, Request(study.name, quick, overrides, seed), Grid(study, seed).first(), results)


def everywhere(study, **measured):
    """Every run of a study measured the same."""
    return Results({run.task.key: measured for run in Grid(study, 0).first()}, {})


def results_for(study, seed=0, fail=()):
    """Made-up runs that decay like 1/sqrt(x); `fail` names (series, x) whose first run failed."""
    rng = np.random.default_rng(0)
    finished, failures = {}, {}
    for run in Grid(study, seed).first():
        if (run.series, run.x) in fail and run.replicate == 0:
            failures[run.task.key] = "ValueError: planted <b>failure</b>"
        else:
            risk = float(run.x**-0.5 * rng.gamma(20, 1 / 20))
            quantities = METHODS[study.find(run.series).method].quantities
            finished[run.task.key] = dict.fromkeys(quantities, risk / 10) | {"excess_risk": risk, "alignment": 0.5}
    return Results(finished, failures)


def summary_of(study, seed=0, fail=()):
    return summarised(study, results_for(study, seed, fail), seed)

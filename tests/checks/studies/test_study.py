"""Studies: shipped ones are valid, wrong ones are refused with the key that is wrong, tasks are complete."""

import copy
import dataclasses
import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.studies.identity import canonical_json, configuration_key
from steinlab.checks.studies.measure import measure
from steinlab.checks.studies.rehearsal import rehearse
from steinlab.checks.studies.study import load_study, parse_study, shipped
from steinlab.theory.errors import InputError

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


def changed(path, value):
    document = copy.deepcopy(TINY)
    *parents, last = path.split("/")
    table = document
    for key in parents:
        table = table[key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return document


def test_shipped_studies_load_in_both_forms_and_every_series_can_be_trained():
    assert set(shipped()) == {
        "damian-authors-code",
        "damian-figure-1",
        "damian-figure-2",
        "mousavi-compressibility",
        "mousavi-figure-1",
        "mousavi-generalisation",
        "mousavi-single-index",
        "mousavi-subspace-convergence",
    }
    for name in shipped():
        full, quick = load_study(name), load_study(name, quick=True)
        assert full.name == quick.name == name
        rehearse(full)
        count = [sum(len(s.x) for s in study.series) * study.seeds for study in (full, quick)]
        assert count[1] < count[0]


def test_figure_1_is_the_papers_grid():
    study = load_study("damian-figure-1")
    assert study.seeds == 10
    for series in study.series:
        assert series.x == tuple(int(10 ** (j / 2)) for j in range(11))
        assert dict(series.fixed) == {"d": 10, "m": 100}
    assert {p.id: len(p.points) for p in study.published} == {
        "algorithm-1": 7,
        "random-features": 7,
        "tangent-kernel": 7,
    }


def test_the_authors_number_is_met_by_at_least_20_seeds():
    study = load_study("damian-authors-code")
    assert study.seeds >= 20
    assert [(p.x, p.mean, p.seeds) for p in study.published[0].points] == [(10000.0, 0.096, 1)]


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
        ("rates/slope/widest_interval", 0.5, "at most the gap 0.25"),
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


def test_a_study_cannot_be_changed():
    study = parse_study(TINY)
    with pytest.raises(dataclasses.FrozenInstanceError):
        study.seeds = 5
    for mapping in (study.series[0].fixed, study.series[0].settings, study.series[0].targets[0]):
        with pytest.raises(TypeError):
            mapping["d"] = 3


def test_tasks_are_complete_and_do_not_name_the_study():
    study = parse_study(TINY)
    renamed = parse_study(changed("name", "other"))
    one, two = study.series
    configurations = {key: task.configuration for key, task in study.tasks(one, 7).items()}
    assert set(configurations) == {(x, r) for x in (8, 16) for r in range(3)}
    assert configurations[8, 1] == {
        "method": "one-step",
        "target": {"link": "He(2, z1)/sqrt(2)", "noise": {"kind": "rademacher", "scale": "1"}},
        "n": 8,
        "d": 2,
        "m": 4,
        "settings": {"center": False},
        "holdout": 20,
        "test": 20,
        "seed": 7,
        "replicate": 1,
    }
    assert configurations == {key: task.configuration for key, task in renamed.tasks(renamed.series[0], 7).items()}
    keys = {configuration_key(c) for c in configurations.values()}
    assert len(keys) == len(configurations)
    assert study.tasks(two, 7)[4, 0].configuration["transfer"]["N"] == 4
    canonical_json(study.tasks(two, 7)[4, 0].configuration)


def test_larger_tasks_cost_more():
    study = load_study("damian-figure-1")
    for series in study.series:
        costs = [study.tasks(series, 0)[x, 0].cost for x in series.x]
        assert costs == sorted(costs)


SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def sizes_named(words):
    """Numbers of three digits and more, and powers of ten, in a sentence."""
    powers = re.findall("10([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", words)
    plain = re.findall(r"(?<![\d.])\d{1,3}(?:\N{NARROW NO-BREAK SPACE}\d{3})+|(?<![\d.])\d{3,}", words)
    return {10.0 ** int(p.translate(SUPERSCRIPTS)) for p in powers} | {float(re.sub(r"\D", "", p)) for p in plain}


@pytest.mark.parametrize("name", sorted(shipped()))
@pytest.mark.parametrize("quick", [False, True])
def test_a_claim_names_only_sizes_that_its_study_runs(name, quick):
    """What was true of the full study must not be said of a quick one."""
    study = load_study(name, quick=quick)
    for claim in (*study.rates, *study.levels):
        per_dimension = {200.0} if "200 d" in claim.statement else set()
        assert sizes_named(claim.statement) <= {*claim.window} | per_dimension
        assert "{" not in claim.statement


@pytest.mark.parametrize("name", sorted(shipped()))
@pytest.mark.parametrize("quick", [False, True])
def test_captions_name_sizes_that_the_study_runs(name, quick):
    study = load_study(name, quick=quick)
    sizes = {float(size) for series in study.series for size in (*series.fixed.values(), *series.x, *series.options.values())}
    for words in (study.title, *(text for figure in study.figures for text in (figure.title, figure.caption))):
        assert sizes_named(words) <= sizes
        assert "{" not in words
    assert "{" not in shipped()[name] + study.summary


def test_words_follow_overrides_and_other_braces_stay():
    study = load_study("damian-figure-1", overrides=["defaults.fixed.m=50", "title=m = {defaults.fixed.m}, x_{n}, {no.such.key}"])
    assert study.title == "m = 50, x_{n}, {no.such.key}"


def test_the_words_of_a_claim_follow_its_window():
    full, quick = (load_study("mousavi-figure-1", quick=quick).levels[0].statement for quick in (False, True))
    assert full == "After 100\N{NARROW NO-BREAK SPACE}000 steps, 99% of ‖W‖² lies along the teacher."
    assert quick == full.replace("100", "10", 1)
    (moved, _) = load_study("mousavi-figure-1", overrides=["levels.onto-the-line.window=[1000, 1000]"]).levels
    assert moved.statement.startswith("After 1\N{NARROW NO-BREAK SPACE}000 steps")


def test_overrides_and_the_quick_table_are_merged(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(as_toml(TINY) + "\n[quick]\nseeds = 2\n[quick.series.one]\nx = [8]\n")
    assert load_study(str(path)).seeds == 3
    assert load_study(str(path), quick=True).find("one").x == (8,)
    study = load_study(
        str(path),
        quick=True,
        overrides=["seeds=5", "series.one.settings.center=true", "title=Two words", "series.one.fixed.d=4"],
    )
    assert (study.seeds, study.title) == (5, "Two words")
    assert study.find("one").settings["center"] is True
    assert dict(study.find("one").fixed) == {"d": 4, "m": 4}
    assert json.loads(study.document)["seeds"] == 5


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seeds", "expected KEY=VALUE"),
        ("=3", "expected KEY=VALUE"),
        ("series..x=3", "expected KEY=VALUE"),
        ("seeds=many", "seeds is 'many'"),
        ("sedes=3", "unknown key sedes: did you mean 'seeds'"),
        ("series.one.fixed.d=1.5", r"series\.one\.fixed\.d is 1\.5"),
        ("series.three.label=x", r"series\.three\.method is missing"),
    ],
)
def test_wrong_overrides_are_refused(tmp_path, override, message):
    path = tmp_path / "study.toml"
    path.write_text(as_toml(TINY))
    with pytest.raises(InputError, match=message):
        load_study(str(path), overrides=[override])


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"name = ", "not valid TOML"), (b"\xff\xfe", "not UTF-8"), (b"quick = 3", "quick is 3"), (b"", "schema is missing")],
)
def test_wrong_files_are_refused(tmp_path, content, message):
    path = tmp_path / "study.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        load_study(str(path))


def test_unknown_studies_are_refused(tmp_path):
    with pytest.raises(InputError, match="no study is called 'damian-figure-9': expected a TOML file or one of damian"):
        load_study("damian-figure-9")
    with pytest.raises(InputError, match=r"cannot read .*missing"):
        load_study(str(tmp_path / "missing.toml"))
    path = tmp_path / "study.toml"
    path.write_text(as_toml(TINY))
    with pytest.raises(InputError, match=r"has no \[quick\] table"):
        load_study(str(path), quick=True)


def test_measuring_is_a_function_of_the_configuration():
    study = parse_study(TINY)
    for series in study.series:
        first, again, other = (study.tasks(series, s)[8, 0].configuration for s in (0, 0, 1))
        assert measure(first) == measure(again) != measure(other)


def test_a_setting_that_cannot_be_trained_is_refused_before_the_sweep():
    with pytest.raises(InputError, match=r"series\.one: step_rule"):
        rehearse(parse_study(changed("series/one/settings", {"step_rule": "fast"})))
    with pytest.raises(InputError, match=r"series\.one: d = 2 is too small"):
        rehearse(parse_study(changed("targets/even/link", "z1*z2*z3")))


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

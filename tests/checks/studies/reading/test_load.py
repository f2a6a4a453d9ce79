"""Shipped names, files, the quick form, and overrides of single fields."""

import json

import pytest
from small_studies import TINY, as_toml

from steinlab.checks.studies.reading.load import load_study
from steinlab.theory.errors import InputError


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
    with pytest.raises(InputError, match="no study is called 'damian-figure-9': expected a TOML file or one of calibration, "):
        load_study("damian-figure-9")
    with pytest.raises(InputError, match=r"cannot read .*missing"):
        load_study(str(tmp_path / "missing.toml"))
    path = tmp_path / "study.toml"
    path.write_text(as_toml(TINY))
    with pytest.raises(InputError, match=r"has no \[quick\] table"):
        load_study(str(path), quick=True)

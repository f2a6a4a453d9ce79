"""The report is a self-contained page, the same bytes for the same summary, and shows what the summary says."""

import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from steinlab.checks.studies.identity import configuration_key
from steinlab.checks.studies.kinds import METHODS
from steinlab.checks.studies.report.page import render
from steinlab.checks.studies.study import load_study, parse_study, shipped
from steinlab.checks.studies.summary import Request, Results, plain_report, summarise, summary_text

VOID = {"meta", "link", "br", "hr", "img", "input"}


def results_for(study, seed=0, fail=()):
    """Made-up runs that decay like 1/sqrt(x); `fail` names (series, x) whose first run failed."""
    rng = np.random.default_rng(0)
    finished, failures = {}, {}
    for series in study.series:
        for (x, replicate), task in study.tasks(series, seed).items():
            key = configuration_key(task.configuration)
            if (series.id, x) in fail and replicate == 0:
                failures[key] = "ValueError: planted <b>failure</b>"
            else:
                risk = float(x**-0.5 * rng.gamma(20, 1 / 20))
                quantities = METHODS[series.method].quantities
                finished[key] = dict.fromkeys(quantities, risk / 10) | {"excess_risk": risk, "alignment": 0.5}
    return Results(finished, failures)


def summary_of(study, **kwargs):
    return summarise(study, Request(study.name, False, (), 0), results_for(study, **kwargs))


class Page(HTMLParser):
    """Collects ids, references and unbalanced tags."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.references, self.outside, self.faults = [], [], [], [], []
        self.feed(text)
        self.faults += self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        for name in ("href", "xlink:href", "src"):
            if name in attrs:
                (self.references if attrs[name].startswith("#") else self.outside).append(attrs[name].lstrip("#"))
        self.references += attrs.get("aria-labelledby", "").split()
        self.references += re.findall(r"url\(#([^)]*)\)", " ".join(v or "" for v in attrs.values()))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_page_is_whole_and_needs_nothing_from_outside(name):
    study = load_study(name, quick=True)
    text = render(study, summary_of(study))
    page = Page(text)
    assert page.faults == []
    assert page.outside == []
    assert "<script" not in text
    assert "@import" not in text
    assert len(page.ids) == len(set(page.ids))
    assert set(page.references) <= set(page.ids)
    assert page.references
    assert 'name="viewport"' in text
    assert text.count('role="img"') == len(study.figures)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_the_same_summary_gives_the_same_bytes(name):
    study = load_study(name, quick=True)
    assert render(study, summary_of(study)) == render(study, json.loads(summary_text(summary_of(study))))


def test_the_order_of_the_results_leaves_no_trace():
    study = load_study("damian-figure-1", quick=True)
    results = results_for(study)
    request = Request(study.name, True, (), 0)
    backwards = Results(dict(reversed(results.finished.items())), {})
    assert summary_text(summarise(study, request, results)) == summary_text(summarise(study, request, backwards))


def test_every_verdict_stands_beside_what_it_does_not_imply():
    study = load_study("damian-figure-1", quick=True)
    text = html.unescape(render(study, summary_of(study)))
    for claim in (*study.rates, *study.levels):
        card = text[text.index(f'id="claim-{claim.id}"') :]
        card = card[: card.index("</article>")]
        assert claim.statement in card
        assert claim.does_not_imply in card
        assert re.search(r"✓ holds|✗ fails|\? undecided", card)


def test_every_figure_stands_beside_its_numbers_and_the_command():
    study = load_study("damian-figure-1", quick=True)
    summary = summarise(study, Request(study.name, True, ("title=a 'b' <c>",), 3), results_for(study, seed=3))
    text = html.unescape(render(study, summary))
    assert "steinlab rates damian-figure-1 --quick --seed 3 --set 'title=a '\"'\"'b'\"'\"' <c>'" in text
    assert summary["settings"]["versions"]["numpy"] in text
    for point in summary["series"][0]["points"]:
        assert f"{point['mean']:.2g}"[:4] in text
    assert "0.548 ± 0.133 (10)" in text


def test_the_summary_follows_its_schema():
    study = load_study("damian-figure-1", quick=True)
    summary = summary_of(study)
    assert summary["schema"] == "steinlab/rates/1"
    assert summary["study"] == "damian-figure-1"
    assert {"method", "axis", "fixed", "points"} <= set(summary["series"][0])
    point = summary["series"][0]["points"][0]
    assert {"x", "mean", "std", "seeds"} <= set(point)
    assert point["mean"] == pytest.approx(np.mean(point["values"]))
    assert point["std"] == pytest.approx(np.std(point["values"], ddof=1))
    rate = summary["rates"][0]
    assert {"method", "axis", "predicted", "direction", "measured", "interval", "verdict", "evidence"} <= set(rate)
    assert rate["evidence"] == "numerical"
    assert rate["measured"] == pytest.approx(-0.5, abs=0.1)


def test_failed_runs_are_listed_counted_and_never_averaged():
    study = load_study("damian-figure-1", quick=True)
    summary = summary_of(study, fail=[("algorithm-1", 1000)])
    clean = summary_of(study)
    points = {p["x"]: p for p in summary["series"][0]["points"]}
    assert (points[1000]["seeds"], points[1000]["failed"]) == (4, 1)
    assert points[100] == {p["x"]: p for p in clean["series"][0]["points"]}[100]
    assert summary["failures"] == [
        {"series": "algorithm-1", "x": 1000, "replicate": 0, "message": "ValueError: planted <b>failure</b>"}
    ]
    assert summary["rates"][0]["verdict"] == "undecided"
    text = render(study, summary)
    assert "planted &lt;b&gt;failure" in text
    assert "planted <b>" not in text
    assert "1 runs failed" in plain_report(study, summary)


@pytest.mark.parametrize("kind", ["curves", "distribution"])
@pytest.mark.parametrize("value", [None, 0.0])
def test_figures_with_nothing_positive_are_drawn(kind, value):
    """On a logarithmic scale, and with no guide line to lend the axis a range."""
    document = json.loads(load_study("damian-figure-1", quick=True).document)
    document |= {"figures": {"f": {"title": "t", "caption": "c", "series": ["algorithm-1"], "kind": kind}}, "published": {}}
    study = parse_study(document)
    keys = [configuration_key(task.configuration) for s in study.series for task in study.tasks(s, 0).values()]
    finished = {} if value is None else {key: {"excess_risk": value, "excess_l1": value, "alignment": value} for key in keys}
    summary = summarise(study, Request(study.name, True, (), 0), Results(finished, {}))
    assert Page(render(study, summary)).faults == []


def test_a_study_without_any_finished_run_still_gets_its_page():
    study = load_study("damian-figure-1", quick=True)
    summary = summarise(study, Request(study.name, True, (), 0), Results({}, {}))
    assert {p["mean"] for p in summary["series"][0]["points"]} == {None}
    assert Page(render(study, summary)).faults == []
    assert "it did not run" in plain_report(study, summary)


def test_published_numbers_are_compared_only_at_their_own_sizes():
    name = "damian-figure-1"
    study, wider = load_study(name), load_study(name, overrides=["defaults.fixed.m=200"])
    assert len(summary_of(study)["published"]) == 6
    summary = summary_of(wider)
    assert summary["published"] == []
    assert "Beside the published numbers" not in render(wider, summary)


def test_text_of_a_study_cannot_break_out_of_the_page():
    evil = '</title></desc><script>alert("x")</script>'
    document = json.loads(load_study("damian-figure-1", quick=True).document)
    document["title"] = document["summary"] = evil
    document["series"]["algorithm-1"]["label"] = evil
    document["figures"]["excess-risk"]["title"] = evil
    document["rates"]["theorem-1"]["statement"] = evil
    study = parse_study(document)
    text = render(study, summary_of(study))
    assert "<script" not in text
    assert Page(text).faults == []


def test_the_short_text_names_a_published_number_where_ours_is_zero():
    study = load_study("damian-figure-1", quick=True)
    keys = [configuration_key(task.configuration) for s in study.series for task in study.tasks(s, 0).values()]
    finished = {key: {"excess_risk": 0.0, "excess_l1": 0.0, "alignment": 0.0} for key in keys}
    summary = summarise(study, Request(study.name, True, (), 0), Results(finished, {}))
    assert "most at x = 100: 0 against 0.988" in plain_report(study, summary)


def test_the_short_text_names_each_verdict():
    study = load_study("damian-figure-1", quick=True)
    text = plain_report(study, summary_of(study))
    for claim in (*study.rates, *study.levels):
        assert re.search(rf"(holds|fails|undecided) +{claim.id}:", text)


def test_a_table_has_a_row_for_every_size_of_every_curve():
    study = load_study("mousavi-single-index", quick=True)
    text = render(study, summary_of(study))
    start = text.index('<h2 id="tanh">')
    section = text[start : text.index("</section>", start)]
    rows = [int(re.sub(r"\D", "", row)) for row in re.findall(r'<tr><th scope="row">([^<]*)</th>', section)]
    wanted = sorted({x for d in (10, 20, 40, 80, 160) for x in study.find(f"tanh-{d}").x})
    assert rows == wanted

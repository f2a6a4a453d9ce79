"""The report is a self-contained page, the same bytes for the same summary, and shows what the summary says."""

import html
import json
import re
from html.parser import HTMLParser

import pytest
from small_studies import WITH_THRESHOLDS, everywhere, results_for, summarised, summary_of

from steinlab.checks.studies.plan import Grid
from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.report.page import render
from steinlab.checks.studies.shipped import titles
from steinlab.checks.studies.store import Results
from steinlab.checks.studies.summary import summary_text

VOID = {"meta", "link", "br", "hr", "img", "input"}


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


@pytest.mark.parametrize("name", sorted(titles()))
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


@pytest.mark.parametrize("name", sorted(titles()))
def test_the_same_summary_gives_the_same_bytes(name):
    study = load_study(name, quick=True)
    assert render(study, summary_of(study)) == render(study, json.loads(summary_text(summary_of(study))))


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
    summary = summarised(study, results_for(study, seed=3), 3, True, ("title=a 'b' <c>",))
    text = html.unescape(render(study, summary))
    assert "steinlab rates damian-figure-1 --quick --seed 3 --set 'title=a '\"'\"'b'\"'\"' <c>'" in text
    assert summary["settings"]["versions"]["numpy"] in text
    for point in summary["series"][0]["points"]:
        assert f"{point['mean']:.2g}"[:4] in text
    assert "0.548 ± 0.133 (10)" in text


def test_failed_runs_are_listed():
    study = load_study("damian-figure-1", quick=True)
    text = render(study, summary_of(study, fail=[("algorithm-1", 1000)]))
    assert "planted &lt;b&gt;failure" in text
    assert "planted <b>" not in text


@pytest.mark.parametrize("kind", ["curves", "distribution"])
@pytest.mark.parametrize("value", [None, 0.0])
def test_figures_with_nothing_positive_are_drawn(kind, value):
    """On a logarithmic scale, and with no guide line to lend the axis a range."""
    document = json.loads(load_study("damian-figure-1", quick=True).document)
    document |= {"figures": {"f": {"title": "t", "caption": "c", "series": ["algorithm-1"], "kind": kind}}, "published": {}}
    study = parse_study(document)
    results = Results({}, {}) if value is None else everywhere(study, excess_risk=value, excess_l1=value, alignment=value)
    assert Page(render(study, summarised(study, results))).faults == []


def test_a_study_without_any_finished_run_still_gets_its_page():
    study = load_study("damian-figure-1", quick=True)
    summary = summarised(study, Results({}, {}))
    assert {p["mean"] for p in summary["series"][0]["points"]} == {None}
    assert Page(render(study, summary)).faults == []


def test_censored_thresholds_are_counted_in_the_table():
    study = parse_study(WITH_THRESHOLDS)
    d = {series.id: series.fixed["d"] for series in study.series}
    finished = {run.task.key: {"excess_risk": 0.8 * d[run.series] / run.x} for run in Grid(study, 0).first()}
    page = render(study, summarised(study, Results(finished, {})))
    assert "3 beyond" in page
    assert "least size at which the level is reached" in page


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


def test_a_table_has_a_row_for_every_size_of_every_curve():
    study = load_study("mousavi-single-index", quick=True)
    text = render(study, summary_of(study))
    start = text.index('<h2 id="tanh">')
    section = text[start : text.index("</section>", start)]
    rows = [int(re.sub(r"\D", "", row)) for row in re.findall(r'<tr><th scope="row">([^<]*)</th>', section)]
    wanted = sorted({x for d in (10, 20, 40, 80, 160) for x in study.find(f"tanh-{d}").x})
    assert rows == wanted

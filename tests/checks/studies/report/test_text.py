"""The few lines for the terminal: each verdict, and where published numbers differ."""

import re

from small_studies import everywhere, summarised, summary_of

from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.report.text import plain_report
from steinlab.checks.studies.store import Results


def test_the_short_text_names_a_published_number_where_ours_is_zero():
    study = load_study("damian-figure-1", quick=True)
    summary = summarised(study, everywhere(study, excess_risk=0.0, excess_l1=0.0, alignment=0.0))
    assert "most at x = 100: 0 against 0.988" in plain_report(study, summary)


def test_the_short_text_names_each_verdict():
    study = load_study("damian-figure-1", quick=True)
    text = plain_report(study, summary_of(study))
    for claim in (*study.rates, *study.levels):
        assert re.search(rf"(holds|fails|undecided) +{claim.id}:", text)


def test_the_last_line_says_what_the_verdicts_mean():
    study = load_study("damian-figure-1", quick=True)
    summary = summary_of(study)
    verdicts = [record["verdict"] for record in (*summary["rates"], *summary["levels"])]
    last = plain_report(study, summary).splitlines()[-1]
    assert last.startswith(f"In short: {verdicts.count('holds')} of {len(verdicts)} predictions hold at these sizes, ")
    assert f"{verdicts.count('fails')} fail, {verdicts.count('undecided')} undecided" in last
    assert len(last) <= 110
    assert "no proof" in last
    without = summary | {"rates": [], "levels": [], "settings": summary["settings"] | {"quick": True}}
    assert (
        "nothing is predicted; the numbers stand side by side in the quick form" in plain_report(study, without).splitlines()[-1]
    )


def test_the_short_text_names_the_first_failure():
    study = load_study("damian-figure-1", quick=True)
    assert "1 runs failed" in plain_report(study, summary_of(study, fail=[("algorithm-1", 1000)]))
    assert "it did not run" in plain_report(study, summarised(study, Results({}, {})))

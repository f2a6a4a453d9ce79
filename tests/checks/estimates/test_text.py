"""The words of an estimate."""

import numpy as np

from steinlab.checks.estimates.estimate import estimate
from steinlab.checks.estimates.text import interval, notebook, report, rows, samples, words

RNG = np.random.default_rng(1)
X = RNG.standard_normal((1200, 8))
FOUND = estimate(X, X[:, 0] * X[:, 1] + RNG.standard_normal(1200))
NOTHING = estimate(X[:150, :2], RNG.standard_normal(150))


def test_facts_are_told_with_their_side():
    told = dict(rows(FOUND))
    assert told["rank H"].startswith("at least 2: 2 directions of H")
    assert told["dim S*"].startswith("at least 2: ")
    assert told["information exponent"].startswith("at most 2: C_2 ≠ 0")
    assert told["energy of degree 2"].endswith("; C_2 ≠ 0")
    assert told["energy of degree 3"].endswith("C_3 ≠ 0 is undecided")
    assert told["alignment"].startswith("cos² about 0.9")
    assert f"an eigenvalue of H beyond the first 2 is at most {FOUND.facts.rank.further:.3g}" in told["eigenvalues of Ĥ"]
    assert ", ...;" in told["eigenvalues of Ĥ"]
    assert told["X standard normal"] == "not refuted"


def test_what_is_not_seen_is_undecided():
    told = dict(rows(NOTHING))
    assert told["information exponent"].startswith("undecided: none of C_1, C_2, C_3")
    assert told["rank H"].startswith("at least 0: no direction of H")
    assert "alignment" not in told
    assert f"; every eigenvalue of H is at most {NOTHING.facts.rank.further:.3g}" in told["eigenvalues of Ĥ"]
    assert ", ..." not in told["eigenvalues of Ĥ"]


def test_the_report_has_its_four_parts_within_the_width():
    text = report(NOTHING)
    assert text.startswith("150 samples in dimension 2; numerical")
    for part in ("rank H", "damian.assumption2", "to see, in 80% of samples", "warning"):
        assert part in text
    assert max(map(len, text.split("\n"))) <= 100
    assert "warning" not in report(FOUND)


def test_doubtful_inputs_are_told():
    Z = RNG.standard_normal((40_000, 3)) + 0.02
    told = dict(rows(estimate(Z, RNG.standard_normal(40_000))))
    assert told["X standard normal"] == "doubtful: mean (see the warnings)"


def test_a_notebook_shows_facts_and_verdicts():
    html = notebook(NOTHING)
    assert html.startswith("<table>")
    assert "undecided: a sample fits" in html
    assert "<th style='text-align:left'>warning</th>" in html
    assert NOTHING._repr_html_() == html


def test_small_words():
    assert interval((-1.0, 2.5)) == "[-1, 2.5]"
    assert samples(96) == "96"
    assert samples(123456) == "120000"
    assert words("energies.3", "x") == "C_3 ≠ 0, by x"
    assert words("dimension", "x") == "one more for dim S*, by x"

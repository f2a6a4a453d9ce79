"""The page of a verdict: self-contained, with its words escaped and every number."""

import numpy as np
import pytest

from steinlab.checks.judgements.answer import Answer, Question
from steinlab.checks.judgements.page import render
from steinlab.checks.judgements.reading import Runs
from steinlab.checks.rates.own_numbers import judge_rate


def answer(noise, predicted=-0.5, seeds=4, window=None):
    x = np.repeat([100.0, 200, 400, 800], seeds)
    y = x**-0.5 * np.exp(noise * np.random.default_rng(1).standard_normal(len(x)))
    judgement = judge_rate(x, y, predicted=predicted, rivals=(0.0,), window=window)
    return Answer(
        Question(predicted, "tight", (0.0,), False, None, window, 1), Runs({"x": x.tolist()}, y.tolist(), None), judgement
    )


@pytest.mark.parametrize(("predicted", "verdict"), [(-0.5, "holds"), (-2.0, "fails")])
def test_the_page_says_the_verdict_the_claim_and_the_numbers(predicted, verdict):
    found = answer(0.05, predicted)
    page = render(found)
    assert found.judgement.verdict == verdict
    assert f'<span class="verdict {verdict}">' in page
    for words in ("<svg", "What was judged", "an offset", "last step", found.question.law):
        assert words in page
    assert page.count("<tr><td>") == 4
    assert page == render(answer(0.05, predicted))


def test_nothing_is_fetched_and_nothing_runs():
    page = render(answer(0.05))
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_numbers_that_cannot_be_fitted_have_a_page_too():
    page = render(answer(0.05, seeds=2, window=(100, 800)))
    assert '<span class="verdict undecided">' in page
    assert '<th scope="row">an offset' not in page
    assert "x from 100 to 800" in page

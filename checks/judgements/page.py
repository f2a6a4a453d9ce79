"""The page of a verdict on a user's own numbers: one self-contained HTML file, a function of the answer alone."""

from __future__ import annotations

from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from steinlab.checks.judgements.answer import Answer
from steinlab.checks.judgements.picture import picture
from steinlab.checks.pages.words import interval, number, style_sheet
from steinlab.checks.rates.records import slope_record


def render(answer: Answer) -> str:
    """The page as text: no scripts, nothing fetched, no dates; the same bytes for the same answer."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(number=number, interval=interval)
    template = environment.from_string((resources.files("steinlab.checks.judgements") / "page.html").read_text("utf-8"))
    page: str = template.render(
        answer=answer,
        question=answer.question,
        verdict=str(answer.judgement.verdict),
        reason=answer.judgement.reason,
        rows=answer.rows()[1:],
        points=answer.points(),
        sizes=list(answer.runs.sizes),
        fit=slope_record(answer.judgement),
        style=Markup(style_sheet()),
        drawing=Markup(picture(answer)),
    )
    return page + "\n"

"""The report of an estimate: one self-contained HTML page, a function of the estimate alone."""

from __future__ import annotations

from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from steinlab.checks.estimates import pictures, text
from steinlab.checks.estimates.answer import Answer
from steinlab.checks.pages.words import number, size, style_sheet


def render(found: Answer) -> str:
    """The page as text: no scripts, nothing fetched, no dates; the same bytes for the same estimate."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(number=number, size=size, samples=text.samples)
    template = environment.from_string((resources.files("steinlab.checks.estimates") / "page.html").read_text("utf-8"))
    page: str = template.render(
        found=found,
        facts=found.facts,
        rows=list(text.rows(found)),
        needed=[(text.words(fact, effect), n) for fact, _, effect, n in found.outlook],
        style=Markup(style_sheet()),
        energies=Markup(pictures.energies(found)),
        eigenvalues=Markup(pictures.eigenvalues(found)),
        alignment=Markup(pictures.alignment(found)),
    )
    return page + "\n"

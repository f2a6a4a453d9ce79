"""`--explain`: the steps that decided a fact or an assumption, as a person would write them."""

from __future__ import annotations

from collections.abc import Mapping

from steinlab.checks.assumptions.answers import Answers
from steinlab.checks.assumptions.facts import FACTS, Fact
from steinlab.checks.papers.paper import Assumption
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Finding


def explanation(answers: Answers, name: str, assumptions: Mapping[str, Assumption], findings: Mapping[str, Finding]) -> str:
    """The steps behind a fact, by the name of one of its fields, or an assumption, by its id. InputError for another name."""
    facts = {field: fact for fact in FACTS for field in (fact.name, *fact.also)}
    if name in facts:
        return "\n".join([f"{facts[name].name} of {answers.target.link}", *_steps(answers, facts[name])])
    if name not in findings:
        raise InputError(f"there is no fact {name!r}: use one of {', '.join([*facts, *findings])}")
    assumption, finding = assumptions[name], findings[name]
    lines = [
        f"{name}: {assumption.statement}",
        f"  Source: {assumption.source}",
        f"  It {_VERBS[finding.verdict.value]} ({finding.evidence.value}): {finding.reason}",
    ]
    for fact in assumption.rests_on:
        lines += [f"{facts[fact].name}:", *_steps(answers, facts[fact])]
    return "\n".join(lines)


_VERBS = {"holds": "holds", "fails": "fails", "undecided": "is undecided"}


def _steps(answers: Answers, fact: Fact) -> list[str]:
    return [f"  {i}. {step}" for i, step in enumerate(fact.steps(answers), 1)]

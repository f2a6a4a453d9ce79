"""How each fact was decided, step by step, in words: read from its reasons, coefficients and leaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from steinlab.checks.assumptions.answers import Answers, Coefficient
from steinlab.checks.assumptions.words import direction_text, seen_text, span_text, whole
from steinlab.theory.verdicts import Verdict

MANY = 5
"""From so many vanishing coefficients of one degree on, one is shown for all."""


def degree(a: Answers) -> Iterator[str]:
    yield a.polynomial().reason
    if a.degree is not None:
        yield f"the degree is {whole(a.degree)}: {a.degree.reason}"


def dimension(a: Answers) -> Iterator[str]:
    if a.subspace is not None:
        yield f"f* is a function of {span_text(a, a.subspace) or 'nothing'}: dim S* <= {len(a.subspace)}"
    yield f"dim S* is {whole(a.dimension)}: {a.dimension.reason}" if a.dimension.value is not None else whole(a.dimension)


def energies(a: Answers) -> Iterator[str]:
    energies, degrees = a.energies
    for k, energy in energies.items():
        yield f"degree {k}: ‖C_{k}‖²/{k}! = {energy.words}"
    yield f"shown: {degrees}"


def hessian(a: Answers) -> Iterator[str]:
    yield "H = E[∇²f*], whose entries are the coefficients of degree 2"
    yield from _vanishing(2, a.coefficients(2))
    yield f"rank H is {whole(a.rank)}: {a.rank.reason}" if a.rank.value is not None else f"rank H is {whole(a.rank)}"
    yield seen_text(a)
    yield f"κ is {a.kappa.words}"


def information_exponent(a: Answers) -> Iterator[str]:
    found = a.information_exponent
    for k in range(1, (found.value or found.upper or found.lower) + 1):
        coefficients = a.coefficients(k)
        nonzero = [c for c in coefficients if c.zero is Verdict.FAILS]
        yield from (f"degree {k}: {c.why}" for c in nonzero[:1])
        if not nonzero or found.value is None:
            yield from _vanishing(k, [c for c in coefficients if c.zero is not Verdict.FAILS])
    yield f"the information exponent is {whole(found)}"


def subspace_leap(a: Answers) -> Iterator[str]:
    seen: list[str] = []
    for step in a.subspace_leap.steps:
        known = f"with {', '.join(seen)} seen" if seen else "with nothing seen"
        yield f"{known}, the least degree in the other directions is {step.degree}: it finds {span_text(a, step.basis)}"
        seen += [direction_text(a, v) for v in step.basis]
    value = a.subspace_leap.value
    yield f"the subspace leap is {whole(value)}" + ("" if value.value is None else f": {value.reason}")


def coordinate_leap(a: Answers) -> Iterator[str]:
    found = a.coordinate_leap
    yield f"it is {whole(found)}: {found.reason}" if found else f"it is defined for {a.coordinate_condition} only"


def generative_exponent(a: Answers) -> Iterator[str]:
    found = a.generative_exponent
    if found is None:
        yield "it is defined for one direction only"
        return
    yield from found.vanishing
    yield f"it is {whole(found.value)}" + ("" if found.value.value is None else f": {found.value.reason}")


def integrable(a: Answers) -> Iterator[str]:
    found = a.square_integrable
    yield f"E f*² is finite: {found.verdict.value} ({found.evidence.value}): {found.reason}"


def moments(a: Answers) -> Iterator[str]:
    for name, words in (("mean", "E f*"), ("second_moment", "E f*²"), ("variance", "Var f* = E f*² - (E f*)²")):
        yield f"{words} is {a.moment(name).words}"


def labels(a: Answers) -> Iterator[str]:
    yield f"the labels are y = f*(x) + e: {a.target.noise}"


def _vanishing(k: int, coefficients: Sequence[Coefficient]) -> Iterator[str]:
    """Why each coefficient vanishes or does not; one for all where very many vanish alike."""
    zero = [c for c in coefficients if c.zero is Verdict.HOLDS]
    others = [c for c in coefficients if c.zero is not Verdict.HOLDS]
    yield from (f"degree {k}: {c.why}" for c in others)
    if len(zero) < MANY:
        yield from (f"degree {k}: {c.why}" for c in zero)
    else:
        yield f"degree {k}: {len(zero)} coefficients are zero, among them {zero[0].why}"

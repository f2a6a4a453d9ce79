"""Facts in words: directions and subspaces, whole numbers that are decided or bounded, verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from steinlab.checks.assumptions.answers import Answers, learned_at
from steinlab.theory.exact.linear_algebra import Vector
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.verdicts import Decided, Verdict

MARKS = {Verdict.HOLDS: "holds", Verdict.FAILS: "FAILS", Verdict.UNDECIDED: "undecided"}
"""A verdict in a table."""
SUMMARY = {Verdict.HOLDS: "HOLD", Verdict.FAILS: "FAIL", Verdict.UNDECIDED: "ARE UNDECIDED"}
"""The same of several assumptions together."""


def count(n: int, noun: str) -> str:
    """How many.

    >>> count(1, "direction"), count(2, "direction")
    ('1 direction', '2 directions')
    """
    return f"{n} {noun}" + ("" if n == 1 else "s")


def whole(value: Decided, of: str = "") -> str:
    """A natural number with its evidence, or its bounds and why no more is known.

    >>> whole(Decided.exact(2, "")), whole(Decided.exact(2, ""), " of 3")
    ('2 (exact)', '2 of 3 (exact)')
    """
    if value.value is not None:
        return f"{value.value}{of} ({value.evidence.value})"
    bound = "" if value.upper is None else f", at most {value.upper}"
    return f"undecided, at least {value.lower}{bound}: {value.reason}"


def direction_text(answers: Answers, vector: Vector) -> str:
    """A vector in terms of the directions, such as 'u1 - 2*u3', or of x1, x2, ... where those are dependent."""
    weights, letter = answers.weights(vector)
    names = [f"{letter}{i + 1}" for i in range(len(weights))]
    units = {tuple(int(j == i) for j in range(len(names))): c for i, c in enumerate(weights) if c}
    return Polynomial.from_terms(units, len(names)).to_text(names)


def span_text(answers: Answers, basis: Sequence[Vector]) -> str:
    """A basis in words: u1, u2, ... where it spans all of what independent directions span."""
    if answers.independent and len(basis) == answers.target.latent_dimension:
        return ", ".join(f"u{i + 1}" for i in range(len(basis)))
    return ", ".join(direction_text(answers, v) for v in basis)


def invisible_text(answers: Answers, vector: Vector) -> str:
    """A direction that H does not see, with the leap at which it is learned where that is decided."""
    leap = learned_at(answers.subspace_leap, vector)
    return direction_text(answers, vector) + ("" if leap is None else f" (learned at leap {leap})")


def seen_text(a: Answers) -> str:
    """What H sees, and what it does not."""
    if a.visible is None:
        return "its range is not known exactly"
    seen = span_text(a, a.visible) or "nothing"
    if not a.invisible:
        return f"H sees {seen}"
    return f"H sees {seen}, not {', '.join(invisible_text(a, v) for v in a.invisible)}"

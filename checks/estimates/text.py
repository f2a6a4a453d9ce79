"""An estimate in words: for a terminal, and as a table for a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from steinlab.checks.assumptions.words import MARKS
from steinlab.checks.estimates.answer import Answer
from steinlab.checks.text import table
from steinlab.numerics.estimation.directions import Directions
from steinlab.theory.display import html_table

WIDTH = 100


def report(found: Answer) -> str:
    """Facts, assumptions, what more data would show, warnings."""

    def columns(header: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> str:
        return table(header, rows, width=WIDTH)

    whitened = ", whitened" if found.facts.whitened else ""
    blocks = [
        f"{found.n} samples in dimension {found.d}{whitened}; numerical, 95% intervals, claims wrong in 5% of samples at most",
        columns(None, list(rows(found))),
        columns(["assumption", "verdict", "why"], [[f.id, MARKS[f.verdict], f.reason] for f in found.findings]),
    ]
    if found.outlook:
        blocks.append(
            columns(
                ["to see, in 80% of samples", "samples"],
                [[words(fact, effect), samples(n)] for fact, _, effect, n in found.outlook],
            )
        )
    blocks += [columns(None, [["warning", said] for said in found.warnings])] if found.warnings else []
    return "\n\n".join(blocks)


def notebook(found: Answer) -> str:
    """The facts, the assumptions and the warnings as an HTML table."""
    shown = [*rows(found), *((f.id, f"{f.verdict.value}: {f.reason}") for f in found.findings)]
    return html_table(f"{found.n} samples in dimension {found.d}", [*shown, *(("warning", said) for said in found.warnings)])


def rows(found: Answer) -> Iterator[tuple[str, str]]:
    """The facts: name and value with its interval or bound."""
    noticed = [f.id for f in found.facts.normality if f.noticed]
    yield "X standard normal", f"doubtful: {', '.join(noticed)} (see the warnings)" if noticed else "not refuted"
    yield "E y", f"{found.mean.value:.4g}  {interval(found.mean.interval)}"
    yield "Var y", f"{found.variance.value:.4g}  {interval(found.variance.interval)}; kurtosis {found.facts.kurtosis:.3g}"
    for k, energy in found.energies.items():
        claim = f"C_{k} ≠ 0" if energy.nonzero else f"C_{k} ≠ 0 is undecided"
        yield f"energy of degree {k}", f"{energy.value:.4g}  {interval(energy.interval)}; {claim}"
    upper = found.information_exponent.upper
    yield "information exponent", f"{'undecided' if upper is None else f'at most {upper}'}: {found.information_exponent.reason}"
    yield "rank H", f"at least {found.rank.lower}: {found.rank.reason}"
    shown = ", ".join(f"{value:.3g}" for value in found.facts.rank.values[:6])
    yield "eigenvalues of Ĥ", f"{shown}{', ...' if len(found.facts.rank.values) > 6 else ''}{_further(found.facts.rank)}"
    yield "dim S*", f"at least {found.dimension.lower}: {found.dimension.reason}"
    aligned = found.subspace.test.alignment
    if aligned is not None:
        yield "alignment", f"cos² about {aligned:.3g} between the {found.subspace.lower} found and the true ones"


def _further(found: Directions) -> str:
    if found.further is None:
        return ""
    which = "every eigenvalue of H" if found.lower == 0 else f"an eigenvalue of H beyond the first {found.lower}"
    return f"; {which} is at most {found.further:.3g} in size"


def interval(bounds: tuple[float, float]) -> str:
    """An interval in brackets.

    >>> interval((0.0, 1 / 3))
    '[0, 0.3333]'
    """
    return f"[{bounds[0]:.4g}, {bounds[1]:.4g}]"


def words(fact: str, effect: str) -> str:
    """What a number of samples is for."""
    name = (
        f"C_{fact[-1]} ≠ 0"
        if fact.startswith("energies")
        else {"rank": "one more for rank H", "dimension": "one more for dim S*"}[fact]
    )
    return f"{name}, by {effect}"


def samples(n: int | None) -> str:
    """A number of samples, to two digits.

    >>> samples(1234), samples(None)
    ('1200', 'more than 10¹²')
    """
    return "more than 10¹²" if n is None else f"{float(f'{n:.2g}'):.0f}"

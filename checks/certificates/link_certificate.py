"""What the certificate of a general link holds: what the report proves and an independent program proves again.

`verify_link_certificate.py` derives everything a certificate says from the target text, by methods and code of its own, and every
number and verdict of the report is compared with it: a certificate states what both have proved. What only the report proves is
left open in it ("undecided", or null), never claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

from flint import arb

from steinlab.checks.assumptions.report import Report
from steinlab.checks.certificates.verify_link_certificate import derive
from steinlab.checks.verify_certificate import Refused
from steinlab.theory.errors import InputError
from steinlab.theory.exact.precision import exact_fraction
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals.constants import PRECISIONS, Constant
from steinlab.theory.language.spelling import quoted
from steinlab.theory.links.ring import constant, variable
from steinlab.theory.targets.target import LinkTarget
from steinlab.theory.verdicts import Decided, Finding, Verdict

MAX_DEGREE = 12
"""Highest degree of the coefficients in a certificate for one variable; a certificate goes no higher than it has to."""
MAX_DEGREE_SEVERAL = 6
"""The same for several variables."""


class Disagreement(InputError):
    """The report and the independent checker have proved statements that contradict each other: one of them has a bug."""


def link_certificate(report: Report) -> dict[str, Any]:
    """The certificate of a report on a general link, as JSON.

    Everything is stated in x-space, R^d, d the ambient dimension of the directions. Coefficients E[g He_α] are certain to the
    digits written. Raises InputError where the independent checker cannot read or bound the target. Kind: certified, twice.

    >>> from steinlab.checks.assumptions.check import check
    >>> found = link_certificate(check("relu(z1)"))
    >>> found["coefficients"]["2"], found["zeros"], found["verdicts"]["damian.assumption2"]
    ('3.989422804e-1', [], 'holds')
    """
    target = _target(report)
    directions = None if target.directions is None else [[str(x) for x in row] for row in target.directions]
    written = {"link": target.expression.canonical, "directions": directions, "latent_dimension": target.latent_dimension}
    found: dict[str, Any] | None = None
    least_open = 0
    for degree in range(2, (MAX_DEGREE if target.ambient_dimension == 1 else MAX_DEGREE_SEVERAL) + 1):
        try:
            derived = derive(written, degree)
        except Refused as error:
            if found is None:
                raise InputError(
                    f"no certificate for {quoted(target.link)}: the independent checker cannot derive it ({error}); "
                    "write the link with other functions, or check without --certificate"
                ) from error
            break
        left_open = sum(_open(report, derived))
        if found is None or left_open < least_open:
            found, least_open = derived, left_open
        elif derived["undecided"]:  # integrals that are too wide to decide: more of them do not help
            break
        if not left_open:
            break
    assert found is not None, "degree 2 was derived"
    _compare(report, found)
    return found


def _target(report: Report) -> LinkTarget:
    if not isinstance(report.target, LinkTarget):
        raise ValueError(f"{quoted(report.target.link)} is a polynomial, which has a certificate of its own")
    return report.target


def _open(report: Report, found: dict[str, Any]) -> Iterator[bool]:
    """Whether the report decides a statement that the certificate leaves open: a higher degree may close it."""
    yield report.information_exponent.value is not None and found["information_exponent"] is None
    yield report.subspace_leap.value.value is not None and found["subspace_leap"] is None
    yield _value(report.coordinate_leap) is not None and found["coordinate_leap"] is None
    yield _generative(report) is not None and found["generative_exponent"] is None
    dimension = found["effective_dimension"]
    yield report.effective_dimension.value is not None and dimension["lower"] < dimension["upper"]
    yield any(found["verdicts"][f.id] == "undecided" and f.verdict is not Verdict.UNDECIDED for f in _findings(report))


def _compare(report: Report, found: dict[str, Any]) -> None:
    """Disagreement unless everything proved here and everything proved there can be true together."""
    expansion = ambient_expansion(report)
    for name in [*found["coefficients"], *found["zeros"]]:
        ours = expansion.coefficient(tuple(map(int, name.split(","))))
        _require(_agrees(ours, found["coefficients"].get(name)), report, f"the coefficient of {name}")
    rank, dimension = report.hessian.rank, report.effective_dimension
    _require(_bounds_meet(rank, found["expected_hessian"]["rank"]), report, "rank H")
    _require(_bounds_meet(dimension, found["effective_dimension"]), report, "the effective dimension")
    leap = found["subspace_leap"]
    steps = [(step.degree, step.gained) for step in report.subspace_leap.steps]
    pairs = [
        ("the information exponent", report.information_exponent.value, found["information_exponent"]),
        ("the subspace leap", report.subspace_leap.value.value, None if leap is None else leap["value"]),
        ("the coordinate leap", _value(report.coordinate_leap), found["coordinate_leap"]),
        ("the generative exponent", _generative(report), (found["generative_exponent"] or {}).get("value")),
    ]
    for what, our_value, their_value in pairs:
        _require(our_value is None or their_value is None or our_value == their_value, report, what)
    if leap is not None:
        proved = [(step["degree"], step["gained"]) for step in leap["steps"]]
        _require(steps == proved[: len(steps)], report, "the steps of the subspace leap")
    for finding in _findings(report):
        verdicts = {finding.verdict.value, found["verdicts"][finding.id]}
        _require(verdicts != {"holds", "fails"}, report, finding.id)


def ambient_expansion(report: Report) -> LinkExpansion:
    """The expansion of the report's target in the coordinates of x, which need not be few."""
    target = _target(report)
    if target.directions is None:
        return target.expansion
    images = {}
    for i, row in enumerate(target.directions):
        images[i] = constant(0)
        for j, weight in enumerate(row):
            images[i] = images[i] + variable(j) * weight
    return LinkExpansion(target.expansion.link.substitute(images), variables=target.ambient_dimension)


def _agrees(ours: Constant, text: str | None) -> bool:
    """Whether a constant can round to the text, or vanish where there is none."""
    if ours.sign is None or text is None:
        return ours.sign in (0, None) or text is not None
    ball = ours.ball(PRECISIONS[1])
    if not ball.is_finite():
        return ours.sign == (-1 if text.startswith("-") else 1)
    half = Decimal(5).scaleb(Decimal(text).adjusted() - len(text.lstrip("-").partition("e")[0].replace(".", "")))
    low, high = _decimal(ball.lower(), ROUND_FLOOR), _decimal(ball.upper(), ROUND_CEILING)
    return low <= Decimal(text) + half and high >= Decimal(text) - half


def _decimal(x: arb, rounding: str) -> Decimal:
    value = exact_fraction(x)
    context = Context(prec=60, rounding=rounding)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def _bounds_meet(ours: Decided, theirs: dict[str, int]) -> bool:
    return ours.lower <= theirs["upper"] and (ours.upper is None or theirs["lower"] <= ours.upper)


def _findings(report: Report) -> list[Finding]:
    return [finding for finding in report.assumptions if finding.id.startswith("damian.")]


def _value(decided: Decided | None) -> int | None:
    return None if decided is None else decided.value


def _generative(report: Report) -> int | None:
    return None if report.generative_exponent is None else report.generative_exponent.value.value


def _require(condition: bool, report: Report, what: str) -> None:
    if not condition:
        raise Disagreement(f"{what} of {quoted(report.target.link)} is proved to be two different things: please report this")

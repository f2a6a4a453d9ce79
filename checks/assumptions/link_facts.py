"""What `steinlab check` says about a target with a general link, as JSON and as rows of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import comb
from typing import Any

from flint import arb

from steinlab.checks.assumptions.link_report import LinkReport, direction_text, in_latents, invisible_text, span_text
from steinlab.checks.assumptions.report import attempt
from steinlab.theory.exact.digits import in_words, midpoint, outward, proved_decimal
from steinlab.theory.exact.linear_algebra import identity
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.symbolic import constant
from steinlab.theory.targets.link_expansion import LinkExpansion
from steinlab.theory.verdicts import Decided, Evidence, Verdict

ENERGY_DEGREES = 4
"""Highest degree whose energy is shown of a link that is not a polynomial."""
MAX_COEFFICIENTS = 500
"""Most coefficients of a polynomial whose energies are all shown."""
NOT_ENCLOSED = "no enclosure is known"
UNKNOWN = f"undecided ({NOT_ENCLOSED})"


def facts(report: LinkReport) -> dict[str, Any]:
    """The fields of the JSON object that depend on the kind of target; `target` holds fields of the target itself.

    A number that is not known is null; `reasons` says why.
    """
    report.settle()
    target = report.target
    leap, generative = report.subspace_leap, report.generative_exponent
    moments = {name: moment(report, name) for name in MOMENTS}
    energies, shown = energies_shown(report)
    principal = attempt(target.principal_subspace, lambda _: None)
    return {
        "target": {
            "effective_dimension": report.dimension.value,
            "effective_dimension_bounds": bounds(report.dimension),
            "effective_dimension_reason": report.dimension.reason,
            "degree_bounds": degree_bounds(report),
        },
        "square_integrable": square_integrable(report),
        **{name: found.text for name, found in moments.items()},
        "degree_energy": {str(k): energy.text for k, energy in energies.items()},
        "degree_energy_shown": shown,
        "reasons": {name: found.reason for name, found in moments.items() if found.text is None}
        | {f"degree_energy.{k}": found.reason for k, found in energies.items() if found.text is None},
        "principal_subspace": None if principal is None else [[str(x) for x in row] for row in principal],
        "expected_hessian": _hessian(report),
        "information_exponent": decided(report.information_exponent),
        "subspace_leap": {
            **decided(leap.value),
            "steps": [
                {"degree": step.degree, "gained": step.gained, "directions": [direction_text(target, v) for v in step.basis]}
                for step in leap.steps
            ],
        },
        "coordinate_leap": decided(report.coordinate_leap) if report.coordinate_leap else _undefined("the axes as directions"),
        "generative_exponent": _undefined("one direction")
        if generative is None
        else {
            **decided(generative.value),
            "witness": None
            if generative.witness is None
            else {"k": generative.witness.k, "label": generative.witness.label, "value": str(generative.witness.value)},
            "vanishing": list(generative.vanishing),
        },
    }


def _hessian(report: LinkReport) -> dict[str, Any]:
    matrix, eigenvalues, kappa = hessian_matrix(report), report.eigenvalues, report.kappa
    return {
        "matrix": None if matrix is None else [[known(entry) for entry in row] for row in matrix],
        "coordinates": coordinates(report),
        "rank": report.rank.value,
        "rank_bounds": bounds(report.rank),
        "rank_reason": report.rank.reason,
        "eigenvalues": None if eigenvalues is None else [midpoint(x) for x in eigenvalues],
        "eigenvalues_interval": None if eigenvalues is None else [outward(x) for x in eigenvalues],
        "kappa": None if kappa is None else midpoint(kappa),
        "kappa_interval": None if kappa is None else outward(kappa),
        "kappa_reason": kappa_reason(report),
        "range": None if report.visible is None else [direction_text(report.target, v) for v in report.visible],
        "invisible": None
        if report.invisible is None
        else [{"direction": direction_text(report.target, v), "leap": report.learned_at(v)} for v in report.invisible],
        "evidence": report.rank.evidence.value,
    }


@dataclass(frozen=True)
class Shown:
    """A number as text, exact where `value` is closed; None where it is not known, for this `reason`."""

    text: str | None
    reason: str
    value: Constant | None = None


def _why_unknown(value: Constant) -> str:
    """The reason of a number that was not worked out; others are integrals without an enclosure."""
    names = [[atom.name for atom, _ in product] for product in value.form.terms]
    return value.zero_reason if names == [["unknown"]] else NOT_ENCLOSED


def shown(compute: Callable[[], Constant]) -> Shown:
    """A constant as it is shown, or why it is not known."""

    def read() -> Shown:
        value = compute()
        text = known(value)
        return Shown(text, "" if text is not None else _why_unknown(value), value)

    return attempt(read, lambda why: Shown(None, why))


MOMENTS: dict[str, Callable[[LinkExpansion], Constant]] = {
    "mean": lambda expansion: expansion.mean,
    "variance": lambda expansion: expansion.variance,
    "second_moment": lambda expansion: expansion.second_moment,
}


def moment(report: LinkReport, name: str) -> Shown:
    """The mean, the variance or the second moment of f*."""
    return shown(lambda: MOMENTS[name](report.target.expansion))


def energies_shown(report: LinkReport) -> tuple[dict[int, Shown], str]:
    """The energies by degree, and in words which degrees they are: all of a polynomial unless it has very many coefficients."""
    degree = None if report.target.polynomial_degree is None else report.target.polynomial_degree.upper
    expansion = report.target.expansion
    last, words = ENERGY_DEGREES, f"degrees 0 to {ENERGY_DEGREES}; whether there are more is undecided"
    if degree is not None and comb(expansion.size + degree, degree) <= MAX_COEFFICIENTS:
        last, words = degree, f"degrees 0 to {degree}, all of a polynomial"
    elif degree is not None:
        words = f"degrees 0 to {ENERGY_DEGREES} of {degree}"
    elif report.finding("damian.polynomial").verdict is Verdict.FAILS:
        words = f"degrees 0 to {ENERGY_DEGREES} of infinitely many"
    return {k: shown(partial(expansion.energy, k)) for k in range(last + 1)}, words


def degree_bounds(report: LinkReport) -> list[int | None] | None:
    """[low, high] for the degree, high None where it is unknown; None where f* is proved to be no polynomial."""
    degree = report.target.polynomial_degree
    if degree is not None:
        return [degree.lower, degree.upper]
    if report.finding("damian.polynomial").verdict is Verdict.FAILS:
        return None
    return [report.information_exponent.lower if report.dimension.lower else 0, None]  # f* may be constant


def square_integrable(report: LinkReport) -> dict[str, str]:
    """Whether E f*² is finite, and why no integral is known where `reason` says so."""
    finding, doubt = report.target.expansion.integrability, report.target.expansion.doubt
    return {"verdict": finding.verdict.value, "evidence": finding.evidence.value, "reason": doubt or finding.reason}


def known(value: Constant) -> str | None:
    """A constant as text; None where no enclosure is known."""
    return str(value) if value.is_exact or value.shown.is_finite() else None


def decided(value: Decided) -> dict[str, Any]:
    """A number that is known or bounded: `value` is null while undecided; lower <= value <= upper are proved either way."""
    return {
        "value": value.value,
        "evidence": value.evidence.value,
        "reason": value.reason,
        "lower": value.lower,
        "upper": value.upper,
    }


def bounds(value: Decided) -> list[int | None]:
    """[low, high], high None where no bound is known."""
    return [value.lower, value.upper]


def _undefined(condition: str) -> dict[str, Any]:
    reason = f"defined for {condition}, which this target does not have"
    return {"value": None, "evidence": Evidence.EXACT.value, "reason": reason}


def coordinates(report: LinkReport) -> str:
    """Which coordinates the matrix of H is in."""
    return "latent variables" if _latent_frame(report) is not None else "orthonormal basis of the span of the directions"


def hessian_matrix(report: LinkReport) -> list[list[Constant]] | None:
    """The matrix of H; None where its entries could not be computed."""
    return attempt(lambda: _hessian_matrix(report), lambda _: None)


def _hessian_matrix(report: LinkReport) -> list[list[Constant]]:
    """E[∇²g] in the latent variables where the directions are independent; else C_2 in the coordinates t.

    With t = Q x and z = A t, C_2 = Aᵀ E[∇²g] A, so E[∇²g] = BᵀC_2 B for B = A^{-1}, whose columns are the dual directions.
    """
    matrix, frame = report.hessian.matrix, _latent_frame(report)
    if frame is None or report.target.directions is None:
        return matrix
    size = len(frame)
    out = []
    for i in range(size):
        row = []
        for j in range(size):
            total = constant(0)
            for a in range(size):
                for b in range(size):
                    total = total + matrix[a][b].form * (frame[a][i] * frame[b][j])
            row.append(Constant(total))
        out.append(row)
    return out


def _latent_frame(report: LinkReport) -> list[list[Any]] | None:
    """B with t = B z; None where the directions are dependent."""
    size = report.target.expansion.size
    # w_a with Σ_i w_{ai} u_i = q_a, the a-th coordinate vector: t_a = <q_a, x> = Σ_i w_{ai} z_i
    weights = [in_latents(report.target, axis) for axis in identity(size)]
    return None if any(w is None for w in weights) else [list(w) for w in weights if w is not None]


# -- text


def rows(report: LinkReport) -> list[list[str]]:
    """The facts as (name, value) rows."""
    report.settle()
    target = report.target
    spanned = attempt(lambda: f"span({span_text(target, target.expansion.linear_span)})", lambda _: "the span of the directions")
    generative, coordinate = report.generative_exponent, report.coordinate_leap
    degree = target.polynomial_degree
    out = [
        *([] if degree is None else [["degree p", _text(degree)]]),
        ["directions", f"{target.latent_dimension} written; f* varies in {spanned}"],
        ["effective dimension", _text(report.dimension)],
        *_integrals(report),
        ["rank H", f"{_text(report.rank)}; {_seen(report)}"],
        ["eigenvalues of H", UNKNOWN if report.eigenvalues is None else ", ".join(map(_ball, report.eigenvalues))],
        ["κ (E f² = 1)", kappa_reason(report) or UNKNOWN if report.kappa is None else _ball(report.kappa)],
        ["information exponent", _text(report.information_exponent)],
        ["subspace leap", _leap(report)],
        ["coordinate leap", _text(coordinate) if coordinate else "defined for the axes as directions only"],
        ["generative exponent", _text(generative.value) if generative else "defined for one direction only"],
    ]
    if generative is not None:
        out += [["", reason] for reason in generative.vanishing]
    return [*out, ["labels", str(target.noise)]]


def _integrals(report: LinkReport) -> list[list[str]]:
    """Rows of the moments, the energies and the Hessian; one row with the reason where no integral is known."""
    doubt = report.target.expansion.doubt
    if doubt:
        return [["square integrable", f"{report.target.expansion.integrability.verdict.value}; no integral is known: {doubt}"]]
    energies, degrees = energies_shown(report)
    matrix = hessian_matrix(report)
    return [
        ["mean, variance", f"{approximately(moment(report, 'mean'))}, {approximately(moment(report, 'variance'))}"],
        ["energy by degree", ", ".join(f"{k}: {approximately(energy)}" for k, energy in energies.items()) + f" ({degrees})"],
        ["E[∇²g]", UNKNOWN if matrix is None else "; ".join(map(_matrix_row, matrix))],
    ]


def _matrix_row(row: list[Constant]) -> str:
    return ", ".join(approximately(Shown(known(x), NOT_ENCLOSED, x)) for x in row)


def _ball(ball: arb) -> str:
    return ball.str(8) if proved_decimal(ball) is not None else in_words(ball) or UNKNOWN


def _text(value: Decided) -> str:
    if value.value is not None:
        return f"{value.value} ({value.evidence.value})"
    bound = "" if value.upper is None else f", at most {value.upper}"
    return f"undecided, at least {value.lower}{bound}: {value.reason}"


def kappa_reason(report: LinkReport) -> str | None:
    """Why κ is not shown as a float; None where it is."""
    if report.kappa is not None:
        return None if outward(report.kappa) is not None else f"beyond the range of floats: {_ball(report.kappa)}"
    if report.nondegenerate is Verdict.HOLDS:
        return "undecided (no enclosure of the eigenvalues of H leaves out zero)"
    return f"undefined (Assumption 2 {'fails' if report.nondegenerate is Verdict.FAILS else 'is undecided'})"


def _seen(report: LinkReport) -> str:
    if report.visible is None:
        return "its range is not known exactly"
    seen = span_text(report.target, report.visible) or "nothing"
    if not report.invisible:
        return f"H sees {seen}"
    return f"H sees {seen}, not {', '.join(invisible_text(report, v) for v in report.invisible)}"


def _leap(report: LinkReport) -> str:
    steps = "; ".join(f"degree {step.degree} finds {span_text(report.target, step.basis)}" for step in report.subspace_leap.steps)
    return _text(report.subspace_leap.value) + (f" ({steps})" if steps else "")


def approximately(number: Shown) -> str:
    """A constant as text: its exact form, with its decimal value where that is irrational, else the digits that are proved."""
    value, text = number.value, number.text
    if value is None or text is None:
        return UNKNOWN if number.reason == NOT_ENCLOSED else f"undecided ({number.reason})"
    if not value.is_exact or (value.form.number is not None and value.form.number.is_rational):
        return text
    decimal = in_words(value.shown, 6)
    return text if decimal is None or text == in_words(value.shown) else f"{text} ≈ {decimal}"

"""What `steinlab check` says about a target with a general link, as JSON and as rows of text."""

from __future__ import annotations

from typing import Any

from flint import arb

from steinlab.checks.link_report import LinkReport, direction_text, in_latents, invisible_text, span_text
from steinlab.theory.linear_algebra import identity
from steinlab.theory.links.constants import Constant
from steinlab.theory.links.expansion import Decided
from steinlab.theory.links.symbolic import constant
from steinlab.theory.verdicts import Evidence, Verdict

ENERGY_DEGREES = 4
"""Highest degree whose energy is shown; there are infinitely many."""


def facts(report: LinkReport) -> dict[str, Any]:
    """The fields of the JSON object that depend on the kind of target; `target` holds fields of the target itself."""
    target, expansion, hessian = report.target, report.target.expansion, report.hessian
    eigenvalues = hessian.eigenvalues()
    leap, generative = report.subspace_leap, report.generative_exponent
    return {
        "target": {
            "effective_dimension": target.effective_dimension.value,
            "effective_dimension_bounds": decided(target.effective_dimension),
        },
        "mean": known(expansion.mean),
        "variance": known(expansion.variance),
        "second_moment": known(expansion.second_moment),
        "degree_energy": {str(k): known(expansion.energy(k)) for k in range(ENERGY_DEGREES + 1)},
        "degree_energy_shown": f"degrees 0 to {ENERGY_DEGREES} of infinitely many",
        "principal_subspace": [[str(x) for x in row] for row in target.principal_subspace()],
        "expected_hessian": {
            "matrix": [[known(entry) for entry in row] for row in hessian_matrix(report)],
            "coordinates": coordinates(report),
            "rank": hessian.rank.value,
            "rank_bounds": decided(hessian.rank),
            "eigenvalues": None if eigenvalues is None else [float(x.mid()) for x in eigenvalues],
            "eigenvalues_interval": None if eigenvalues is None else [interval(x) for x in eigenvalues],
            "kappa": None if report.kappa is None else sum(report.kappa) / 2,
            "kappa_interval": report.kappa,
            "range": None if report.visible is None else [direction_text(target, v) for v in report.visible],
            "invisible": None
            if report.invisible is None
            else [{"direction": direction_text(target, v), "leap": report.learned_at(v)} for v in report.invisible],
            "evidence": hessian.rank.evidence.value,
        },
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


def known(value: Constant) -> str | None:
    """A constant as text; None where no enclosure is known."""
    return str(value) if value.is_exact or value.ball().is_finite() else None


def decided(value: Decided) -> dict[str, Any]:
    """A number that is known or bounded: `value` is null while undecided; lower <= value <= upper are proved either way."""
    return {
        "value": value.value,
        "evidence": value.evidence.value,
        "reason": value.reason,
        "lower": value.lower,
        "upper": value.upper,
    }


def interval(ball: arb) -> list[float]:
    """[low, high] that holds the ball."""
    return [float(ball.lower()), float(ball.upper())]


def _undefined(condition: str) -> dict[str, Any]:
    reason = f"defined for {condition}, which this target does not have"
    return {"value": None, "evidence": Evidence.EXACT.value, "reason": reason}


def coordinates(report: LinkReport) -> str:
    """Which coordinates the matrix of H is in."""
    return "latent variables" if _latent_frame(report) is not None else "orthonormal basis of the span of the directions"


def hessian_matrix(report: LinkReport) -> list[list[Constant]]:
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
    target, expansion, h = report.target, report.target.expansion, report.hessian
    eigenvalues = h.eigenvalues()
    spanned = span_text(target, expansion.linear_span)
    generative = report.generative_exponent
    out = [
        ["directions", f"{target.latent_dimension} written, {_text(target.effective_dimension)} effective, in span({spanned})"],
        ["mean, variance", f"{approximately(expansion.mean)}, {approximately(expansion.variance)}"],
        [
            "energy by degree",
            ", ".join(f"{k}: {approximately(expansion.energy(k))}" for k in range(ENERGY_DEGREES + 1)) + ", ...",
        ],
        ["E[∇²g]", "; ".join(", ".join(approximately(x) for x in row) for row in hessian_matrix(report))],
        ["rank H", f"{_text(h.rank)}; {_seen(report)}"],
        ["eigenvalues of H", "not found" if eigenvalues is None else ", ".join(x.str(8) for x in eigenvalues)],
        ["κ (E f² = 1)", _kappa(report)],
        ["information exponent", _text(report.information_exponent)],
        ["subspace leap", _leap(report)],
        [
            "coordinate leap",
            _text(report.coordinate_leap) if report.coordinate_leap else "defined for the axes as directions only",
        ],
        ["generative exponent", _text(generative.value) if generative else "defined for one direction only"],
    ]
    if generative is not None:
        out += [["", reason] for reason in generative.vanishing]
    return [*out, ["labels", str(target.noise)]]


def _text(value: Decided) -> str:
    if value.value is not None:
        return f"{value.value} ({value.evidence.value})"
    bound = "" if value.upper is None else f", at most {value.upper}"
    return f"undecided, at least {value.lower}{bound}: {value.reason}"


def _kappa(report: LinkReport) -> str:
    if report.hessian.kappa is not None:
        return report.hessian.kappa.str(8)
    fails = report.hessian.nondegenerate is Verdict.FAILS
    return f"undefined (Assumption 2 {'fails' if fails else 'is undecided'})"


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


def approximately(value: Constant) -> str:
    """A constant as text: its exact form and decimal value where it is closed, else the digits that are certain."""
    text = known(value)
    if text is None:
        return "undecided (no enclosure)"
    if not value.is_exact or (value.form.number is not None and value.form.number.is_rational):
        return text
    return f"{text} ≈ {float(value):.6g}"

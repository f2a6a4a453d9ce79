"""What `steinlab check` says about a polynomial target, as JSON and as rows of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from steinlab.checks.assumptions.polynomial_report import PolynomialReport, direction_text
from steinlab.theory.exact.linear_algebra import Vector
from steinlab.theory.exact.numbers import Number
from steinlab.theory.targets.polynomial_hessian import MAX_KAPPA
from steinlab.theory.verdicts import Evidence


def facts(report: PolynomialReport) -> dict[str, Any]:
    """The fields of the JSON object that depend on the kind of target; `target` holds fields of the target itself."""
    target, expansion, hessian = report.target, report.target.expansion, report.hessian
    return {
        "target": {
            "effective_dimension": target.effective_dimension,
            "effective_dimension_bounds": [target.effective_dimension] * 2,
            "degree_bounds": [target.degree] * 2,
        },
        "mean": str(expansion.mean),
        "variance": str(expansion.variance),
        "second_moment": str(expansion.second_moment),
        "degree_energy": {str(k): str(energy) for k, energy in expansion.degree_energies.items()},
        "principal_subspace": [[str(x) for x in row] for row in target.principal_subspace()],
        "expected_hessian": {
            "matrix": [[str(x) for x in row] for row in hessian.matrix],
            "rank": hessian.rank,
            "rank_bounds": [hessian.rank] * 2,
            "eigenvalues": [None if root.exact and not float(root) else float(root) for root in hessian.eigenvalues],
            "eigenvalues_exact": [None if root.exact is None else str(root.exact) for root in hessian.eigenvalues],
            "kappa": report.kappa,
            "kappa_exact": None if report.kappa is None or hessian.kappa_exact is None else str(hessian.kappa_exact),
            "kappa_reason": _no_kappa(report),
            "range": [direction_text(report, v) for v in hessian.range],
            "invisible": [{"direction": direction_text(report, v), "leap": report.learned_at(v)} for v in hessian.invisible],
            "evidence": Evidence.EXACT.value,
        },
        "information_exponent": {"value": report.information_exponent, "evidence": Evidence.EXACT.value},
        "subspace_leap": {
            "value": report.subspace_leap.value.value,
            "evidence": Evidence.EXACT.value,
            "steps": [
                {"degree": step.degree, "gained": step.gained, "directions": [direction_text(report, v) for v in step.basis]}
                for step in report.subspace_leap.steps
            ],
        },
        "coordinate_leap": _value(report.coordinate_leap, "defined for orthonormal directions"),
        "generative_exponent": _value(report.generative_exponent, "defined for one direction"),
    }


def _value(value: int | None, condition: str) -> dict[str, Any]:
    out: dict[str, Any] = {"value": value, "evidence": Evidence.EXACT.value}
    return out if value is not None else {**out, "reason": f"{condition}, which this target does not have"}


def rows(report: PolynomialReport) -> list[list[str]]:
    """The facts as (name, value) rows."""
    target, expansion, h = report.target, report.target.expansion, report.hessian

    def span(vectors: Sequence[Vector]) -> str:
        return ", ".join(direction_text(report, v) for v in vectors)

    effective = f"span({span(expansion.effective_subspace)})"
    steps = "; ".join(f"degree {step.degree} finds {span(step.basis)}" for step in report.subspace_leap.steps)
    return [
        ["degree p", str(target.degree)],
        ["directions", f"{target.latent_dimension} written, {target.effective_dimension} effective: {effective}"],
        ["mean, variance", f"{short(expansion.mean)}, {short(expansion.variance)}"],
        ["energy by degree", ", ".join(f"{k}: {short(energy)}" for k, energy in expansion.degree_energies.items())],
        ["rank H", f"{h.rank} of {target.effective_dimension}; H sees {span(h.range) or 'nothing'}"],
        ["eigenvalues of H", ", ".join(str(root) for root in h.eigenvalues)],
        ["κ (E f² = 1)", _kappa(report)],
        ["information exponent", str(report.information_exponent)],
        ["subspace leap", f"{report.subspace_leap.value.value} ({steps})"],
        ["coordinate leap", _or_condition(report.coordinate_leap, "orthonormal directions")],
        ["generative exponent", _or_condition(report.generative_exponent, "one direction")],
        ["labels", str(target.noise)],
    ]


def _kappa(report: PolynomialReport) -> str:
    exact = None if report.kappa is None else report.hessian.kappa_exact
    return _no_kappa(report) or (short(exact) if exact is not None else f"{report.kappa:.6g}")


def _no_kappa(report: PolynomialReport) -> str | None:
    """Why there is no κ to show; None where there is."""
    if report.kappa is not None:
        return None
    return f"above {MAX_KAPPA:.0e}" if report.hessian.is_nondegenerate else "undefined (Assumption 2 fails)"


def _or_condition(value: int | None, condition: str) -> str:
    return str(value) if value is not None else f"defined for {condition} only"


def short(x: Number) -> str:
    """An exact number as text, with its decimal value where the exact one is long or irrational."""
    text = str(x)
    if len(text) > 40:
        return f"≈ {float(x):.6g}"
    return text if x.is_rational else f"{text} ≈ {float(x):.6g}"

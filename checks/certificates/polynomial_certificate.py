"""What the certificate of a polynomial target holds: verdicts, with what a small independent program needs to prove them again.

`checks/verify_certificate.py` says what each part means and re-derives it; it shares no code with this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from steinlab.checks.assumptions.report import Report
from steinlab.checks.verify_certificate import Refused, admitted
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, identity, kernel, multiply, orthogonal_complement, transpose
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial, dense_monomials, require_monomials
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion, linear_forms
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.spelling import quoted
from steinlab.theory.targets.target import require_polynomial

SCHEMA = "steinlab/certificate/1"


def polynomial_certificate(report: Report) -> dict[str, Any]:
    """The certificate of a report on a polynomial target, as JSON.

    Everything is stated in x-space, R^d with d the ambient dimension of the directions. Numbers are exact text. Raises InputError
    for targets that the checker does not re-derive: constants that are nested radicals, expansions beyond its bounds.

    >>> from steinlab.checks.assumptions.check import check
    >>> polynomial_certificate(check("He(2,z1) + He(3,z2)"))["expected_hessian"]["rank"]
    1
    """
    target, generative = require_polynomial(report.target), report.generative_exponent
    d = target.ambient_dimension
    _require_plain_radicals(target.polynomial, target.directions)
    directions = target.directions or identity(d)
    written = {
        "link": parse(target.link).canonical,
        "directions": _texts(directions),
        "latent_dimension": target.latent_dimension,
    }
    try:
        admitted(written)
    except Refused as error:
        raise InputError(f"no certificate for {quoted(target.link)}: {error}; check without --certificate") from error
    require_monomials(dense_monomials(d, target.polynomial.degree), "the expansion in x-space")
    link = target.polynomial if target.directions is None else target.polynomial.compose(linear_forms(directions))
    expansion = HermiteExpansion(link)
    return {
        "schema": SCHEMA,
        "target": written,
        "hermite_coefficients": {",".join(map(str, alpha)): str(c) for alpha, c in expansion.symbol.terms().items()},
        "degree_energy": {str(k): str(energy) for k, energy in expansion.degree_energies.items()},
        "mean": str(expansion.mean),
        "variance": str(expansion.variance),
        "degree": expansion.degree,
        "effective_subspace": _effective_subspace(expansion, d),
        "expected_hessian": _hessian(expansion, d),
        "subspace_leap": _leap(expansion, d),
        "information_exponent": report.information_exponent.value,
        "coordinate_leap": None if report.coordinate_leap is None else report.coordinate_leap.value,
        "generative_exponent": None if generative is None else generative.value.value,
        "verdicts": {f.id: f.verdict.value for f in report.assumptions if f.id in ("damian.assumption1", "damian.assumption2")},
    }


def _effective_subspace(expansion: HermiteExpansion, d: int) -> dict[str, Any]:
    rows = sorted_gradient(expansion.symbol, d)
    invariant = kernel(rows, d)
    return {"dimension": d - len(invariant), "invariant": _texts(invariant)}


def _hessian(expansion: HermiteExpansion, d: int) -> dict[str, Any]:
    h = expansion.hessian()
    return {"matrix": _texts(h.matrix), "rank": h.rank.value, "kernel": _texts(kernel(h.matrix, d))}


def _leap(expansion: HermiteExpansion, d: int) -> dict[str, Any]:
    unseen: Matrix = identity(d)
    seen: Matrix = ()
    steps: list[dict[str, Any]] = []
    effective = len(expansion.effective_subspace)
    while d - len(unseen) < effective:
        basis = (*unseen, *seen)
        rotated = expansion.symbol.compose(linear_forms(transpose(basis, d)))
        s = len(unseen)
        degree = min(sum(alpha[:s]) for alpha in rotated.terms() if any(alpha[:s]))
        lowest = Polynomial.from_terms({a: c for a, c in rotated.terms().items() if sum(a[:s]) == degree}, d)
        rows = sorted_gradient(lowest, s)
        combinations = kernel(rows, s)
        gained = s - len(combinations)
        unseen = multiply(combinations, unseen) if combinations else ()
        seen = orthogonal_complement(unseen, identity(d))
        steps.append(
            {
                "degree": degree,
                "gained": gained,
                "unseen": _texts(unseen),
                "seen": _texts(seen),
                "combinations": _texts(combinations),
            }
        )
    return {"value": max(step["degree"] for step in steps), "steps": steps}


def sorted_gradient(p: Polynomial, variables: int) -> Matrix:
    """The coefficients of the gradient in the first variables, one row for each monomial, monomials sorted."""
    columns = [p.derivative(i).terms() for i in range(variables)]
    monomials = sorted(set().union(*columns))
    zero = Number.of(0)
    return tuple(tuple(column.get(alpha, zero) for column in columns) for alpha in monomials)


def _texts(rows: Sequence[Sequence[Number]]) -> list[list[str]]:
    return [[str(x) for x in row] for row in rows]


def _require_plain_radicals(link: Polynomial, directions: Matrix | None) -> None:
    fields = [link.field, *(x.field for row in directions or () for x in row)]
    for field in fields:
        for radical in field.radicals:
            if radical.is_nested:
                raise InputError(f"a certificate covers roots of rational numbers, not {radical}: simplify the constants")

"""The facts of a report, in one table: each with its fields in the JSON, its rows of text and the steps that decided it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from steinlab.checks.assumptions import steps
from steinlab.checks.assumptions.answers import Answers, learned_at
from steinlab.checks.assumptions.words import direction_text, seen_text, span_text, whole
from steinlab.theory.verdicts import Decided, Evidence, Verdict

Row = tuple[str, str]
MOMENTS = ("mean", "variance", "second_moment")
MAX_ROWS = 6
"""Largest matrix that is shown as text."""
UNDECIDED = "undecided (no enclosure is known)"


class Fact(NamedTuple):
    """One fact: its fields in the JSON, in the object `part` if one is named; its rows of text; the steps that decided it.

    `also`: names of its fields by which it may be asked for too. `brief`: its line in the short report.
    """

    name: str
    fields: Callable[[Answers], dict[str, Any]]
    rows: Callable[[Answers], Iterator[Row]]
    steps: Callable[[Answers], Iterator[str]]
    also: tuple[str, ...] = ()
    part: str = ""
    brief: Callable[[Answers], Iterator[Row]] | None = None


def fields(answers: Answers, part: str = "") -> dict[str, Any]:
    """The fields of the JSON object, or of one part of it."""
    return {key: value for fact in FACTS if fact.part == part for key, value in fact.fields(answers).items()}


def rows(answers: Answers) -> list[list[str]]:
    """Every fact as (name, value)."""
    return [[*row] for fact in FACTS for row in fact.rows(answers)]


def brief(answers: Answers) -> list[list[str]]:
    """What governs the predictions, with reasons, as (name, value)."""
    return [[*row] for fact in FACTS if fact.brief is not None for row in fact.brief(answers)]


# -- whole numbers


def decided(value: Decided) -> dict[str, Any]:
    """A number that is known or bounded: `value` is null while undecided; lower <= value <= upper are proved either way."""
    return {
        "value": value.value,
        "evidence": value.evidence.value,
        "reason": value.reason,
        "lower": value.lower,
        "upper": value.upper,
    }


def undefined(condition: str) -> dict[str, Any]:
    reason = f"defined for {condition}, which this target does not have"
    return {"value": None, "evidence": Evidence.EXACT.value, "reason": reason}


def bounds(value: Decided) -> list[int | None]:
    """[low, high], high None where no bound is known."""
    return [value.lower, value.upper]


def degree_bounds(a: Answers) -> list[int | None] | None:
    """[low, high] for the degree, high None where it is unknown; None where f* is proved to be no polynomial."""
    if a.degree is not None:
        return bounds(a.degree)
    if a.polynomial().verdict is Verdict.FAILS:
        return None
    return [a.information_exponent.lower if a.dimension.lower else 0, None]  # f* may be constant


def _degree(a: Answers) -> Iterator[Row]:
    if a.degree is not None:
        yield "degree p", whole(a.degree)


def _dimension(a: Answers) -> Iterator[Row]:
    spanned = "the span of the directions" if a.subspace is None else f"span({span_text(a, a.subspace)})"
    yield "directions", f"{a.target.latent_dimension} written; f* varies in {spanned}"
    yield "effective dimension", whole(a.dimension)


def _dimension_fields(a: Answers) -> dict[str, Any]:
    return {
        "effective_dimension": a.dimension.value,
        "effective_dimension_bounds": bounds(a.dimension),
        "effective_dimension_reason": a.dimension.reason,
    }


def _dimension_brief(a: Answers) -> Iterator[Row]:
    yield "effective dimension", whole(a.dimension)


# -- integrals


def _integrable(a: Answers) -> dict[str, Any]:
    found = a.square_integrable
    return {"square_integrable": {"verdict": found.verdict.value, "evidence": found.evidence.value, "reason": found.reason}}


def _integrable_rows(a: Answers) -> Iterator[Row]:
    if a.doubt:
        yield "square integrable", f"{a.square_integrable.verdict.value}; no integral is known: {a.doubt}"


def _moments(a: Answers) -> Iterator[Row]:
    if not a.doubt:
        yield "mean, variance", f"{a.moment('mean').words}, {a.moment('variance').words}"


def _energies(a: Answers) -> Iterator[Row]:
    if not a.doubt:
        energies, degrees = a.energies
        yield "energy by degree", ", ".join(f"{k}: {energy.words}" for k, energy in energies.items()) + f" ({degrees})"


def _moment_fields(a: Answers) -> dict[str, Any]:
    return {name: a.moment(name).text for name in MOMENTS}


def _energy_fields(a: Answers) -> dict[str, Any]:
    energies, words = a.energies
    texts = {str(k): energy.text for k, energy in energies.items()}
    return {"degree_energy": texts, "degree_energy_shown": words, "reasons": _reasons(a)}


def _principal(a: Answers) -> dict[str, Any]:
    rows = a.principal_subspace()
    return {"principal_subspace": None if rows is None else [[str(x) for x in row] for row in rows]}


def _reasons(a: Answers) -> dict[str, str]:
    """Why each number that is null is not known."""
    found = {name: a.moment(name) for name in MOMENTS} | {f"degree_energy.{k}": energy for k, energy in a.energies[0].items()}
    return {name: number.reason for name, number in found.items() if number.text is None}


def _nothing(_: Answers) -> Iterator[Any]:
    yield from ()


# -- the expected Hessian


def _hessian(a: Answers) -> dict[str, Any]:
    matrix, eigenvalues, kappa = a.matrix, a.eigenvalues, a.kappa
    found = {
        "matrix": None if matrix is None else [[entry.text for entry in row] for row in matrix],
        "coordinates": a.coordinates,
        "rank": a.rank.value,
        "rank_bounds": bounds(a.rank),
        "rank_reason": a.rank.reason,
        "eigenvalues": None if eigenvalues is None else [x.nearest for x in eigenvalues],
        "eigenvalues_exact": None if eigenvalues is None else [x.exact for x in eigenvalues],
        "eigenvalues_interval": None if eigenvalues is None else [x.interval for x in eigenvalues],
        "kappa": kappa.nearest,
        "kappa_exact": kappa.exact,
        "kappa_interval": kappa.interval,
        "kappa_reason": kappa.reason or None,
        "range": None if a.visible is None else [direction_text(a, v) for v in a.visible],
        "invisible": None
        if a.invisible is None
        else [{"direction": direction_text(a, v), "leap": learned_at(a.subspace_leap, v)} for v in a.invisible],
        "evidence": a.rank.evidence.value,
    }
    return {"expected_hessian": found}


def _hessian_brief(a: Answers) -> Iterator[Row]:
    yield from _rank_row(a)
    yield "κ (E f² = 1)", a.kappa.words


def _hessian_rows(a: Answers) -> Iterator[Row]:
    if not a.doubt:
        yield "E[∇²g]", _matrix(a)
    yield from _rank_row(a)
    yield "eigenvalues of H", UNDECIDED if a.eigenvalues is None else ", ".join(x.words for x in a.eigenvalues)
    yield "κ (E f² = 1)", a.kappa.words


def _matrix(a: Answers) -> str:
    matrix = a.matrix
    if matrix is None:
        return UNDECIDED
    if len(matrix) > MAX_ROWS:
        return f"{len(matrix)} x {len(matrix)}: see --json"
    return "; ".join(", ".join(x.words for x in row) for row in matrix)


def _rank_row(a: Answers) -> Iterator[Row]:
    of = "" if a.dimension.value is None else f" of {a.dimension.value}"
    yield "rank H", f"{whole(a.rank, of)}; {seen_text(a)}"


# -- exponents


def _exponent(a: Answers) -> Iterator[Row]:
    yield "information exponent", whole(a.information_exponent)


def _exponent_brief(a: Answers) -> Iterator[Row]:
    yield "information exponent", because(a.information_exponent)


def because(value: Decided) -> str:
    """A number with its reason."""
    return whole(value) if value.value is None or not value.reason else f"{whole(value)}: {value.reason}"


def _leap(a: Answers) -> Iterator[Row]:
    steps = "; ".join(f"degree {step.degree} finds {span_text(a, step.basis)}" for step in a.subspace_leap.steps)
    yield "subspace leap", whole(a.subspace_leap.value) + (f": {steps}" if steps else "")


def _leap_json(a: Answers) -> dict[str, Any]:
    steps = [
        {"degree": step.degree, "gained": step.gained, "directions": [direction_text(a, v) for v in step.basis]}
        for step in a.subspace_leap.steps
    ]
    return {"subspace_leap": {**decided(a.subspace_leap.value), "steps": steps}}


def _coordinate_leap(a: Answers) -> Iterator[Row]:
    yield "coordinate leap", whole(a.coordinate_leap) if a.coordinate_leap else f"defined for {a.coordinate_condition} only"


def _coordinate_leap_json(a: Answers) -> dict[str, Any]:
    return {"coordinate_leap": decided(a.coordinate_leap) if a.coordinate_leap else undefined(a.coordinate_condition)}


def _generative(a: Answers) -> Iterator[Row]:
    found = a.generative_exponent
    yield "generative exponent", whole(found.value) if found else "defined for one direction only"


def _generative_brief(a: Answers) -> Iterator[Row]:
    if a.generative_exponent is not None:
        yield "generative exponent", because(a.generative_exponent.value)


def _generative_rows(a: Answers) -> Iterator[Row]:
    yield from _generative(a)
    if a.generative_exponent is not None:
        yield from (("", reason) for reason in a.generative_exponent.vanishing)


def _generative_json(a: Answers) -> dict[str, Any]:
    found = a.generative_exponent
    if found is None:
        return {"generative_exponent": undefined("one direction")}
    w = found.witness
    witness = None if w is None else {"k": w.k, "label": w.label, "value": str(w.value)}
    return {"generative_exponent": {**decided(found.value), "witness": witness, "vanishing": list(found.vanishing)}}


def _labels(a: Answers) -> Iterator[Row]:
    yield "labels", str(a.target.noise)


FACTS = (
    Fact("degree", lambda a: {"degree_bounds": degree_bounds(a)}, _degree, steps.degree, ("degree_bounds",), "target"),
    Fact(
        "effective_dimension",
        _dimension_fields,
        _dimension,
        steps.dimension,
        ("effective_dimension_bounds", "effective_dimension_reason", "directions"),
        "target",
        _dimension_brief,
    ),
    Fact("square_integrable", _integrable, _integrable_rows, steps.integrable),
    Fact("mean", _moment_fields, _moments, steps.moments, ("variance", "second_moment")),
    Fact("degree_energy", _energy_fields, _energies, steps.energies, ("degree_energy_shown", "reasons")),
    Fact("principal_subspace", _principal, _nothing, steps.dimension),
    Fact(
        "expected_hessian",
        _hessian,
        _hessian_rows,
        steps.hessian,
        ("matrix", "rank", "eigenvalues", "kappa", "range", "invisible"),
        brief=_hessian_brief,
    ),
    Fact(
        "information_exponent",
        lambda a: {"information_exponent": decided(a.information_exponent)},
        _exponent,
        steps.information_exponent,
        brief=_exponent_brief,
    ),
    Fact("subspace_leap", _leap_json, _leap, steps.subspace_leap, brief=_leap),
    Fact("coordinate_leap", _coordinate_leap_json, _coordinate_leap, steps.coordinate_leap),
    Fact("generative_exponent", _generative_json, _generative_rows, steps.generative_exponent, brief=_generative_brief),
    Fact("noise", lambda _: {}, _labels, steps.labels, part="target"),
)
"""The order of the report, and that of the JSON."""

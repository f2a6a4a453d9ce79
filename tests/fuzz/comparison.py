"""A report held against the oracle: every statement called exact or certified, every proved bound and every printed digit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from consistency import contradictions
from mpmath import mp, mpf

from fuzz.asking import Answer
from fuzz.drawn import Drawn
from fuzz.evaluation import Array, Unclear, number
from fuzz.networks.truth import NetworkTruth
from fuzz.oracle import Truth

PROVED = ("exact", "certified")


@dataclass(frozen=True)
class Disagreement:
    """A statement about a target that the oracle contradicts."""

    drawn: Drawn
    fact: str
    says: str
    true: str

    def __str__(self) -> str:
        return f"{self.drawn}\n    {self.fact}: says {self.says}; true is {self.true}"


Fault = tuple[str, str] | None
"""(what is said, what is true), or None."""


def compare(drawn: Drawn, answer: Answer, truth: Truth | NetworkTruth) -> list[Disagreement]:
    """All disagreements on one target."""
    if answer.state in ("crashed", "hung"):
        return [Disagreement(drawn, answer.state, answer.reason, "a report or a refusal")]
    if answer.state == "refused":
        fault = _refusal(answer.reason, truth)
        return [Disagreement(drawn, "refusal", *fault)] if fault else []
    assert answer.report is not None
    out = []
    for fact, question in _questions(answer.report, truth):
        try:
            fault = question()
        except (Unclear, ArithmeticError):
            continue
        if fault:
            out.append(Disagreement(drawn, fact, *fault))
    return out + [Disagreement(drawn, "consistency", complaint, "one thing") for complaint in contradictions(answer.report)]


def in_another_order(drawn: Drawn, answer: Answer, other: Answer) -> list[Disagreement]:
    """Where two answers differ, the target being asked about after other things."""
    if {answer.state, other.state} != {"report"}:
        kinds = {answer.state, other.state} - {"hung"}
        return [Disagreement(drawn, "order", answer.state, f"{other.state} in another order")] if len(kinds) == 2 else []
    pairs = [(answer.report or {}, other.report or {})]
    if answer.balls and other.balls:
        pairs.append((answer.balls, other.balls))
    return [
        Disagreement(drawn, f"order: {key}", str(a.get(key)), f"{b.get(key)} in another order")
        for a, b in pairs
        for key in {**a, **b}
        if a.get(key) != b.get(key)
    ]


def _refusal(reason: str, truth: Truth | NetworkTruth) -> Fault:
    try:
        if "infinite variance" in reason and truth.integrable is True:
            return reason, "E f² is finite"
        constant = "must not be constant" in reason or "does not depend on x" in reason
        if constant and not truth.constant:
            return reason, "f* is not constant"
    except (Unclear, ArithmeticError):
        return None
    return None


def _questions(r: dict[str, Any], truth: Truth | NetworkTruth) -> Iterator[tuple[str, Callable[[], Fault]]]:
    found = {f["id"]: f for f in r["assumptions"]}

    def verdict(id: str) -> str | None:
        f = found.get(id)
        return f["verdict"] if f is not None and f["evidence"] in PROVED else None

    at_least = (r["target"].get("effective_dimension_bounds") or [r["target"]["effective_dimension"]])[0]
    yield "constant", lambda: ("a report", "f* is constant") if at_least and truth.constant else None
    stated = r["mean"] is not None and r["variance"] is not None
    yield "integrability", lambda: ("mean and variance", "E f² is infinite") if stated and truth.integrable is False else None
    for name in ("mean", "variance", "second_moment"):
        yield name, lambda name=name: None if r.get(name) is None else value_fault(r[name], *getattr(truth, name))
    for k, text in r["degree_energy"].items():
        yield f"energy {k}", lambda k=k, text=text: None if text is None else value_fault(text, *truth.energy(int(k)))
    yield "energies", lambda: _energies(r, truth)
    target, h = r["target"], r["expected_hessian"]
    bounds = target.get("effective_dimension_bounds")
    yield "effective dimension", lambda: _interval(bounds or target["effective_dimension"], truth.dimension)
    yield "rank H", lambda: _interval(h.get("rank_bounds", h["rank"]), truth.rank)
    yield "degree", lambda: _degree(target.get("degree_bounds", target["degree"]), verdict("damian.polynomial"), truth)
    yield "κ", lambda: _kappa(h, truth)
    yield "eigenvalues", lambda: _eigenvalues(h, *truth.hessian)
    if h.get("coordinates") == "latent variables":
        yield "H", lambda: _entries(h["matrix"], truth.frame, *truth.hessian)
    if r.get("principal_subspace"):
        yield "principal subspace", lambda: _span(r["principal_subspace"], truth)
    yield "information exponent", lambda: _interval(r["information_exponent"], truth.information_exponent)
    yield "subspace leap", lambda: _interval(r["subspace_leap"], truth.leap)
    if "defined for" not in r["generative_exponent"].get("reason", ""):
        yield "generative exponent", lambda: _interval(r["generative_exponent"], truth.generative_exponent)
    yield "Assumption 2", lambda: _assumption2(verdict("damian.assumption2"), truth)
    yield "single index", lambda: _single_index(verdict("mousavi.single_index"), truth)
    yield "monotone", lambda: _against(verdict("mousavi.monotone_link"), truth.monotone)
    yield "growth", lambda: _against(verdict("mousavi.polynomial_growth"), truth.growth)
    yield "weak derivative", lambda: _against(verdict("mousavi.weakly_differentiable"), "fails" if truth.jumps else None)


def _against(says: str | None, true: str | None) -> Fault:
    return (says, true) if says in ("holds", "fails") and true is not None and says != true else None


def _assumption2(says: str | None, truth: Truth | NetworkTruth) -> Fault:
    rank, dimension = truth.rank, truth.dimension
    true = "fails" if rank[1] < dimension[0] else "holds" if rank[0] == dimension[1] else None
    return _against(says, true)


def _single_index(says: str | None, truth: Truth | NetworkTruth) -> Fault:
    low, high = truth.dimension
    return _against(says, "fails" if low > 1 else "holds" if high == 1 else None)


def _interval(fact: Any, true: tuple[int, float]) -> Fault:
    """An integer, or an object with `value` and proved bounds, against an interval that holds the truth."""
    if isinstance(fact, dict):
        value, low, high = fact["value"], fact.get("lower"), fact.get("upper")
        if value is not None and fact.get("evidence", "exact") not in PROVED:
            value = None
    elif isinstance(fact, list):
        value, (low, high) = None, fact
    else:
        value, low, high = fact, None, None
    if value is not None and not true[0] <= value <= true[1]:
        return str(value), f"in {list(true)}"
    if low is not None and low > true[1]:
        return f"at least {low}", f"in {list(true)}"
    if high is not None and high < true[0]:
        return f"at most {high}", f"in {list(true)}"
    return None


def _degree(fact: Any, polynomial: str | None, truth: Truth | NetworkTruth) -> Fault:
    low, high = truth.degree
    if polynomial == "fails" and high < 1e9:
        return "not a polynomial", f"a polynomial of degree {low}"
    if polynomial == "holds" and fact is None and high > 1e9:
        return "a polynomial", f"none of degree below {low}"
    return _interval(fact, (low, high))


def _energies(r: dict[str, Any], truth: Truth | NetworkTruth) -> Fault:
    """What is said of the degrees that are not shown."""
    shown = r.get("degree_energy_shown", "")
    low, high = truth.degree
    if "infinitely many" in shown and high < 1e9:
        return shown, f"degree {low}"
    return None


def _kappa(h: dict[str, Any], truth: Truth | NetworkTruth) -> Fault:
    if h["kappa"] is None:
        return None
    value, error = truth.kappa
    low, high = h.get("kappa_interval") or (h["kappa"], h["kappa"])
    slack = error + 1e-9 * value
    return None if low - slack <= value <= high + slack else (f"{low} to {high}", f"{value} ± {error:.1g}")


def _eigenvalues(h: dict[str, Any], matrix: Array, error: float) -> Fault:
    """Those of H, each in its interval; those of directions that the target does not know are zero."""
    intervals = h.get("eigenvalues_interval") or [[x, x] for x in h.get("eigenvalues") or []]
    if not intervals or None in intervals:
        return None
    true = np.linalg.eigvalsh(matrix)
    missing = len(true) - len(intervals)
    intervals = sorted([*intervals, *[[0.0, 0.0]] * missing])
    true = np.sort([*true, *[0.0] * -missing])
    slack = len(matrix) * error + 1e-9 * (1 + abs(true).max(initial=0.0))
    wrong = any(low - slack > x or x > high + slack for (low, high), x in zip(intervals, true, strict=True))
    return (str(intervals), str(true)) if wrong else None


def _entries(texts: Any, frame: Array, matrix: Array, error: float) -> Fault:
    """H = Σ_ij M_ij u_i u_jᵀ, each printed M_ij an interval and u_i the rows of `frame`."""
    if not texts or any(text is None for row in texts for text in row):
        return None
    ends = np.array([[list(map(float, shown(text))) for text in row] for row in texts])
    frame = frame[: len(ends)]  # a last latent variable may have no weight
    middle, radius = ends.mean(axis=2), np.ptp(ends, axis=2) / 2
    said, slack = frame.T @ middle @ frame, abs(frame.T) @ radius @ abs(frame)
    wrong = abs(said - matrix) > slack + error + 1e-12 * (1 + abs(frame.T) @ abs(middle) @ abs(frame))
    return (str(said.tolist()), str(matrix.tolist())) if wrong.any() else None


def _span(rows: Sequence[Sequence[str]], truth: Truth | NetworkTruth) -> Fault:
    """A basis of S*, in x-space."""
    basis, dimension = truth.basis, truth.dimension
    if dimension != (len(basis), len(basis)) or len(rows) != len(basis):
        raise Unclear("an unclear subspace, or a basis of more than S*")
    numbers = np.array([[float(number(text)) for text in row] for row in rows])
    said = numbers @ truth.axes.T[: numbers.shape[1]]  # a last latent variable may have no weight
    off = said - said @ basis.T @ basis
    small = 1e-9 * np.linalg.norm(said, axis=1, keepdims=True)
    return (str(said.tolist()), f"in the span of {basis.tolist()}") if (abs(off) > small).any() else None


def value_fault(text: Any, value: Any, error: Any) -> Fault:
    """A printed value against a true one: an exact form, a decimal whose last digit is right within one unit, or an interval."""
    value, error = mpf(value), mpf(error)
    text = text if isinstance(text, str) else str(text)
    low, high = shown(text)
    if _says_nothing(text):
        return text, f"{mp.nstr(value, 15)}: a decimal without a digit"
    slack = error + abs(value) * mpf(10) ** -12 + mpf(10) ** -14
    if low - slack > value or value > high + slack:
        return text, f"{mp.nstr(value, 15)} ± {mp.nstr(error, 2)}"
    if not text.startswith("[") and high - low > 2 * max(abs(value) + slack, mpf(10) ** -6):
        return text, f"{mp.nstr(value, 15)}: a decimal without a digit that is right"
    return None


def _says_nothing(text: str) -> bool:
    """Whether a text is a decimal such as 0e+11."""
    try:
        return text != "0" and Decimal(text).is_zero()
    except ArithmeticError:
        return False


def shown(text: str) -> tuple[mpf, mpf]:
    """The interval that a printed value stands for."""
    if text.startswith("["):
        parts = text.strip("[]").split("+/-" if "+/-" in text else ",")
        if "+/-" in text:
            middle, radius = (mpf(part.strip() or 0) for part in parts)
            return middle - radius, middle + radius
        low, high = map(mpf, parts)
        return low, high
    try:
        decimal = Decimal(text)
    except ArithmeticError:
        v = number(text)
        return v - abs(v) * mpf(10) ** -40, v + abs(v) * mpf(10) ** -40
    if "." not in text and "e" not in text.lower():
        return mpf(text), mpf(text)
    exponent = decimal.as_tuple().exponent
    unit = mpf(10) ** int(exponent)
    return mpf(text) - unit, mpf(text) + unit

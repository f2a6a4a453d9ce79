"""What one report says twice, held against itself: `contradictions` of the JSON that `steinlab check` prints.

Numbers are read from their text as intervals, by mpmath alone: a decimal is what it says give or take one unit of its last digit,
"[lo, hi]" is what it says, and anything else is exact. Each rule is a function that yields its complaints.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import mpmath

Json = dict[str, Any]
Interval = tuple[mpmath.mpf, mpmath.mpf]
RULES: list[Callable[[Json], Iterator[str]]] = []
_DIGITS = 60
_NAMES = {
    name: getattr(mpmath, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tanh", "erf", "asin", "sign", "cbrt", "root")
}
FACTS = ("information_exponent", "subspace_leap", "coordinate_leap", "generative_exponent")


def contradictions(got: Json, status: int | None = None) -> list[str]:
    """Everything in a report that contradicts something else in it, in words; `status` is the exit status, where it is known."""
    with mpmath.workdps(_DIGITS):
        found = [f"{rule.__name__}: {complaint}" for rule in RULES for complaint in rule(got)]
    if status is not None and (status == 0) != (got["verdict"] == "holds"):
        found.append(f"exit_status: {status} with the verdict {got['verdict']}")
    return found


def rule(check: Callable[[Json], Iterator[str]]) -> Callable[[Json], Iterator[str]]:
    RULES.append(check)
    return check


# -- reading


def interval(text: str) -> Interval:
    """The interval that a text claims."""
    if text.startswith("["):
        low, high = text[1:-1].split(", ")
        return mpmath.mpf(low), mpmath.mpf(high)
    decimal = re.fullmatch(r"-?(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?", text)
    if decimal and (decimal[2] is not None or decimal[3] is not None):
        unit = mpmath.mpf(10) ** (int(decimal[3] or 0) - len(decimal[2] or ""))
        return mpmath.mpf(text) - unit, mpmath.mpf(text) + unit
    exact = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"mpf('\1')", text)
    # whole and broken exponents alike: mpmath's power takes them
    names = {**_NAMES, "pi": mpmath.pi, "mpf": mpmath.mpf}
    value = mpmath.mpf(eval(exact, {"__builtins__": {}}, names))
    # digits that cancelled are not known, however many are left
    slack = mpmath.mpf(0) if text == "0" else mpmath.mpf(10) ** (10 - _DIGITS) * max(abs(value), 1)
    return value - slack, value + slack


def number(text: str | None) -> Interval | None:
    return None if text is None else interval(text)


def overlap(a: Interval, b: Interval) -> bool:
    slack = mpmath.mpf(10) ** (20 - _DIGITS) * max(1, *(abs(x) for x in (*a, *b) if mpmath.isfinite(x)))
    return a[0] <= b[1] + slack and b[0] <= a[1] + slack


def add(*terms: Interval) -> Interval:
    return sum((t[0] for t in terms), mpmath.mpf(0)), sum((t[1] for t in terms), mpmath.mpf(0))


def square(x: Interval) -> Interval:
    ends = (x[0] ** 2, x[1] ** 2)
    return (mpmath.mpf(0) if x[0] <= 0 <= x[1] else min(ends)), max(ends)


def energies(got: Json) -> dict[int, Interval]:
    return {int(k): interval(text) for k, text in got["degree_energy"].items() if text is not None}


def verdict(got: Json, id: str) -> str:
    return next(f["verdict"] for f in got["assumptions"] if f["id"] == id)


def bounds(got: Json, fact: str) -> tuple[float, float]:
    """Proved bounds on one of FACTS, infinite above where none is known."""
    value = got[fact]["value"]
    low, high = (value, value) if value is not None else (got[fact].get("lower", 1), got[fact].get("upper"))
    return low, math.inf if high is None else high


def between(pair: list[int | None]) -> tuple[float, float]:
    low, high = pair
    assert low is not None
    return low, math.inf if high is None else high


def dimension(got: Json) -> tuple[float, float]:
    return between(got["target"]["effective_dimension_bounds"])


def rank(got: Json) -> tuple[float, float]:
    return between(got["expected_hessian"]["rank_bounds"])


def is_undefined(fact: Json) -> bool:
    return fact["value"] is None and fact["evidence"] == "exact"


# -- rules


@rule
def finite(got: Json) -> Iterator[str]:
    """JSON has no NaN and no infinity."""

    def walk(value: object, where: str) -> Iterator[str]:
        if isinstance(value, float) and not math.isfinite(value):
            yield f"{where} is {value}"
        for key, part in (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
        ):
            yield from walk(part, f"{where}.{key}")

    yield from walk(got, "report")


@rule
def evidence(got: Json) -> Iterator[str]:
    """Numerical evidence goes with undecided, and undecided with a reason; of a callable nothing is more than numerical."""
    if got["target"].get("callable"):
        facts = [*got["assumptions"], got["information_exponent"], got["subspace_leap"]]
        yield from (f"{fact} of a callable" for fact in facts if fact["evidence"] != "numerical")
        return
    for f in got["assumptions"]:
        if (f["evidence"] == "numerical") != (f["verdict"] == "undecided"):
            yield f"{f['id']} is {f['verdict']} with evidence {f['evidence']}"
        if not f["reason"]:
            yield f"{f['id']} has no reason"
    for name in FACTS:
        fact = got[name]
        if fact["evidence"] == "numerical" and fact["value"] is not None:
            yield f"{name} is {fact['value']} with numerical evidence"
        if fact["evidence"] == "certified" and fact["value"] is None:
            yield f"{name} is undecided with certified evidence"
        if fact["value"] is None and not fact.get("reason"):
            yield f"{name} is null without a reason"


@rule
def null_numbers_have_reasons(got: Json) -> Iterator[str]:
    reasons = got.get("reasons", {})
    names = {name: got[name] for name in ("mean", "variance") if name in got}
    names |= {f"degree_energy.{k}": text for k, text in got["degree_energy"].items()}
    yield from (f"{name} is null" for name, text in names.items() if text is None and not reasons.get(name))


@rule
def whole_verdict(got: Json) -> Iterator[str]:
    """The verdict is that of the required findings."""
    required = {f["verdict"] for f in got["assumptions"] if f["required"]}
    expected = "fails" if "fails" in required else "undecided" if "undecided" in required else "holds"
    if got["verdict"] != expected:
        yield f"{got['verdict']}, where the required findings say {expected}"


@rule
def bounds_hold_the_value(got: Json) -> Iterator[str]:
    for part, name in ((got["target"], "degree"), (got["target"], "effective_dimension"), (got["expected_hessian"], "rank")):
        value, pair = part[name], part[f"{name}_bounds"]
        if value is not None and list(pair or ()) != [value, value]:
            yield f"{name} is {value}, its bounds are {pair}"
        if value is None and pair is not None and (pair[0] is None or pair[0] == pair[1] or pair[0] > between(pair)[1]):
            yield f"{name} is null, its bounds are {pair}"
    for name in FACTS:
        fact = got[name]
        low, high = fact.get("lower"), fact.get("upper")
        if low is not None and high is not None and (low > high or (low == high) != (fact["value"] is not None)):
            yield f"{name} is {fact['value']}, its bounds are {low} and {high}"
        if fact["value"] is not None and low is not None and not low <= fact["value"] <= (math.inf if high is None else high):
            yield f"{name} is {fact['value']}, its bounds are {low} and {high}"


@rule
def dimensions(got: Json) -> Iterator[str]:
    """rank H <= dim S* <= latent dimension, and f* is not constant."""
    if rank(got)[0] > dimension(got)[1]:
        yield f"rank H >= {rank(got)[0]}, dim S* <= {dimension(got)[1]}"
    if dimension(got)[0] > got["target"]["latent_dimension"]:
        yield f"dim S* >= {dimension(got)[0]} with {got['target']['latent_dimension']} latent variables"
    if dimension(got)[1] < 1:
        yield "f* is constant"
    known, principal = got["target"]["effective_dimension"], got["principal_subspace"]
    if known is not None and principal is not None and len(principal) != known:
        yield f"dim S* = {known}, and {len(principal)} vectors span it"
    seen, unseen = got["expected_hessian"]["range"], got["expected_hessian"]["invisible"]
    if seen is not None and got["expected_hessian"]["rank"] not in (None, len(seen)):
        yield f"rank H = {got['expected_hessian']['rank']}, and {len(seen)} vectors span its range"
    if None not in (seen, unseen, known) and len(seen) + len(unseen) != known:
        yield f"{len(seen)} directions are seen, {len(unseen)} are not, of {known}"


@rule
def assumption1(got: Json) -> Iterator[str]:
    """It holds where dim S* is known, and a first nonzero coefficient of one variable proves that f* depends on it."""
    known = got["target"]["effective_dimension"] is not None
    if (verdict(got, "damian.assumption1") == "holds") != known:
        yield f"{verdict(got, 'damian.assumption1')} with dim S* {'known' if known else 'not known'}"
    if not known and got["target"]["latent_dimension"] == 1 and got["information_exponent"]["value"] is not None:
        yield "undecided beside a known information exponent of one variable"


@rule
def assumption2(got: Json) -> Iterator[str]:
    """It holds exactly where rank H = dim S*, and then steps of degree 2 reach everything."""
    says, (low, high), (least, most) = verdict(got, "damian.assumption2"), rank(got), dimension(got)
    if says == "holds" and not (low <= most and high >= least):
        yield "holds where rank H is not dim S*"
    if says == "fails" and low >= most:
        yield "fails where rank H is dim S*"
    if says == "undecided" and (low == most or high < least):
        yield "undecided where the bounds on rank H and dim S* decide it"
    if says == "holds":
        for name in FACTS:
            if not is_undefined(got[name]) and bounds(got, name)[0] > 2:
                yield f"holds, and {name} is above 2"


@rule
def one_direction(got: Json) -> Iterator[str]:
    says, (least, most) = verdict(got, "mousavi.single_index"), dimension(got)
    expected = "holds" if least == most == 1 else "fails" if least > 1 else "undecided"
    if says != expected:
        yield f"single index {says}, dim S* between {least} and {most}"
    if is_undefined(got["generative_exponent"]) and least <= 1:
        yield "the generative exponent of what may be one direction is called undefined"
    if got["generative_exponent"]["value"] is not None and least > 1:
        yield "a generative exponent of several directions"


@rule
def monotone(got: Json) -> Iterator[str]:
    """A monotone function of one direction that is not constant has E[f* x] != 0 along it."""
    if verdict(got, "mousavi.monotone_link") != "holds":
        return
    if verdict(got, "mousavi.single_index") == "fails":
        yield "holds, and single index fails"
    if bounds(got, "information_exponent")[0] > 1:
        yield "holds, and the information exponent is above 1"
    first = energies(got).get(1)
    if first is not None and first[1] <= 0:
        yield "holds, and no energy is in degree 1"


@rule
def moments(got: Json) -> Iterator[str]:
    """Energies are nonnegative and add up to no more than E f*² = (E f*)² + Var f*; the one of degree 0 is (E f*)²."""
    mean, variance, second = (number(got.get(name)) for name in ("mean", "variance", "second_moment"))
    found = energies(got)
    if variance is not None and variance[1] <= 0:
        yield "the variance is not positive"
    for k, energy in found.items():
        if energy[1] < 0:
            yield f"the energy in degree {k} is negative"
    if mean is not None and 0 in found and not overlap(square(mean), found[0]):
        yield "the energy in degree 0 is not the square of the mean"
    if mean is not None and variance is not None and second is not None and not overlap(add(square(mean), variance), second):
        yield "the square of the mean and the variance do not add up to the second moment"
    positive = [energy for k, energy in found.items() if k]
    if variance is not None and not overlap((sum((max(e[0], 0) for e in positive), mpmath.mpf(0)), mpmath.inf), (0, variance[1])):
        yield "the energies exceed the variance"
    degree = got["target"]["degree"]
    all_shown = degree is not None and set(range(1, degree + 1)) <= set(found) | absent(got)
    if variance is not None and all_shown and not overlap(add(*positive), variance):
        yield "the energies of a polynomial do not add up to the variance"


def absent(got: Json) -> set[int]:
    """The degrees that a polynomial's report leaves out, whose energies are zero; none where it says no more."""
    degree = got["target"]["degree"]
    return (
        set()
        if got["degree_energy_shown"] != "all others are zero" or degree is None
        else set(range(degree + 1)) - {int(k) for k in got["degree_energy"]}
    )


@rule
def first_energy(got: Json) -> Iterator[str]:
    """The information exponent is the least k >= 1 with an energy that is not zero."""
    low, high = bounds(got, "information_exponent")
    found = energies(got) | {k: interval("0") for k in absent(got)}
    for k, energy in found.items():
        if 1 <= k < low and energy[0] > 0:
            yield f"at least {low}, and the energy in degree {k} is positive"
        if k == low == high and energy[1] <= 0:
            yield f"{k}, and the energy in degree {k} is zero"
    vanish = 0
    while found.get(vanish + 1, (1, 1)) == (0, 0):
        vanish += 1
    if vanish + 1 in found and found[vanish + 1][0] > 0 and not low == high == vanish + 1:
        yield f"between {low} and {high}, where the energies say {vanish + 1}"


@rule
def degree(got: Json) -> Iterator[str]:
    """The degree is that of the last energy that is not zero, and known exactly of polynomials."""
    p, says, found = got["target"]["degree"], verdict(got, "damian.polynomial"), energies(got)
    found |= {k: interval("0") for k in absent(got)}
    if p is not None and says != "holds":
        yield f"degree {p} of what is {says} to be a polynomial"
    if says == "fails" and got["target"]["degree_bounds"] is not None:
        yield "bounds on the degree of what is no polynomial"
    most = math.inf if got["target"]["degree_bounds"] is None else between(got["target"]["degree_bounds"])[1]
    if any(energy[0] > 0 for k, energy in found.items() if k > most):
        yield f"at most {most}, and a higher energy is positive"
    if p in found and found[p][1] <= 0:
        yield f"{p}, and its energy is zero"
    if p is not None and bounds(got, "information_exponent")[0] > p:
        yield f"{p}, and the information exponent is higher"
    if says == "holds" and verdict(got, "mousavi.polynomial_growth") == "fails":
        yield "a polynomial without polynomial growth"
    if says == "holds" and verdict(got, "mousavi.weakly_differentiable") == "fails":
        yield "a polynomial without a derivative"


@rule
def leaps(got: Json) -> Iterator[str]:
    """Both leaps are at least the information exponent; steps add up to S*, the first one being of its degree."""
    information, leap, coordinate = (bounds(got, name) for name in ("information_exponent", "subspace_leap", "coordinate_leap"))
    if leap[1] < information[0]:
        yield "the subspace leap is below the information exponent"
    if not is_undefined(got["coordinate_leap"]):
        if coordinate[1] < information[0]:
            yield "the coordinate leap is below the information exponent"
        if coordinate[0] > leap[1]:
            yield "the coordinate leap is above the subspace leap"
    steps = got["subspace_leap"]["steps"]
    gained = sum(step["gained"] for step in steps)
    if any(step["gained"] != len(step["directions"]) for step in steps):
        yield "a step gains another number of directions than it names"
    if gained > dimension(got)[1]:
        yield "the steps gain more than dim S*"
    if steps and max(step["degree"] for step in steps) > leap[1]:
        yield "a step is above the leap"
    if steps and gained >= dimension(got)[1] and got["subspace_leap"]["value"] != max(step["degree"] for step in steps):
        yield "the steps reach everything, and the leap is not the largest of them"
    if steps and not information[0] <= steps[0]["degree"] <= information[1]:
        yield "the first step is not of the degree of the information exponent"
    if dimension(got) == (1, 1) and got["subspace_leap"]["value"] != got["information_exponent"]["value"]:
        yield "the leap of one direction is not its information exponent"


@rule
def generative(got: Json) -> Iterator[str]:
    if (
        not is_undefined(got["generative_exponent"])
        and bounds(got, "generative_exponent")[0] > bounds(got, "information_exponent")[1]
    ):
        yield "the generative exponent is above the information exponent"


@rule
def hessian(got: Json) -> Iterator[str]:
    """Eigenvalues rise, are nonzero as often as the rank says, and half their squares add up to the energy in degree 2."""
    h = got["expected_hessian"]
    information = bounds(got, "information_exponent")
    if information[0] > 2 and rank(got)[0] > 0:
        yield "rank H > 0, and the information exponent is above 2"
    if information == (2, 2) and rank(got)[1] == 0:
        yield "rank H = 0, and the information exponent is 2"
    values = h["eigenvalues"]
    if values is None:
        return
    known = [x for x in values if x is not None]
    if known != sorted(known):
        yield "the eigenvalues do not rise"
    pairs = h.get("eigenvalues_interval") or [None if x is None else (x, x) for x in values]
    away = sum(pair is not None and (pair[0] > 0 or pair[1] < 0) for pair in pairs)
    if away > rank(got)[1]:
        yield f"{away} eigenvalues are not zero, rank H <= {rank(got)[1]}"
    if len(values) < rank(got)[0]:
        yield f"{len(values)} eigenvalues, rank H >= {rank(got)[0]}"
    for value, pair in zip(values, pairs, strict=True):
        if value is not None and not pair[0] <= value <= pair[1]:
            yield f"the eigenvalue {value} is not in {pair}"
    second = energies(got).get(2) or (interval("0") if 2 in absent(got) or got["target"]["degree"] == 1 else None)
    if second is not None and None not in pairs:
        # floats of exact eigenvalues are rounded
        squares = [square((mpmath.mpf(a) - abs(a) * 1e-15, mpmath.mpf(b) + abs(b) * 1e-15)) for a, b in pairs]
        total = add(*squares) if squares else interval("0")
        if not overlap((total[0] / 2, total[1] / 2), second):
            yield "half the squares of the eigenvalues do not add up to the energy in degree 2"


@rule
def kappa(got: Json) -> Iterator[str]:
    """κ >= 1/√2, given exactly where Assumption 2 holds, or undecided there for a reason."""
    h, says = got["expected_hessian"], verdict(got, "damian.assumption2")
    low_high = h.get("kappa_interval") or (h["kappa"], h["kappa"])
    if low_high[1] is not None and low_high[1] < math.sqrt(0.5) * (1 - 1e-12):
        yield f"κ = {low_high[1]} is below 1/√2"
    if low_high[1] is not None and says != "holds":
        yield f"κ is given, and Assumption 2 {says}"
    if h["kappa"] is not None and not low_high[0] <= h["kappa"] <= low_high[1]:
        yield f"κ = {h['kappa']} is not in {low_high}"
    reason = h.get("kappa_reason") or ""
    if says == "holds" and "Assumption 2" in reason:
        yield f"Assumption 2 holds, and κ is {reason}"
    if low_high[1] is None and not reason:
        yield "κ is null without a reason"


@rule
def predictions(got: Json) -> Iterator[str]:
    """A cost is printed exactly where what it hangs on is decided, and is the power of d that follows."""
    of = {p["method"]: p for p in got["predictions"]}
    k, leap, generative = (got[name]["value"] for name in ("information_exponent", "subspace_leap", "generative_exponent"))
    p, r = got["target"]["degree"], got["target"]["effective_dimension"]
    proved = all(verdict(got, f"mousavi.{id}") == "holds" for id in ("single_index", "monotone_link", "polynomial_growth"))
    expected: dict[str, float | None] = {
        "kernels": p,
        "correlational statistical queries": k / 2 if r == 1 and k is not None else None,
        "statistical queries and low-degree polynomials": None if generative is None else max(1, generative / 2),
        "online SGD, one direction": max(1, k - 1) if r == 1 and k is not None else None,
        "SGD, several directions": max(1, leap - 1) if r is not None and r > 1 and leap is not None else None,
        "SGD with weight decay, ReLU": 1 if proved else None,
        "layerwise projected SGD": leap - 1 if verdict(got, "abbe.nested_products") == "holds" else None,
        "linear methods": p,
        "correlational queries over τ²": None if leap is None else leap / 2,
    }
    for method, exponent in expected.items():
        row = of[method]
        if row["applies"] != (exponent is not None) or row["exponent_d"] != exponent:
            yield f"{method}: d^{row['exponent_d']}, expected {exponent}"
    ready = p is not None and all(verdict(got, f"damian.assumption{i}") == "holds" for i in (1, 2))
    for method, row in of.items():
        if (row["value"] is None) == row["applies"]:
            yield f"{method}: {row['value']} where it does {'' if row['applies'] else 'not '}apply"
        if "κ" in row["rate"] and row["applies"] and not ready:
            yield f"{method}: a cost without its assumptions"


@rule
def advice(got: Json) -> Iterator[str]:
    if got["advice"] and verdict(got, "damian.assumption2") == "holds":
        yield "advice on Assumption 2, which holds"

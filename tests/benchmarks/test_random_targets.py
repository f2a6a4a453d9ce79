"""The study of random targets on a handful, and planted faults that its comparison must flag."""

import importlib.util
import json
import re
import sys
from dataclasses import asdict, replace
from math import erf, exp, pi, sqrt
from pathlib import Path

import pytest
from mpmath import mp, mpf

HERE = Path(__file__).parent


def load(name):
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


high_precision = load("high_precision")
drawn_targets = load("drawn_targets")
random_targets = load("random_targets")
Drawn, Truth = drawn_targets.Drawn, high_precision.Truth


@pytest.mark.parametrize("kind", ["polynomial", "link"])
def test_a_handful_has_no_wrong_answer(kind):
    targets = (drawn_targets.draw(7, kind, index) for index in range(60))
    cheap = [drawn for drawn in targets if kind == "polynomial" or not re.search("z[23]", drawn.text)]
    records = [random_targets.examine(drawn, 30) for drawn in cheap[:6]]
    outcomes = [outcome for record in records for outcome in record.outcomes.values()]
    assert [o for o in outcomes if o != "right"] == []
    assert len(outcomes) > 45
    report = random_targets.report(records)
    assert report.endswith(f"computation: {sum(r.oracle_seconds for r in records):.0f} s")
    assert "\n0 wrong answers" in report
    lines = [json.dumps(asdict(record)) for record in records]
    assert [random_targets._restored(line) for line in lines] == records


EXAMPLES = {
    "polynomial": Drawn("polynomial", 0, "planted", "z1 + He(2,z2)/3 + He(3,z1)*z2", (("1", "1"), ("0", "sqrt(2)"))),
    "one direction": Drawn("polynomial", 1, "planted", "He(4,z1) - 2*He(2,z1)"),
    "link": Drawn("link", 0, "planted", "abs(z1)*z1**2 - exp(-1/2)*He(4,z1)/100"),
    "two variables": Drawn("link", 1, "planted", "relu(z1)*tanh(z2)"),
}


def falsified(name, answer):
    """An answer changed by the least that makes it wrong."""
    if isinstance(answer.value, int):
        return replace(answer, value=answer.value + 1)
    if isinstance(answer.value, str):
        return replace(answer, value={"holds": "fails", "fails": "holds"}[answer.value])
    if isinstance(answer.value, random_targets.Ball):
        return replace(answer, value=moved(answer.value))
    assert isinstance(answer.value, dict)
    last = max(answer.value)
    return replace(answer, value=answer.value | {last: moved(answer.value[last])})


def moved(ball):
    """A ball beside the value: by its radius and a little more than the accuracy of what it is compared with."""
    middle = random_targets._value(ball.middle) + 2 * mpf(ball.radius) + mpf(10) ** -20
    return replace(ball, middle=mp.nstr(middle, mp.dps))


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_falsified_answer_is_flagged(example):
    drawn = EXAMPLES[example]
    answers = random_targets.ask(drawn, 30)
    truth = Truth(drawn.text, drawn.directions, drawn.kind == "polynomial")
    assert set(random_targets.compare(drawn, answers, truth).values()) == {"right"}
    flagged = set()
    for name, answer in answers.items():
        if answer.state == "decided":
            outcome = random_targets.compare(drawn, {name: falsified(name, answer)}, truth)[name]
            assert outcome.startswith("WRONG"), f"{name}: {answer.value} was falsified and passed as {outcome}"
            flagged.add(name)
    expected = set(random_targets.QUANTITIES) - ({"generative exponent"} if example in ("polynomial", "two variables") else set())
    assert flagged == expected


def test_a_false_claim_of_zero_or_of_not_zero_is_flagged():
    drawn = EXAMPLES["link"]
    answers = random_targets.ask(drawn, 30)
    truth = Truth(drawn.text)
    coefficients = answers["coefficients to degree 4"]
    wide = random_targets.Ball("0", "10", "holds")  # the ball holds the value; the claim is what is wrong
    false = replace(coefficients, value=coefficients.value | {"2": wide})
    assert (
        "said to be zero" in random_targets.compare(drawn, {"coefficients to degree 4": false}, truth)["coefficients to degree 4"]
    )


def test_false_bounds_of_an_undecided_answer_are_flagged():
    drawn = EXAMPLES["two variables"]
    truth = Truth(drawn.text)
    for bounds, right in [((1, None), True), ((1, 3), True), ((3, 3), False), ((0, 1), False)]:
        answer = random_targets.Answer("undecided", bounds=bounds)
        outcome = random_targets.compare(drawn, {"rank H": answer}, truth)["rank H"]
        assert (outcome == "right") is right


def test_a_target_refused_as_constant_must_be_constant():
    reason = "the link 0 does not depend on x: use at least one latent variable z1, z2, ..."
    assert random_targets.refusal_fault(Drawn("link", 0, "planted", "relu(z1) - relu(-z1) - z1"), reason) is None
    assert random_targets.refusal_fault(Drawn("link", 0, "planted", "relu(z1) - relu(-z1)"), reason)


def test_a_crash_and_a_timeout_are_counted_not_hidden(monkeypatch):
    def fails(_):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(random_targets, "_constant", fails)
    answers = random_targets.ask(EXAMPLES["link"], 30)
    assert answers["mean"].state == "crashed"
    assert "planted" in answers["mean"].reason

    def spins(_):
        while True:
            pass

    monkeypatch.setattr(random_targets, "_constant", spins)
    answers = random_targets.ask(EXAMPLES["link"], 0.2)
    assert {answer.state for answer in answers.values()} == {"timed out"}


def test_draws_depend_on_the_seed_and_the_number_alone():
    assert drawn_targets.draw(0, "link", 3) == drawn_targets.draw(0, "link", 3)
    assert len({drawn_targets.draw(0, "link", index).text for index in range(40)}) > 20
    assert drawn_targets.draw(1, "polynomial", 3) != drawn_targets.draw(0, "polynomial", 3)


# -- the independent computation against closed forms


def cdf(x):
    return (1 + erf(x / sqrt(2))) / 2


@pytest.mark.parametrize(
    ("text", "alpha", "value"),
    [
        ("relu(z1 - 1/2)", (0,), exp(-1 / 8) / sqrt(2 * pi) - cdf(-0.5) / 2),
        ("relu(z1 - 1/2)", (1,), cdf(-0.5)),
        ("sign(z1 - 1/3)", (3,), -2 * (1 - 1 / 9) * exp(-1 / 18) / sqrt(2 * pi)),
        ("abs(sin(z1))*0 + cos(2*z1)", (2,), -4 * exp(-2)),
        ("tanh(z1 + z2)*0 + z1**2*z2", (2, 1), 2),
    ],
)
def test_expectations_agree_with_closed_forms(text, alpha, value):
    found, error = Truth(text).coefficient(alpha)
    assert abs(found - value) < 1e-14
    assert error < 1e-25


@pytest.mark.parametrize(
    ("text", "alpha", "value"),
    [
        ("exp(z1/2)*relu(z1 - z2)", (0, 0), exp(1 / 8) * (sqrt(2) * exp(-1 / 16) / sqrt(2 * pi) + cdf(0.5 / sqrt(2)) / 2)),
        ("Max(z1, z2)*z3", (1, 0, 1), 0.5),
        ("sign(z1)*sign(z1 + z2)", (0, 0), 0.5),
        ("relu(z1**2 + z2**2 - 1)", (0, 0), 2 * exp(-1 / 2)),
    ],
)
def test_kinks_across_two_variables_agree_with_closed_forms(monkeypatch, text, alpha, value):
    monkeypatch.setitem(high_precision.DENSITIES, 2, (0.35,))  # few points: enough for the digits of the closed form
    found, error = Truth(text).coefficient(alpha)
    assert abs(found - value) < 1e-8
    assert error < 1e-6


def test_an_error_estimate_that_is_too_large_is_unresolved():
    truth = Truth("abs(z1)")
    truth.moments.errors[1,] = mpf(10) ** -5
    with pytest.raises(high_precision.Unresolved, match="known to"):
        _ = truth.hessian_rank


def test_the_leap_and_the_exponents_by_definition():
    assert Truth("z1 + z2 + z1*z2", polynomial=True).subspace_leap == 2
    assert Truth("z1 + z2 + z1**2 - z2**2", polynomial=True).subspace_leap == 1
    assert Truth("z1**2*exp(-z1**2)").generative_exponent == 4
    assert Truth("(z1 + z2)**2", polynomial=True).effective_dimension == 1

"""Budgets: what is cached changes no price, what runs out is undecided, and verdicts follow from target and effort alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.assumptions.check import check
from steinlab.theory import budget
from steinlab.theory.budget import (
    BudgetExceeded,
    Kept,
    PricedProperty,
    Purse,
    at_effort,
    attempt,
    charge,
    fact,
    priced,
    require_within,
)
from steinlab.theory.errors import InputError
from steinlab.theory.language import link_reader as reading
from steinlab.theory.language.parsing import parse
from steinlab.theory.targets.target import Target

LINKS = ["relu(z1)*z2 + z1**3*abs(z1)", "tanh(z1)*z2 + z1"]


def spent(work):
    """The steps that work takes within an attempt of its own; None where they are more than a thousand."""

    def counted():
        work()
        return budget._open.get().spent

    return attempt(counted, lambda _: None, 1000)


def fresh():
    @priced(1000)
    def leaf(k):
        charge(k)
        return k

    @priced(1000)
    def node(k):
        charge(1)
        return leaf(k) + leaf(k + 1) + leaf(k)

    return leaf, node


@given(st.lists(st.integers(0, 9)), st.integers(0, 9))
def test_a_price_does_not_depend_on_what_was_asked_before(before, k):
    leaf, node = fresh()
    for other in before:
        (leaf if other % 2 else node)(other)
    assert spent(lambda: leaf(k)) == k
    assert spent(lambda: node(k)) == 1 + k + (k + 1)  # the second use of a leaf costs nothing
    assert spent(lambda: (node(k), node(k))) == 2 * k + 2
    assert spent(lambda: (node(k), leaf(k))) == 3 * k + 2  # what a price covers inside is not paid for outside


@given(st.lists(st.integers(0, 30)), st.integers(0, 30), st.integers(1, 60))
def test_whether_a_budget_suffices_does_not_either(before, k, limit):
    _, node = fresh()
    for other in before:
        attempt(lambda: node(other), lambda _: None, 20)  # noqa: B023 - called at once
    assert attempt(lambda: node(k), lambda _: -1, limit) == (-1 if 2 * k + 2 > limit else 3 * k + 1)


def test_old_results_are_forgotten_and_bought_again():
    kept = Kept(2)
    for key in (1, 2, 3, 1):
        assert spent(lambda: kept.get(key, lambda: charge(key))) == key  # noqa: B023 - called at once
    kept.clear()
    assert spent(lambda: kept.get(1, lambda: charge(5))) == 5


def test_attempts_inside_attempts_are_charged_unless_they_stand_alone():
    def inner(alone):
        return attempt(lambda: charge(90) or "done", lambda reason: reason, 100, alone=alone)

    assert attempt(lambda: inner(False) + inner(False), lambda _: "too much", 150) == "too much"
    assert attempt(lambda: inner(True) + inner(True), lambda _: "too much", 150) == "donedone"
    # what an inner attempt lost is charged up to its limit, and the outer one goes on
    lost = attempt(lambda: (attempt(lambda: charge(10**9), lambda _: "lost", 100), budget._open.get().spent), lambda _: None, 150)
    assert lost == ("lost", 100)


def test_effort_multiplies_limits_and_is_part_of_every_key():
    kept = Kept()

    def work():
        return kept.get("x", lambda: attempt(lambda: charge(150) or "found", lambda _: "not found", 100))

    assert attempt(work, lambda _: None) == "not found"
    assert attempt(work, lambda _: None, effort=2) == "found"
    assert attempt(work, lambda _: None) == "not found"
    with at_effort(2):
        assert work() == "found"
    assert work() == "not found"


def test_reductions_that_lead_nowhere_end_at_a_depth_that_caches_do_not_change():
    @priced(1000)
    def down(k):
        return 0 if k == 0 else 1 + down(k - 1)

    deepest = budget.MAX_DEPTH - 1
    assert attempt(lambda: down(deepest), str) == deepest
    assert "led through more than" in attempt(lambda: down(deepest + 1), str)
    assert attempt(lambda: down(deepest), str) == deepest


@pytest.mark.parametrize(
    "error", [f("a reason") for f in (InputError, BudgetExceeded, RecursionError, OverflowError, ZeroDivisionError)]
)
def test_what_fails_becomes_undecided_with_its_reason_and_bugs_do_not(error):
    def fail():
        raise error

    assert attempt(fail, lambda reason: f"undecided: {reason}") == "undecided: a reason"
    with pytest.raises(KeyError):
        attempt(lambda: {}["bug"], str)


def test_priced_properties_and_facts():
    class Owner:
        effort = 3
        count = 0

        @PricedProperty
        def part(self):
            """A part."""
            charge(7)
            self.count += 1
            return self.count

        @fact(lambda self, reason: (self.effort, reason))
        def whole(self):
            """The whole."""
            charge(3 * budget.FACT_STEPS + self.part)

    owner = Owner()
    assert [spent(lambda: owner.part) for _ in range(2)] == [7, 7]
    assert owner.count == 1
    assert owner.whole[0] == 3
    assert "--effort 6 allows" in owner.whole[1]
    assert spent(lambda: Owner().whole) == 0
    assert (Owner.part.__doc__, Owner.whole.__doc__) == ("A part.", "The whole.")


def undecided(report):
    return {key for key in report if isinstance(report[key], dict) and report[key].get("value", 0) is None}


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("steps", [1, 300])
def test_the_report_always_arrives(link, steps, monkeypatch):
    """Whatever the budget: what it does not hold is undecided with a reason, and nothing decided changes."""
    full = check(link).to_dict()
    monkeypatch.setattr(budget.attempt, "__defaults__", (steps,))
    for name in ("expansions.link_expansion.COEFFICIENT_STEPS", "integrals.constants.BALL_STEPS"):
        monkeypatch.setattr(f"steinlab.theory.{name}", steps)
    report = check(link)
    short = json.loads(json.dumps(report.to_dict()))
    assert report.to_text(full=True)
    for name in ("information_exponent", "subspace_leap", "coordinate_leap", "generative_exponent"):
        value = short[name]["value"]
        assert value in (None, full[name]["value"])
        assert short[name]["reason"]
    for name in ("mean", "variance"):
        assert short[name] is None or short[name] == full[name] or steps > 1
    for few, all_ in zip(short["assumptions"], full["assumptions"], strict=True):
        assert few["verdict"] in ("undecided", all_["verdict"])


@pytest.mark.parametrize("link", LINKS)
def test_the_order_of_questions_changes_no_answer(link, monkeypatch):
    monkeypatch.setattr(budget.attempt, "__defaults__", (3_000,))
    names = ["rank", "information_exponent", "subspace_leap", "coordinate_leap", "dimension"]
    forward, backward = check(link), check(link)
    first = [getattr(forward.answers, name) for name in names]
    second = [getattr(backward.answers, name) for name in reversed(names)][::-1]
    assert first == second
    assert forward.to_dict() == backward.to_dict() == check(link).to_dict()


def test_more_effort_decides_more_and_is_asked_for_by_number(monkeypatch):
    monkeypatch.setattr(budget.attempt, "__defaults__", (20,))
    link = "tanh(z1)*z2 + relu(z1 + z2)"
    little, much = check(link), check(link, effort=1000)
    assert little.subspace_leap.value.value is None
    assert much.subspace_leap.value.value is not None
    assert check(link).subspace_leap.value.value is None
    with pytest.raises(InputError, match="effort is 0"):
        check(link, effort=0)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=9), st.integers(1, 60), st.lists(st.integers(0, 30)))
def test_a_purse_is_charged_the_work_that_is_done_whatever_was_asked_before(asked, limit, before):
    leaf, _ = fresh()
    for other in before:
        leaf(other)
    purse, answers = Purse(limit), []
    for k in asked:
        with at_effort(1, purse):
            answers.append(attempt(lambda: leaf(k), lambda reason: reason, 1000))  # noqa: B023 - called at once
    spent, known, expected = 0, set(), []
    for k in asked:
        spent += 0 if k in known else k
        known |= {k} if spent <= limit else set()
        expected.append(k if k in known else None)
    assert [answer if isinstance(answer, int) else None for answer in answers] == expected
    assert all(isinstance(answer, int) or "all facts together" in answer for answer in answers)


def test_dear_work_takes_more_of_the_purse_than_of_the_fact():
    with at_effort(1, Purse(100)):
        assert attempt(lambda: charge(1, 100), lambda _: "empty", 1) is None
        assert attempt(lambda: charge(0, 1), lambda _: "empty", 1) == "empty"


@pytest.mark.parametrize("effort", [1, 3])
@pytest.mark.parametrize("alone", [False, True])
def test_a_fact_takes_no_more_than_its_share_of_the_purse(effort, alone):
    """Of 100 steps 40 each: two facts take one step more and end, the third ends where the purse does; attempts within count."""
    purse, done = Purse(100, effort, 0.4), []

    def work():
        while True:
            attempt(lambda: charge(0, 1), lambda reason: reason, alone=alone)
            charge(0, 0)
            done[-1] += 1

    found = []
    for _ in range(3):
        done.append(0)
        with at_effort(effort, purse):
            found.append(attempt(work, str))
    assert done == [40 * effort, 40 * effort, 20 * effort - 2]
    assert [f"more than {40 * effort} steps of work are needed at cost" in words for words in found] == [True, True, False]
    assert f"all facts together take more than {100 * effort} steps" in found[2]


def test_work_that_the_attempt_around_it_does_not_hold_ends_at_once():
    done = []

    def inner():
        for k in range(100):
            charge(1)
            done.append(k)

    assert attempt(lambda: attempt(inner, lambda _: "inner", 1_000), lambda _: "outer", 10) == "outer"
    assert len(done) == 10
    done.clear()
    assert attempt(lambda: attempt(inner, lambda _: "inner", 20), lambda _: "outer", 30) == "inner"
    assert len(done) == 20
    done.clear()
    assert attempt(lambda: attempt(inner, lambda _: "inner", 1_000, alone=True), lambda _: "outer", 10) is None
    assert len(done) == 100


def test_work_is_charged_at_cost_where_that_is_asked_for_and_within():
    def dear():
        charge(1, 10)
        return "done"

    assert attempt(dear, lambda _: "no", 9) == "done"
    assert [attempt(dear, lambda _: "no", steps, at_cost=True) for steps in (9, 10)] == ["no", "done"]
    assert attempt(lambda: attempt(dear, lambda _: "no", 9), lambda _: "outer", 20, at_cost=True) == "no"
    with pytest.raises(InputError, match="too long"):
        require_within(dear, 9, "too long")
    assert require_within(dear, 10, "too long") == "done"


def test_a_report_ends_where_its_purse_is_empty_and_says_so(monkeypatch):
    monkeypatch.setattr(budget, "REPORT_STEPS", 200)
    for link in LINKS:
        report = check(Target.from_expression(link))
        found = report.to_dict()
        assert all(f["verdict"] != "holds" or f["evidence"] != "numerical" for f in found["assumptions"])
        assert "all facts together take more than 200 steps" in json.dumps(found)
        assert report.to_text(full=True)


@pytest.mark.parametrize("first", [lambda report: report.to_text(full=True), lambda report: report.to_dict()])
def test_what_the_purse_pays_for_does_not_depend_on_how_the_report_is_read(monkeypatch, first):
    monkeypatch.setattr(budget, "REPORT_STEPS", 3_000)
    one, other = (check(Target.from_expression(LINKS[0])) for _ in range(2))
    first(one)
    assert one.to_dict() == other.to_dict()
    assert one.to_text(full=True) == other.to_text(full=True)


def test_a_link_whose_normal_form_takes_too_much_work_is_refused_with_what_to_type(monkeypatch):
    monkeypatch.setattr(reading, "READ_STEPS", 50)
    with pytest.raises(InputError, match="takes too much work: write it with fewer factors"):
        reading.read(parse("(1 + tanh(z1))**20*relu(z2)"))

"""`check`: the report on a target, with the engine that answers for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from steinlab.checks.assumptions.answers import Answers
from steinlab.checks.assumptions.polynomial_answers import PolynomialAnswers
from steinlab.checks.assumptions.report import Report
from steinlab.checks.papers import THEOREMS
from steinlab.checks.papers.paper import Theorem, Training
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import CallableTarget, LinkTarget, PolynomialTarget, Target


def check(target: Target | str, theorem: str = "damian.theorem1", *, effort: int = 1, **configuration: Any) -> Report:
    """Check the assumptions of a theorem for a target.

    `target`: a Target, or an expression for one. `theorem`: an id of `papers.THEOREMS`. `effort`: a whole number >= 1 that
    multiplies the budget of work of each fact, which is undecided where that does not suffice. `configuration`, for the theorems
    that ask for a training: activation (default ReLU), loss (Huber), biases (±1), weight_decay and width as `Configuration.of`
    takes them. Raises InputError for anything else.
    Kind: exact for polynomial targets; exact, certified or undecided for general links; numerical or undecided for callables.

    >>> report = check("He(2,z1)/2 + He(4,z1)/sqrt(48)")
    >>> report.verdict.value, report.information_exponent.value, report.hessian.kappa
    ('holds', 2, 1.0)
    >>> check("z1**2*exp(-z1**2)").generative_exponent.value.value
    4
    >>> check("tanh(z1)", "mousavi.subspace_convergence", activation="relu", biases="±1").verdict.value
    'holds'
    """
    if theorem not in THEOREMS:
        raise InputError(f"theorem {theorem!r} is unknown: use one of {', '.join(THEOREMS)}")
    if isinstance(target, str):
        target = Target.from_expression(target)
    if effort < 1:
        raise InputError(f"the effort is {effort}: expected a whole number >= 1")
    given = {name: value for name, value in configuration.items() if value is not None}
    training = _training(THEOREMS[theorem], given)
    if training is not None and isinstance(target, CallableTarget):
        raise InputError(f"{theorem} bounds the labels by a formula, and {target.link} has none: check an expression")
    answers = _answers(target, effort)
    return Report(answers, theorem, None if training is None else training.configure(target, **given))


def _answers(target: Target, effort: int) -> Answers:
    if isinstance(target, PolynomialTarget):
        return PolynomialAnswers(target, effort)
    if isinstance(target, LinkTarget):
        from steinlab.checks.assumptions.link_answers import LinkAnswers  # general links take longer to import

        return LinkAnswers(target if effort == target.effort else replace(target, effort=effort))
    if isinstance(target, CallableTarget):
        from steinlab.checks.assumptions.callable_answers import CallableAnswers  # NumPy takes longer to import

        return CallableAnswers(target if effort == target.effort else replace(target, effort=effort))
    raise InputError(f"the target is {target!r}: expected a Target or an expression as text")


def _training(theorem: Theorem, given: dict[str, Any]) -> Training | None:
    training = theorem.training
    if training is None:
        if given:
            asking = " and ".join(t.id for t in THEOREMS.values() if t.training is not None)
            raise InputError(f"{next(iter(given))} is asked for by {asking} only, not by {theorem.id}")
        return None
    for name in given:
        if name not in training.keywords:
            raise InputError(f"the configuration has no {name!r}: it has {', '.join(training.keywords)}")
    return training

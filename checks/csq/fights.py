"""The learner that a network's gradient is, against the adversary of Lemma 2, beside a class on which it must win."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from steinlab.checks.csq.problem import Problem
from steinlab.numerics.constructions.csq_adversary import Defeat, RidgeClass, gradient_learner
from steinlab.theory.statements.csq import class_correlation, queries_needed
from steinlab.theory.statements.line_sets import NearOrthogonalSet
from steinlab.theory.statements.near_orthogonal import root_up


@dataclass(frozen=True)
class Fight:
    """How the learner fared on a class, and what Lemma 2 promised beforehand."""

    text: str
    outcome: Defeat
    promise: str


def fights(problem: Problem, frame: NearOrthogonalSet, tolerance: Fraction, neurons: int, seed: int) -> Iterator[Fight]:
    """The learner on the class along the vectors of `frame`, and on He_2, where H is not zero; each as it ends."""
    assert problem.coefficients is not None, "the adversary runs on Hermite coefficients"
    vectors = frame.vectors()
    rivals = {problem.text: (problem.coefficients, problem.energies), "control: He_2(v·x)/sqrt(2)": ({2: 1.0}, {2: Fraction(1)})}
    for text, (coefficients, energies) in rivals.items():
        outcome = gradient_learner(RidgeClass(vectors, coefficients), tolerance=float(tolerance), neurons=neurons, seed=seed)
        yield Fight(text, outcome, _promise(frame, energies, tolerance))


def _promise(frame: NearOrthogonalSet, energies: Mapping[int, Fraction], tolerance: Fraction) -> str:
    correlation = class_correlation(energies, root_up(frame.coherence_squared))
    if tolerance**2 <= correlation:
        return f"silent: τ² = {float(tolerance**2):.3g} <= ε = {float(correlation):.3g}"
    return f"{float(queries_needed(frame.size, tolerance**2, correlation)):.6g} queries needed"

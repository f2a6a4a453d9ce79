"""Upper bounds on the tolerance of a correlational learner: over all vectors, and over a set that was built."""

from __future__ import annotations

from fractions import Fraction

from steinlab.checks.csq.problem import Problem
from steinlab.theory.statements.csq import (
    ToleranceBound,
    class_correlation,
    largest_class_bound,
    random_class_bound,
    theorem2_quarter,
    tolerance_from_class,
    tolerance_from_class_sharp,
)
from steinlab.theory.statements.line_sets import NearOrthogonalSet
from steinlab.theory.statements.near_orthogonal import root_up
from steinlab.theory.verdicts import Evidence


def tolerance_bounds(problem: Problem, d: int, queries: int) -> list[ToleranceBound]:
    """What Lemma 2 gives from the largest class that must exist in dimension d, and for one direction Theorem 2's constants."""
    bounds = [largest_class_bound(d, problem.energies, queries, problem.directions)]
    if problem.directions == 1:
        bounds += [random_class_bound(d, problem.exponent, queries), theorem2_quarter(d, problem.exponent, queries)]
    return bounds


def bounds_of_set(problem: Problem, frame: NearOrthogonalSet, queries: int) -> list[ToleranceBound]:
    """What Lemma 2 gives from the functions along the vectors of one set, as printed and with its sharper count."""
    cosine = root_up(frame.coherence_squared)
    correlation = class_correlation(problem.energies, cosine)
    rules = (
        ("Lemma 2 sharpened", tolerance_from_class_sharp, "derived"),
        ("Lemma 2 as printed", tolerance_from_class, "Lemma 2"),
    )
    return [
        ToleranceBound(
            f"{frame.name}, {name}",
            rule(frame.size, min(correlation, Fraction(1)), queries),
            source,
            Evidence.EXACT,
            cosine,
            frame.size,
            correlation,
        )
        for name, rule, source in rules
    ]

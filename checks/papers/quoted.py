"""Results of other papers that reports set beside the methods: predictions alone, no theorem is checked."""

from __future__ import annotations

from steinlab.checks.papers.paper import Paper, Prediction
from steinlab.theory.statements import predictions

PAPER = Paper(
    "quoted in comparison",
    predictions=(
        Prediction(
            "statistical queries and low-degree polynomials",
            "d^max(1, k*/2)",
            "lower",
            "one direction; k* the generative exponent; attained",
            "Damian, Pillaud-Vivien, Lee, Bruna 2024",
            predictions.statistical_queries,
        ),
        Prediction(
            "online SGD, one direction",
            "d^max(1, k-1), d log d at k = 2",
            "tight",
            "one direction, spherical one-pass SGD; k the information exponent",
            "Ben Arous, Gheissari, Jagannath 2021",
            predictions.online_sgd,
        ),
    ),
)

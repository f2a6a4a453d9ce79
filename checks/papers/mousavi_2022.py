"""Mousavi-Hosseini, Park, Girotti, Mitliagkas, Erdogdu 2022, "Neural Networks Efficiently Learn Low-Dimensional
Representations with SGD"."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from steinlab.checks.assumptions.words import count
from steinlab.checks.papers.paper import Assumption, Case, Paper, Prediction, Theorem, Training
from steinlab.theory.statements import predictions
from steinlab.theory.verdicts import Evidence, Finding, Verdict

if TYPE_CHECKING:
    from steinlab.checks.assumptions.training import Configuration

CITATION = "Mousavi-Hosseini et al. 2022"


def _single_index(case: Case) -> Finding:
    id, dimension = "mousavi.single_index", case.answers.dimension
    if dimension.value is None and dimension.lower <= 1:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, dimension.reason)
    known = dimension.lower if dimension.value is None else dimension.value
    evidence = Evidence.CERTIFIED if dimension.value is None else dimension.evidence
    return Finding(id, Verdict.HOLDS if known == 1 else Verdict.FAILS, evidence, f"f* depends on {count(known, 'direction')}")


def _hypothesis(id: str) -> Callable[[Case], Finding | None]:
    """The hypothesis on the training with this id, None where it is not asked for."""
    return lambda case: case.trained.hypotheses.get(id)


def _configure(*args: Any, **parts: Any) -> Configuration:
    from steinlab.checks.assumptions.training import Configuration  # the constants of activations take longer to import

    return Configuration.of(*args, **{"biases": "±1"} | parts)


SINGLE_INDEX = Assumption(
    "mousavi.single_index", "f* depends on one direction", CITATION, _single_index, ("effective_dimension",)
)
MONOTONE_LINK = Assumption(
    "mousavi.monotone_link",
    "the link is monotone in its one direction",
    CITATION,
    lambda case: case.answers.monotone_link(),
    ("effective_dimension",),
)
POLYNOMIAL_GROWTH = Assumption(
    "mousavi.polynomial_growth",
    "the link grows at most polynomially",
    CITATION,
    lambda case: case.answers.polynomial_growth(),
)
WEAKLY_DIFFERENTIABLE = Assumption(
    "mousavi.weakly_differentiable",
    "the link has a weak derivative",
    CITATION,
    lambda case: case.answers.weakly_differentiable(),
)
MONOTONE = (SINGLE_INDEX, MONOTONE_LINK, POLYNOMIAL_GROWTH)
"""The assumptions on the target under which ReLU networks learn it from O(d) samples."""

RELU_STUDENT = Assumption(
    "mousavi.relu_student",
    "the student is ReLU",
    f"{CITATION}, monotone single-index targets",
    lambda case: case.trained.relu_student,
)
SUBSPACE_CONVERGENCE = (
    Assumption(
        "mousavi.few_directions",
        "y depends on x through k directions",
        CITATION,
        lambda case: case.trained.few_directions,
        ("effective_dimension",),
    ),
    Assumption(
        "mousavi.activation",
        "the activation is ReLU, or smooth with bounded σ' and σ''",
        CITATION,
        _hypothesis("mousavi.activation"),
    ),
    Assumption(
        "mousavi.loss",
        "the loss is convex, and Lipschitz or squared with a bounded activation",
        CITATION,
        _hypothesis("mousavi.loss"),
    ),
    Assumption(
        "mousavi.biases",
        "the biases of a ReLU student stay away from its kink",
        CITATION,
        _hypothesis("mousavi.biases"),
    ),
    Assumption(
        "mousavi.weight_decay",
        "λ > γ_0/m, asked for once a λ is chosen",
        CITATION,
        _hypothesis("mousavi.weight_decay"),
    ),
)
LIPSCHITZ_LOSS = Assumption(
    "mousavi.lipschitz_loss",
    "the loss is Lipschitz in the prediction",
    f"{CITATION}, section 4",
    lambda case: case.trained.lipschitz_loss,
)
BOUNDED_LOSS = Assumption(
    "mousavi.bounded_loss",
    "the loss is bounded on the predictions and labels that occur; needed with high probability, not in expectation",
    f"{CITATION}, section 4",
    lambda case: case.trained.bounded_loss,
)

TRAINING = Training(
    (
        "an activation (relu unless given)",
        "a loss (huber)",
        "biases (±1)",
        "a weight decay λ = (γ_0 + γ)/m",
        "step sizes that decay as η_t = m (2(t + t*) + 1)/(γ (t + t* + 1)²)",
    ),
    ("activation", "loss", "biases", "weight_decay", "width"),
    _configure,
    recommends=True,
)

PAPER = Paper(
    CITATION,
    theorems=(
        Theorem(
            "mousavi.single_index",
            "SGD with weight decay on a ReLU network learns a monotone target of one direction from O(d) samples",
            f"{CITATION}, monotone single-index targets",
            (*MONOTONE, RELU_STUDENT, *SUBSPACE_CONVERGENCE),
            TRAINING,
        ),
        Theorem(
            "mousavi.subspace_convergence",
            "under SGD with weight decay the part of W outside the principal subspace vanishes",
            f"{CITATION}, sections 2 and 3 (constants derived)",
            SUBSPACE_CONVERGENCE,
            TRAINING,
        ),
        Theorem(
            "mousavi.generalisation",
            "the generalisation gap after T steps is O(sqrt(kd/T))",
            f"{CITATION}, section 4 (the argument derived)",
            (*SUBSPACE_CONVERGENCE, LIPSCHITZ_LOSS),
            TRAINING,
            beside=(BOUNDED_LOSS,),
        ),
    ),
    predictions=(
        Prediction(
            "SGD with weight decay, ReLU",
            "d",
            "upper",
            "a monotone function of one direction with polynomial growth",
            f"{CITATION}, monotone single-index targets",
            predictions.monotone_sgd,
            MONOTONE,
        ),
    ),
    assumptions=(SINGLE_INDEX, MONOTONE_LINK, POLYNOMIAL_GROWTH, WEAKLY_DIFFERENTIABLE),
)

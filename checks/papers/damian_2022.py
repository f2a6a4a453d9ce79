"""Damian, Lee, Soltanolkotabi 2022, "Neural Networks can Learn Representations with Gradient Descent"."""

from __future__ import annotations

from steinlab.checks.assumptions.words import count, invisible_text, span_text
from steinlab.checks.papers.paper import Assumption, Case, Paper, Prediction, Theorem
from steinlab.theory.statements import predictions
from steinlab.theory.verdicts import Evidence, Finding, Verdict

CITATION = "Damian, Lee, Soltanolkotabi 2022"


def _assumption1(case: Case) -> Finding:
    a, id = case.answers, "damian.assumption1"
    written, dimension = a.target.latent_dimension, a.dimension
    if dimension.value is None:  # it holds with some r, which is not known
        at_most = written if dimension.upper is None else dimension.upper
        reason = f"f* depends on at least {dimension.lower} and at most {count(at_most, 'direction')}: {dimension.reason}"
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, reason)
    degree = None if a.degree is None else a.degree.value
    what = "a function" if degree is None else f"a polynomial of degree {degree}"
    reason = f"f* is {what} of {count(dimension.value, 'linearly independent direction')}"
    if dimension.value < written:
        spanned = "fewer" if a.subspace is None else span_text(a, a.subspace)
        reason += f"; {written} latent variables are written, {written - dimension.value} of them redundant: it depends on "
        reason += f"{spanned} only"
    return Finding(id, Verdict.HOLDS, dimension.evidence, reason)


def _assumption2(case: Case) -> Finding:
    a, id = case.answers, "damian.assumption2"
    rank, dimension = a.rank, a.dimension
    exact = rank.evidence is dimension.evidence is Evidence.EXACT
    if a.nondegenerate is Verdict.HOLDS:
        why = "" if rank.evidence is Evidence.EXACT else f": {rank.reason}"
        return Finding(id, Verdict.HOLDS, rank.evidence, f"rank H = {rank.value} = dim S*{why}")
    if a.nondegenerate is Verdict.FAILS:
        known = rank.value is not None and dimension.value is not None
        reason = f"rank H = {rank.value} < {dimension.value} = dim S*"
        reason = reason if known else f"rank H <= {rank.upper} < {dimension.lower} <= dim S*"
        if a.invisible:
            reason += f": H does not see {'; '.join(invisible_text(a, v) for v in a.invisible)}"
        return Finding(id, Verdict.FAILS, Evidence.EXACT if exact else Evidence.CERTIFIED, reason)
    return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"{rank.reason}; dim S*: {dimension.reason}")


POLYNOMIAL = Assumption(
    "damian.polynomial",
    "f* is a polynomial",
    f"{CITATION}, section 1",
    lambda case: case.answers.polynomial(),
    ("degree",),
)
ASSUMPTION_1 = Assumption(
    "damian.assumption1",
    "f*(x) = g(<x, u_1>, ..., <x, u_r>) with linearly independent u_i",
    f"{CITATION}, Assumption 1",
    _assumption1,
    ("effective_dimension",),
)
ASSUMPTION_2 = Assumption(
    "damian.assumption2",
    "H = E[∇²f*(x)] has rank r = dim S*",
    f"{CITATION}, Assumption 2",
    _assumption2,
    ("expected_hessian", "effective_dimension", "subspace_leap"),
)
ASSUMPTIONS = (POLYNOMIAL, ASSUMPTION_1, ASSUMPTION_2)

_ONE_STEP_NEEDS = "a polynomial target, Assumptions 1 and 2"

PAPER = Paper(
    CITATION,
    theorems=(
        Theorem(
            "damian.theorem1",
            "one gradient step, then a head by ridge regression, learns f* from n ~ d² r κ² + d r^p κ^(2p) samples",
            f"{CITATION}, Theorem 1",
            ASSUMPTIONS,
        ),
        Theorem(
            "damian.theorem3",
            "features pretrained on a source target of the same subspace transfer; the assumptions are those on the source",
            f"{CITATION}, Theorem 3",
            ASSUMPTIONS,
        ),
    ),
    predictions=(
        Prediction(
            "one-step",
            "d^2 r κ^2 + d r^p κ^(2p)",
            "upper",
            _ONE_STEP_NEEDS,
            f"{CITATION}, Theorem 1",
            predictions.one_step,
        ),
        Prediction(
            "one-step, fresh data for the head",
            "d^2 r κ^2 + r^p κ^(2p)",
            "upper",
            _ONE_STEP_NEEDS,
            f"{CITATION}, Theorem 1 (remark)",
            predictions.one_step_fresh_head,
        ),
        Prediction(
            "transfer, target samples",
            "r^p κ^(2p)",
            "upper",
            "a polynomial target, Assumption 2 on the source target",
            f"{CITATION}, Theorem 3",
            predictions.transfer,
        ),
        Prediction(
            "kernels",
            "d^p",
            "lower",
            "a polynomial target; inner-product kernels, among them those of random features and the tangent kernel",
            f"Ghorbani, Mei, Misiakiewicz, Montanari 2021, as quoted by {CITATION}",
            predictions.kernels,
        ),
        Prediction(
            "correlational statistical queries",
            "d^(k/2)",
            "lower",
            "one direction, worst case over it, tolerance τ ≈ n^(-1/2); k the information exponent",
            f"{CITATION}, Theorem 2 (for He_p; general k by the same proof, derived)",
            predictions.correlational_queries,
        ),
    ),
    assumptions=ASSUMPTIONS,
)

"""Abbe, Boix-Adserà, Misiakiewicz 2023, "SGD learning on neural networks: leap complexity and saddle-to-saddle dynamics"."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from steinlab.checks.assumptions.answers import Answers
from steinlab.checks.papers.paper import Assumption, Case, Paper, Prediction, Theorem, Training
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.statements import predictions
from steinlab.theory.statements.hermite_products import Decomposition, NestedProducts, nested_products
from steinlab.theory.targets.target import PolynomialTarget
from steinlab.theory.verdicts import Evidence, Finding, Verdict

if TYPE_CHECKING:
    from steinlab.checks.assumptions.training import Configuration

CITATION = "Abbe, Boix-Adserà, Misiakiewicz 2023"
SHIFTED_SIGMOID = "sigmoid(u + 1/2)"
"""The activation that is taken unless another is given: almost every shift of the sigmoid satisfies Assumption 7."""

_decomposition = lru_cache(maxsize=16)(nested_products)
"""Asked by several assumptions of one report."""


def _products(case: Case) -> Decomposition | Finding:
    """The decomposition of f*, or a finding, named by who asks, on why there is none to look at."""
    target = case.answers.target
    if isinstance(target, PolynomialTarget):
        expansion: HermiteExpansion = target.expansion
        if expansion.mean:
            reason = f"E f* = {expansion.mean}, and products have mean 0: centre the target"
            return Finding("", Verdict.FAILS, Evidence.EXACT, reason)
        return _decomposition(expansion)
    found = case.answers.polynomial()
    if found.verdict is Verdict.FAILS:
        return found
    return _without_algebra(case.answers) if found.verdict is Verdict.HOLDS else _undecided()


def _undecided() -> Finding:
    reason = "sums of products are looked for in polynomials with algebraic coefficients, or of one direction"
    return Finding("", Verdict.UNDECIDED, Evidence.NUMERICAL, reason)


def _without_algebra(a: Answers) -> Decomposition | Finding:
    """The same for a polynomial with coefficients such as π: of one direction it is a product where one degree has a share."""
    degree, dimension, first = a.degree, a.dimension, a.information_exponent
    if degree is not None and degree.upper is not None and dimension.lower > degree.upper:
        reason = f"it depends on {dimension.lower} directions or more, and a product of degree {degree.upper} on at most as many"
        return Finding("", Verdict.FAILS, Evidence.CERTIFIED, reason)
    (mean,) = a.coefficients(0)
    if mean.zero is Verdict.FAILS:
        return Finding("", Verdict.FAILS, Evidence.CERTIFIED, f"E f* = {mean.value}, and products have mean 0: centre the target")
    if dimension.value != 1 or degree is None or degree.value is None or first.value is None:
        return _undecided()
    if first.value < degree.value:
        reason = f"f* has parts of degrees {first.value} and {degree.value} along one direction, which are not nested"
        return Finding("", Verdict.FAILS, Evidence.CERTIFIED, reason)
    product = NestedProducts(((degree.value,),), (), (), opposite=False)
    return Decomposition(Verdict.HOLDS, "", product) if mean.zero is Verdict.HOLDS else _undecided()


def _of_products(id: str, wrong: Callable[[NestedProducts], str]) -> Callable[[Case], Finding]:
    """HOLDS where f* is a nested sum of products with which nothing is `wrong`."""

    def decide(case: Case) -> Finding:
        found = _products(case)
        if isinstance(found, Finding):
            return Finding(id, found.verdict, found.evidence, found.reason)
        if found.products is None:
            evidence = Evidence.EXACT if found.verdict is Verdict.FAILS else Evidence.NUMERICAL
            return Finding(id, found.verdict, evidence, found.reason)
        reason = wrong(found.products)
        evidence = Evidence.EXACT if found.products.squares else Evidence.CERTIFIED
        if reason:
            return Finding(id, Verdict.FAILS, evidence, f"f* is {_told(found.products)}; {reason}")
        return Finding(id, Verdict.HOLDS, evidence, f"f* is {_told(found.products)}")

    return decide


def _told(p: NestedProducts) -> str:
    """The orders in words, such as He_2 He_1 + (...) He_1 He_1."""
    new = [" ".join(f"He_{order}" for order in orders) for orders in p.orders]
    terms = [new[0], *("(...) " + text for text in new[1:])]
    degrees = ", ".join(map(str, p.degrees))
    return f"{' + '.join(terms)} along orthonormal directions, D = {degrees}"


def _not_nested(p: NestedProducts) -> str:
    small = next((d for d in p.degrees if d < 2), None)
    if small is not None:
        return f"each D_l is at least 2, and one is {small}"
    if not p.equal:
        return f"its coefficients are all 1 up to the scale of the labels, and their squares are {', '.join(map(str, p.squares))}"
    return ""


def _not_one_product(p: NestedProducts) -> str:
    return f"that is {len(p.orders)} products" if len(p.orders) > 1 else _not_nested(p)


def _not_pure(p: NestedProducts) -> str:
    pure = len(p.orders[0]) == 1 or set(p.orders[0]) == {1}
    return _not_one_product(p) or ("" if pure else "neither z1···zD nor He_D(z1)")


def _not_multilinear(p: NestedProducts) -> str:
    return _not_nested(p) or ("" if {k for new in p.orders for k in new} == {1} else "its orders are not all 1")


def _increasing(case: Case) -> Finding:
    """Theorem 19 takes the D_l in rising order; whether equal ones are meant too is not told in the statement that we have."""
    id = "abbe.rising_degrees"
    found = _products(case)
    if isinstance(found, Finding) or found.products is None:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, "f* is not known as a sum of nested products")
    degrees = found.products.degrees
    told = f"D = {', '.join(map(str, degrees))}"
    if list(degrees) != sorted(degrees):
        return Finding(id, Verdict.FAILS, Evidence.EXACT, f"{told} does not rise")
    if len(set(degrees)) < len(degrees):
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"{told}: whether equal degrees are meant is not known to us")
    return Finding(id, Verdict.HOLDS, Evidence.EXACT, f"{told} rises")


def _assumption7(case: Case) -> Finding:
    from steinlab.theory.statements.activations import smooth_with_nonzero_moments

    found = _products(case)
    if isinstance(found, Finding) or found.products is None:
        return Finding("abbe.assumption7", Verdict.UNDECIDED, Evidence.NUMERICAL, f"D is not known: {found.reason}")
    degrees = found.products.degrees
    return smooth_with_nonzero_moments(case.trained.activation, max(degrees), sum(degrees))


def _few_directions(case: Case) -> Finding:
    dimension = case.answers.dimension
    count = dimension.upper if dimension.value is None else dimension.value
    reason = f"f*(x) = h(Mx) with at most {case.answers.target.latent_dimension if count is None else count} orthonormal rows"
    return Finding("abbe.few_directions", Verdict.HOLDS, Evidence.EXACT, reason)


def _polynomial(case: Case) -> Finding:
    found = case.answers.polynomial()
    return Finding("abbe.polynomial", found.verdict, found.evidence, found.reason)


def _configure(*args: Any, **parts: Any) -> Configuration:
    from steinlab.checks.assumptions.training import Configuration  # the constants of activations take longer to import

    return Configuration.of(*args, **{"activation": SHIFTED_SIGMOID} | parts)


NESTED = Assumption(
    "abbe.nested_products",
    "f* is Σ_l Π_{s <= P_l} He_{k_s}(<v_s, x>), v_s orthonormal, each D_l = k_{P_(l-1)+1} + ... + k_{P_l} >= 2, up to the scale "
    "of the labels and the normalisation of He_k",
    f"{CITATION}, Theorem 10",
    _of_products("abbe.nested_products", _not_nested),
    ("effective_dimension", "subspace_leap"),
)
PRODUCT = Assumption(
    "abbe.product",
    "f* is one product Π_s He_{k_s}(<v_s, x>) of degree D >= 2, v_s orthonormal, up to the scale of the labels",
    f"{CITATION}, Theorem 8",
    _of_products("abbe.product", _not_one_product),
    ("effective_dimension", "subspace_leap"),
)
PURE_PRODUCT = Assumption(
    "abbe.pure_product",
    "f* is z1···zD or He_D(z1) along orthonormal directions, D >= 2, up to the scale of the labels",
    f"{CITATION}, Corollary 9",
    _of_products("abbe.pure_product", _not_pure),
    ("effective_dimension", "subspace_leap"),
)
MULTILINEAR = Assumption(
    "abbe.multilinear",
    "f* is a nested sum of products as in Theorem 10, all k_s = 1",
    f"{CITATION}, Corollary 11 (24)",
    _of_products("abbe.multilinear", _not_multilinear),
    ("effective_dimension", "subspace_leap"),
)
RISING = Assumption("abbe.rising_degrees", "D_1 < D_2 < ...", f"{CITATION}, Theorem 19", _increasing, ("subspace_leap",))
ASSUMPTION_7 = Assumption(
    "abbe.assumption7",
    "σ is D + 3 times differentiable, |σ^(k)| is bounded for k <= D + 3, and E[σ^(k)(G)] is not zero for k <= D",
    f"{CITATION}, Assumption 7",
    _assumption7,
)
FEW_DIRECTIONS = Assumption(
    "abbe.few_directions",
    "f*(x) = h(Mx), M of P orthonormal rows, x Gaussian",
    f"{CITATION}, section 1",
    _few_directions,
    ("effective_dimension",),
)
POLYNOMIAL = Assumption(
    "abbe.polynomial", "h is a polynomial of degree D", f"{CITATION}, Proposition 28", _polynomial, ("degree",)
)

TRAINING = Training((f"an activation ({SHIFTED_SIGMOID} unless given)",), ("activation",), _configure)

PAPER = Paper(
    CITATION,
    theorems=(
        Theorem(
            "abbe.conjecture2",
            "conjecture: online SGD reaches risk ε after Ω~(d^max(isoLeap-1, 1)) poly(1/ε) steps and not before; isoLeap is the "
            "largest leap over orthonormal bases, on every example known to us the subspace leap (equality is open to us)",
            f"{CITATION}, Conjecture 2",
            (FEW_DIRECTIONS,),
        ),
        Theorem(
            "abbe.theorem8",
            "layerwise projected SGD learns one product of Hermite polynomials, its first layer in Θ~(d^(D-1)) steps",
            f"{CITATION}, Theorem 8",
            (PRODUCT, ASSUMPTION_7),
            TRAINING,
        ),
        Theorem(
            "abbe.corollary9",
            "the same for z1···zD and He_D(z1)",
            f"{CITATION}, Corollary 9",
            (PURE_PRODUCT, ASSUMPTION_7),
            TRAINING,
        ),
        Theorem(
            "abbe.theorem10",
            "the same for nested sums of products, in Θ~(d^(D-1)) steps, D the largest of the D_l",
            f"{CITATION}, Theorem 10",
            (NESTED, ASSUMPTION_7),
            TRAINING,
        ),
        Theorem(
            "abbe.corollary11",
            "the same for nested sums of multilinear products, with an activation made for them",
            f"{CITATION}, Corollary 11 (24)",
            (MULTILINEAR,),
        ),
        Theorem(
            "abbe.theorem19",
            "with a step size for each phase, phase l of nested sums of products lasts Θ~(d^(D_l-1)) steps",
            f"{CITATION}, Theorem 19",
            (NESTED, RISING, ASSUMPTION_7),
            TRAINING,
        ),
        Theorem(
            "abbe.proposition28",
            "no linear method with fewer than c d^D samples or features learns f*(Mx) on average over M",
            f"{CITATION}, Propositions 4 and 28",
            (FEW_DIRECTIONS, POLYNOMIAL),
        ),
        Theorem(
            "abbe.proposition31",
            "n correlational queries of tolerance τ with n/τ² below c d^(isoLeap/2) do not find f*(Mx), but for few M",
            f"{CITATION}, Propositions 5 and 31",
            (FEW_DIRECTIONS,),
        ),
    ),
    predictions=(
        Prediction(
            "SGD, several directions",
            "d^max(1, leap-1)",
            "conjecture",
            "several directions; the subspace leap",
            f"{CITATION}, Conjecture 2",
            predictions.sgd_several_directions,
        ),
        Prediction(
            "layerwise projected SGD",
            "d^(D-1)",
            "upper",
            "a nested sum of products of Hermite polynomials, each D_l >= 2; an activation of Assumption 7",
            f"{CITATION}, Theorems 8 and 10",
            predictions.layerwise_sgd,
            (NESTED,),
        ),
        Prediction(
            "linear methods",
            "d^p",
            "lower",
            "a polynomial target; samples or features, on average over rotations",
            f"{CITATION}, Proposition 28",
            predictions.kernels,
        ),
        Prediction(
            "correlational queries over τ²",
            "d^(leap/2)",
            "lower",
            "queries over their squared tolerance, where Theorem 2 of Damian et al. bounds the tolerance of polynomially many; "
            "isoLeap is at least the subspace leap (derived)",
            f"{CITATION}, Proposition 31",
            predictions.queries_over_tolerance,
        ),
    ),
    assumptions=(NESTED,),
)
"""Propositions 27 and 30, on the Boolean cube, are rows of the ledger: targets here are functions of Gaussian inputs."""

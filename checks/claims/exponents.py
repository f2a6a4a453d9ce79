"""The exponents of a target, checked against their definitions by enumeration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import (
    HOLDS,
    AnyClaim,
    Claim,
    Fault,
    Outcome,
    Source,
    equal,
    every,
    failed,
    undecided,
)
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.exact.linear_algebra import Matrix, identity
from steinlab.theory.targets.exponents import coordinate_leap, information_exponent, subspace_leap
from steinlab.theory.targets.target import PolynomialTarget
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Steps = list[tuple[int, int]]

LARGEST_POWER = 6
"""Powers of the link that are tried as a certificate of its generative exponent."""


def _targets() -> SearchStrategy[Ridge]:
    """Targets that depend on x: with any directions, or a few Hermite monomials in orthonormal ones."""
    from steinlab.checks.claims import cases

    return (cases.ridges(3) | cases.hermite_ridges(3)).filter(_depends_on_x)


def _depends_on_x(f: Ridge) -> bool:
    return oracles.degree(f.ambient) >= 1


def _orthonormal_targets() -> SearchStrategy[Ridge]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    return st.builds(Ridge, st.integers(2, 3).flatmap(lambda r: cases.hermite_sums(r, 4)))


def _single_index() -> SearchStrategy[Ridge]:
    """Links of one variable, even ones and sums of Hermite polynomials among them; the direction has any length but 0."""
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    links = cases.polynomials(1, 4) | cases.polynomials(1, 2).map(_even)
    scales = cases.nonzero_rationals().map(lambda c: ((c,),))
    return (st.builds(Ridge, cases.hermite_sums(1, 4)) | st.builds(Ridge, links, scales)).filter(_depends_on_x)


def _even(g: oracles.Poly) -> oracles.Poly:
    return {(2 * n,): c for (n,), c in g.items()}


# -- effective dimension


def _principal_subspace(f: Ridge) -> Matrix:
    return PolynomialTarget("", f.expansion.directions, polynomial=f.expansion.link).principal_subspace()


def _check_subspace(subject: Callable[[Ridge], Matrix], f: Ridge) -> Outcome:
    """As many vectors as the definition's span has dimensions, each of them in it, and independent."""
    expected = oracles.relevant_subspace(f.ambient, f.d)
    actual = [[x.fraction for x in row] for row in subject(f)]
    outcomes = [equal("the number of vectors", len(actual), len(expected))]
    outcomes.append(equal("their rank", len(oracles.orthogonalised(actual)), len(actual)))
    outcomes.append(equal("dimensions outside the span of all C_k", len(oracles.orthogonalised(actual, expected)), 0))
    return every(outcomes)


def _rows_as_written(f: Ridge) -> Matrix:
    return identity(f.r) if f.expansion.directions is None else f.expansion.directions


# -- exponents


def _check_information_exponent(subject: Callable[[Ridge], int | None], f: Ridge) -> Outcome:
    orders = range(1, oracles.degree(f.ambient) + 1)
    actual = subject(f)
    if actual is None:
        return failed("it is undecided")
    return equal("the exponent", actual, min(k for k in orders if oracles.moment_tensors(f.ambient, f.d, k)))


def _leap_steps(f: Ridge) -> Steps:
    return [(step.degree, step.gained) for step in subspace_leap(f.expansion).steps]


def _check_leap(subject: Callable[[Ridge], Steps], f: Ridge) -> Outcome:
    actual, expected = subject(f), oracles.subspace_leap_steps(f.ambient, f.d)
    return HOLDS if actual == expected else failed(f"the steps (degree, gained) are {actual}, expected {expected}")


def _all_at_once(f: Ridge) -> Steps:
    """Every direction credited to the first step."""
    steps = _leap_steps(f)
    return [(steps[0][0], sum(gained for _, gained in steps))]


def _one_degree_at_a_time(f: Ridge) -> Steps:
    """Directions seen in C_k alone, k rising, without contracting later tensors with what has been seen."""
    seen: list[Sequence[Fraction]] = []
    steps = []
    for k in range(1, oracles.degree(f.ambient) + 1):
        gained = oracles.orthogonalised(oracles.first_columns(oracles.full_tensor(f.ambient, f.d, k), f.d), seen)
        steps += [(k, len(gained))] if gained else []
        seen += gained
    return steps


def _information_exponent(f: Ridge) -> int | None:
    return information_exponent(f.expansion).value


def _coordinate_leap(f: Ridge) -> int | None:
    leap = coordinate_leap(f.expansion)
    return None if leap is None else leap.value


def _check_coordinate_leap(subject: Callable[[Ridge], int | None], f: Ridge) -> Outcome:
    """Every order of the Hermite monomials. The link is a sum of at most four of them."""
    symbol = oracles.smoothed(f.link, [[Fraction(int(i == j)) for j in range(f.r)] for i in range(f.r)])
    actual = subject(f)
    if actual is None:
        return failed("there is no leap, although the directions are orthonormal")
    return equal("the leap", actual, oracles.coordinate_leap([alpha for alpha in symbol if any(alpha)]))


def _generative_exponent(f: Ridge) -> int | None:
    exponent = f.expansion.generative_exponent()
    return None if exponent is None else exponent.value.value


def _check_generative_exponent(subject: Callable[[Ridge], int | None], f: Ridge) -> Outcome:
    """k is reached if E[He_k(Z) g^j] is not 0 for some j; it exceeds 1 if g is even in Z."""
    g, actual = f.ambient, subject(f)
    expected = 2 if all(alpha[0] % 2 == 0 for alpha in g) else 1
    power = oracles.constant(1, 1)
    for _ in range(LARGEST_POWER):
        power = oracles.multiply(power, g)
        if oracles.expectation(oracles.multiply(oracles.hermite(expected), power)):
            return HOLDS if actual == expected else failed(f"the exponent is {actual}, expected {expected}")
    return undecided(f"E[He_{expected}(Z) g(Z)^j] = 0 for every j <= {LARGEST_POWER}")


def _own(item: str) -> Source:
    return Source("Definitions of this project", item, printed=False)


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="exponents.principal_subspace",
        statement="S* is the span of all mode-1 columns of all C_k, k >= 1, and its dimension the effective dimension",
        hypotheses="f(x) = g(Ux) a polynomial that depends on x, U any matrix, redundant rows included",
        source=_own("effective dimension"),
        direction="identity",
        method="random rational targets, d <= 3, degree <= 3: C_k in x-space entry by entry, exact Gram-Schmidt",
        evidence=Evidence.EXACT,
        subject=_principal_subspace,
        cases=_targets,
        check=_check_subspace,
        faults=(Fault("the directions as written", _rows_as_written),),
    ),
    Claim(
        id="exponents.information_exponent",
        statement="The information exponent is the least k >= 1 with C_k ≠ 0",
        hypotheses="f(x) = g(Ux) a polynomial that depends on x, C_k = E ∇^k f",
        source=_own("information exponent"),
        direction="identity",
        method="random rational targets, d <= 3, degree <= 3, against derivatives in x-space",
        evidence=Evidence.EXACT,
        subject=_information_exponent,
        cases=_targets,
        check=_check_information_exponent,
        faults=(
            Fault("the lowest degree of a monomial", lambda f: min(sum(a) for a in f.link if any(a))),
            Fault("the degree", lambda f: f.expansion.degree),
        ),
    ),
    Claim(
        id="exponents.subspace_leap",
        statement="V = {0}; at the least k with (P_{V⊥}^{⊗k} ⊗ P_V^{⊗(j-k)}) C_j ≠ 0 for some j, V gains its mode-1 columns",
        hypotheses="f(x) = g(Ux) a polynomial that depends on x",
        source=_own("subspace leap"),
        direction="identity",
        method="random rational targets, d <= 3, degree <= 3: every step (degree, gained) by projecting full tensors",
        evidence=Evidence.EXACT,
        subject=_leap_steps,
        cases=_targets,
        check=_check_leap,
        faults=(
            Fault("everything learned at the information exponent", _all_at_once),
            Fault("later tensors not contracted with what was learned", _one_degree_at_a_time),
        ),
    ),
    Claim(
        id="exponents.coordinate_leap",
        statement="The least, over orders of the Hermite monomials, of the largest degree in coordinates not yet seen",
        hypotheses="orthonormal directions, f a polynomial that depends on x",
        source=Source("Abbe, Boix-Adserà, Misiakiewicz 2023", "definition of the leap"),
        direction="identity",
        method="sums of up to 4 Hermite monomials in 2 or 3 variables, all orders tried",
        evidence=Evidence.EXACT,
        subject=_coordinate_leap,
        cases=_orthonormal_targets,
        check=_check_coordinate_leap,
        faults=(
            Fault("the subspace leap", lambda f: subspace_leap(f.expansion).value.value),
            Fault("the degree", lambda f: f.expansion.degree),
        ),
    ),
    Claim(
        id="exponents.generative_exponent",
        statement="The generative exponent of a polynomial link of one direction is 2 if the link is even, 1 otherwise",
        hypotheses="f(x) = g(u·x) a polynomial that depends on x",
        source=Source("Damian, Pillaud-Vivien, Lee, Bruna 2024", "definition; the criterion for polynomials", printed=False),
        direction="identity",
        method="a power j <= 6 with E[He_k(Z) g(Z)^j] ≠ 0 certifies <= k, evenness of g certifies > 1",
        evidence=Evidence.EXACT,
        subject=_generative_exponent,
        cases=_single_index,
        check=_check_generative_exponent,
        faults=(Fault("the information exponent", _information_exponent),),
    ),
)

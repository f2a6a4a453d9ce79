"""Damian, Lee, Soltanolkotabi 2022, appendix E: moments of Gaussian and spherical vectors, contractions of tensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations_with_replacement, permutations
from math import comb, factorial, prod
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import (
    AnyClaim,
    Claim,
    Fault,
    Outcome,
    at_most,
    damian,
    equal,
    equal_entries,
    every,
    failed,
)
from steinlab.theory.exact.numbers import Number
from steinlab.theory.statements import tensors
from steinlab.theory.statements.tensors import MomentCertificate, SymmetricTensor
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Index = tuple[int, ...]
Shape = tuple[int, int]
MomentTensor = Callable[[int, int], SymmetricTensor]
SecondMoment = Callable[[SymmetricTensor, int], Number]
Certifier = Callable[[int, int], MomentCertificate | None]


@dataclass(frozen=True)
class Contraction:
    """A symmetric tensor on R^dimension and the number k of slots to contract with a random vector."""

    dimension: int
    order: int
    k: int
    entries: dict[Index, Fraction]

    @property
    def tensor(self) -> SymmetricTensor:
        return SymmetricTensor(self.dimension, self.order, self.entries)


def _contractions() -> SearchStrategy[Contraction]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    def of_shape(shape: Shape) -> SearchStrategy[Contraction]:
        dimension, order = shape
        slots = st.just(order) | st.integers(0, order)  # all slots in half the cases: there every term of the sum appears
        return st.builds(Contraction, st.just(dimension), st.just(order), slots, cases.tensors(dimension, order))

    return st.tuples(st.integers(1, 3), st.sampled_from([4, 4, 3, 2, 1])).flatmap(of_shape)


def _shapes(dimension: int, k: int) -> Callable[[], SearchStrategy[Shape]]:
    """All (d, k) with 1 <= d <= dimension and k below or equal to the bound."""

    def build() -> SearchStrategy[Shape]:
        from hypothesis import strategies as st

        return st.tuples(st.integers(1, dimension), st.integers(0, k))

    return build


def _indices(dimension: int, order: int) -> list[Index]:
    return list(combinations_with_replacement(range(dimension), order))


def _check_gaussian_moment(subject: MomentTensor, case: Shape) -> Outcome:
    expected = {index: oracles.pairings(index) for index in _indices(case[0], 2 * case[1])}
    return equal_entries("E[w^{⊗2k}]", subject(*case).entries, expected)


def _check_sphere_moment(subject: MomentTensor, case: Shape) -> Outcome:
    dimension, k = case
    indices = _indices(dimension, 2 * k)
    expected = {index: oracles.sphere_moment(oracles.exponents(dimension, index)) for index in indices}
    return equal_entries("E[w^{⊗2k}]", subject(dimension, k).entries, expected)


def _check_chi_moment(subject: Callable[[int, int], int], case: Shape) -> Outcome:
    dimension, k = case
    square: oracles.Poly = {tuple(2 * (i == j) for j in range(dimension)): Fraction(1) for i in range(dimension)}
    return equal("E ν^{2k}", subject(dimension, k), oracles.expectation(oracles.power(square, k, dimension)))


def _rescaled(moment: MomentTensor, factor: Callable[[int, int], Fraction]) -> MomentTensor:
    def faulty(dimension: int, k: int) -> SymmetricTensor:
        scale = factor(dimension, k)
        return SymmetricTensor(dimension, 2 * k, {i: scale * t for i, t in moment(dimension, k).entries.items()})

    return faulty


def _check_second_moment(subject: SecondMoment, case: Contraction) -> Outcome:
    expected = oracles.contraction_second_moment(case.entries, case.dimension, case.order, case.k)
    return equal("E‖T(w^{⊗k})‖_F²", subject(case.tensor, case.k), expected)


def _lemma23_with(weight: Callable[[int, int], int]) -> SecondMoment:
    """Lemma 23's sum with other weights on ‖T(I^{⊗l})‖_F²."""

    def faulty(tensor: SymmetricTensor, k: int) -> Number:
        total, contracted = weight(k, 0) * tensor.norm_squared(), tensor
        for contractions in range(1, k // 2 + 1):
            contracted = contracted.trace()
            total += weight(k, contractions) * contracted.norm_squared()
        return total

    return faulty


def _check_contraction_bound(subject: Callable[[SymmetricTensor], Number], case: Contraction) -> Outcome:
    bound = subject(case.tensor)
    left = oracles.contraction_second_moment(case.entries, case.dimension, case.order, case.k)
    top = oracles.contraction_second_moment(case.entries, case.dimension, case.order, case.order)
    return every([at_most("E‖T(w^{⊗k})‖_F² <= bound", left, bound), equal("the bound E<T, w^{⊗p}>²", bound, top)])


def _check_moment_certificate(subject: Certifier, case: Shape) -> Outcome:
    """Rebuild the gap matrix from moments, multiply L D Lᵀ out, look at the shape of L and the signs of D."""
    dimension, k = case
    certificate = subject(dimension, k)
    if certificate is None:
        return failed("there is no certificate")
    indices = [tuple(i for i, n in enumerate(alpha) for _ in range(n)) for alpha in certificate.monomials]
    if sorted(indices) != _indices(dimension, k):
        return failed(f"the certificate is about the monomials {certificate.monomials}")
    outcomes = [equal("the constant", certificate.constant, factorial(k))]
    lower, diagonal = certificate.lower, certificate.diagonal
    for i, row in enumerate(indices):
        for j, column in enumerate(indices[: i + 1]):
            gap = Fraction(oracles.pairings(row + column))
            if i == j:
                gap -= certificate.constant / len(set(permutations(row)))
            product = sum((lower[i][m] * d * lower[j][m] for m, d in enumerate(diagonal)), Number.of(0))
            outcomes.append(equal(f"(L D Lᵀ)[{i},{j}]", product, gap))
            outcomes.append(equal(f"L[{j},{i}]", lower[j][i], int(i == j)))
    return every([*outcomes, *(at_most(f"-D[{i}] <= 0", -d, 0) for i, d in enumerate(diagonal))])


def _smaller_constant(dimension: int, k: int) -> MomentCertificate | None:
    return tensors.moment_certificate(dimension, k, Fraction(factorial(k), 2))


def _relabelled_constant(dimension: int, k: int) -> MomentCertificate | None:
    certificate = _smaller_constant(dimension, k)
    return certificate and replace(certificate, constant=Fraction(factorial(k)))


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="damian.lemma22",
        statement="E[w^{⊗2k}] = (2k-1)!! Sym(I^{⊗k})",
        hypotheses="w ~ N(0, I_d)",
        source=damian("Lemma 22"),
        direction="identity",
        method="every entry against Isserlis' count of pairings, d <= 3, k <= 3",
        evidence=Evidence.EXACT,
        subject=tensors.gaussian_moment,
        cases=_shapes(3, 3),
        check=_check_gaussian_moment,
        faults=(
            Fault(
                "k! in place of (2k-1)!!",
                _rescaled(tensors.gaussian_moment, lambda d, k: Fraction(factorial(k), prod(range(1, 2 * k, 2)))),
            ),
        ),
    ),
    Claim(
        id="damian.lemma23",
        statement="E‖T(w^{⊗k})‖_F² = Σ_{2l<=k} (k-2l)! ((2l-1)!!)² C(k,2l)² ‖T(I^{⊗l})‖_F²",
        hypotheses="T a symmetric p-tensor on R^d, 0 <= k <= p, w ~ N(0, I_d)",
        source=damian("Lemma 23"),
        direction="identity",
        method="random rational tensors, d <= 3, p <= 4, against the expectation of the squared entries as polynomials in w",
        evidence=Evidence.EXACT,
        subject=tensors.contraction_second_moment,
        cases=_contractions,
        check=_check_second_moment,
        faults=(
            Fault(
                "C(k,2l) not squared",
                _lemma23_with(lambda k, j: factorial(k - 2 * j) * prod(range(1, 2 * j, 2)) ** 2 * comb(k, 2 * j)),
            ),
            Fault(
                "(2l-1)!! not squared",
                _lemma23_with(lambda k, j: factorial(k - 2 * j) * prod(range(1, 2 * j, 2)) * comb(k, 2 * j) ** 2),
            ),
        ),
    ),
    Claim(
        id="damian.lemma25",
        statement="E ν^{2k} = Π_{j<k} (d + 2j)",
        hypotheses="ν ~ χ(d)",
        source=damian("Lemma 25"),
        direction="identity",
        method="against the expectation of (w_1² + ... + w_d²)^k expanded into monomials, d <= 4, k <= 5",
        evidence=Evidence.EXACT,
        subject=tensors.chi_moment,
        cases=_shapes(4, 5),
        check=_check_chi_moment,
        faults=(Fault("d + j in place of d + 2j", lambda d, k: prod(d + j for j in range(k))),),
    ),
    Claim(
        id="damian.lemma26",
        statement="E[w^{⊗2k}] = (2k-1)!! Sym(I^{⊗k}) / E ν^{2k}",
        hypotheses="w uniform on the unit sphere of R^d, ν ~ χ(d)",
        source=damian("Lemma 26"),
        direction="identity",
        method="every entry against Dirichlet moments by breaking sticks, d <= 3, k <= 3",
        evidence=Evidence.EXACT,
        subject=tensors.sphere_moment,
        cases=_shapes(3, 3),
        check=_check_sphere_moment,
        faults=(
            Fault(
                "d^k in place of E ν^{2k}",
                _rescaled(tensors.gaussian_moment, lambda d, k: Fraction(1, d**k)),
            ),
        ),
    ),
    Claim(
        id="damian.corollary10",
        statement="E‖T(w^{⊗k})‖_F² <= E<T, w^{⊗p}>²",
        hypotheses="T a symmetric p-tensor on R^d, 0 <= k <= p, w ~ N(0, I_d)",
        source=damian("Corollary 10"),
        direction="upper",
        method="random rational tensors, d <= 3, p <= 4; both sides by expanding polynomials in w",
        evidence=Evidence.EXACT,
        subject=tensors.contraction_bound,
        cases=_contractions,
        check=_check_contraction_bound,
        faults=(
            Fault("p! ‖T‖_F², without the traces of T", lambda tensor: factorial(tensor.order) * tensor.norm_squared()),
            Fault(
                "one part in a thousand less: k = p is an equality", lambda t: tensors.contraction_bound(t) * Fraction(999, 1000)
            ),
        ),
    ),
    Claim(
        id="damian.corollary11",
        statement="E[w^{⊗2k}] ⪰ k! Π_{Sym^k}",
        hypotheses="w ~ N(0, I_d)",
        source=damian("Corollary 11"),
        direction="lower",
        method="an exact L D Lᵀ factorisation of the gap, multiplied out against moments, D >= 0; d <= 3, k <= 3",
        evidence=Evidence.EXACT,
        subject=tensors.moment_certificate,
        cases=_shapes(3, 3),
        check=_check_moment_certificate,
        faults=(
            Fault("the constant k!/2", _smaller_constant),
            Fault("the factors for k!/2 under the name k!", _relabelled_constant),
        ),
    ),
)

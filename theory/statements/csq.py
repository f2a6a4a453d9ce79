"""Correlational statistical queries: Hermite ridge functions, the count in Lemma 2, Theorem 2 as a calculator (Damian et al.)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import exp, factorial, lgamma, log, log1p, prod, sqrt

from flint import arb

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.statements.near_orthogonal import (
    MAX_DIMENSION,
    inner_product_tail,
    maximal_set_size,
    union_bound_size,
    upper_fraction,
)
from steinlab.theory.verdicts import Evidence


def hermite_correlation(j: int, k: int, cosine: Scalar) -> Number:
    """E[He_j(u·x) He_k(v·x)] for unit u, v with u·v = cosine and x ~ N(0, I): k! cosine^k if j = k, else 0.

    Exact identity; section 5 (proof of Theorem 2). InputError if a degree is negative or |cosine| > 1.

    >>> str(hermite_correlation(3, 3, Fraction(1, 2))), str(hermite_correlation(2, 3, 1))
    ('3/4', '0')
    """
    rho = Number.of(cosine)
    if min(j, k) < 0 or abs(rho) > 1:
        raise InputError(f"degrees {j}, {k} and cosine {rho}: give degrees >= 0 and -1 <= cosine <= 1")
    return factorial(k) * rho**k if j == k else Number.of(0)


def rotated_correlation(k: int, d: int) -> Fraction:
    """sup over φ with E φ(x)² = 1 of E_u (E[he_k(u·x) φ(x)])², u uniform on the unit sphere of R^d, he_k = He_k/√k!.

    Statement (derived): (2m-1)!!/(d (d+2) ... (d+2m-2)) with m = ⌈k/2⌉, attained by the component of least harmonic degree; a
    query of tolerance τ is thereby answered with 0 but for a share of at most this over τ² of the directions. Exact. It makes
    Claim 32 of Abbe, Boix-Adserà, Misiakiewicz 2023, O(d^(-⌈k/2⌉)), sharp for one direction. InputError for k < 0 or d < 1.

    >>> [str(rotated_correlation(k, 5)) for k in range(5)]
    ['1', '1/5', '1/5', '3/35', '3/35']
    """
    if k < 0 or d < 1:
        raise InputError(f"degree {k} in dimension {d}: give a degree >= 0 and a dimension >= 1")
    return Fraction(prod(range(1, k + 1, 2)), prod(range(d, d + k, 2)))


def removed_by_one_query(tolerance_squared: Fraction, correlation: Fraction) -> Fraction:
    """Most functions whose inner product with one unit-norm query exceeds τ in absolute value: 2/(τ² - ε).

    The functions have unit norm and |<f, g>| <= ε = correlation for f ≠ g; τ² = tolerance_squared must exceed ε. Exact
    upper bound; proof of Lemma 2, which needs unit-norm queries. InputError unless 0 <= ε < τ².

    >>> removed_by_one_query(Fraction(3, 4), Fraction(1, 4))
    Fraction(4, 1)
    """
    _require(tolerance_squared, correlation)
    return 2 / (tolerance_squared - correlation)


def removed_by_one_query_sharp(tolerance_squared: Fraction, correlation: Fraction) -> Fraction:
    """The same count bounded by (1 - ε)/(τ² - ε), less than half of `removed_by_one_query`. Exact upper bound; derived.

    Flipping the sign of f changes neither hypothesis, so all c inner products may be taken positive; then
    c² τ² <= <h, Σf>² <= ‖Σf‖² <= c + c(c-1)ε. Equality holds for c functions of equal correlation ε and h their mean.

    >>> removed_by_one_query_sharp(Fraction(3, 4), Fraction(1, 4))
    Fraction(3, 2)
    """
    _require(tolerance_squared, correlation)
    return (1 - correlation) / (tolerance_squared - correlation)


def queries_needed(size: int, tolerance_squared: Fraction, correlation: Fraction) -> Fraction:
    """Queries of tolerance τ without which no learner tells `size` such functions apart: size (τ² - ε)/2.

    A learner with fewer queries outputs some f in the class with loss above 2 - 2ε. Exact lower bound; Lemma 2.

    >>> queries_needed(100, Fraction(3, 4), Fraction(1, 4))
    Fraction(25, 1)
    """
    if size < 1:
        raise InputError(f"a class of {size} functions: it must have at least one")
    return size / removed_by_one_query(tolerance_squared, correlation)


def _require(tolerance_squared: Fraction, correlation: Fraction) -> None:
    if not 0 <= correlation < tolerance_squared:
        raise InputError(f"τ² = {tolerance_squared} and ε = {correlation}: Lemma 2 needs 0 <= ε < τ²")


# -- Theorem 2 as a calculator


@dataclass(frozen=True)
class ToleranceBound:
    """A learner with q unit-norm queries that finds every member of a class needs τ² <= `tolerance_squared`.

    The class has `size` members (None where it does not enter), built from vectors (frames) with coherence at most `cosine`, and
    |E fg| <= `correlation` for two of them; a learner with a larger tolerance outputs a member with loss 2 - 2 `correlation` or
    more for some truth. `samples` = ⌊1/τ²⌋ reads the bound through the heuristic τ ≈ n^{-1/2}: it is no theorem about samples.
    """

    name: str
    tolerance_squared: Fraction
    source: str
    evidence: Evidence = Evidence.CERTIFIED
    cosine: Fraction | None = None
    size: int | None = None
    correlation: Fraction | None = None

    @property
    def vacuous(self) -> bool:
        """Whether the bound says no more than τ < 1; with τ >= 1 the answer 0 is right for every function and unit-norm query."""
        return self.tolerance_squared >= 1

    @property
    def samples(self) -> int:
        """⌊1/τ²⌋, at least 1: the direction is "lower", under the heuristic."""
        return max(1, int(1 / self.tolerance_squared))


def class_correlation(energies: Mapping[int, Fraction], cosine: Fraction) -> Fraction:
    """|E f_U f_V| <= Σ_k e_k δ^k for f_U(x) = g(Ux), E g = 0, with orthonormal rows and ‖UVᵀ‖_op <= δ = cosine.

    e_k = ‖C_k‖_F²/k! is the energy of g in degree k; E f_U f_V = Σ_k <C_k, (UVᵀ)^{⊗k} C_k>/k!. Exact upper bound, attained for
    one direction and u·v = δ. Section 5 for g = He_k/√(k!), otherwise derived. InputError for a degree
    below 1 or a negative energy.

    >>> class_correlation({2: Fraction(1, 2), 4: Fraction(1, 2)}, Fraction(1, 2))
    Fraction(5, 32)
    """
    if not energies or min(energies) < 1 or min(energies.values()) < 0:
        raise InputError(f"energies in degrees {sorted(energies)}: give nonnegative ones in degrees >= 1")
    return sum((energy * cosine**k for k, energy in energies.items()), Fraction(0))


def tolerance_from_class(size: int, correlation: Fraction, queries: int) -> Fraction:
    """τ² <= ε + 2q/|F|, what Lemma 2 as printed leaves a learner with q queries. Exact upper bound on τ².

    >>> tolerance_from_class(1000, Fraction(1, 100), 5)
    Fraction(1, 50)
    """
    _require_class(size, correlation, queries)
    return correlation + Fraction(2 * queries, size)


def tolerance_from_class_sharp(size: int, correlation: Fraction, queries: int) -> Fraction:
    """τ² <= ε + q(1-ε)/(|F|-1): after q queries at most one member may remain, and each removes `removed_by_one_query_sharp`.

    Exact upper bound on τ²; derived. Attained by the learner that queries all but one member of an orthonormal class.

    >>> tolerance_from_class_sharp(101, Fraction(0), 50)
    Fraction(1, 2)
    """
    _require_class(size, correlation, queries)
    return correlation + queries * (1 - correlation) / (size - 1)


def largest_class_bound(d: int, energies: Mapping[int, Fraction], queries: int, r: int = 1) -> ToleranceBound:
    """The least τ² that `tolerance_from_class_sharp` gives over δ, for ⌈1/P⌉ frames of R^d with ‖UVᵀ‖_op <= δ.

    P is `inner_product_tail` and the size `maximal_set_size`, so the class exists. δ is a numerical minimiser, but whatever δ is
    returned, the bound at it is proved. `energies` are those of g with variance 1, r its number of directions. Certified upper
    bound on τ², derived: exact law and covering in place of Lemma 3's constant and union bound. InputError unless r < d <= 10^9
    and q >= 1.

    >>> bound = largest_class_bound(100, {4: Fraction(1)}, 10**6)
    >>> float(round(bound.cosine, 2)), bound.samples
    (0.54, 11)
    """
    _require_calculator(d, queries, r)

    def build(cosine: Fraction) -> ToleranceBound:
        size, correlation = maximal_set_size(inner_product_tail(d, cosine, r)), class_correlation(energies, cosine)
        tolerance = tolerance_from_class_sharp(size, correlation, queries) if size > 1 else Fraction(1)
        source = "derived: sharper count, maximal set, Beta law"
        return ToleranceBound("exact law, largest set", tolerance, source, cosine=cosine, size=size, correlation=correlation)

    return build(_best_cosine(d, energies, queries, r, pairs=False))


def random_class_bound(d: int, k: int, queries: int) -> ToleranceBound:
    """The least τ² that Lemma 2 as printed gives over δ, for as many vectors as the union bound allows: the paper's own argument.

    Random vectors as in Lemma 3, but counted by the exact Beta law. Certified upper bound on τ². InputError as for
    `largest_class_bound`, and for k < 1.

    >>> random_class_bound(1000, 4, 10**3).samples
    298
    """
    _require_calculator(d, queries, 1)
    energies = {k: Fraction(1)}

    def build(cosine: Fraction) -> ToleranceBound:
        size, correlation = union_bound_size(inner_product_tail(d, cosine)), class_correlation(energies, cosine)
        tolerance = tolerance_from_class(size, correlation, queries) if size > 1 else Fraction(1)
        source = "Theorem 2's proof, with the Beta law"
        return ToleranceBound("exact law, random vectors", tolerance, source, cosine=cosine, size=size, correlation=correlation)

    return build(_best_cosine(d, energies, queries, 1, pairs=True))


def theorem2_quarter(d: int, k: int, queries: int) -> ToleranceBound:
    """τ² <= [1 + log^{k/2}(4q (cd)^{k/2})]/(cd)^{k/2} with c = 1/4: Theorem 2's proof, its constant made explicit.

    c = 1/4 holds in Lemma 3 since P(|u·v| > ε) <= 2e^{-dε²/2} (`sub_gaussian_tail`), derived. Where ε² = log(...)/(cd) passes 1
    or the logarithm is negative (then it counts as 0), the bound exceeds 1 and is vacuous. Certified upper bound on τ², rounded
    up. InputError unless 2 <= d <= 10^9, k >= 1 and q >= 1.

    >>> theorem2_quarter(10**4, 4, 10**6).samples
    6560
    """
    _require_calculator(d, queries, 1)
    if k < 1:
        raise InputError(f"degree {k}: give k >= 1")
    with working_precision(128):
        power = (arb(d) / 4) ** (arb(k) / 2)
        logarithm = (4 * queries * power).log().max(0)
        return ToleranceBound(
            "c = 1/4, closed form",
            upper_fraction((1 + logarithm ** (arb(k) / 2)) / power),
            "Theorem 2's proof; c derived",
            correlation=min(Fraction(1), upper_fraction((logarithm / (arb(d) / 4)) ** (arb(k) / 2))),
        )


def theorem2_printed(d: int, k: int, queries: int) -> float:
    """log^{k/2}(qd)/d^{k/2}, the order of τ² that Theorem 2 prints. Numerical, and no bound: its constant is not printed.

    >>> round(theorem2_printed(10**4, 4, 10**6) * 1e4, 4)
    0.053
    """
    _require_calculator(d, queries, 1)
    return float((log(queries) + log(d)) ** (k / 2) / d ** (k / 2))


def _best_cosine(d: int, energies: Mapping[int, Fraction], queries: int, r: int, pairs: bool) -> Fraction:
    """δ near the minimum of ε(δ) + q P(δ), or 2q √(P(δ)/2) for a union bound over pairs, by golden section on floats.

    P is replaced by the first terms of its asymptotic series, good enough to choose δ: no proof rests on the choice.
    """
    a, b = r / 2, (d - r) / 2
    constant = log(r) + lgamma(a + b) - lgamma(a) - lgamma(b) - log(b)
    terms = [(k, log(energy)) for k, energy in energies.items() if energy]

    def objective(t: float) -> float:
        delta = exp(t)
        x = delta * delta / r
        tail = constant + b * log1p(-x) + (a - 1) * log(x) - log1p(min(max((1 - a) * (1 - x) / ((b + 1) * x), -0.5), 1.0))
        removed = log(queries) + ((log(2) + tail) / 2 if pairs else tail)
        exponents = [removed, *(log_energy + k * t for k, log_energy in terms)]
        top = max(exponents)
        return top + log(sum(exp(e - top) for e in exponents))

    # beyond δ² = (4r/d)(log 4q + k log d + 50) the class no longer limits anything
    reach = 4 * r / d * (log(4 * queries) + max(energies) * log(d) + 50)
    high = log(min(1 - 2**-10, sqrt(reach)))
    low = min(high, log(sqrt(max(0.01, r * (r - 2)) / d)))  # the series falls from x = (r-2)/(d-2) on
    golden = (sqrt(5) - 1) / 2
    for _ in range(60):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if objective(left) < objective(right):
            high = right
        else:
            low = left
    return Fraction(round(exp((low + high) / 2) * 2**40), 2**40)


def _require_calculator(d: int, queries: int, r: int) -> None:
    if not 1 <= r < d <= MAX_DIMENSION or queries < 1:
        raise InputError(f"d = {d}, {r} direction(s), {queries} queries: give {r} < d <= {MAX_DIMENSION} and at least one query")


def _require_class(size: int, correlation: Fraction, queries: int) -> None:
    if size < 2 or not 0 <= correlation <= 1 or queries < 1:
        raise InputError(
            f"{size} functions, correlation {correlation}, {queries} queries: give at least 2 functions, 0 <= ε <= 1, one query"
        )

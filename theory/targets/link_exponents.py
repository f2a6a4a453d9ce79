"""Information exponent, leaps and generative exponent of general links: decided with proof, or bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, permutations
from itertools import product as cartesian
from typing import TypeAlias

from flint import arb, fmpq, fmpq_poly

from steinlab.theory.budget import attempt, charge
from steinlab.theory.errors import InputError
from steinlab.theory.exact.hermite import hermite_coefficients
from steinlab.theory.exact.linear_algebra import Matrix, Vector, dot, identity, kernel, multiply, transpose
from steinlab.theory.exact.numbers import Number, working_precision
from steinlab.theory.integrals.constants import PRECISIONS, ROUGH, Constant, ball_of
from steinlab.theory.integrals.expectations import MAX_SYMMETRY, conditional_expectation, expectation, orthonormal, times_hermite
from steinlab.theory.integrals.integrability import terms_integrable
from steinlab.theory.integrals.quadrature import GUARD
from steinlab.theory.integrals.ridges import about
from steinlab.theory.links.coordinates import combination
from steinlab.theory.links.symbolic import Product, Sum, apply, constant, is_polynomial_form, variable
from steinlab.theory.targets.degree import coefficients
from steinlab.theory.targets.link_expansion import SEARCH_DEGREE, LinkExpansion, exponents, multi_indices
from steinlab.theory.targets.ranks import ball_rank, exact_row_space
from steinlab.theory.verdicts import Decided, Evidence, Verdict

WITNESS_DEGREE = 4
"""Highest degree in the seen variables of the coefficients that witness a step of a leap."""
LABEL_POWERS = 4
"""Highest power of the label tried as a transformation of it."""


def information_exponent(expansion: LinkExpansion) -> Decided:
    """The least k >= 1 with C_k != 0: one coefficient certified nonzero at k, every coefficient below proved zero.

    Kind: certified, or exact where the coefficients are closed forms. Source: definition, see `polynomial_exponents`.

    >>> information_exponent(LinkExpansion.from_expression("z1**2*exp(-z1**2)")).value
    4
    """
    reduced = expansion.reduced
    lower = 1
    for k in range(1, reduced.search_degree + 1):
        found, doubtful = None, None
        for alpha in multi_indices(reduced.size, k):
            c = reduced.coefficient(alpha)
            verdict = c.is_zero
            if verdict is Verdict.FAILS:
                found = (alpha, c)
                break
            if verdict is Verdict.UNDECIDED and doubtful is None:
                doubtful = (alpha, c)
        if found is not None:
            alpha, c = found
            reason = f"E[g He_{_text(alpha)}] = {c} is not zero"
            if lower == k:
                reason += "" if k == 1 else f", and every coefficient of degree 1 to {k - 1} is proved zero"
                return Decided(k, c.evidence, reason, k, k)
            return Decided(None, Evidence.NUMERICAL, f"{reason}, but a coefficient of degree {lower} is undecided", lower, k)
        if doubtful is not None:
            alpha, c = doubtful
            if lower == k:
                unresolved = f"E[g He_{_text(alpha)}] is {c.reason}"
        elif lower == k:
            lower = k + 1
    reason = f"no coefficient up to degree {reduced.search_degree} is certified nonzero"
    return Decided(None, Evidence.NUMERICAL, reason if lower > reduced.search_degree else f"{reason}: {unresolved}", lower, None)


# -- leaps


Symmetry: TypeAlias = tuple[dict[int, Sum], int]
"""An orthogonal map P, as a substitution, with g∘P = g (1) or g∘P = -g (-1)."""


@dataclass(frozen=True)
class LinkLeapStep:
    """One step: `degree` k, `gained` dimension, and an exact basis of what was gained, in the coordinates t of the expansion."""

    degree: int
    gained: int
    basis: Matrix


@dataclass(frozen=True)
class LinkLeap:
    """A leap with the steps whose subspaces are known exactly: all of them, or the first ones.

    Where they stop short, the value may still be decided, and is None otherwise.
    """

    value: Decided
    steps: tuple[LinkLeapStep, ...]


def subspace_leap(expansion: LinkExpansion) -> LinkLeap:
    """The rotation-invariant leap of a general link, where every step can be proved.

    A step from the seen subspace V at degree k is proved by conditional expectations over the unseen directions: G_β = E[g He_β |
    seen] vanishes identically for every |β| < k, and at k the vectors on which the gradient of (G_β)_{|β|=k} vanishes
    identically and the certified rank of finitely many coefficients leave one subspace. All degrees in the seen variables are
    covered, since G_β is treated as a function. Where a step gains a subspace that is not known exactly, the degree that it needs
    at least and `_reached` bound the leap, and decide it where they meet. Kind: certified.
    Source: definition, see `polynomial_exponents`.

    >>> leap = subspace_leap(LinkExpansion.from_expression("z1*tanh(z2) + tanh(z1)"))
    >>> leap.value.value, [(step.degree, step.gained) for step in leap.steps]
    (1, [(1, 1), (1, 1)])
    """
    total = expansion.effective_dimension
    reduced = expansion.reduced
    if total.value is None:
        return LinkLeap(Decided(None, Evidence.NUMERICAL, f"the effective dimension is undecided: {total.reason}", 1, None), ())
    steps: list[LinkLeapStep] = []
    seen: list[Vector] = []
    while len(seen) < total.value:
        lower = max((step.degree for step in steps), default=1)

        def step(seen: Sequence[Vector] = tuple(seen)) -> tuple[int, Matrix | str]:
            return _leap_step(reduced, seen)

        def unproved(reason: str, lower: int = lower) -> tuple[int, Matrix | str]:
            return lower, reason

        degree, gained = attempt(step, unproved)
        if isinstance(gained, str) and total.value == len(expansion.linear_span) == 1:  # one direction: C_k is its k-th power
            first = information_exponent(expansion)
            found = () if first.value is None else (LinkLeapStep(first.value, 1, tuple(expansion.linear_span)),)
            return LinkLeap(first, found)
        if isinstance(gained, str):
            bounded = _bounded_leap(reduced, total.value, max(degree, lower), gained)
            return LinkLeap(bounded, tuple(steps))
        steps.append(LinkLeapStep(degree, len(gained), tuple(_lift(vector, reduced, expansion) for vector in gained)))
        seen += gained
    value = max(step.degree for step in steps)
    return LinkLeap(Decided(value, Evidence.CERTIFIED, "every step is proved", value, value), tuple(steps))


def _bounded_leap(reduced: LinkExpansion, dimension: int, lower: int, reason: str) -> Decided:
    """The leap from its lower bound: decided where steps of that degree certainly reach every direction."""
    for highest in range(lower, min(lower + 1, reduced.search_degree) + 1):
        if attempt(lambda: _reached(reduced, highest, dimension), lambda _: 0) == dimension:  # noqa: B023 - called at once
            if highest == lower:
                proof = f"steps of degree <= {lower} certainly reach {dimension} independent directions, and one needs {lower}"
                return Decided(lower, Evidence.CERTIFIED, proof, lower, lower)
            return Decided(None, Evidence.NUMERICAL, reason, lower, highest)
    return Decided(None, Evidence.NUMERICAL, reason, lower, None)


def _reached(reduced: LinkExpansion, highest: int, dimension: int | None = None) -> int:
    """A lower bound on the dimension that steps of degree <= `highest` reach, from balls alone. Kind: certified.

    Let V be what such steps reach, k <= highest and s_1, ..., s_{j-k} in V. For all vectors a_i, C_j(., a_1, ..., a_{k-1}, s_1,
    ..., s_{j-k}) lies in V: with each a_i split along V and across it, its part across V is a sum of columns of
    (P_{V⊥}^{⊗m} ⊗ P_V^{⊗(j-m)}) C_j with m <= k, which vanish. So the vectors found in this way from C_1, ..., C_highest on all
    lie in V (derived).
    """
    bits, most = PRECISIONS[0], reduced.size if dimension is None else dimension
    reached: list[list[arb]] = []

    def grows(j: int) -> bool:
        k = min(j, highest)
        return _extend(reached, _columns(reduced, k, list(reached), j - k, bits), most)

    with working_precision(bits + GUARD):
        degrees = range(1, highest + WITNESS_DEGREE + 1)
        while any(grows(j) for j in degrees):
            pass
    return len(reached)


def _columns(reduced: LinkExpansion, k: int, vectors: Sequence[Sequence[arb]], degree: int, bits: int) -> Iterator[list[arb]]:
    """C_{k + degree} with k - 1 coordinate vectors and `degree` of the given vectors as arguments, one mode left free."""
    size = reduced.size
    for free in combinations_with_replacement(range(size), k - 1):
        for chosen in combinations_with_replacement(vectors, degree):
            vector = [arb(0)] * size
            for index in cartesian(range(size), repeat=degree):
                weight = arb(1)
                for s, a in zip(chosen, index, strict=True):
                    weight *= s[a]
                if not weight.is_zero():
                    charge(size)
                    entries = (ball_of(reduced.coefficient(exponents((i, *free, *index), size)), bits) for i in range(size))
                    vector = [x + weight * entry for x, entry in zip(vector, entries, strict=True)]
            yield vector


def _extend(reached: list[list[arb]], vectors: Iterator[list[arb]], most: int) -> bool:
    """Add the vectors that are certainly independent of those reached, up to `most` of them; whether there was one."""
    before = len(reached)
    for vector in vectors:
        if len(reached) >= most:
            break
        if not all(x.is_zero() for x in vector) and ball_rank([*reached, vector]) > len(reached):
            reached.append(vector)
    return len(reached) > before


def _symmetries(g: Sum, basis: Matrix, seen: int) -> list[Symmetry]:
    """The signed permutations P of the coordinates that fix every seen vector and have g∘P = ±g, in the turned coordinates."""
    size = len(basis)
    if size > MAX_SYMMETRY:
        return []
    out = []
    for order in permutations(range(size)):
        for signs in cartesian((1, -1), repeat=size):
            moved = tuple(tuple(row[j] * s for j, s in zip(order, signs, strict=True)) for row in basis)
            if moved[:seen] != basis[:seen]:
                continue
            image = g.substitute({j: variable(i) * s for i, (j, s) in enumerate(zip(order, signs, strict=True))})
            if image in (g, -g):
                turned = {a: combination([dot(moved[a], row) for row in basis], range(size)) for a in range(seen, size)}
                out.append((turned, 1 if image == g else -1))
    return out


def _leap_step(reduced: LinkExpansion, seen: Sequence[Vector]) -> tuple[int, Matrix | str]:
    """(degree, basis of what is gained across the seen directions), or (least degree possible, why the gain is not known)."""
    if reduced.doubt:
        return 1, reduced.doubt
    gained_at = _gain_bound(reduced, seen)
    for k in range(1, reduced.search_degree + 1):
        space = gained_at(k)
        if not space:
            continue
        rank = 0
        for bits in (ROUGH, *PRECISIONS[:2]):
            rank = max(rank, _witnessed(reduced, seen, k, len(space), bits))
            if rank == len(space):
                return k, space
        return k, (
            f"at degree {k}, with {len(seen)} of {reduced.size} directions seen, between {rank} and {len(space)} new directions "
            "are gained: the subspace is not known exactly"
        )
    return reduced.search_degree + 1, (
        f"with {len(seen)} of {reduced.size} directions seen, nothing new is gained up to degree {reduced.search_degree}"
    )


def _witnessed(reduced: LinkExpansion, seen: Sequence[Vector], k: int, most: int, bits: int) -> int:
    """A lower bound on the dimension gained at degree k where nothing is gained below: `_reached` says why. Kind: certified."""
    with working_precision(bits + GUARD):
        known = [[x.ball() for x in vector] for vector in seen]
        reached = list(known)
        for degree in range(WITNESS_DEGREE + 1 if seen else 1):
            _extend(reached, _columns(reduced, k, known, degree, bits), len(seen) + most)
            if len(reached) == len(seen) + most:
                break
    return len(reached) - len(seen)


def _gain_bound(reduced: LinkExpansion, seen: Sequence[Vector]) -> Callable[[int], Matrix]:
    """A function of k that gives a subspace, exact and across the seen directions, that holds all that is gained at degree k."""
    size = reduced.size
    if reduced.ridges.is_complete:
        return lambda k: exact_row_space([[Constant(x) for x in row] for _, row in reduced.ridges.across(seen, k)])
    basis = orthonormal([*seen, *kernel(seen, size)]) if seen else identity(size)  # the seen ones first
    images = {i: combination(column, range(size)) for i, column in enumerate(transpose(basis, size))}
    turned = reduced.function.substitute(images) if seen else reduced.function
    if seen and not terms_integrable(turned):
        raise InputError("in turned coordinates the terms are not known to be integrable one by one")
    symmetries = _symmetries(reduced.function, basis, len(seen))

    def bound(k: int) -> Matrix:
        space = _vanishing_complement(turned, len(seen), size, k, symmetries, reduced.average)
        return multiply(space, basis[len(seen) :]) if space else ()

    return bound


def _average(p: Sum, symmetries: Sequence[Symmetry]) -> Sum:
    """The mean of ±p∘P: as g∘P = ±g, E[g p | seen] does not change."""
    total = constant(0)
    for images, side in symmetries:
        total = total + p.substitute(images) * side
    return total * Fraction(1, len(symmetries)) if symmetries else p


def _vanishing_complement(
    g: Sum, seen: int, size: int, k: int, symmetries: Sequence[Symmetry], average: Callable[[Sum], Sum]
) -> Matrix:
    """A subspace, exact, of the unseen coordinates that holds everything gained at degree k; `average` is E where none is seen.

    With E[g He_{β + e_i} | seen] written over distinct functions of the seen variables and constants, a vector on which all their
    coefficients vanish gains nothing, whatever the degree in the seen variables.
    """
    unseen = range(seen, size)
    rows: list[list[Constant]] = []
    for beta in combinations_with_replacement(unseen, k - 1):
        row = []
        for i in unseen:
            alpha = exponents((*beta, i), size)
            h = about(g, alpha) if not symmetries else g
            h = h * _average(times_hermite(constant(1), alpha), symmetries)
            form = conditional_expectation(h, unseen) if seen else average(h)
            row.append(Constant(form))
        rows.append(row)
    return exact_row_space(rows)


def coordinate_leap(expansion: LinkExpansion) -> Decided | None:
    """The leap of Abbe, Boix-Adserà and Misiakiewicz in the coordinates z as written; None for directions other than the axes.

    Coordinates are seen greedily: at each step the least degree k in the unseen coordinates of a coefficient certified nonzero,
    all conditional expectations of lower degree being proved zero. Kind: certified. Source: as in `polynomial_exponents`.

    >>> coordinate_leap(LinkExpansion.from_expression("tanh(z1)*abs(z2)")).value
    2
    """
    if expansion.directions is not None:
        return None
    if expansion.doubt:
        return Decided(None, Evidence.NUMERICAL, expansion.doubt, 1, None)
    wanted = set(expansion.function.variables)
    seen: set[int] = set()
    leap = 0
    while not wanted <= seen:
        unseen = sorted(wanted - seen)
        for k in range(1, expansion.search_degree + 1):
            gained = _coordinates_gained(expansion, sorted(seen), unseen, k)
            if gained is None:
                reason = f"with {len(seen)} coordinates seen, a coefficient of degree {k} in the others is undecided"
                return Decided(None, Evidence.NUMERICAL, reason, max(leap, 1), None)
            if gained:
                seen |= gained
                leap = max(leap, k)
                break
        else:
            reason = (
                f"coordinates {', '.join(f'z{i + 1}' for i in unseen)} are not reached up to degree {expansion.search_degree}"
            )
            return Decided(None, Evidence.NUMERICAL, reason, max(leap, 1), None)
    return Decided(
        leap,
        Evidence.CERTIFIED,
        "each step has a certified nonzero coefficient, and those of lower degree are proved zero",
        leap,
        leap,
    )


def _coordinates_gained(expansion: LinkExpansion, seen: Sequence[int], unseen: Sequence[int], k: int) -> set[int] | None:
    """The coordinates of a nonzero coefficient of degree k in `unseen`; empty if all are proved zero; None if undecided."""
    size = expansion.size
    possible = None
    if expansion.ridges.is_complete:
        axes = [identity(size)[i] for i in seen]
        rows = expansion.ridges.across(axes, k)
        possible = {tuple(sorted((*fixed, i))) for fixed, row in rows for i, entry in enumerate(row) if not entry.is_zero}
    undecided = False
    for beta in combinations_with_replacement(unseen, k):
        if possible is not None and beta not in possible:
            continue
        for degree in range(WITNESS_DEGREE + 1 if seen else 1):
            for gamma in combinations_with_replacement(seen, degree):
                vanishes = expansion.coefficient(exponents((*gamma, *beta), size)).is_zero
                if vanishes is Verdict.FAILS:
                    return set(beta)
        if not seen and vanishes is Verdict.HOLDS:  # where nothing is seen, the coefficient is all of the conditional expectation
            continue
        if possible is None:
            alpha = exponents(beta, size)
            h = times_hermite(about(expansion.function, alpha), alpha)
            form = conditional_expectation(h, unseen) if seen else expansion.average(h)
        undecided = undecided or possible is not None or not form.is_zero
    return None if undecided else set()


# -- generative exponent


@dataclass(frozen=True)
class Witness:
    """A certificate of "generative exponent <= k": E[He_k(Z) label(Y)] = value, certified nonzero."""

    k: int
    label: str
    value: Constant


@dataclass(frozen=True)
class GenerativeExponent:
    """The least k >= 1 with E[He_k(Z) | Y] not identically zero, its witness, and why each lower k vanishes."""

    value: Decided
    witness: Witness | None
    vanishing: tuple[str, ...]


def generative_exponent(expansion: LinkExpansion) -> GenerativeExponent | None:
    """The generative exponent of a link of one direction; None where f* may depend on several.

    Upper bound: a label transformation T and a certified E[He_k(Z) T(g(Z))] != 0. Lower bounds: g even kills every odd k; for g =
    c |z|^m e^{az²}, bounded, E[He_k g^j] is a rational function of j with positive factors, and where it vanishes identically
    so does E[He_k | Y], powers being dense among continuous functions of a bounded label. Kind: certified.
    Source: definition of Damian, Pillaud-Vivien, Lee, Bruna 2024; the criteria are derived.

    >>> found = generative_exponent(LinkExpansion.from_expression("z1**2*exp(-z1**2)"))
    >>> found.value.value, found.witness.label
    (4, 'Y')
    >>> found.vanishing[1]
    'k = 2: E[He_2 Y^j] = 0 for every j >= 0, identically in j'
    >>> links = ("pi*z1**2*exp(-z1**2) + 1", "z1**2*exp(-pi*z1**2)")
    >>> [generative_exponent(LinkExpansion.from_expression(link)).value.value for link in links]
    [4, 2]
    """
    reduced = expansion.reduced
    if reduced.size != 1:
        return None
    g = reduced.function
    polynomial = _of_polynomial(g)
    if polynomial is not None:
        return polynomial
    even = g.substitute({0: -variable(0)}) == g
    monomial = _gaussian_monomial(g)
    vanishing: list[str] = []
    gap = None
    for k in range(1, SEARCH_DEGREE + 1):
        if even and k % 2:
            vanishing.append(f"k = {k}: g is even and He_{k} is odd")
            continue
        if monomial is not None and _vanishes_for_every_power(*monomial, k):
            vanishing.append(f"k = {k}: E[He_{k} Y^j] = 0 for every j >= 0, identically in j")
            continue
        witness = _witness(g, k)
        if witness is not None:
            reason = f"E[He_{k}(Z) {witness.label}] = {witness.value} is not zero"
            if gap is None:
                return GenerativeExponent(Decided(k, Evidence.CERTIFIED, reason, k, k), witness, tuple(vanishing))
            reason += f"; no proof that E[He_{gap} | Y] vanishes"
            return GenerativeExponent(Decided(None, Evidence.NUMERICAL, reason, gap, k), witness, tuple(vanishing))
        gap = k if gap is None else gap
    reason = f"no label transformation tried has a certified correlation up to degree {SEARCH_DEGREE}"
    return GenerativeExponent(Decided(None, Evidence.NUMERICAL, reason, gap or SEARCH_DEGREE + 1, None), None, tuple(vanishing))


def _of_polynomial(g: Sum) -> GenerativeExponent | None:
    """The exponent of a polynomial with coefficients in closed form; None for other links, and where one of them may vanish."""
    if not is_polynomial_form(g):
        return None
    signs = {int(monomial[0][1]): c.sign for monomial, c in coefficients(g).items() if monomial}
    odd = any(side for k, side in signs.items() if k % 2)
    even = all(side == 0 for k, side in signs.items() if k % 2) and any(signs.values())
    if not (odd or even):
        return None
    k = 1 if odd else 2
    reason = "a polynomial has generative exponent 2 if it is even and 1 otherwise"
    evidence = Evidence.EXACT if g.is_polynomial else Evidence.CERTIFIED
    vanishing = ("k = 1: g is even and He_1 is odd",) * (k - 1)
    return GenerativeExponent(Decided(k, evidence, reason, k, k), _witness(g, k), vanishing)


def _witness(g: Sum, k: int) -> Witness | None:
    """A label transformation with a certified correlation with He_k: powers where they are integrable, then bounded functions."""
    weight = times_hermite(constant(1), (k,))
    power = constant(1)
    for j in range(1, LABEL_POWERS + 1):
        power = power * g
        if not terms_integrable(power * weight, 1):
            break
        value = Constant(expectation(power * weight))
        if value.is_zero is Verdict.FAILS:
            return Witness(k, "Y" if j == 1 else f"Y^{j}", value)
    for name in ("tanh", "sin", "cos"):
        value = Constant(expectation(apply(name, g) * weight))
        if value.is_zero is Verdict.FAILS:
            return Witness(k, f"{name}(Y)", value)
    return None


def _gaussian_monomial(g: Sum) -> tuple[int, Fraction] | None:
    """(m, a) when g = c |z|^m e^{az²} + b for constants c and b, even, bounded and a rational; None otherwise.

    c and b are whatever stands there without a variable: functions of the label are functions of |z|^m e^{az²} for any c and b.
    """
    found = {_monomial(product) for product in g.terms if any(atom.variables for atom, _ in product)}
    return found.pop() if len(found) == 1 else None


def _monomial(product: Product) -> tuple[int, Fraction] | None:
    """(m, a) for a constant times |z|^m e^{az²}, as above."""
    power, square, kink = 0, Number.of(0), False
    for atom, e in product:
        parts = atom.argument.coefficients_in(0) if atom.name == "exp" and atom.variables else None
        if atom.is_variable:
            power = int(e)
        elif atom.name == "sign" and atom.argument == variable(0):
            kink = True
        elif parts is not None and set(parts) <= {0, 2} and (whole := parts[2].number) is not None:
            square = whole
        elif atom.variables:
            return None
    bounded = square.sign() < 0
    even = power % 2 == (1 if kink else 0)
    return (power, square.fraction) if bounded and even and square.is_rational else None


def _vanishes_for_every_power(m: int, a: Fraction, k: int) -> bool:
    """Whether E[He_k(Z) (|Z|^m e^{aZ²})^j] = 0 identically in j.

    With q = mj and s = 1 - 2aj > 0, E[|Z|^{q+2i} e^{ajZ²}] = E[|Z|^q e^{ajZ²}] Π_{l<i} (q + 1 + 2l)/s, so for even k the
    coefficient is a positive factor times Σ_l h_{kl} Π_{i<l/2} (mj + 1 + 2i) s^{(k-l)/2}: a polynomial in j, tested for zero.
    """
    if k % 2:
        return True
    s = fmpq_poly([1, fmpq(-2 * a.numerator, a.denominator)])
    total = fmpq_poly([0])
    for degree, h in enumerate(hermite_coefficients(k)):
        if degree % 2 == 0 and h:
            term = fmpq_poly([h])
            for i in range(degree // 2):
                term *= fmpq_poly([1 + 2 * i, m])
            total += term * s ** (k // 2 - degree // 2)
    return total == fmpq_poly([0])


# -- small helpers


def _lift(vector: Sequence[Number], reduced: LinkExpansion, expansion: LinkExpansion) -> tuple[Number, ...]:
    """A vector in reduced coordinates in the coordinates t of the expansion."""
    ambient = reduced.in_ambient(vector)
    return tuple(sum((x * y for x, y in zip(ambient, row, strict=True)), Number.of(0)) for row in expansion.coordinates)


def _text(alpha: Sequence[int]) -> str:
    return str(alpha[0]) if len(alpha) == 1 else str(tuple(alpha))

"""The Hermite expansion of a general link: coefficients that are proved zero, certified nonzero, or undecided."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations, combinations_with_replacement
from math import factorial, prod

from steinlab.theory.budget import FACT_STEPS, Kept, PricedProperty, attempt, fact
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, Vector, dot, identity, kernel, multiply, rank, transpose
from steinlab.theory.exact.multi_indices import exponents, multi_indices
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions import link_generative, link_steps
from steinlab.theory.expansions.expansion import Vanishing
from steinlab.theory.expansions.generative import GenerativeExponent
from steinlab.theory.expansions.ranks import CertifiedMap, certified_rank
from steinlab.theory.expansions.ridge_map import RidgeMap
from steinlab.theory.expansions.witnesses import dimension_at_points, rises_along
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.integrals.expectations import expectation, times_hermite
from steinlab.theory.integrals.integrability import mean, require_square_integrable, terms_integrable
from steinlab.theory.integrals.pairs import energy_atom, has_energies
from steinlab.theory.integrals.ridges import MAX_FORMS, Ridges, taken_apart
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.trees import Expression
from steinlab.theory.links.coordinates import combination, forms, independent_latents, orthonormal_coordinates, span
from steinlab.theory.links.ring import Sum, constant, is_polynomial_form, unknown, variable
from steinlab.theory.verdicts import Decided, Evidence, Verdict

SEARCH_DEGREE = 12
"""Highest degree that is searched: for a nonzero coefficient, a step of a leap, and what spans the directions of a target."""
_FEW_DEGREES = 2
"""Degrees that are searched for what spans the directions before points are tried, but for integrals over several variables."""
_SEARCH_SHARE = 0.75
"""The share of a fact's steps that this search may take."""
_MANY, _FIRST_SHARE, _RISE_SHARE, _SHOWN_SHARE = 3, 0.5, 0.2, 0.1
"""In so many variables the sign of a coefficient of degree 1 may take the first share of a fact's steps, that of a slope the
second; the digits of a coefficient may take the third."""
_CLOSED_SHARE = 0.3
"""The share of a fact's steps that the search for a closed form of the second moment may take."""
COEFFICIENT_STEPS = 60_000
"""Steps of work for one coefficient, times the effort."""


class LinkExpansion:
    """The expansion of f*(x) = g(Ux), x ~ N(0, I_d), for a general link g, in orthonormal coordinates t on span(u_i).

    `coefficient(α)` is E[g He_α] = E[∂^α g] (weak derivatives), in the coordinates t; without directions t = z. Every result is a
    `Constant`: proved zero, certified nonzero, or undecided with its ball; all are undecided where `doubt` says why.
    Hypothesis, checked: g is defined almost everywhere, and E f*² is not proved infinite (InputError otherwise). Kind: exact or
    certified, as each constant says. Source: Damian et al. 2022, sections 1 and 4, for the definitions; Stein's identity for
    weak derivatives.

    >>> e = LinkExpansion.from_expression("relu(z1) - relu(-z1) + abs(z2)")
    >>> str(e.coefficient((1, 0))), e.coefficient((2, 0)).reason
    ('1', 'proved zero: its terms vanish or cancel: symmetry, independence and closed forms of each')
    """

    def __init__(self, link: Sum, directions: Matrix | None = None, variables: int | None = None, effort: int = 1) -> None:
        if not link.variables:
            raise InputError(f"the link {link} does not depend on x: use at least one latent variable z1, z2, ...")
        self.link = link
        """The normal form, as `read` gives it: in latent variables whose directions are linearly independent."""
        self.directions = directions
        size = max(link.variables) + 1 if variables is None else variables
        if directions is None:
            self.coordinates = identity(size)
            self.function = link
        else:
            chosen, _ = independent_latents(directions)
            if not link.variables <= set(chosen):
                raise ValueError(f"{link} is not written in independent latent variables: read the link with its directions")
            self.coordinates = orthonormal_coordinates(tuple(directions[i] for i in chosen))
            axes = range(len(self.coordinates))
            images = {
                i: combination(multiply((directions[i],), transpose(self.coordinates, len(directions[i])))[0], axes)
                for i in chosen
            }
            self.function = link.substitute(images)
        self.size = len(self.coordinates)
        """The number of coordinates t; `coordinates` holds them as orthonormal rows in R^d."""
        self.integrability = require_square_integrable(self.function, effort)
        """Whether E f*² is finite, HOLDS or UNDECIDED: nothing is said of an integral before that is proved."""
        self.effort = effort
        """What the budgets of its facts are multiplied by."""
        self._coefficients = Kept[Constant]()
        self._energies = Kept[Constant]()

    @staticmethod
    def from_expression(text: str | Expression, directions: Matrix | None = None, effort: int = 1) -> LinkExpansion:
        """The expansion of a link given as text. Raises InputError for what `read` and this class refuse."""
        expression = parse(text) if isinstance(text, str) else text
        return LinkExpansion(read(expression, directions), directions, expression.latents, effort)

    @property
    def search_degree(self) -> int:
        """Highest degree that is searched, by every search alike: that of a polynomial, SEARCH_DEGREE of another link."""
        return self.function.degree if is_polynomial_form(self.function) else SEARCH_DEGREE

    @PricedProperty
    def ridges(self) -> Ridges:
        """The link taken apart into functions of one line each, and what is not of this form."""
        return taken_apart(self.function, self.size) if self._by_terms else Ridges((), self.function, self.size)

    # -- coefficients

    def coefficient(self, alpha: Sequence[int]) -> Constant:
        """E[g He_α] = E[∂^α g] in the coordinates t."""
        key = (*alpha, *(0 for _ in range(self.size - len(alpha))))
        return self._coefficients.get(key, lambda: attempt(lambda: self._coefficient(key), self._open(key), COEFFICIENT_STEPS))

    def _coefficient(self, alpha: tuple[int, ...]) -> Constant:
        if self._by_terms and not self.doubt:
            form = self.ridges.coefficient(alpha)
        else:
            form = self.average(times_hermite(self.function, alpha))
        return Constant(form, lambda: _zero_reason(self.function, alpha)) if form.is_zero else Constant(form)

    def _open(self, alpha: Sequence[int]) -> Callable[[str], Constant]:
        """The coefficient as a number that is not known, from the reason."""
        return lambda reason: Constant(unknown(f"E[({self.function})*He{tuple(alpha)}]"), lambda: reason)

    @PricedProperty
    def doubt(self) -> str:
        """Why no integral of f* is known, empty where they are: E f*² is finite, in several variables that of each term too."""
        if self.integrability.verdict is Verdict.UNDECIDED:
            return f"whether E f*² is finite is undecided: {self.integrability.reason}"
        if len(self.function.variables) > 1 and not self._by_terms:
            return "E f*² is finite, but not known to be so for each term of the normal form: they are not integrated one by one"
        return ""

    @PricedProperty
    def _by_terms(self) -> bool:
        return terms_integrable(self.function)

    def average(self, h: Sum) -> Sum:
        """E[h], h a polynomial times g. InputError where it is not proved to exist."""
        if self.doubt:
            raise InputError(self.doubt)
        return expectation(h) if self._by_terms else mean(h)

    @property
    def mean(self) -> Constant:
        """E f*."""
        return self._integrated.coefficient(())

    @property
    def _integrated(self) -> LinkExpansion:
        """The coordinates in which f* is integrated: the reduced ones where its terms are not integrable in these."""
        return self.reduced if self.doubt and not self.reduced.doubt else self

    @fact(lambda self, reason: Constant(unknown(f"E[({self.function})**2]"), lambda: reason))
    def second_moment(self) -> Constant:
        """E f*², an integral of its own, not a partial sum."""
        g = self._integrated
        if g.doubt:
            raise InputError(g.doubt)
        if not g._by_terms:
            return Constant(mean(g.function * g.function))
        ridges = g.reduced.ridges
        if g.reduced._has_pairs:
            closed = attempt(ridges.closed_second_moment, lambda _: None, FACT_STEPS * _CLOSED_SHARE)
            by_pairs = energy_atom(g.reduced.function, 0) + energy_atom(g.reduced.function)
            return Constant(by_pairs if closed is None else closed)
        pairwise = ridges.second_moment()
        return Constant(mean(g.function * g.function) if pairwise is None else pairwise)

    @PricedProperty
    def _has_pairs(self) -> bool:
        """Whether energies are known as sums over pairs of ridges."""
        return self._by_terms and not self.doubt and len(self.ridges.ridges) > 1 and has_energies(self.ridges)

    @fact(lambda self, reason: Constant(unknown(f"Var({self.function})"), lambda: reason))
    def variance(self) -> Constant:
        """Var f*."""
        second = self.second_moment.form
        square = energy_atom(self._integrated.reduced.function, 0)
        return Constant(second - (square if set(square.terms) <= set(second.terms) else self.mean.form**2))

    def energy(self, k: int) -> Constant:
        """‖C_k‖_F²/k! = Σ_{|α| = k} (E[g He_α])²/α!, the share of E f*² in degree k."""

        def open_energy(reason: str) -> Constant:
            return Constant(unknown(f"E[({self.function})**2] in degree {k}"), lambda: reason)

        def found() -> Constant:
            return attempt(lambda: self.reduced._energy(k), open_energy, effort=self.effort, alone=True)

        return self._energies.get(k, found)

    def _energy(self, k: int) -> Constant:
        if self._has_pairs and len(self.ridges.ridges) > MAX_FORMS:
            return Constant(energy_atom(self.function, k))
        total = self.ridges.energy(k) if self._by_terms and not self.doubt else None
        if total is not None:
            return Constant(total, lambda: f"the ridge functions have no part of degree {k}, or their parts cancel")
        total = constant(0)
        for alpha in multi_indices(self.size, k):
            form = self.coefficient(alpha).form
            total = total + form * form * Fraction(1, prod(factorial(a) for a in alpha))
        return Constant(total, lambda: f"every coefficient of degree {k} is proved zero")

    def tensor(self, k: int) -> dict[tuple[int, ...], Constant]:
        """C_k in the coordinates t: entries by sorted 0-based index tuple, those proved zero left out."""
        entries = {
            index: self.coefficient(exponents(index, self.size)) for index in combinations_with_replacement(range(self.size), k)
        }
        return {index: c for index, c in entries.items() if not c.form.is_zero}

    def unfolding(self, k: int) -> list[list[Constant]]:
        """C_k as a matrix with a column for each coordinate: its row space is the span of the mode-1 columns."""
        return [
            [self.coefficient(exponents((*index, i), self.size)) for i in range(self.size)]
            for index in combinations_with_replacement(range(self.size), k - 1)
        ]

    # -- the subspace

    @fact(lambda self, _: identity(self.size))
    def linear_span(self) -> Matrix:
        """A basis of linear forms in t such that f* is a function of them alone: S* lies in their span. Kind: exact."""
        return span(forms(self.function), range(self.size))

    @fact(lambda self, reason: Decided(None, Evidence.NUMERICAL, reason, 0, len(self.linear_span)))
    def effective_dimension(self) -> Decided:
        """dim S*: at most the dimension of `linear_span`; at least the certified rank of the coefficients of low degree.

        Coefficients may be too small to be told from zero, as those of tanh(z1 - 100): then gradients and jumps at points count.
        """
        upper = len(self.linear_span)
        ranks = [0]  # of the coefficients up to each degree

        def search() -> None:
            while ranks[-1] < upper and (k := len(ranks)) <= self.search_degree:
                dear = k > _FEW_DEGREES or self._integrated._is_dear(k)
                if dear and self._seen_at_points == upper:
                    break
                ranks.append(self._integrated._rank_up_to(k, upper))

        attempt(search, lambda _: None, FACT_STEPS * _SEARCH_SHARE)  # what was found by then stands
        lower, degree = ranks[-1], len(ranks) - 1
        if lower == upper:
            reason = f"g is a function of {upper} linear forms, and the coefficients of degree <= {degree} have rank {upper}"
            return Decided(upper, Evidence.CERTIFIED, reason, upper, upper)
        reason = (
            f"up to degree {degree}{', all that the budget of work holds,' * (degree < self.search_degree)} the certified rank is"
        )
        seen = self._seen_at_points
        if seen == upper:
            reason = f"g is a function of {upper} linear forms, and its gradients and jumps at points have rank {upper}"
            return Decided(upper, Evidence.CERTIFIED, reason, upper, upper)
        reason = f"g is a function of {upper} linear forms; {reason} {lower} only"
        if seen > lower:
            reason += f", that of gradients and jumps at points {seen}"
        return Decided(None, Evidence.NUMERICAL, reason, max(lower, seen), upper)

    @PricedProperty
    def _seen_at_points(self) -> int:
        """A lower bound on dim S*, where E f*² is finite."""
        if self._integrated.doubt:
            return 0
        upper = len(self.linear_span)
        return attempt(lambda: dimension_at_points(self.function, self.size, upper), lambda _: 0, FACT_STEPS / 8)

    @fact(lambda self, _: self)
    def reduced(self) -> LinkExpansion:
        """The same target in orthonormal coordinates on `linear_span`, where they are known exactly: none is redundant."""
        if len(self.linear_span) == self.size:
            return self
        try:
            rows = orthonormal_coordinates(self.linear_span)
        except InputError:  # no supported field holds the square roots
            return self
        if len(rows) == self.size:
            return self
        # each function in it, kinks too, is one of the forms alone, so that none changes by the projection onto their span
        images = {i: combination(column, range(len(rows))) for i, column in enumerate(transpose(rows, self.size))}
        turned = LinkExpansion(self.function.substitute(images), variables=len(rows), effort=self.effort)
        turned.coordinates = multiply(rows, self.coordinates)
        return turned

    def hessian(self) -> CertifiedMap | RidgeMap:
        """The matrix is E[∂_i ∂_j f*] in the coordinates t."""
        if self._is_sum_of_ridges(2):
            return RidgeMap(self.ridges, lambda: CertifiedMap(self.unfolding(2)))
        return CertifiedMap(self.unfolding(2))

    def _is_sum_of_ridges(self, k: int) -> bool:
        """Whether all of C_k is that of ridge functions."""
        return not self.doubt and self.ridges.is_complete and (self.ridges.rest.is_zero or self.ridges.rest.degree < k)

    def _is_dear(self, k: int) -> bool:
        """Whether a coefficient of degree k takes integrals over several variables; those of ridges never do."""
        if not self.doubt and self.ridges.is_complete:
            return False
        return any(c.is_dear for row in self.unfolding(k) for c in row)

    def _rank_up_to(self, k: int, most: int) -> int:
        """A lower bound on the dimension that C_1, ..., C_k span, at most `most`. Kind: certified."""
        if not self.doubt and self.ridges.is_complete:
            return link_steps.spanned(self, k, most)
        rows = [row for j in range(1, k + 1) for row in self.unfolding(j)]
        return certified_rank(rows, most)

    def inner(self, a: Vector, b: Vector) -> Number:
        return dot(a, b)

    # -- exponents: what `Expansion` asks for

    @property
    def labels_independent(self) -> bool:
        return False

    @property
    def axes(self) -> set[int] | None:
        return set(self.function.variables) if self.directions is None else None

    def vanishes(self, k: int) -> Vanishing:
        """Whether C_k = 0: every coefficient of degree k is proved zero, or one is certified nonzero."""
        found = None
        for alpha in multi_indices(self.reduced.size, k):
            c = self.reduced.coefficient(alpha)
            verdict = self._vanishes(c, alpha)
            if verdict is Verdict.UNDECIDED and k == 1 and (slope := self._rises_along(alpha.index(1))):
                return self._by_slope(alpha, slope)
            if verdict is Verdict.FAILS or (verdict is Verdict.UNDECIDED and found is None):
                found = (verdict, f"E[g He_{alpha[0] if len(alpha) == 1 else alpha}]", c)
            if verdict is Verdict.FAILS:
                break
        if found is None:
            return Vanishing(Verdict.HOLDS, lambda: Evidence.CERTIFIED, lambda: f"every coefficient of degree {k} is proved zero")
        verdict, name, c = found
        if verdict is Verdict.FAILS:
            shown = f"{name} is not zero: a ball excludes it"  # where ten digits take too much work
            return Vanishing(
                verdict,
                lambda: attempt(lambda: c.evidence, lambda _: Evidence.CERTIFIED, FACT_STEPS * _SHOWN_SHARE, alone=True),
                lambda: attempt(lambda: f"{name} = {c} is not zero", lambda _: shown, FACT_STEPS * _SHOWN_SHARE, alone=True),
            )
        return Vanishing(verdict, lambda: Evidence.NUMERICAL, lambda: f"{name} is {c.reason}")

    def _by_slope(self, alpha: Sequence[int], slope: int) -> Vanishing:
        """That the coefficient of degree 1 is not zero, by the sign of the slope."""
        other, way = ("falls", "rises") if slope > 0 else ("rises", "falls")
        proof = f"f* nowhere {other} along t{alpha.index(1) + 1}, and {way} somewhere: E[g He_{tuple(alpha)}] is not zero"
        return Vanishing(Verdict.FAILS, lambda: Evidence.CERTIFIED, lambda: proof)

    def _vanishes(self, c: Constant, alpha: Sequence[int]) -> Verdict:
        """Whether a coefficient is zero, asked once: each asking is charged. In several variables a part of the work is kept."""
        if sum(alpha) > 1 or len(alpha) < _MANY:
            return c.is_zero
        return attempt(lambda: c.is_zero, lambda _: Verdict.UNDECIDED, FACT_STEPS * _FIRST_SHARE)

    def _rises_along(self, i: int) -> int | None:
        """The sign of E[g He_1(t_{i+1})] where f* rises or falls along t_{i+1}; None where that is not proved."""
        if self.integrability.verdict is Verdict.UNDECIDED:
            return None
        return attempt(lambda: rises_along(self.reduced.function, i), lambda _: None, FACT_STEPS * _RISE_SHARE)

    def across(self, seen: Sequence[Vector]) -> Callable[[int], Matrix]:
        return link_steps.across(self, seen)

    def gained_for_certain(self, seen: Sequence[Vector], k: int, most: int) -> int:
        return link_steps.gained_for_certain(self, seen, k, most)

    def reached(self, highest: int, dimension: int) -> int:
        return link_steps.reached(self, highest, dimension)

    def axes_gained(self, seen: Sequence[int], unseen: Sequence[int], k: int) -> set[int] | None:
        return link_steps.axes_gained(self, seen, unseen, k)

    def generative_exponent(self) -> GenerativeExponent | None:
        reduced = self.reduced
        return link_generative.generative_exponent(reduced.function, SEARCH_DEGREE) if reduced.size == 1 else None

    def from_reduced(self, vector: Vector) -> Vector:
        ambient = self.reduced.in_ambient(vector)
        return tuple(dot(ambient, row) for row in self.coordinates)

    # -- vectors

    def in_ambient(self, vector: Sequence[Number]) -> tuple[Number, ...]:
        """A vector in the coordinates t as a vector of R^d."""
        return tuple(
            sum((c * row[j] for c, row in zip(vector, self.coordinates, strict=True)), Number.of(0))
            for j in range(len(self.coordinates[0]))
        )

    def in_latents(self, vector: Vector) -> Vector | None:
        """Weights of the directions, where they are the axes or independent.

        >>> e = LinkExpansion.from_expression("tanh(z1 - 2*z2)")
        >>> [str(w) for w in e.in_latents(e.linear_span[0])]
        ['1', '-2']
        """
        ambient, rows = self.in_ambient(vector), self.directions
        if rows is None:
            return ambient
        if rank(rows) < len(rows):
            return None
        (relation,) = kernel(transpose((*rows, ambient), len(ambient)), len(rows) + 1)
        return tuple(-x / relation[-1] for x in relation[:-1])

    @cached_property
    def latent_frame(self) -> Matrix | None:
        """B with t = B z, z the latent variables; None where the directions are dependent."""
        # w_a with Σ_i w_{ai} u_i = q_a, the a-th coordinate vector: t_a = <q_a, x> = Σ_i w_{ai} z_i
        weights = [self.in_latents(axis) for axis in identity(self.size)]
        known = tuple(w for w in weights if w is not None)
        return known if len(known) == len(weights) else None

    def latent_hessian(self) -> Sequence[Sequence[Constant]]:
        """E[∇²g] in the latent variables where the directions are independent; else C_2 in the coordinates t.

        With t = Q x and z = A t, C_2 = Aᵀ E[∇²g] A, so E[∇²g] = BᵀC_2 B for B = A^{-1}, whose columns are the dual directions.

        >>> rows = (Number.of(3), Number.of(4)), (Number.of(0), Number.of(1))  # z1 = 3 x1 + 4 x2, z2 = x2
        >>> [[str(c) for c in row] for row in LinkExpansion.from_expression("z1*z2", rows).latent_hessian()]
        [['0', '1'], ['1', '0']]
        """
        matrix, frame = self.hessian().matrix, self.latent_frame
        if frame is None or self.directions is None:
            return matrix
        size = len(frame)
        terms = [(a, b) for a in range(size) for b in range(size)]
        return [
            [Constant(sum((matrix[a][b].form * (frame[a][i] * frame[b][j]) for a, b in terms), constant(0))) for j in range(size)]
            for i in range(size)
        ]

    def __repr__(self) -> str:
        return f"LinkExpansion({str(self.link)!r})"


def _zero_reason(g: Sum, alpha: Sequence[int]) -> str:
    """A reason, in words, for a coefficient that was proved zero."""
    h = times_hermite(g, alpha)
    variables = sorted(h.variables)
    for count in range(1, len(variables) + 1):
        for flipped in combinations(variables, count):
            if h.substitute({i: -variable(i) for i in flipped}) == -h:
                return "odd under " + ", ".join(f"z{i + 1} -> -z{i + 1}" for i in flipped)
    for i, j in combinations(variables, 2):
        if h.substitute({i: variable(j), j: variable(i)}) == -h:
            return f"antisymmetric under z{i + 1} <-> z{j + 1}"
    idle = [i for i, a in enumerate(alpha) if a and i not in g.variables]
    if idle:
        return f"g does not depend on z{idle[0] + 1}"
    odd = [i for i in variables if all(_vanishes_by_parity(h, i))]
    if odd:
        return f"odd under z{odd[0] + 1} -> -z{odd[0] + 1} or a function of fewer variables, term by term"
    return "its terms vanish or cancel: symmetry, independence and closed forms of each"


def _vanishes_by_parity(h: Sum, i: int) -> Iterator[bool]:
    for product, c in h.terms.items():
        term = Sum({product: c})
        yield term.substitute({i: -variable(i)}) == -term or expectation(term).is_zero

"""Links taken apart into ridge functions: functions of one direction, whose tensors are multiples of its powers.

A sum of neurons Σ_j φ_j(<u_j, z>), |u_j| = 1, has C_k = Σ_j E[φ_j He_k] u_j^{⊗k}: integrals of one variable, whatever the number
of neurons, and no change of coordinates. What is not of this form stays as a rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, combinations_with_replacement
from math import comb, factorial, prod

from steinlab.theory.budget import Kept, charge, priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, Vector, dot, inverse, multiply, transpose
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.expectations import expectation, times_hermite
from steinlab.theory.integrals.integrability import terms_integrable
from steinlab.theory.links.coordinates import forms, span
from steinlab.theory.links.ring import Atom, Product, Sum, constant, is_polynomial_form, variable

MAX_REST = 500
"""Most coefficients of a polynomial rest that enter a second moment one by one."""
MAX_FORMS = 12
"""Most ridges whose pairs are taken in closed form, with a number field for each."""
PAIR_STEPS = 400
"""Steps of work for a pair of ridges, whose correlation is a number of a field of its own."""


@dataclass(frozen=True)
class Ridge:
    """φ(<unit, z>), φ a function of z1."""

    unit: Vector
    profile: Sum
    _means: Kept[Sum] = field(default_factory=Kept, repr=False, compare=False)

    def mean(self, k: int) -> Sum:
        """E[φ He_k]."""
        return self._means.get(k, lambda: expectation(times_hermite(self.profile, (k,))))


@dataclass(frozen=True)
class Ridges:
    """g = Σ φ_j(<u_j, z>) + rest: the lines u_j distinct. Kind: exact."""

    ridges: tuple[Ridge, ...]
    rest: Sum
    size: int

    @staticmethod
    def of(g: Sum, size: int) -> Ridges:
        """The terms of g gathered by their functions, and what depends on one line by that line.

        >>> from steinlab.theory.language.link_reader import read
        >>> from steinlab.theory.language.parsing import parse
        >>> found = Ridges.of(read(parse("relu(3*z1 + 4*z2) + z1*tanh(z2) + erf(z2)")), 2)
        >>> [(list(map(str, r.unit)), str(r.profile)) for r in found.ridges], str(found.rest)
        ([(['3/5', '4/5'], '5/2*z1*sign(z1)'), (['0', '1'], 'erf(z1)')], '3/2*z1 + z1*tanh(z2) + 2*z2')
        """
        groups: dict[tuple[tuple[Atom, object], ...], dict[Product, Number]] = {}
        for product, c in g.terms.items():
            functions = tuple((a, e) for a, e in product if not a.is_variable)
            groups.setdefault(functions, {})[product] = c
        lines: dict[Vector, Sum] = {}
        rest = constant(0)
        for terms in groups.values():
            group = Sum(terms)
            direction = None if is_polynomial_form(group) else _line(group, size)
            profile = group.substitute({i: variable(0) * x for i, x in enumerate(direction or ())})
            if direction is None or not terms_integrable(profile):
                rest = rest + group
            else:
                lines[direction] = lines.get(direction, constant(0)) + profile
        return Ridges(tuple(Ridge(unit, profile) for unit, profile in lines.items() if not profile.is_zero), rest, size)

    @property
    def is_complete(self) -> bool:
        """Whether the rest is a polynomial, so that all tensors of higher degree are those of the ridges."""
        return is_polynomial_form(self.rest)

    def coefficient(self, alpha: Sequence[int]) -> Sum:
        """E[g He_α]."""
        k = sum(alpha)
        total = constant(0)
        for ridge in self.ridges:
            weight = prod((x**a for x, a in zip(ridge.unit, alpha, strict=True) if a), start=Number.of(1))
            if weight:
                total = total + ridge.mean(k) * weight
        rest = about(self.rest, alpha)
        if is_polynomial_form(rest) and rest.degree < k:
            return total
        return total + expectation(times_hermite(rest, alpha))

    def energy(self, k: int) -> Sum | None:
        """‖C_k‖_F²/k! where the rest has no part in it: Σ_ij E[φ_i He_k] E[φ_j He_k] <u_i, u_j>^k/k!; None elsewhere."""
        if not self.is_complete or (not self.rest.is_zero and self.rest.degree >= k):
            return None
        charge(PAIR_STEPS * comb(len(self.ridges), 2))
        total = constant(0)
        for i, ridge in enumerate(self.ridges):
            total = total + ridge.mean(k) ** 2
            for other in self.ridges[:i]:
                total = total + ridge.mean(k) * other.mean(k) * (dot(ridge.unit, other.unit) ** k * 2)
        return total * Number.of(factorial(k)).inverse()

    def closed_second_moment(self) -> Sum | None:
        """E g² where no integral over several variables stands in it, of MAX_FORMS ridges at most; else None."""
        return self.second_moment(closed=True) if len(self.ridges) <= MAX_FORMS else None

    def second_moment(self, closed: bool = False) -> Sum | None:
        """E g² by pairs of ridges, each in two coordinates of its own; None where the rest is no short polynomial.

        `closed`: None as soon as a pair has no closed form, either.
        """
        degree = self.rest.degree
        if not self.is_complete or comb(self.size + degree, degree) > MAX_REST:
            return None
        charge(PAIR_STEPS * comb(len(self.ridges), 2))
        total = constant(0)
        for first, second in [*combinations(self.ridges, 2), *((ridge, ridge) for ridge in self.ridges)]:
            try:
                product = first.profile * first.profile if first is second else on_plane(first, second)
            except InputError:  # no supported field holds a sine of an angle between lines
                return None
            if not terms_integrable(product, 1):
                return None
            found = expectation(product)
            if closed and any(len(atom.argument.variables) > 1 for p in found.terms for atom, _ in p if atom.name == "E"):
                return None
            total = total + found * (1 if first is second else 2)
        polynomial = Ridges((), self.rest, self.size)
        for k in range(degree + 1):
            for index in combinations_with_replacement(range(self.size), k):
                alpha = tuple(index.count(i) for i in range(self.size))
                own = polynomial.coefficient(alpha)
                if not own.is_zero:  # E[p φ] = Σ_α E[p He_α] E[φ He_α]/α!
                    weight = Number.of(prod(map(factorial, alpha))).inverse()
                    total = total + own * ((self.coefficient(alpha) * 2 - own) * weight)
        return total

    def across(self, seen: Sequence[Vector], k: int) -> list[tuple[tuple[int, ...], list[Sum]]]:
        """Rows whose span holds what C_j, j >= k, gain at degree k once the directions `seen` are known, by their other indices.

        Given the seen directions, φ_j(<u_j, z>) has the coefficients F(<P u_j, z>) (Q u_j)^{⊗k}, P and Q the projections on the
        seen directions and across them, and F the function E φ_j^{(k)}(. + |Q u_j| x): the same number times one F for the terms
        of φ_j that are multiples of one function, at one P u_j. Lines are turned so that P u_j begins with a positive number. A
        vector on which all sums over such terms vanish gains nothing. The polynomial rest is taken coefficient by coefficient.
        """
        project = _projection(seen, self.size)
        groups: dict[object, list[tuple[Vector, Sum]]] = {}
        for ridge in self.ridges:
            along = multiply((ridge.unit,), project)[0] if seen else tuple(Number.of(0) for _ in ridge.unit)
            across = tuple(x - y for x, y in zip(ridge.unit, along, strict=True))
            lead = next((x for x in along if x), None)
            if lead is None:
                groups.setdefault(None, []).append((across, ridge.mean(k)))
                continue
            profile = ridge.profile
            if lead.sign() < 0:
                along, across = tuple(-x for x in along), tuple(-x for x in across)
                profile = profile.substitute({0: -variable(0)})
            for product, weight in profile.terms.items():
                if any(atom.variables for atom, _ in product):
                    groups.setdefault((product, along), []).append((across, constant(weight)))
        rows = []
        for members in groups.values():
            for index in combinations_with_replacement(range(self.size), k - 1):
                row = [constant(0)] * self.size
                for across, c in members:
                    weight = prod((across[i] for i in index), start=Number.of(1))
                    if weight:
                        row = [x + c * (weight * y) if y else x for x, y in zip(row, across, strict=True)]
                rows.append((index, row))
        return rows + self._rest_across(project, seen, k)

    def _rest_across(self, project: Matrix, seen: Sequence[Vector], k: int) -> list[tuple[tuple[int, ...], list[Sum]]]:
        """The same for the polynomial rest: columns of C_j, j up to its degree, with j - k arguments among the seen vectors."""
        polynomial, axes = Ridges((), self.rest, self.size), range(self.size)
        rows = []
        for j in range(k, self.rest.degree + 1 if seen else min(k, self.rest.degree) + 1):
            for fixed in combinations_with_replacement(range(self.size), k - 1):
                for chosen in combinations_with_replacement(seen, j - k):
                    vector = [polynomial.contracted((*fixed, i), chosen) for i in range(self.size)]
                    if seen:
                        moved = [sum((x * row[i] for x, row in zip(vector, project, strict=True)), constant(0)) for i in axes]
                        vector = [x - y for x, y in zip(vector, moved, strict=True)]
                    rows.append((fixed, vector))
        return rows

    def contracted(self, index: Sequence[int], vectors: Sequence[Vector]) -> Sum:
        """The tensor with the unit vectors of `index` and the given vectors as arguments."""
        if not vectors:
            return self.coefficient(tuple(index.count(i) for i in range(self.size)))
        total = constant(0)
        for i, x in enumerate(vectors[0]):
            if x:
                total = total + self.contracted((*index, i), vectors[1:]) * x
        return total


@priced(50)
def taken_apart(g: Sum, size: int) -> Ridges:
    """`Ridges.of`, kept."""
    return Ridges.of(g, size)


def about(g: Sum, alpha: Sequence[int]) -> Sum:
    """The terms of g that depend on every variable of He_α: the others have no share in E[g He_α], given any other variables."""
    needed = {i for i, a in enumerate(alpha) if a}
    return Sum({p: c for p, c in g.terms.items() if needed <= {i for atom, _ in p for i in atom.variables}})


def _line(group: Sum, size: int) -> Vector | None:
    """The unit vector of the line that the group depends on alone; None where there is no such line."""
    basis = span(forms(group), range(size))
    if len(basis) != 1:
        return None
    try:
        scale = dot(basis[0], basis[0]).root(2).inverse()
    except InputError:  # no supported field holds its length
        return None
    return tuple(x * scale for x in basis[0])


def on_plane(first: Ridge, second: Ridge) -> Sum:
    """φ(x) ψ(ρ x + √(1 - ρ²) y), in coordinates of the plane of both lines."""
    correlation = dot(first.unit, second.unit)
    other = variable(0) * correlation + variable(1) * (1 - correlation * correlation).root(2)
    return first.profile * second.profile.substitute({0: other})


def _projection(seen: Iterable[Vector], size: int) -> Matrix:
    """The orthogonal projection on the span of independent vectors."""
    rows = tuple(seen)
    if not rows:
        return tuple(tuple(Number.of(0) for _ in range(size)) for _ in range(size))
    columns = transpose(rows, size)
    return multiply(multiply(columns, inverse(multiply(rows, columns))), rows)

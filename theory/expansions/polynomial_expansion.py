"""The Hermite expansion of a target: every C_k = E[∇^k f*] from one pass of the heat operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from math import comb, factorial, prod

from steinlab.theory.display import html_table
from steinlab.theory.exact.gaussian import heat
from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.linear_algebra import (
    Matrix,
    Vector,
    dot,
    identity,
    kernel,
    multiply,
    orthogonal_complement,
    row_echelon,
    transpose,
)
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial, require_monomials
from steinlab.theory.exact.symmetric import ExactMap
from steinlab.theory.expansions.expansion import Vanishing
from steinlab.theory.expansions.generative import GenerativeExponent, of_polynomial
from steinlab.theory.verdicts import Decided, Evidence, Verdict

Tensor = Mapping[tuple[int, ...], Number]
"""A symmetric tensor: its nonzero entries by sorted 0-based index tuple."""


class HermiteExpansion:
    """The expansion f*(x) = Σ_k (1/k!) <C_k, He_k(x)>, C_k = E[∇^k f*(x)], of f*(x) = g(Ux), x ~ N(0, I_d).

    Everything is read off one polynomial, the *symbol* F(v) = E g(v + y) with y = Ux ~ N(0, Σ), Σ = UUᵀ: the part of F of
    degree k is C_k(w^{⊗k})/k! at v = Uw. Tensors are given in latent coordinates, entries E[∂_{i1}..∂_{ik} g(y)]; the tensor
    in x-space is their lift by U. Energies and exponents are those of f* in x-space, for any U, orthonormal or not.

    Kind: exact. Source: Damian et al. 2022, section 4 and Lemma 5; the covariance form is derived by us.

    >>> z1, z2 = Polynomial.variable(0, 2), Polynomial.variable(1, 2)
    >>> e = HermiteExpansion(z1**2 * z2)
    >>> str(e.symbol), {k: str(e.energy(k)) for k in (1, 3)}, str(e.variance)
    ('z1**2*z2 + z2', {1: '1', 3: '2'}, '3')
    """

    def __init__(self, link: Polynomial, directions: Matrix | None = None) -> None:
        self.link = link
        self.directions = directions
        """The rows u_i, or None for the first r coordinate axes."""
        self.gram: Matrix | None = None
        """Σ = UUᵀ, or None for the identity."""
        if directions is not None:
            gram = multiply(directions, transpose(directions, len(directions[0])))
            self.gram = None if gram == identity(len(directions)) else gram
        self.symbol = heat(link, self.gram)

    def __repr__(self) -> str:
        return f"HermiteExpansion(link={str(self.link)!r}, symbol={str(self.symbol)!r})"

    def _repr_html_(self) -> str:
        rows = [("E g(v + y)", str(self.symbol)), ("mean", self.mean), ("variance", self.variance)]
        return html_table("Hermite expansion", [*rows, *((f"energy in degree {k}", e) for k, e in self.degree_energies.items())])

    @cached_property
    def degree(self) -> int:
        """The largest k with C_k != 0 (0 for a target that is constant)."""
        return max((k for k in self.parts if self.energy(k)), default=0)

    @cached_property
    def parts(self) -> dict[int, Polynomial]:
        """{k: C_k(v^{⊗k})/k!}, nonzero parts only."""
        return self.symbol.homogeneous_parts()

    @cached_property
    def _energies(self) -> dict[int, Number]:
        lifted = self.symbol if self.gram is None else self.symbol.compose(linear_forms(self.gram))
        other = lifted.terms()
        energies: dict[int, Number] = {}
        for alpha, c in self.symbol.terms().items():
            if alpha in other:
                value = c * other[alpha] * prod(factorial(a) for a in alpha)
                energies[sum(alpha)] = energies.get(sum(alpha), Number.of(0)) + value
        return energies

    def energy(self, k: int) -> Number:
        """‖C_k‖_F²/k! in x-space: the share of E f*² in degree k (Lemma 5, Parseval). Kind: exact."""
        return self._energies.get(k, Number.of(0))

    @cached_property
    def degree_energies(self) -> dict[int, Number]:
        """{k: ‖C_k‖_F²/k!}, nonzero ones only, by rising k."""
        return {k: self.energy(k) for k in sorted(self._energies) if self.energy(k)}

    @property
    def mean(self) -> Number:
        """E f* = C_0."""
        return self.symbol.coefficient((0,) * self.link.variables)

    @property
    def second_moment(self) -> Number:
        """E f*² = Σ_k ‖C_k‖_F²/k! (Lemma 5)."""
        return sum(self.degree_energies.values(), Number.of(0))

    @property
    def variance(self) -> Number:
        """Var f*."""
        return self.second_moment - self.mean**2

    def tensor(self, k: int) -> dict[tuple[int, ...], Number]:
        """C_k in latent coordinates: nonzero entries E[∂_{i1}..∂_{ik} g(y)] by sorted 0-based index tuple. Kind: exact.

        >>> e = HermiteExpansion(Polynomial.from_terms({(2, 1): 1}))
        >>> {i: str(c) for i, c in e.tensor(3).items()}
        {(0, 0, 1): '2'}
        """
        part = self.parts.get(k)
        if part is None:
            return {}
        return {_indices(alpha): c * prod(factorial(a) for a in alpha) for alpha, c in part.terms().items()}

    def taylor_tensor(self, k: int) -> dict[tuple[int, ...], Number]:
        """T_k = ∇^k g(0)/k! computed from the C_k's by Lemma 21, entries as in `tensor`.

        Statement: T_k = Σ_{2j <= p-k} (-1)^j (2j-1)!!/(k! (2j)!) C_{2j+k}(I^{⊗j}), so that f* = Σ_k <T_k, x^{⊗k}>.
        Hypotheses: orthonormal directions (the contraction is with the identity). Raises ValueError otherwise. Kind: exact.
        Source: Damian et al. 2022, Lemma 21.

        >>> e = HermiteExpansion(Polynomial.from_terms({(2, 1): 1}))
        >>> {i: str(c) for i, c in e.taylor_tensor(3).items()}
        {(0, 0, 1): '1/3'}
        """
        if self.gram is not None:
            raise ValueError("Lemma 21 contracts with the identity: the directions must be orthonormal")
        r = self.link.variables
        require_monomials(comb(r + k - 1, k) if r else 1, f"the tensor T_{k}")
        out: dict[tuple[int, ...], Number] = {}
        for j in range((self.symbol.degree - k) // 2 + 1):
            weight = Number.of((-1) ** j * double_factorial(2 * j - 1)) / (factorial(k) * factorial(2 * j))
            for index, value in _contract_pairs(self.tensor(2 * j + k), k, j, r).items():
                out[index] = out.get(index, Number.of(0)) + weight * value
        return {index: value for index, value in out.items() if value}

    # -- coordinates on the span of the directions

    @cached_property
    def intrinsic(self) -> Intrinsic:
        """The expansion in coordinates on span(u_i), whatever the directions: see `Intrinsic`."""
        r = self.link.variables
        if self.gram is None:
            return Intrinsic(tuple(range(r)), identity(r), identity(r))
        pivots = row_echelon(self.gram)[1]
        lift = tuple(tuple(row[i] for i in pivots) for row in self.gram)
        return Intrinsic(pivots, lift, tuple(lift[i] for i in pivots))

    @cached_property
    def effective_subspace(self) -> Matrix:
        """A basis of S*, the span of all mode-1 columns of all C_k, k >= 1, in intrinsic coordinates. Kind: exact."""
        view = self.intrinsic
        size = len(view.pivots)
        if size == self.link.variables:  # the lift is invertible: the slopes along it are those of the symbol, lifted
            slopes = multiply(row_echelon(gradient_rows(self.symbol, size))[0], view.lift)
        else:  # f* sees the symbol on the range of the lift only
            slopes = gradient_rows(self.symbol.compose(linear_forms(view.lift)), size)
        invisible = kernel(slopes, size)
        return orthogonal_complement(invisible, view.gram)

    @property
    def effective_dimension(self) -> Decided:
        """dim S*, which may be smaller than the number of latent variables written. Kind: exact."""
        return Decided.exact(len(self.effective_subspace), "the rank of the coefficients of the gradient")

    def hessian(self) -> ExactMap:
        """The matrix is E[∇²g(y)] in the coordinates of the latent variables, r x r; the form that on span(u_i)."""
        r, tensor, zero = self.link.variables, self.tensor(2), Number.of(0)
        matrix = tuple(tuple(tensor.get((min(i, j), max(i, j)), zero) for j in range(r)) for i in range(r))
        view = self.intrinsic
        lift = view.lift
        form = multiply(transpose(lift, len(lift[0])), multiply(matrix, lift))
        return ExactMap(matrix, form, None if self.gram is None else view.gram)

    def inner(self, a: Vector, b: Vector) -> Number:
        ((product,),) = multiply((a,), multiply(self.intrinsic.gram, transpose((b,), len(b))))
        return product

    # -- exponents: what `Expansion` asks for

    @property
    def effort(self) -> int:
        return 1

    @property
    def linear_span(self) -> Matrix:
        return self.effective_subspace

    @property
    def size(self) -> int:
        return len(self.intrinsic.pivots)

    @property
    def search_degree(self) -> int:
        return self.symbol.degree

    @property
    def labels_independent(self) -> bool:
        return True

    @property
    def doubt(self) -> str:
        return ""

    @property
    def axes(self) -> set[int] | None:
        if self.gram is not None:
            return None
        return {i for alpha in self.symbol.terms() for i, a in enumerate(alpha) if a}

    @property
    def reduced(self) -> HermiteExpansion:
        return self

    def from_reduced(self, vector: Vector) -> Vector:
        return vector

    def vanishes(self, k: int) -> Vanishing:
        """Whether C_k = 0, by its norm."""
        energy = self.energy(k)
        verdict = Verdict.FAILS if energy else Verdict.HOLDS
        return Vanishing(
            verdict, lambda: Evidence.EXACT, lambda: f"‖C_{k}‖_F²/{k}! = {energy}" + (" is not zero" if energy else "")
        )

    def across(self, seen: Sequence[Vector]) -> Callable[[int], Matrix]:
        """See `Expansion`: the gradient of the part of degree k in s of the symbol at Σ s_i unseen_i + Σ t_j seen_j."""
        view = self.intrinsic
        unseen = orthogonal_complement(seen, view.gram)
        forms = linear_forms(multiply(view.lift, transpose((*unseen, *seen), self.size)))
        grouped: dict[int, dict[tuple[int, ...], Number]] = {}
        for part in self.parts.values() if seen else ():
            for alpha, c in part.compose(forms).terms().items():
                grouped.setdefault(sum(alpha[: len(unseen)]), {})[alpha] = c

        def gained(k: int) -> Matrix:
            if seen:
                part = Polynomial.from_terms(grouped.get(k, {}), self.size)
            else:  # the parts of other degrees need not be turned
                part = self.parts[k].compose(forms) if k in self.parts else Polynomial.from_terms({}, self.size)
            if not part.terms():
                return ()
            # u ⊥ what is gained exactly when the part does not vary along u: what stays unseen is the kernel of its gradient
            still = kernel(gradient_rows(part, len(unseen)), len(unseen))
            remaining = multiply(still, unseen) if still else ()
            return orthogonal_complement((*remaining, *seen), view.gram)

        return gained

    def gained_for_certain(self, seen: Sequence[Vector], k: int, most: int) -> int:
        return most

    def reached(self, highest: int, dimension: int) -> int:
        return dimension if highest >= self.search_degree else 0

    def generative_exponent(self) -> GenerativeExponent | None:
        """Kind: exact, by `of_polynomial`.

        >>> z = Polynomial.variable(0, 1)
        >>> [HermiteExpansion(link).generative_exponent().value.value for link in (z**3 - 3 * z, z**4)]
        [1, 2]
        """
        if self.effective_dimension.value != 1:
            return None
        return of_polynomial(not any(k % 2 for k in self.degree_energies), Evidence.EXACT)

    def axes_gained(self, seen: Sequence[int], unseen: Sequence[int], k: int) -> set[int]:
        monomials = (alpha for alpha in self.symbol.terms() if sum(alpha[i] for i in unseen) == k)
        return {i for alpha in monomials for i in unseen if alpha[i]}

    def in_latents(self, vector: Vector) -> Vector:
        """Weights of the directions, those that are not pivots zero."""
        latent = dict(zip(self.intrinsic.pivots, vector, strict=True))
        return tuple(latent.get(i, Number.of(0)) for i in range(self.link.variables))

    def in_ambient(self, vector: Vector) -> Vector:
        """A vector in intrinsic coordinates as a vector of R^d, d the number of columns of U."""
        latent = self.in_latents(vector)
        if self.directions is None:
            return latent
        return tuple(dot(column, latent) for column in transpose(self.directions, len(self.directions[0])))


@dataclass(frozen=True)
class Intrinsic:
    """Coordinates t on span(u_i): w = Σ_a t_a u_{pivots[a]} has Uw = `lift` t and |w|² = tᵀ `gram` t.

    The pivots select linearly independent directions, so `gram` is positive definite; for orthonormal directions it and `lift`
    are the identity.
    """

    pivots: tuple[int, ...]
    lift: Matrix
    gram: Matrix


def gradient_rows(p: Polynomial, variables: int) -> Matrix:
    """The coefficients of ∂_1 p, ..., ∂_variables p, a column each: its kernel are the directions along which p is constant."""
    columns = [p.derivative(i).terms() for i in range(variables)]
    monomials = dict.fromkeys(alpha for column in columns for alpha in column)
    zero = Number.of(0)
    return tuple(tuple(column.get(alpha, zero) for column in columns) for alpha in monomials)


def linear_forms(rows: Matrix) -> list[Polynomial]:
    """The polynomials Σ_j rows[i][j] t_j."""
    size = len(rows[0])
    units = [tuple(int(a == j) for a in range(size)) for j in range(size)]
    return [Polynomial.from_terms(dict(zip(units, row, strict=True)), size) for row in rows]


def _indices(alpha: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(i for i, a in enumerate(alpha) for _ in range(a))


def _contract_pairs(tensor: Tensor, k: int, j: int, r: int) -> dict[tuple[int, ...], Number]:
    """C(I^{⊗j}) for a symmetric tensor C of order k + 2j: Σ over i_1..i_j of the entries with those indices doubled."""
    out: dict[tuple[int, ...], Number] = {}
    for doubled in combinations_with_replacement(range(r), j):
        orders = factorial(j) // prod(factorial(doubled.count(i)) for i in set(doubled))
        for index, value in tensor.items():
            rest = list(index)
            try:
                for i in doubled:
                    rest.remove(i)
                    rest.remove(i)
            except ValueError:
                continue
            key = tuple(rest)
            out[key] = out.get(key, Number.of(0)) + orders * value
    return out

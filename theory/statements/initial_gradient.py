"""The population gradient of a ReLU neuron at initialisation, as symbolic objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial
from typing import Any

from steinlab.theory.display import html_table
from steinlab.theory.exact.gaussian_numbers import GaussianNumber
from steinlab.theory.exact.linear_algebra import dot
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.statements.activations import relu_coefficient


@dataclass(frozen=True)
class DirectionTerm:
    """(c_{k+1}/k!) C_{k+1}(w^{⊗k}): `coefficient` = c_{k+1}/k!, `components[i]` the component along u_i, a polynomial in Uw."""

    k: int
    coefficient: GaussianNumber
    components: tuple[Polynomial, ...]


@dataclass(frozen=True)
class RadialTerm:
    """w (c_{k+2}/k!) C_k(w^{⊗k}): `coefficient` = c_{k+2}/k!, `factor` = C_k(w^{⊗k}), a polynomial in v = Uw."""

    k: int
    coefficient: GaussianNumber
    factor: Polynomial


@dataclass(frozen=True)
class InitialGradient:
    """E[f*(x) x 1{w·x >= 0}] for |w| = 1, term by term. The gradient of the population loss in w_j is -2 a_j times it.

    Statement: it equals Σ_{k=0}^{p-1} (c_{k+1}/k!) C_{k+1}(w^{⊗k}) + w Σ_{k=0}^{p} (c_{k+2}/k!) C_k(w^{⊗k}).
    Both sums carry these upper limits; eq. (1) of the paper stops the second at p - 1, which drops a term for even p.
    Hypotheses: x ~ N(0, I_d), σ = ReLU, f* polynomial of degree p, |w| = 1. Kind: exact.
    Source: Damian et al. 2022, section 4 (Stein's lemma); limits corrected by us.
    """

    expansion: HermiteExpansion
    direction_terms: tuple[DirectionTerm, ...]
    radial_terms: tuple[RadialTerm, ...]

    @property
    def leading(self) -> InitialGradient:
        """H w/√(2π), the term k = 1 of the first sum: of size d^{-1/2} for w uniform on the sphere."""
        return InitialGradient(self.expansion, tuple(t for t in self.direction_terms if t.k == 1), ())

    @property
    def remainder(self) -> InitialGradient:
        """Everything but `leading`."""
        return InitialGradient(self.expansion, tuple(t for t in self.direction_terms if t.k != 1), self.radial_terms)

    def evaluate(self, w: Sequence[Scalar]) -> tuple[GaussianNumber, ...]:
        """The gradient at a unit vector w of R^d, d at least the ambient dimension of the directions, exactly.

        Raises: ValueError when |w| is not 1 or w is too short.
        """
        point = [Number.of(x) for x in w]
        if dot(point, point) != 1:
            raise ValueError(f"|w|² is {dot(point, point)}: expected a unit vector")
        rows = self._rows(len(point))
        v = [dot(row, point) for row in rows]
        out = [GaussianNumber() for _ in point]
        for term in self.direction_terms:
            for row, component in zip(rows, term.components, strict=True):
                along = component.evaluate(v)
                out = [total + term.coefficient * (along * u) for total, u in zip(out, row, strict=True)]
        for radial in self.radial_terms:
            factor = radial.factor.evaluate(v)
            out = [total + radial.coefficient * (factor * x) for total, x in zip(out, point, strict=True)]
        return tuple(out)

    def _rows(self, d: int) -> list[list[Number]]:
        r = self.expansion.link.variables
        rows = self.expansion.directions or [[Number.of(int(i == j)) for j in range(r)] for i in range(r)]
        if len(rows[0]) > d:
            raise ValueError(f"w has {d} entries: expected at least {len(rows[0])}")
        return [[*row, *([Number.of(0)] * (d - len(row)))] for row in rows]

    def to_sympy(self) -> tuple[Any, Any]:
        """(column of the components along u_1..u_r, factor of w), SymPy expressions in v1..vr, v_i = <u_i, w>."""
        import sympy

        symbols = [sympy.Symbol(f"v{i + 1}", real=True) for i in range(self.expansion.link.variables)]

        def expression(p: Polynomial) -> Any:
            return sympy.Add(
                *(_sympy_number(c) * sympy.Mul(*(v**e for v, e in zip(symbols, a, strict=True))) for a, c in p.terms().items())
            )

        def scaled(c: GaussianNumber, p: Polynomial) -> Any:
            value = _sympy_number(c.rational) + _sympy_number(c.over_sqrt_2pi) / sympy.sqrt(2 * sympy.pi)
            return value * expression(p)

        columns = [[scaled(t.coefficient, p) for p in t.components] for t in self.direction_terms]
        along = sympy.Matrix([sympy.Add(*(column[i] for column in columns)) for i in range(len(symbols))])
        return along, sympy.Add(*(scaled(t.coefficient, t.factor) for t in self.radial_terms))

    def _repr_html_(self) -> str:
        names = [f"v{i + 1}" for i in range(self.expansion.link.variables)]
        rows = [
            (f"k = {t.k}, along u_1, u_2, ...", [[str(t.coefficient), *(p.to_text(names) for p in t.components)]])
            for t in self.direction_terms
        ]
        rows += [(f"k = {t.k}, along w", [[str(t.coefficient), t.factor.to_text(names)]]) for t in self.radial_terms]
        return html_table("E[f*(x) x 1{w·x >= 0}], v = Uw: coefficient, polynomials", rows)

    def __str__(self) -> str:
        names = [f"v{i + 1}" for i in range(self.expansion.link.variables)]
        pieces = [
            f"({t.coefficient})*({p.to_text(names)})*u{i + 1}"
            for t in self.direction_terms
            for i, p in enumerate(t.components)
            if not p.is_zero
        ]
        pieces += [f"({t.coefficient})*({t.factor.to_text(names)})*w" for t in self.radial_terms]
        return " + ".join(pieces) or "0"


def initial_gradient(expansion: HermiteExpansion, centred: bool = False) -> InitialGradient:
    """The expansion of E[f*(x) x 1{w·x >= 0}], |w| = 1; terms that vanish are left out.

    `centred` removes C_0 and C_1 first, as the α, β step of Algorithm 1 does in the population; the leading term is then
    H w/√(2π) and the next, -w (wᵀHw)/(2√(2π)), is smaller by √d because c_3 = 0. Kind: exact.
    Source: Damian et al. 2022, section 4.

    >>> from steinlab.theory.targets.target import Target
    >>> gradient = initial_gradient(Target.from_expression("He(2,z1)").expansion)
    >>> print(gradient)
    (1/sqrt(2*pi))*(2*v1)*u1 + (-1/2/sqrt(2*pi))*(2*v1**2)*w
    """
    parts = {k: part for k, part in expansion.parts.items() if not centred or k >= 2}
    r = expansion.link.variables
    direction, radial = [], []
    for k, part in parts.items():
        if k >= 1 and not (c := relu_coefficient(k)).is_zero:
            # part = C_k(v^{⊗k})/k!, so its gradient is C_k(v^{⊗k-1})/(k-1)!
            components = tuple(part.derivative(i) * factorial(k - 1) for i in range(r))
            direction.append(DirectionTerm(k - 1, c * (Number.of(1) / factorial(k - 1)), components))
        if not (c := relu_coefficient(k + 2)).is_zero:
            radial.append(RadialTerm(k, c * (Number.of(1) / factorial(k)), part * factorial(k)))
    return InitialGradient(expansion, tuple(direction), tuple(radial))


def _sympy_number(a: Number) -> Any:
    import sympy

    radicals = [sympy.root(_sympy_number(Number(r.below, r.radicand)), r.order) for r in a.field.radicals]
    return sympy.Add(
        *(
            sympy.Rational(int(c.p), int(c.q)) * sympy.Mul(*(t**e for t, e in zip(radicals, m, strict=False)))
            for m, c in a.monomials()
        )
    )

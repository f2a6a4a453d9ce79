"""The Stein decomposition of the population gradient, ∇_W R = ℋ W + 𝒟 U: exact at a point, and as a symbolic identity.

Setting: ŷ = Σ_j a_j σ(w_j·x + b_j), y = g(Ux) + e, x ~ N(0, I_d), e of mean zero and independent of x, R(W) = E ½(ŷ - y)². With
ℓ' = ŷ - y and primes of σ at w_j·x + b_j, Stein's lemma E[x F(x)] = E[∇F(x)] for F = ℓ' a_j σ'_j gives row j of

    ∇_W R = ℋ W + 𝒟 U,   ℋ = E[(a∘σ')(a∘σ')ᵀ] + diag(a_j E[ℓ' σ''_j]),   𝒟_ji = -a_j E[σ'_j ∂_i g].

Here σ and g are polynomials, so that every expectation is a finite sum of Gaussian moments. For other activations and losses see
`steinlab.numerics.population.stein`. Source: derived by this project, in the form of Mousavi-Hosseini et al. 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from itertools import islice
from math import prod
from typing import Any

from steinlab.theory.errors import InputError
from steinlab.theory.exact.gaussian import gaussian_mean
from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.linear_algebra import Matrix, identity, inverse, matrix, multiply, rank, transpose
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.exact.polynomials import Polynomial

Rows = Sequence[Sequence[Scalar]]


@dataclass(frozen=True)
class SteinDecomposition:
    """ℋ (`coupling`, m x m), 𝒟 (`drift`, m x k), W (`weights`, m x d) and U (`directions`, k x d) at one point. Kind: exact."""

    coupling: Matrix
    drift: Matrix
    weights: Matrix
    directions: Matrix

    @property
    def gradient(self) -> Matrix:
        """∇_W R = ℋ W + 𝒟 U, m x d."""
        return _add(multiply(self.coupling, self.weights), multiply(self.drift, self.directions))

    def stationary_point(self, weight_decay: Scalar) -> Matrix:
        """-(ℋ + λI)⁻¹ 𝒟 U: what W must be if it is a stationary point of R + (λ/2)‖W‖²; see `stationary_point`."""
        return stationary_point(self.coupling, self.drift, self.directions, weight_decay)


def stein_decomposition(
    link: Polynomial, activation: Polynomial, weights: Rows, heads: Sequence[Scalar], biases: Sequence[Scalar], directions: Rows
) -> SteinDecomposition:
    """ℋ and 𝒟 at (W, a, b) for the loss ½(ŷ - y)².

    `link` is g in k variables, `activation` is σ in one, `weights` W (m x d), `heads` a, `biases` b, `directions` U (k x d, any
    rows). Raises: InputError for shapes that do not match. Kind: exact.

    >>> z = Polynomial.variable(0, 1)
    >>> at = stein_decomposition(z**2, z**2, [[1, 1]], [Fraction(1, 2)], [0], [[1, 0]])
    >>> [[str(x) for x in row] for row in at.gradient]
    [['0', '2']]
    """
    w, u = _matrix("the weights W", weights), _matrix("the directions U", directions)
    m, k = len(w), len(u)
    a, b = [Number.of(x) for x in heads], [Number.of(x) for x in biases]
    if not len(a) == len(b) == m:
        raise InputError(f"W has {m} rows, a {len(a)} entries and b {len(b)}: expected one of each per neuron")
    if len(w[0]) != len(u[0]):
        raise InputError(f"W has {len(w[0])} columns and U {len(u[0])}: expected the same dimension d")
    if link.variables != k or activation.variables != 1:
        raise InputError(
            f"the link has {link.variables} variables and U {k} rows: expected one row for each, and σ of one variable"
        )
    rows = (*w, *u)
    covariance = multiply(rows, transpose(rows, len(u[0])))
    size = m + k
    inputs = [Polynomial.variable(j, size) + b[j] for j in range(m)]
    latent = [Polynomial.variable(m + i, size) for i in range(k)]
    slope, bend = activation.derivative(0), activation.derivative(0).derivative(0)
    first = [slope.compose([h]) * a[j] for j, h in enumerate(inputs)]  # a_j σ'_j
    second = [bend.compose([h]) * a[j] for j, h in enumerate(inputs)]  # a_j σ''_j
    outputs = [activation.compose([h]) * a[j] for j, h in enumerate(inputs)]
    residual = reduce(lambda p, q: p + q, outputs, link.compose(latent) * -1)
    coupling = [[gaussian_mean(first[i] * first[j], covariance) for j in range(m)] for i in range(m)]
    for j in range(m):
        coupling[j][j] = coupling[j][j] + gaussian_mean(residual * second[j], covariance)
    slopes = [link.derivative(i).compose(latent) for i in range(k)]
    drift = [[-gaussian_mean(first[j] * slopes[i], covariance) for i in range(k)] for j in range(m)]
    return SteinDecomposition(matrix(coupling), matrix(drift), w, u)


def stationary_point(coupling: Rows, drift: Rows, directions: Rows, weight_decay: Scalar) -> Matrix:
    """-(ℋ + λI)⁻¹ 𝒟 U, of rank at most k: its rows lie in the span of the directions.

    A W is a stationary point of R + (λ/2)‖W‖² exactly when (ℋ(W) + λI) W = -𝒟(W) U; where ℋ + λI is invertible, which λ above the
    threshold guarantees, W is this. Raises: InputError where ℋ + λI is singular. Kind: exact; derived.

    >>> [[str(x) for x in row] for row in stationary_point([[1]], [[-2]], [[1, 1]], 1)]
    [['1', '1']]
    """
    h, c, u = (_matrix(what, rows) for what, rows in (("ℋ", coupling), ("𝒟", drift), ("U", directions)))
    shifted = _add(h, tuple(tuple(x * Number.of(weight_decay) for x in row) for row in identity(len(h))))
    if rank(shifted) < len(h):
        raise InputError(f"ℋ + λI is singular at λ = {weight_decay}: use a weight decay above the threshold")
    solved = multiply(inverse(shifted), multiply(c, u))
    return tuple(tuple(-x for x in row) for row in solved)


# -- as an identity in symbols


@dataclass(frozen=True)
class SymbolicDecomposition:
    """SymPy matrices in the symbols w11, w12, ..., a1, ..., b1, ...: ℋ, 𝒟, W, U, and ∇_W R by differentiating R itself."""

    coupling: Any
    drift: Any
    weights: Any
    directions: Any
    gradient: Any

    @property
    def residual(self) -> Any:
        """∇_W R - (ℋ W + 𝒟 U), expanded: the zero matrix."""
        import sympy

        return (self.gradient - self.coupling * self.weights - self.drift * self.directions).applyfunc(sympy.expand)

    def perpendicular(self, projector: Any) -> Any:
        """(∇_W R) P_⊥ - ℋ W P_⊥, expanded, for the projector P_⊥ on the complement of the directions: the zero matrix."""
        import sympy

        return ((self.gradient - self.coupling * self.weights) * projector).applyfunc(sympy.expand)


def symbolic_stein_decomposition(link: Polynomial, activation: Polynomial, width: int, directions: Rows) -> SymbolicDecomposition:
    """ℋ, 𝒟 and ∇_W R as polynomials in the entries of W, a and b, for rational polynomials σ and g and rational U (k x d).

    Meant for small sizes: the number of terms grows fast with m, d and the degrees. SymPy is imported here.
    Raises: InputError for shapes that do not match or irrational coefficients. Kind: exact, for all W, a and b at once.

    >>> z = Polynomial.variable(0, 1)
    >>> identity_in_symbols = symbolic_stein_decomposition(z**2, z**2, 1, [[1, 0]])
    >>> identity_in_symbols.residual, identity_in_symbols.coupling[0, 0]
    (Matrix([[0, 0]]), 6*a1**2*b1**2 + 6*a1**2*w11**2 + 6*a1**2*w12**2 - 2*a1)
    """
    import sympy
    from sympy.polys.rings import ring

    u = _matrix("the directions U", directions)
    k, d, m = len(u), len(u[0]), width
    if link.variables != k or activation.variables != 1 or m < 1:
        raise InputError(
            f"g has {link.variables} variables, U {k} rows, m = {m}: expected k variables, σ of one variable, m >= 1"
        )
    names = [f"w{j + 1}{i + 1}" for j in range(m) for i in range(d)]
    names += [f"a{j + 1}" for j in range(m)] + [f"b{j + 1}" for j in range(m)] + [f"x{i + 1}" for i in range(d)]
    polynomials, *generators = ring(names, sympy.QQ)
    symbols = iter(generators)
    w = [list(islice(symbols, d)) for _ in range(m)]
    a, b, x = (list(islice(symbols, size)) for size in (m, m, d))

    value, mean = partial(_value, polynomials), partial(_mean, polynomials, d)
    pre = [sum((wi * xi for wi, xi in zip(row, x, strict=True)), b[j]) for j, row in enumerate(w)]
    latent = [sum((_rational(c) * xi for c, xi in zip(row, x, strict=True)), polynomials.zero) for row in u]
    slope, bend = activation.derivative(0), activation.derivative(0).derivative(0)
    residual = sum((a[j] * value(activation, [pre[j]]) for j in range(m)), -value(link, latent))
    first = [a[j] * value(slope, [pre[j]]) for j in range(m)]
    coupling = [[mean(first[i] * first[j]) for j in range(m)] for i in range(m)]
    for j in range(m):
        coupling[j][j] += mean(residual * a[j] * value(bend, [pre[j]]))
    drift = [[-mean(first[j] * value(link.derivative(i), latent)) for i in range(k)] for j in range(m)]
    risk = mean(residual**2) * sympy.QQ(1, 2)

    def expressions(rows: Sequence[Sequence[Any]]) -> Any:
        return sympy.Matrix([[p.as_expr() for p in row] for row in rows])

    return SymbolicDecomposition(
        expressions(coupling),
        expressions(drift),
        expressions(w),
        sympy.Matrix([[sympy.Rational(c.fraction.numerator, c.fraction.denominator) for c in row] for row in u]),
        expressions([[risk.diff(wi) for wi in row] for row in w]),
    )


def _value(ring: Any, p: Polynomial, arguments: Sequence[Any]) -> Any:
    """p at elements of a ring of SymPy."""
    out = ring.zero
    for alpha, c in p.terms().items():
        out += _rational(c) * prod((v**e for v, e in zip(arguments, alpha, strict=True)), start=ring.one)
    return out


def _mean(ring: Any, d: int, p: Any) -> Any:
    """E over x, the last d generators: the moments of a standard normal, coordinate by coordinate."""
    out = ring.zero
    for monomial, c in p.terms():
        powers = monomial[-d:]
        if not any(e % 2 for e in powers):
            moment = prod(double_factorial(e - 1) for e in powers)
            out += ring({(*monomial[:-d], *(0,) * d): c * moment})
    return out


# -- small helpers


def _matrix(what: str, rows: Rows) -> Matrix:
    if not len(rows) or len({len(row) for row in rows}) != 1 or not len(rows[0]):
        raise InputError(f"{what} has rows of lengths {[len(row) for row in rows]}: expected rows of one length >= 1")
    return tuple(tuple(Number.of(x) for x in row) for row in rows)


def _add(a: Matrix, b: Matrix) -> Matrix:
    return tuple(tuple(x + y for x, y in zip(r, s, strict=True)) for r, s in zip(a, b, strict=True))


def _rational(c: Number) -> Any:
    import sympy

    if not c.is_rational:
        raise InputError(f"the coefficient {c} is irrational: symbolic decompositions take rational polynomials and directions")
    value: Fraction = c.fraction
    return sympy.QQ(value.numerator, value.denominator)

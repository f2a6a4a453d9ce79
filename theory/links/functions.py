"""The functions that links are made of: what is known of each is one row of one table, and a new one needs nothing else.

FUNCTIONS has those that stand in normal forms, with what holds of them on the whole line. COMPOSED has those that are made of
them: what is known of such a function follows from its form. Whoever reads, writes or samples expressions takes the names, the
spellings and the values in floating point from here. Powers, products of exponentials, the sides of a sign and the domain of a
logarithm are matters of the normal form, not of this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from flint import acb

from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.numbers import Number
from steinlab.theory.links.closed_forms import (
    erf_moments,
    exponential,
    hyperbolic_tangent,
    sign_moments,
    trigonometric_moments,
    turned,
)
from steinlab.theory.links.ring import Atom, Sum, absolute, apply, constant, from_atom, logarithm, pi, power, relu, sigmoid

FloatFunction: TypeAlias = tuple[str, *tuple[float, ...]]
"""A function in floating point: its name in NumPy or in scipy.special, and what it takes after its argument."""


@dataclass(frozen=True)
class RealFunction:
    """A function f of one real variable; of what holds nowhere, or is not known, the default says nothing."""

    floats: FloatFunction | tuple[()]
    """Its values for samples; a function without stands in results, and cannot be typed."""
    ball: Callable[[acb, bool], acb]
    """An enclosure on a complex ball; with the flag set it is not finite unless f is analytic there."""
    derivative: Callable[[Atom], Sum]
    """f'(u) for an atom f(u)."""
    also: tuple[str, ...] = ()
    """Other names that may be typed."""
    low: Fraction | None = None
    high: Fraction | None = None
    """low <= f <= high wherever f is defined."""
    parity: int = 0
    """1 for even functions and -1 for odd ones."""
    increasing: bool = False
    """f is defined and strictly increasing on the whole line, so that it attains neither bound."""
    positive: bool = False
    """f > 0 everywhere."""
    root: int | None = None
    """The number r for which f(u) has the sign of u - r wherever f is defined."""
    inverse: Callable[[Number], Sum | None] | None = None
    """The v with f(v) = q for a number q; None where q is no value of f."""
    attains: Callable[[Number], Sum] | None = None
    """One of infinitely many v with f(v) = q, q one of -1, 0, 1."""
    near_zero: int | None = None
    """A c with |f(u)| <= c |u| for every u."""
    at_zero: int | None = None
    """f(0)."""
    simpler: Callable[[Sum], Sum | None] | None = None
    """f(u) in another form, for u with logarithms of numbers or multiples of π in it; None where there is none."""
    moments: Callable[[int, Sum, Sum], list[Sum] | None] | None = None
    """E[x^j f(b x + v)], j = 0..n, x ~ N(0, 1), for n, b and v; None where they are not known."""
    distance: Callable[[acb], acb] | None = None
    """An enclosure of high - f(u), as close for its size where it is tiny; f is odd and increasing."""
    depth: Callable[[Sum], Sum] | None = None
    """An upper bound on -log(high - f(u)) for every u."""
    nearing: Callable[[Sum, int], list[Sum]] | None = None
    """So many terms and one of a series for high - f(u), u > 0, whose error is at most the first term that is left out."""
    gap: Callable[[Sum], Sum] | None = None
    """An upper bound on high - f(u) for u >= 0 that decreases like an exponential; f is odd."""
    far: Callable[[Sum], tuple[Sum, Sum]] | None = None
    """A fraction that f(u) is for u > 0, with terms whose size as u tends to infinity is known; f is odd."""

    @property
    def bound(self) -> Fraction | None:
        """A number that |f| exceeds nowhere; None for an unbounded function."""
        return None if self.low is None or self.high is None else max(abs(self.low), abs(self.high))


def bound_of(name: str) -> Fraction | None:
    """The bound on |f| of the function of that name; None for one without, and for what is no function."""
    row = FUNCTIONS.get(name)
    return None if row is None else row.bound


def _tanh_ball(v: acb) -> acb:
    """tanh; far from the imaginary axis through e^{-2v}, which keeps wide balls bounded."""
    if v.real > 1:
        small = (-2 * v).exp()
        return 1 - 2 * small / (1 + small)
    if v.real < -1:
        small = (2 * v).exp()
        return 2 * small / (1 + small) - 1
    return v.tanh()


def _arctangent(v: acb, analytic: bool) -> acb:
    """arctan; not analytic on the imaginary axis from i and -i outwards."""
    on_cut = v.real.contains(0) and not abs(v.imag) < 1
    return acb("nan") if analytic and on_cut else v.atan()


def _arcsine(v: acb, analytic: bool) -> acb:
    """arcsin; not analytic on the real axis from 1 and -1 outwards."""
    on_cut = v.imag.contains(0) and not abs(v.real) < 1
    return acb("nan") if analytic and on_cut else v.asin()


def _arsinh(v: acb, analytic: bool) -> acb:
    """arsinh, by its ends on the real line and elsewhere by its slope: FLINT's balls are many times as wide, or not finite.

    It is not analytic on the imaginary axis from i and -i outwards.
    """
    if v.imag.is_zero():
        return acb(v.real.lower().asinh().union(v.real.upper().asinh()))
    if v.real.contains(0) and not abs(v.imag) < 1:
        return acb("nan") if analytic else v.asinh()
    middle = acb(v.real.mid(), v.imag.mid())
    return middle.asinh() + (1 + v * v).rsqrt() * (v - middle)


def _error_function_far_out(u: Sum, terms: int) -> list[Sum]:
    """1 - erf(u) = e^{-u²}/(u √π) (1 - 1/(2u²) + 1·3/(2u²)² - ...) for u > 0, enveloped by its partial sums (DLMF 7.12.1)."""
    factor = apply("exp", -(u * u)) * power(u, Fraction(-1)) * pi(Fraction(-1, 2))
    return [
        factor * power(u, Fraction(-2 * k)) * Fraction((-1) ** k * double_factorial(2 * k - 1), 2**k) for k in range(terms + 1)
    ]


def _inverse_hyperbolic_tangent(q: Number) -> Sum | None:
    return logarithm(constant((1 + q) / (1 - q))) * Fraction(1, 2) if -1 < q < 1 else None


_ONE = Fraction(1)
FUNCTIONS: dict[str, RealFunction] = {
    "exp": RealFunction(
        floats=("exp",),
        ball=lambda v, _: v.exp(),
        derivative=from_atom,
        low=Fraction(0),
        increasing=True,
        positive=True,
        inverse=lambda q: logarithm(constant(q)) if q > 0 else None,
        at_zero=1,
        simpler=exponential,
    ),
    "log": RealFunction(
        floats=("log",),
        also=("ln",),
        ball=lambda v, analytic: v.log(analytic=analytic),
        derivative=lambda f: power(f.argument, Fraction(-1)),
        root=1,
        inverse=lambda q: apply("exp", constant(q)),
    ),
    "sin": RealFunction(
        floats=("sin",),
        ball=lambda v, _: v.sin(),
        derivative=lambda f: apply("cos", f.argument),
        low=-_ONE,
        high=_ONE,
        parity=-1,
        near_zero=1,
        at_zero=0,
        simpler=lambda u: turned("sin", u),
        moments=lambda n, b, v: trigonometric_moments("sin", n, b, v),
        attains=lambda q: pi() * (Fraction(1, 2) * q),
    ),
    "cos": RealFunction(
        floats=("cos",),
        ball=lambda v, _: v.cos(),
        derivative=lambda f: -apply("sin", f.argument),
        low=-_ONE,
        high=_ONE,
        parity=1,
        at_zero=1,
        simpler=lambda u: turned("cos", u),
        moments=lambda n, b, v: trigonometric_moments("cos", n, b, v),
        attains=lambda q: constant(0) if q == 1 else pi() * (Fraction(1, 2) if q == 0 else Fraction(-1)),
    ),
    "tanh": RealFunction(
        floats=("tanh",),
        ball=lambda v, _: _tanh_ball(v),
        derivative=lambda f: constant(1) - from_atom(f) ** 2,
        low=-_ONE,
        high=_ONE,
        parity=-1,
        increasing=True,
        root=0,
        inverse=_inverse_hyperbolic_tangent,
        near_zero=1,
        distance=lambda v: 2 / (1 + (2 * v).exp()),
        gap=lambda u: apply("exp", u * -2) * 2,
        at_zero=0,
        simpler=hyperbolic_tangent,
        far=lambda u: (constant(1) - apply("exp", u * -2), constant(1) + apply("exp", u * -2)),
    ),
    "erf": RealFunction(
        floats=("erf",),
        ball=lambda v, _: v.erf(),
        derivative=lambda f: apply("exp", -(f.argument * f.argument)) * pi(Fraction(-1, 2)) * 2,
        low=-_ONE,
        high=_ONE,
        parity=-1,
        increasing=True,
        root=0,
        near_zero=2,
        distance=lambda v: v.erfc(),
        depth=lambda u: u * u + absolute(u) + 1,
        nearing=_error_function_far_out,
        gap=lambda u: apply("exp", -(u * u)),
        at_zero=0,
        moments=erf_moments,
    ),
    "asin": RealFunction(
        floats=(),
        ball=_arcsine,
        derivative=lambda f: power(constant(1) - f.argument * f.argument, Fraction(-1, 2)),
        parity=-1,
        root=0,
        at_zero=0,
    ),
    "sign": RealFunction(
        floats=("sign",),
        also=("sgn",),
        ball=lambda v, analytic: v.real_sgn(analytic=analytic),
        derivative=lambda _: constant(0),
        low=-_ONE,
        high=_ONE,
        parity=-1,
        at_zero=0,
        moments=sign_moments,
    ),
    "atan": RealFunction(
        floats=("arctan",),
        also=("arctan",),
        ball=_arctangent,
        derivative=lambda f: power(f.argument * f.argument + 1, Fraction(-1)),
        low=-Fraction(11, 7),
        high=Fraction(11, 7),
        parity=-1,
        increasing=True,
        root=0,
        near_zero=1,
        at_zero=0,
        far=lambda u: (pi() * Fraction(1, 2) - apply("atan", power(u, Fraction(-1))), constant(1)),
    ),
    "asinh": RealFunction(
        floats=("arcsinh",),
        also=("arcsinh",),
        ball=_arsinh,
        derivative=lambda f: power(f.argument * f.argument + 1, Fraction(-1, 2)),
        parity=-1,
        increasing=True,
        root=0,
        near_zero=1,
        at_zero=0,
        inverse=lambda q: (apply("exp", constant(q)) - apply("exp", constant(-q))) * Fraction(1, 2),
        far=lambda u: (logarithm(u + power(u * u + 1, Fraction(1, 2))), constant(1)),
    ),
}


@dataclass(frozen=True)
class Composed:
    """A function of u that is made of those above, of powers, Max and Min, and of other such functions.

    Either `text` is what it is written out as, before anything else looks at an expression, or `form` gives its normal form and
    `floats` its values, and its name stays. `second` is the value of a second argument s in `text` where none is given.
    """

    text: str = ""
    form: Callable[[Sum], Sum] | None = None
    floats: FloatFunction | tuple[()] = ()
    also: tuple[str, ...] = ()
    second: str = ""


COMPOSED: dict[str, Composed] = {
    "abs": Composed(form=absolute, floats=("abs",), also=("Abs",)),
    "relu": Composed(form=relu, floats=("maximum", 0.0), also=("ReLU",)),
    "sigmoid": Composed(form=sigmoid, floats=("expit",)),
    "softplus": Composed("log(1 + exp(u))"),
    "gelu": Composed("(u*(1 + erf(u/sqrt(2)))/2)"),
    "silu": Composed("(u*sigmoid(u))", also=("swish",)),
    "leaky_relu": Composed("(relu(u) - s*relu(-u))", second="(1/100)"),
    "elu": Composed("(relu(u) + exp(Min(u, 0)) - 1)"),
    "cosh": Composed("((exp(u) + exp(-u))/2)"),
    "sinh": Composed("((exp(u) - exp(-u))/2)"),
    "erfc": Composed("(1 - erf(u))"),
    "heaviside": Composed("((1 + sign(u))/2)", also=("step",)),
}

INSTEAD = {
    "maximum": "Max(u, v)",
    "minimum": "Min(u, v)",
    "fabs": "abs(u)",
    "where": "Piecewise((u, z1 > 0), (v, True))",
    "tan": "sin(u)/cos(u)",
    "phi": "(1 + erf(u/sqrt(2)))/2 for the normal distribution function",
    "cbrt": "sign(u)*abs(u)**(1/3)",
    "pow": "u**v",
    "square": "u**2",
    "expit": "sigmoid(u)",
    "logistic": "sigmoid(u)",
    "arsinh": "asinh(u)",
    "sech": "1/cosh(u)",
    "logcosh": "log(cosh(u))",
    "mish": "u*tanh(softplus(u))",
    "softsign": "u/(1 + abs(u))",
    "relu6": "Min(6, relu(u))",
    "hardtanh": "Max(-1, Min(u, 1))",
    "log1p": "log(1 + u)",
    "expm1": "exp(u) - 1",
    "log2": "log(u)/log(2)",
    "log10": "log(u)/log(10)",
}
"""What to type for functions that have no row, in small letters."""

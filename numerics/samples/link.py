"""f* in floating point: a target's link on inputs of any dimension."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.limits import require_memory
from steinlab.numerics.samples.expressions import compile_expression
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import row_echelon, transpose
from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.spelling import quoted
from steinlab.theory.targets.network import MAX_LINK
from steinlab.theory.targets.target import CallableTarget, LinkTarget, PolynomialTarget, Target

__all__ = ["Link", "frame"]

Plan: TypeAlias = "float | list[tuple[int, Plan]]"


class Link:
    """f*(x) = g(<x, u_1>, ..., <x, u_r>) of a target, in floating point, on inputs of dimension d.

    The directions are padded with zeros to d. A polynomial is evaluated by Horner's rule, nested over the latent
    variables: about one multiplication and one addition for each term and row. A general link is evaluated as it is
    written, in independent latents where its directions are dependent; it may overflow to inf, which who trains on it
    must refuse.

    Args:
        target: a target of any kind.
        d: dimension of the inputs, at least the target's ambient dimension.

    Raises:
        InputError: d is too small for the target's directions.

    Guarantee: numerical; the constants are correctly rounded.

    Example:
        >>> from steinlab.theory.targets.target import Target
        >>> Link(Target.from_expression("z1**2 + 3*z1*z2"), 3)(np.array([[1.0, 2.0, 9.0]]))
        array([7.])
    """

    def __init__(self, target: Target, d: int) -> None:
        self.d = d = _dimension(target, d)
        self.directions: Array | None = None
        images = None
        if target.directions is not None:
            require_memory(8 * target.latent_dimension * d, f"a target of dimension d = {d}", "take a smaller d")
            rows = target.directions
            if not isinstance(target, PolynomialTarget):
                reduced, chosen = row_echelon(transpose(rows, target.ambient_dimension))
                if len(chosen) < len(rows):  # a link may be discontinuous where rows of the directions tie
                    rows, images = tuple(rows[i] for i in chosen), transpose(reduced, len(rows))
            self.directions = np.zeros((len(rows), d))
            self.directions[:, : target.ambient_dimension] = [_floats(row, target) for row in rows]
        self._values: Callable[[Array], Array | float]
        if isinstance(target, CallableTarget):
            function, r = target.function, target.latent_dimension
            self._values = lambda latent: function(np.ascontiguousarray(latent[:r].T))
        elif isinstance(target, PolynomialTarget):
            self._values = _polynomial_values(target)
        else:
            expression = target.expression if isinstance(target, LinkTarget) else parse(target.link, MAX_LINK)
            self._values = compile_expression(expression, images)

    def __call__(self, X: Array) -> Array:
        """Values of shape (n,) at the rows of X (n x d).

        Raises:
            InputError: X does not have d columns.
        """
        if X.ndim != 2 or X.shape[1] != self.d:
            raise InputError(f"X has shape {X.shape}; expected (n, {self.d})")
        latent = X.T if self.directions is None else self.directions @ X.T
        return np.zeros(len(X)) + self._values(latent)


def frame(target: Target, d: int) -> Array:
    """The directions u_i as rows, padded with zeros to dimension d: shape (r, d). The first r axes where there are none.

    Raises:
        InputError: d is too small for the target.
    """
    d = _dimension(target, d)
    if target.directions is None:
        return np.eye(target.latent_dimension, d)
    rows = np.zeros((target.latent_dimension, d))
    rows[:, : target.ambient_dimension] = [_floats(row, target) for row in target.directions]
    return rows


def _floats(numbers: Iterable[Number], target: Target) -> list[float]:
    try:
        return [float(x) for x in numbers]
    except OverflowError:
        raise InputError(
            f"the target {quoted(target.link)} has coefficients or directions beyond floating point; rescale it"
        ) from None


def _dimension(target: Target, d: int) -> int:
    d = check_integer("d", d, least=1)
    if d < target.ambient_dimension:
        raise InputError(
            f"d = {d} is too small for the target {quoted(target.link)}, which lives in dimension {target.ambient_dimension}; "
            f"take d >= {target.ambient_dimension}"
        )
    return d


def _polynomial_values(target: PolynomialTarget) -> Callable[[Array], Array | float]:
    exact = target.polynomial.terms()
    terms = dict(zip(exact, _floats(exact.values(), target), strict=True))
    last = target.latent_dimension - 1
    plan = _horner(terms, last)
    return lambda latent: _evaluate(plan, latent, last)


def _horner(terms: Mapping[tuple[int, ...], float], variable: int) -> Plan:
    """Terms grouped by the power of z_variable, highest first; within a group, by the variables before it."""
    if variable < 0:
        (coefficient,) = terms.values()
        return coefficient
    by_power = sorted(terms, key=lambda powers: powers[variable], reverse=True)
    return [
        (power, _horner({powers: terms[powers] for powers in group}, variable - 1))
        for power, group in itertools.groupby(by_power, key=lambda powers: powers[variable])
    ]


def _evaluate(plan: Plan, latent: Array, variable: int) -> Array | float:
    if isinstance(plan, float):
        return plan
    value: Array | float = 0.0
    below = [power for power, _ in plan[1:]] + [0]
    for (power, group), next_power in zip(plan, below, strict=True):
        value = value + _evaluate(group, latent, variable - 1)
        for _ in range(power - next_power):
            value = value * latent[variable]
    return value

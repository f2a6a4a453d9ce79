"""Values of an expression in floating point, as it is written: nothing is executed, and simplified is what exact ties need."""

import ast
import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.special

from steinlab.numerics.types import Array
from steinlab.theory.exact.hermite import hermite_coefficients
from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.names import names
from steinlab.theory.language.polynomial_reader import number
from steinlab.theory.language.trees import Expression, pieces

__all__ = ["compile_expression"]

Value = Array | float
Program = Callable[[Array], Value]

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Mult: operator.mul,
    ast.Div: np.true_divide,
    ast.Pow: np.float_power,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": np.sqrt,
    "Max": lambda *u: functools.reduce(np.maximum, u),
    "Min": lambda *u: functools.reduce(np.minimum, u),
}
"""What is not in the table of functions of links."""


@dataclass(frozen=True)
class _Source:
    """An expression, and where latents are dependent each as its coefficients over independent ones."""

    expression: Expression
    images: Sequence[Sequence[Number]] | None

    def segment(self, node: ast.expr) -> str:
        return self.expression.segment(node)


def compile_expression(expression: Expression, images: Sequence[Sequence[Number]] | None = None) -> Program:
    """The function of latents (r x n, one row for each z_i) that an expression on the whitelist describes.

    With `images` the rows are independent latents and z_i = Σ_a images[i][a] latent[a]. What is affine in the z_i is then added
    up exactly before it is evaluated, so that ties that the coefficients make (z3 - z1 - z2 = 0) are ties in floats.

    Guarantee: numerical; literals are correctly rounded, whole powers are repeated products. Overflow gives inf.

    Example:
        >>> from steinlab.theory.language.parsing import parse
        >>> compile_expression(parse("relu(z1)*He(2, z2)"))(np.array([[3.0], [2.0]]))
        array([9.])
    """
    return _compile(expression.tree, _Source(expression, images))


def _compile(node: ast.expr, e: _Source) -> Program:
    affine = None if e.images is None else _affine(node, e)
    if affine is not None:
        return _affine_program(affine)
    if isinstance(node, ast.Constant):
        value = float(Fraction(e.segment(node)))
        return lambda latent: value
    if isinstance(node, ast.Name):
        if node.id == "pi":
            return lambda latent: np.pi
        row = int(node.id[1:]) - 1
        return lambda latent: latent[row]
    if isinstance(node, ast.UnaryOp):
        inner = _compile(node.operand, e)
        return (lambda latent: -inner(latent)) if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp):
        return _operation(node, e)
    assert isinstance(node, ast.Call), "the whitelist lets nothing else through"
    assert isinstance(node.func, ast.Name), "the whitelist lets nothing else through"
    if node.func.id == "He":
        return _hermite(int(float(number(e.segment(node.args[0])))), _compile(node.args[1], e))
    if node.func.id == "Piecewise":
        return _piecewise(node, e)
    summed = _exponentials(node.args[0], e) if node.func.id == "log" and len(node.args) == 1 else None
    if summed is not None:
        first, second = summed
        return lambda latent: np.logaddexp(first(latent), second(latent))
    function, arguments = _function(node.func.id), [_compile(argument, e) for argument in node.args]
    return lambda latent: function(*(argument(latent) for argument in arguments))


def _function(name: str) -> Callable[..., Any]:
    if name in _FUNCTIONS:
        return _FUNCTIONS[name]
    known, *rest = names().floats[name]
    function = getattr(np, known, None) or getattr(scipy.special, known)
    return lambda u: function(u, *rest)


def _affine(node: ast.expr, e: _Source) -> list[Number] | None:
    """(coefficients over the independent latents, constant) of what is affine in the z_i; None for anything else. Exact."""
    assert e.images is not None, "the caller has images"
    if isinstance(node, ast.Constant):
        return [Number.of(0)] * len(e.images[0]) + [Number.of(Fraction(e.segment(node)))]
    if isinstance(node, ast.Name) and node.id != "pi":
        return [*e.images[int(node.id[1:]) - 1], Number.of(0)]
    if isinstance(node, ast.UnaryOp):
        inner = _affine(node.operand, e)
        return [-x for x in inner] if inner is not None and isinstance(node.op, ast.USub) else inner
    if not isinstance(node, ast.BinOp):
        return None
    if isinstance(node.op, (ast.Add, ast.Sub)):
        total = [Number.of(0)] * (len(e.images[0]) + 1)
        for term, side in _terms(node):
            known = _affine(term, e)
            if known is None:
                return None
            total = [x + y * side for x, y in zip(total, known, strict=True)]
        return total
    if not isinstance(node.op, (ast.Mult, ast.Div)):
        return None
    left, right = _affine(node.left, e), _affine(node.right, e)
    if left is None or right is None:
        return None
    if isinstance(node.op, ast.Mult) and not any(left[:-1]):
        left, right = right, left
    if any(right[:-1]) or (isinstance(node.op, ast.Div) and not right[-1]):
        return None
    factor = right[-1] if isinstance(node.op, ast.Mult) else right[-1].inverse()
    return [x * factor for x in left]


def _affine_program(affine: Sequence[Number]) -> Program:
    terms = [(a, float(x)) for a, x in enumerate(affine[:-1]) if x]
    constant = float(affine[-1])
    return lambda latent: functools.reduce(lambda total, term: total + term[1] * latent[term[0]], terms, constant)


def _exponentials(node: ast.expr, e: _Source) -> tuple[Program, Program] | None:
    """u and v of a written sum exp(u) + exp(v), a positive c counting as exp(log c): e^u may overflow, the logarithm does not."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return None
    found: list[Program] = []
    for term in (node.left, node.right):
        if isinstance(term, ast.Call) and isinstance(term.func, ast.Name) and term.func.id == "exp" and len(term.args) == 1:
            found.append(_compile(term.args[0], e))
        elif isinstance(term, ast.Constant) and Fraction(e.segment(term)) > 0:
            value = float(np.log(float(Fraction(e.segment(term)))))
            found.append(functools.partial(lambda value, latent: value, value))
    return (found[0], found[1]) if len(found) == 2 else None


def _piecewise(node: ast.Call, e: _Source) -> Program:
    """The value of the first piece whose condition holds; every piece is evaluated everywhere."""

    def zero(latent: Array) -> Value:
        return 0.0

    compiled: list[tuple[Program, Program, Program, bool]] = []
    for piece in pieces(node):
        sides = [zero if side is None else _compile(side, e) for side in (piece.larger, piece.smaller)]
        compiled.append((_compile(piece.value, e), sides[0], sides[1], piece.strict and piece.larger is not None))

    def values(latent: Array) -> Value:
        conditions, chosen = [], []
        for value, larger, smaller, strict in compiled:
            left, right = larger(latent), smaller(latent)
            holds = left > right if strict else left >= right  # 0 >= 0 where the condition is True
            conditions.append(np.broadcast_to(holds, latent.shape[1:]))
            chosen.append(np.broadcast_to(value(latent), latent.shape[1:]))
        return np.select(conditions, chosen, np.nan)

    return values


def _terms(node: ast.expr) -> list[tuple[ast.expr, int]]:
    """The terms of a written sum with their signs. Long sums nest to the left: walked, not recursed into."""
    terms: list[tuple[ast.expr, int]] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        terms.append((node.right, 1 if isinstance(node.op, ast.Add) else -1))
        node = node.left
    return [(node, 1), *reversed(terms)]


def _sum(node: ast.expr, e: _Source) -> Program:
    (first, _), *written = _terms(node)
    start, terms = _compile(first, e), [(_compile(term, e), float(side)) for term, side in written]
    return lambda latent: functools.reduce(lambda total, term: total + term[1] * term[0](latent), terms, start(latent))


def _operation(node: ast.BinOp, e: _Source) -> Program:
    if isinstance(node.op, (ast.Add, ast.Sub)):
        return _sum(node, e)
    left, right, apply = _compile(node.left, e), _compile(node.right, e), _OPERATORS[type(node.op)]
    if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant):
        power = Fraction(e.segment(node.right))
        if power.denominator == 1 and power <= 8:  # far quicker than the general power, and as accurate
            return lambda latent: functools.reduce(operator.mul, [left(latent)] * int(power), 1.0)
    return lambda latent: apply(left(latent), right(latent))


def _hermite(order: int, inner: Program) -> Program:
    coefficients = [float(c) for c in reversed(hermite_coefficients(order))]

    def values(latent: Array) -> Value:
        u = inner(latent)
        return functools.reduce(lambda total, c: total * u + c, coefficients, 0.0 * u)

    return values

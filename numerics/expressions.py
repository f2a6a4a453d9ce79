"""Values of an expression in floating point, as it is written: nothing is simplified and nothing is executed."""

import ast
import functools
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.special
from numpy.typing import NDArray

from steinlab.theory.hermite import hermite_coefficients
from steinlab.theory.parsing import Expression, number, pieces

__all__ = ["compile_expression"]

Array = NDArray[np.float64]
Value = Array | float
Program = Callable[[Array], Value]

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Mult: operator.mul,
    ast.Div: np.true_divide,
    ast.Pow: np.float_power,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "erf": scipy.special.erf,
    "abs": np.abs,
    "sign": np.sign,
    "sqrt": np.sqrt,
    "relu": lambda u: np.maximum(u, 0.0),
    "sigmoid": scipy.special.expit,
    "Max": lambda *u: functools.reduce(np.maximum, u),
    "Min": lambda *u: functools.reduce(np.minimum, u),
}


def compile_expression(expression: Expression) -> Program:
    """The function of latents (r x n, one row for each z_i) that an expression on the whitelist describes.

    Guarantee: numerical; literals are correctly rounded, whole powers are repeated products. Overflow gives inf.

    Example:
        >>> from steinlab.theory.parsing import parse
        >>> compile_expression(parse("relu(z1)*He(2, z2)"))(np.array([[3.0], [2.0]]))
        array([9.])
    """
    return _compile(expression.tree, expression)


def _compile(node: ast.expr, e: Expression) -> Program:
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
    function, arguments = _FUNCTIONS[node.func.id], [_compile(argument, e) for argument in node.args]
    return lambda latent: function(*(argument(latent) for argument in arguments))


def _piecewise(node: ast.Call, e: Expression) -> Program:
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


def _sum(node: ast.expr, e: Expression) -> Program:
    """Long sums nest to the left: walked, not recursed into."""
    terms: list[tuple[Program, float]] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        terms.append((_compile(node.right, e), 1.0 if isinstance(node.op, ast.Add) else -1.0))
        node = node.left
    first = _compile(node, e)
    terms.reverse()
    return lambda latent: functools.reduce(lambda total, term: total + term[1] * term[0](latent), terms, first(latent))


def _operation(node: ast.BinOp, e: Expression) -> Program:
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

"""A bound as a function of the axis: sqrt(d - 3), sqrt(T)/(T + 85), d*log(d)."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from steinlab.checks.rates.points import Array
from steinlab.checks.studies.reading.tables import shown
from steinlab.theory.errors import InputError

_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"sqrt": np.sqrt, "log": np.log, "exp": np.exp}
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_EXPECTED = "numbers, + - * / **, sqrt, log and exp"


def read_law(text: str, axis: str, path: str) -> Callable[[Array], Array]:
    """The function of sizes along `axis` that an expression says. Nothing is evaluated as code.

    Raises InputError, naming `path`, for anything but numbers, the axis, + - * / **, sqrt, log and exp; and the function, where
    its values are not positive numbers.

    >>> read_law("sqrt(d - 1)", "d", "bound")(np.array([5.0, 17.0])).tolist()
    [2.0, 4.0]
    """
    try:
        body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise InputError(f"{path} is {shown(text)}: expected an expression in {axis}, such as sqrt({axis} - 1)") from None

    def evaluate(node: ast.expr, sizes: Array) -> Any:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return np.float64(number)
            case ast.Name(id=name) if name == axis:
                return sizes
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -evaluate(inner, sizes)
            case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATIONS:
                return _OPERATIONS[type(operation)](evaluate(left, sizes), evaluate(right, sizes))
            case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in _FUNCTIONS:
                return _FUNCTIONS[name](evaluate(inner, sizes))
        raise InputError(f"{path} is {shown(text)}: expected an expression in {axis} of {_EXPECTED}, not {ast.unparse(node)!r}")

    def law(sizes: Array) -> Array:
        with np.errstate(all="ignore"):
            values = np.broadcast_to(np.asarray(evaluate(body, np.asarray(sizes, dtype=float)), dtype=float), np.shape(sizes))
        bad = ~(np.isfinite(values) & (values > 0))
        if bad.any():
            size = float(np.asarray(sizes)[bad][0])
            raise InputError(f"{path} is {shown(text)}: at {axis} = {size:g} it is no positive number")
        return values

    law(np.ones(0))
    return law

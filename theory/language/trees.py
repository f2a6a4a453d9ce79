"""Checked expressions: their syntax trees, the numbers written in them, and what is read off them without expanding anything."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TypeGuard

from steinlab.theory.errors import InputError
from steinlab.theory.language.spelling import Character, quoted

MAX_BITS = 20_000
"""Largest coefficient, in bits, that an expression may produce."""
ARITHMETIC: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
VARIABLE = re.compile(r"z([0-9]+)")
_NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Expression:
    """An expression on the whitelist: its text as it was typed, on one line, and its syntax tree. Its str is the text.

    `canonical` is the same with the known functions only (gelu(z1) written out, z1^2 as z1**2): the tree is the tree of that.
    `origin`: for each character of it the part of `text` that it stands for; None where the two are equal.
    """

    text: str
    canonical: str
    tree: ast.expr = field(repr=False)
    origin: tuple[Character, ...] | None = field(default=None, repr=False)

    def segment(self, node: ast.expr) -> str:
        """The canonical text of a node."""
        return self.canonical[node.col_offset : node.end_col_offset]  # in ASCII, characters are the bytes that trees count

    def source(self, node: ast.expr) -> str:
        """What was typed for a node, quoted and shortened, for messages."""
        if self.origin is None:
            return quoted(self.segment(node))
        places = self.origin[node.col_offset : node.end_col_offset]
        return quoted(self.text[min(start for _, start, _ in places) : max(end for _, _, end in places)])

    @cached_property
    def latents(self) -> int:
        """The highest index of a latent variable that is written; 0 for a constant."""
        names = (VARIABLE.fullmatch(n.id) for n in ast.walk(self.tree) if isinstance(n, ast.Name))
        return max((int(m[1]) for m in names if m), default=0)

    def __str__(self) -> str:
        return self.text


def is_polynomial(expression: Expression) -> bool:
    """Whether an expression is a polynomial with algebraic coefficients as it is written; identities are not looked for.

    >>> from steinlab.theory.language.parsing import parse
    >>> [is_polynomial(parse(text)) for text in ("z1**2/sqrt(2)", "sqrt(z1)", "relu(z1) - relu(-z1)")]
    [True, False, False]
    """
    return all(is_polynomial_step(node, expression) for node in ast.walk(expression.tree))


def is_polynomial_step(node: ast.AST, e: Expression) -> bool:
    if isinstance(node, ast.Name):
        return node.id != "pi"
    if isinstance(node, ast.Call):
        return called(node) == "He" or (called(node) == "sqrt" and not any(map(has_variables, node.args)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return not has_variables(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and has_variables(node):
        value = None if has_variables(node.right) else small_constant(node.right, e)
        return value is not None and value.denominator == 1 and value >= 0
    return True


@dataclass(frozen=True)
class Piece:
    """A piece of Piecewise: `value` where `larger` > `smaller`, or >= where not `strict`; everywhere left where both are None."""

    value: ast.expr
    larger: ast.expr | None = None
    smaller: ast.expr | None = None
    strict: bool = True


def pieces(call: ast.Call) -> list[Piece]:
    """The pieces of a call of Piecewise that `parse` has let through; the first condition that holds decides."""
    out = []
    for argument in call.args:
        assert isinstance(argument, ast.Tuple), "the whitelist lets nothing else through"
        value, condition = argument.elts
        if not isinstance(condition, ast.Compare):
            out.append(Piece(value))
            continue
        (op,), (right,) = condition.ops, condition.comparators
        larger, smaller = (right, condition.left) if isinstance(op, (ast.Lt, ast.LtE)) else (condition.left, right)
        out.append(Piece(value, larger, smaller, isinstance(op, (ast.Lt, ast.Gt))))
    return out


def literal(node: ast.Constant, e: Expression) -> Fraction:
    """A numeric literal as the fraction that is written, not the float it would become."""
    value, source = node.value, e.segment(node)
    if type(value) is int and source.isdigit():
        if value.bit_length() > MAX_BITS:
            raise InputError(f"the number {quoted(source)} has more than {MAX_BITS} bits: use a smaller one")
        return Fraction(value)
    written = _NUMBER.fullmatch(source)
    if type(value) not in (int, float) or written is None:
        raise InputError(f"{quoted(source)} is not a number: write an integer, a decimal such as 0.1 or a fraction such as 1/3")
    exponent = written[2]
    if len(source) > 1000 or (exponent is not None and (len(exponent) > 6 or abs(int(exponent[1:])) > 1000)):
        raise InputError(f"the number {quoted(source)} is out of range: decimal exponents go from -1000 to 1000")
    return Fraction(source)


def small_constant(node: ast.expr, e: Expression) -> Fraction | None:
    """A rational constant from literals, signs, + - * / and small powers; None for anything else."""
    if isinstance(node, ast.Constant):
        return literal(node, e)
    if isinstance(node, ast.UnaryOp):
        value = small_constant(node.operand, e)
        return None if value is None else -value if isinstance(node.op, ast.USub) else value
    if not isinstance(node, ast.BinOp):
        return None
    a, b = small_constant(node.left, e), small_constant(node.right, e)
    if a is None or b is None or (isinstance(node.op, ast.Div) and b == 0):
        return None
    if isinstance(node.op, ast.Pow):
        small = b.denominator == 1 and 0 <= b <= 64 and max(abs(a.numerator), a.denominator) <= 64
        return a ** int(b) if small else None
    return ARITHMETIC[type(node.op)](a, b)


def checked_call(node: ast.expr) -> ast.Call:
    assert isinstance(node, ast.Call), "the whitelist lets nothing else through"
    return node


def called(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Name), "the whitelist lets nothing else through"
    return call.func.id


def has_variables(node: ast.expr) -> bool:
    return any(isinstance(n, ast.Name) and n.id != "pi" and VARIABLE.fullmatch(n.id) for n in ast.walk(node))


def is_sum(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


def summands(node: ast.expr) -> list[tuple[bool, ast.expr]]:
    """The terms of a + b - c with their signs (True is plus): long sums nest to the left, and are walked, not recursed into."""
    out: list[tuple[bool, ast.expr]] = []
    while is_sum(node):
        out.append((isinstance(node.op, ast.Add), node.right))
        node = node.left
    out.append((True, node))
    return out[::-1]


def depth(root: ast.AST) -> int:
    """The depth of nesting, a sum of any length counting as one level."""
    deepest = 0
    stack: list[tuple[ast.AST, int]] = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        children = [a for _, a in summands(node)] if is_sum(node) else list(ast.iter_child_nodes(node))
        stack += [(child, depth + 1) for child in children]
    return deepest

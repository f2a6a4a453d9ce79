"""Target expressions, read by a whitelist over Python's syntax tree. Nothing is ever evaluated as code.

`parse` turns text into a checked syntax tree (`trees.py`), which `polynomial_reader.py` and `link_reader.py` read.
"""

from __future__ import annotations

import ast

from steinlab.theory.errors import InputError
from steinlab.theory.language import hints
from steinlab.theory.language.names import POLYNOMIAL_FUNCTIONS, names
from steinlab.theory.language.spelling import MAX_LENGTH, quoted, respelled, syntax_tree
from steinlab.theory.language.trees import (
    ARITHMETIC,
    VARIABLE,
    Expression,
    depth,
    is_polynomial_step,
    literal,
)

MAX_LATENTS = 64
"""Highest index of a latent variable."""
MAX_DEPTH = 200
"""Deepest nesting of an expression."""
MAX_PIECES = 10
"""Most pieces of one Piecewise."""


def parse(text: str, most: int = MAX_LENGTH, argument: str = "") -> Expression:
    """The expression in `text`, of at most so many characters, every node of its syntax tree on the whitelist.

    `argument`, of one letter, may be typed for z1: messages quote what was typed.

    Allowed: z1, z2, ... (up to z64), numbers read exactly (0.1 is 1/10), + - * / **, parentheses, calls of the known functions,
    `pi`; comparisons stand in Piecewise alone, as in Piecewise((z1, z1 > 0), (0, True)). Raises InputError, with the offending
    text, for anything else.

    >>> parse("He(2, z1)/2 + 0.1").latents
    1
    """
    if not isinstance(text, str):
        raise InputError(f"the expression is {text!r}: write it as text, such as 'He(2,z1) + z2'")
    text = " ".join(text.split())
    if not text:
        raise InputError("the expression is empty: write one in z1, z2, ..., such as 'He(2,z1) + z2' or 'tanh(z1)'")
    if len(text) > most:
        raise InputError(f"the expression has {len(text)} characters; the bound is {most}")
    canonical, origin = respelled(text, most, argument)
    tree = syntax_tree(canonical, text, lambda i: i if origin is None else origin[i][1])
    if depth(tree) > MAX_DEPTH:
        raise InputError(f"the expression is nested more than {MAX_DEPTH} deep: use fewer parentheses and signs")
    expression = Expression(text, canonical, tree, origin)
    _check(tree, expression)
    return expression


# -- the whitelist


def _check(root: ast.expr, e: Expression) -> None:
    stack: list[ast.expr] = [root]
    conditions: list[ast.expr] = []
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Constant):
            literal(node, e)
        elif isinstance(node, ast.Name):
            _check_name(node.id)
        elif isinstance(node, ast.BinOp):
            if type(node.op) not in (*ARITHMETIC, ast.Pow):
                raise InputError(f"operator in {e.source(node)} is not allowed: use + - * / ** (powers are written z1**2)")
            stack += [node.left, node.right]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub)):
            stack.append(node.operand)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            _check_call(node, node.func.id, e)
            if node.func.id == "Piecewise":
                values, compared = _piece_nodes(node, e)
                conditions += compared
                stack += values + compared
            else:
                stack += node.args
        elif isinstance(node, ast.Attribute) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            raise InputError(
                f"attribute access in {e.source(node)} is not allowed: use z1, z2, ..., numbers and the listed functions only, "
                "such as tanh(z1)"
            )
        elif isinstance(node, ast.Subscript):
            raise InputError(f"{e.source(node)} is not allowed: {hints.VARIABLES}, numbered from 1 and without brackets")
        elif isinstance(node, ast.Compare):
            raise InputError(f"{e.source(node)} is not allowed here: comparisons stand in Piecewise((z1, z1 > 0), (0, True))")
        else:
            if isinstance(node, ast.Call):
                raise InputError(f"{e.source(node)} is not allowed: products are written with *, such as 2*(z1 + z2)")
            raise InputError(
                f"{e.source(node)} is not allowed in an expression: use z1, z2, ..., numbers, + - * / **, He(k, u) and functions "
                "such as sqrt, exp, relu"
            )
    for side in conditions:
        if not all(is_polynomial_step(node, e) for node in ast.walk(side)):
            raise InputError(
                f"{e.source(side)} stands in a condition of Piecewise: conditions compare polynomials in z1, z2, ..."
            )


def _check_name(name: str) -> None:
    if name == "pi":
        return
    variable = VARIABLE.fullmatch(name)
    if variable is None:
        raise InputError(f"unknown name {quoted(name)}: {hints.of_name(name)}")
    digits = variable[1]
    if digits.startswith("0"):
        raise InputError(f"unknown name {quoted(name)}: latent variables are numbered from 1, without leading zeros: z1, z2, ...")
    if len(digits) > 6 or int(digits) > MAX_LATENTS:
        raise InputError(f"{quoted(name)}: latent variables go up to z{MAX_LATENTS}")


def _check_call(node: ast.Call, name: str, e: Expression) -> None:
    source = e.source(node)
    if name not in POLYNOMIAL_FUNCTIONS and name not in names().known:
        raise InputError(f"unknown function {quoted(name)} in {source}: {hints.of_function(name)}")
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise InputError(f"{source}: only plain arguments are allowed")
    wanted = POLYNOMIAL_FUNCTIONS.get(name)
    if wanted is not None and len(node.args) != wanted:
        raise InputError(f"{source}: {name} takes {wanted} argument{'s' if wanted > 1 else ''}, got {len(node.args)}")


_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _piece_nodes(call: ast.Call, e: Expression) -> tuple[list[ast.expr], list[ast.expr]]:
    """The values and the sides of the conditions of a call of Piecewise, after a check of its form."""
    source, form = e.source(call), "write Piecewise((z1, z1 > 0), (0, True))"
    if not 1 <= len(call.args) <= MAX_PIECES:
        raise InputError(f"{source}: Piecewise takes 1 to {MAX_PIECES} pieces, got {len(call.args)}: {form}")
    values: list[ast.expr] = []
    sides: list[ast.expr] = []
    for position, argument in enumerate(call.args):
        if not isinstance(argument, ast.Tuple) or len(argument.elts) != 2:
            raise InputError(f"{e.source(argument)} is not a piece (expression, condition): {form}")
        value, condition = argument.elts
        values.append(value)
        if isinstance(condition, ast.Constant) and condition.value is True:
            if position < len(call.args) - 1:
                raise InputError(f"{source}: pieces after (..., True) are never reached: leave them out")
        elif isinstance(condition, ast.Compare) and len(condition.ops) == 1 and isinstance(condition.ops[0], _COMPARISONS):
            sides += [condition.left, condition.comparators[0]]
        else:
            raise InputError(f"{e.source(condition)} is not a condition: use one of < <= > >= between polynomials, or True")
    return values, sides

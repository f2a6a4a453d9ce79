"""Target expressions, read by a whitelist over Python's syntax tree. Nothing is ever evaluated as code.

`parse` turns text into a checked syntax tree; `polynomial` expands such a tree exactly; `number` reads a constant.
The cost of an expansion is bounded from the tree before any of it is done.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, reduce
from math import comb
from typing import TypeGuard

from steinlab.theory.errors import InputError
from steinlab.theory.exact.hermite import hermite_of
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import MAX_MONOMIALS, Polynomial, dense_monomials
from steinlab.theory.language import hints
from steinlab.theory.language.names import POLYNOMIAL_FUNCTIONS, names
from steinlab.theory.language.spelling import MAX_LENGTH, Character, quoted, respelled, syntax_tree

MAX_DEGREE = 200
"""Highest total degree of a polynomial link."""
MAX_LATENTS = 64
"""Highest index of a latent variable."""
MAX_BITS = 20_000
"""Largest coefficient, in bits, that an expression may produce."""
MAX_DEPTH = 200
"""Deepest nesting of an expression."""
MAX_PIECES = 10
"""Most pieces of one Piecewise."""

_ARITHMETIC: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_VARIABLE = re.compile(r"z([0-9]+)")
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
        names = (_VARIABLE.fullmatch(n.id) for n in ast.walk(self.tree) if isinstance(n, ast.Name))
        return max((int(m[1]) for m in names if m), default=0)

    def __str__(self) -> str:
        return self.text


def parse(text: str, most: int = MAX_LENGTH) -> Expression:
    """The expression in `text`, of at most so many characters, every node of its syntax tree on the whitelist.

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
    canonical, origin = respelled(text, most)
    tree = syntax_tree(canonical, text, lambda i: i if origin is None else origin[i][1])
    if _depth(tree) > MAX_DEPTH:
        raise InputError(f"the expression is nested more than {MAX_DEPTH} deep: use fewer parentheses and signs")
    expression = Expression(text, canonical, tree, origin)
    _check(tree, expression)
    return expression


def is_polynomial(expression: Expression) -> bool:
    """Whether an expression is a polynomial with algebraic coefficients as it is written; identities are not looked for.

    >>> [is_polynomial(parse(text)) for text in ("z1**2/sqrt(2)", "sqrt(z1)", "relu(z1) - relu(-z1)")]
    [True, False, False]
    """
    return all(_is_polynomial_step(node, expression) for node in ast.walk(expression.tree))


def _is_polynomial_step(node: ast.AST, e: Expression) -> bool:
    if isinstance(node, ast.Name):
        return node.id != "pi"
    if isinstance(node, ast.Call):
        return _name(node) == "He" or (_name(node) == "sqrt" and not any(map(_has_variables, node.args)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return not _has_variables(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _has_variables(node):
        value = None if _has_variables(node.right) else _small_constant(node.right, e)
        return value is not None and value.denominator == 1 and value >= 0
    return True


def polynomial(expression: Expression, variables: int | None = None) -> Polynomial:
    """Expand an expression into an exact polynomial in z1..z_r, r the highest index written (or `variables`).

    Raises InputError where the link is not polynomial (see `is_polynomial`) and when the bounds on degree (MAX_DEGREE), monomials
    (MAX_MONOMIALS) or coefficients (MAX_BITS) could be exceeded; they are checked on the tree first.

    >>> str(polynomial(parse("He(2, z1)/2 + 0.1*z2")))
    'z1**2/2 + z2/10 - 1/2'
    """
    size = _size(expression.tree, expression)
    if size.degree > MAX_DEGREE:
        raise InputError(f"the link has degree up to {size.degree}; the bound is {MAX_DEGREE}: lower the exponents")
    return _expand(expression.tree, expression, expression.latents if variables is None else variables)


def number(text: str) -> Number:
    """An exact constant such as '1/3', '0.1' or 'sqrt(2)/2'.

    >>> str(number("0.1")), str(number("sqrt(48)"))
    ('1/10', '4*sqrt(3)')
    """
    expression = parse(text)
    if expression.latents:
        raise InputError(f"{quoted(text)} is not a constant: write an exact number such as 3, 1/3, 0.1 or sqrt(2)")
    return polynomial(expression).coefficient(())


# -- the whitelist


def _check(root: ast.expr, e: Expression) -> None:
    stack: list[ast.expr] = [root]
    conditions: list[ast.expr] = []
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Constant):
            _literal(node, e)
        elif isinstance(node, ast.Name):
            _check_name(node.id)
        elif isinstance(node, ast.BinOp):
            if type(node.op) not in (*_ARITHMETIC, ast.Pow):
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
        if not all(_is_polynomial_step(node, e) for node in ast.walk(side)):
            raise InputError(
                f"{e.source(side)} stands in a condition of Piecewise: conditions compare polynomials in z1, z2, ..."
            )


def _check_name(name: str) -> None:
    if name == "pi":
        return
    variable = _VARIABLE.fullmatch(name)
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


def _literal(node: ast.Constant, e: Expression) -> Fraction:
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


# -- bounds, before anything is expanded


@dataclass(frozen=True)
class _Size:
    """Upper bounds on what a subexpression expands to."""

    degree: int
    variables: frozenset[str]
    terms: int
    bits: int

    def bounded(self, source: Callable[[], str]) -> _Size:
        terms = min(self.terms, dense_monomials(len(self.variables), self.degree))
        if terms > MAX_MONOMIALS:
            raise InputError(
                f"{source()} could have {terms} monomials; the bound is {MAX_MONOMIALS}: lower the degree or use fewer variables"
            )
        if self.bits > MAX_BITS:
            raise InputError(
                f"{source()} could have coefficients of {self.bits} bits; the bound is {MAX_BITS}: use smaller numbers or powers"
            )
        return _Size(self.degree, self.variables, terms, self.bits)


def _size(node: ast.expr, e: Expression) -> _Size:
    if isinstance(node, ast.Constant):
        value = _literal(node, e)
        return _Size(0, frozenset(), 1, value.numerator.bit_length() + value.denominator.bit_length())
    if isinstance(node, ast.Name):
        return _Size(0 if node.id == "pi" else 1, frozenset([node.id]), 1, 1)
    if isinstance(node, ast.UnaryOp):
        return _size(node.operand, e)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _power_size(node, e).bounded(lambda: e.source(node))
    if _is_sum(node):
        sizes = [_size(summand, e) for _, summand in _summands(node)]
        variables = frozenset[str]().union(*(a.variables for a in sizes))
        out = _Size(max(a.degree for a in sizes), variables, sum(a.terms for a in sizes), sum(a.bits + 1 for a in sizes))
        return out.bounded(lambda: e.source(node))
    if isinstance(node, ast.BinOp):
        a, b = _size(node.left, e), _size(node.right, e)
        bits = a.bits + b.bits + min(a.terms, b.terms).bit_length()
        out = _Size(a.degree + b.degree, a.variables | b.variables, a.terms * b.terms, bits)
        return out.bounded(lambda: e.source(node))
    call = _call(node)
    if _name(call) == "Piecewise":
        raise InputError(f"{e.source(node)} is not polynomial: it calls Piecewise")
    sizes = [_size(argument, e) for argument in call.args]
    if _name(call) == "He":
        order, u = _whole_number(call.args[0], e, "the order of He"), sizes[1]
        out = _Size(
            order * u.degree,
            u.variables,
            comb(u.terms + order, order),
            (order + 1) * (u.bits + u.terms.bit_length() + order.bit_length()),
        )
        return out.bounded(lambda: e.source(node))
    return reduce(
        lambda a, b: _Size(max(a.degree, b.degree), a.variables | b.variables, a.terms + b.terms, a.bits + b.bits), sizes
    )


def _power_size(node: ast.BinOp, e: Expression) -> _Size:
    base, exponent = _size(node.left, e), _exponent(node, e)
    n = abs(exponent.numerator) + exponent.denominator
    if base.degree == 0:
        return _Size(0, base.variables, 1, base.bits * n)
    k = exponent.numerator
    if base.degree * k > MAX_DEGREE:
        raise InputError(f"{e.source(node)} has degree {base.degree * k}; the bound is {MAX_DEGREE}: lower the exponent")
    return _Size(base.degree * k, base.variables, comb(base.terms + k - 1, k), max(1, k) * (base.bits + base.terms.bit_length()))


def _exponent(node: ast.BinOp, e: Expression) -> Fraction:
    """The exponent of a power: a rational constant, and a natural number where the base is not constant."""
    source = e.source(node)
    if _has_variables(node.right):
        raise InputError(f"{source} is not polynomial: a variable stands in the exponent")
    value = _small_constant(node.right, e)
    if not _has_variables(node.left):
        if value is None or max(abs(value.numerator), value.denominator) > MAX_BITS:
            raise InputError(f"the exponent in {source} is not a fraction of moderate size: write one such as 2, -1 or 1/3")
        return value
    if value is None or value.denominator != 1 or value < 0:
        raise InputError(f"{source} is not polynomial: the exponent must be a whole number >= 0")
    return value


def _small_constant(node: ast.expr, e: Expression) -> Fraction | None:
    """A rational constant from literals, signs, + - * / and small powers; None for anything else."""
    if isinstance(node, ast.Constant):
        return _literal(node, e)
    if isinstance(node, ast.UnaryOp):
        value = _small_constant(node.operand, e)
        return None if value is None else -value if isinstance(node.op, ast.USub) else value
    if not isinstance(node, ast.BinOp):
        return None
    a, b = _small_constant(node.left, e), _small_constant(node.right, e)
    if a is None or b is None or (isinstance(node.op, ast.Div) and b == 0):
        return None
    if isinstance(node.op, ast.Pow):
        small = b.denominator == 1 and 0 <= b <= 64 and max(abs(a.numerator), a.denominator) <= 64
        return a ** int(b) if small else None
    return _ARITHMETIC[type(node.op)](a, b)


def _whole_number(node: ast.expr, e: Expression, what: str) -> int:
    value = _small_constant(node, e)
    if value is None or value.denominator != 1 or not 0 <= value <= MAX_DEGREE:
        raise InputError(f"{what} is {e.source(node)}: expected a whole number from 0 to {MAX_DEGREE}")
    return int(value)


# -- expansion


def _expand(node: ast.expr, e: Expression, variables: int) -> Polynomial:
    def expand(child: ast.expr) -> Polynomial:
        return _expand(child, e, variables)

    if isinstance(node, ast.Constant):
        return Polynomial.constant(_literal(node, e), variables)
    if isinstance(node, ast.Name):
        if node.id == "pi":
            raise InputError(
                "pi is not algebraic, so ranks over it are not decided exactly yet: use a rational or algebraic constant"
            )
        return Polynomial.variable(int(node.id[1:]) - 1, variables)
    if isinstance(node, ast.UnaryOp):
        return -expand(node.operand) if isinstance(node.op, ast.USub) else expand(node.operand)
    if _is_sum(node):
        parts = [expand(summand) if positive else -expand(summand) for positive, summand in _summands(node)]
        return reduce(lambda a, b: a + b, parts)
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mult):
            return expand(node.left) * expand(node.right)
        if isinstance(node.op, ast.Div):
            return expand(node.left) / _nonzero_constant(expand(node.right), node, e)
        return _power(expand(node.left), _exponent(node, e), node, e)
    call = _call(node)
    name = _name(call)
    if name == "He":
        return hermite_of(_whole_number(call.args[0], e, "the order of He"), expand(call.args[1]))
    if name == "sqrt":
        argument = expand(call.args[0])
        if not argument.is_constant:
            raise InputError(f"{e.source(node)} is not polynomial: a polynomial takes roots of constants only")
        return Polynomial.constant(_constant(argument).root(2), variables)
    raise InputError(f"{e.source(node)} is not polynomial: it calls {name}")


def _power(base: Polynomial, exponent: Fraction, node: ast.BinOp, e: Expression) -> Polynomial:
    if exponent.denominator == 1 and exponent >= 0:
        return base ** int(exponent)
    c = _constant(base)
    if c.is_zero and exponent < 0:
        raise InputError(f"division by zero in {e.source(node)}")
    return Polynomial.constant(c.root(exponent.denominator) ** exponent.numerator, base.variables)


def _nonzero_constant(p: Polynomial, node: ast.BinOp, e: Expression) -> Number:
    if not p.is_constant:
        raise InputError(f"{e.source(node)} divides by a variable, which is not polynomial")
    c = _constant(p)
    if c.is_zero:
        raise InputError(f"division by zero in {e.source(node)}")
    return c


def _constant(p: Polynomial) -> Number:
    return p.coefficient((0,) * p.variables)


# -- small helpers


def _call(node: ast.expr) -> ast.Call:
    assert isinstance(node, ast.Call), "the whitelist lets nothing else through"
    return node


def _name(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Name), "the whitelist lets nothing else through"
    return call.func.id


def _has_variables(node: ast.expr) -> bool:
    return any(isinstance(n, ast.Name) and n.id != "pi" and _VARIABLE.fullmatch(n.id) for n in ast.walk(node))


def _is_sum(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


def _summands(node: ast.expr) -> list[tuple[bool, ast.expr]]:
    """The terms of a + b - c with their signs (True is plus): long sums nest to the left, and are walked, not recursed into."""
    out: list[tuple[bool, ast.expr]] = []
    while _is_sum(node):
        out.append((isinstance(node.op, ast.Add), node.right))
        node = node.left
    out.append((True, node))
    return out[::-1]


def _depth(root: ast.AST) -> int:
    """The depth of nesting, a sum of any length counting as one level."""
    deepest = 0
    stack: list[tuple[ast.AST, int]] = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        children = [a for _, a in _summands(node)] if _is_sum(node) else list(ast.iter_child_nodes(node))
        stack += [(child, depth + 1) for child in children]
    return deepest

"""Expressions as exact polynomials and constants. The cost of an expansion is bounded from the tree before any of it is done."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import comb

from steinlab.theory.errors import InputError
from steinlab.theory.exact.hermite import hermite_of
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import MAX_MONOMIALS, Polynomial, dense_monomials
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.spelling import quoted
from steinlab.theory.language.trees import (
    MAX_BITS,
    Expression,
    called,
    checked_call,
    has_variables,
    is_sum,
    literal,
    small_constant,
    summands,
)

MAX_DEGREE = 200
"""Highest total degree of a polynomial link."""


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
        value = literal(node, e)
        return _Size(0, frozenset(), 1, value.numerator.bit_length() + value.denominator.bit_length())
    if isinstance(node, ast.Name):
        return _Size(0 if node.id == "pi" else 1, frozenset([node.id]), 1, 1)
    if isinstance(node, ast.UnaryOp):
        return _size(node.operand, e)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _power_size(node, e).bounded(lambda: e.source(node))
    if is_sum(node):
        sizes = [_size(summand, e) for _, summand in summands(node)]
        variables = frozenset[str]().union(*(a.variables for a in sizes))
        out = _Size(max(a.degree for a in sizes), variables, sum(a.terms for a in sizes), sum(a.bits + 1 for a in sizes))
        return out.bounded(lambda: e.source(node))
    if isinstance(node, ast.BinOp):
        a, b = _size(node.left, e), _size(node.right, e)
        bits = a.bits + b.bits + min(a.terms, b.terms).bit_length()
        out = _Size(a.degree + b.degree, a.variables | b.variables, a.terms * b.terms, bits)
        return out.bounded(lambda: e.source(node))
    call = checked_call(node)
    if called(call) == "Piecewise":
        raise InputError(f"{e.source(node)} is not polynomial: it calls Piecewise")
    sizes = [_size(argument, e) for argument in call.args]
    if called(call) == "He":
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
    if has_variables(node.right):
        raise InputError(f"{source} is not polynomial: a variable stands in the exponent")
    value = small_constant(node.right, e)
    if not has_variables(node.left):
        if value is None or max(abs(value.numerator), value.denominator) > MAX_BITS:
            raise InputError(f"the exponent in {source} is not a fraction of moderate size: write one such as 2, -1 or 1/3")
        return value
    if value is None or value.denominator != 1 or value < 0:
        raise InputError(f"{source} is not polynomial: the exponent must be a whole number >= 0")
    return value


def _whole_number(node: ast.expr, e: Expression, what: str) -> int:
    value = small_constant(node, e)
    if value is None or value.denominator != 1 or not 0 <= value <= MAX_DEGREE:
        raise InputError(f"{what} is {e.source(node)}: expected a whole number from 0 to {MAX_DEGREE}")
    return int(value)


def _expand(node: ast.expr, e: Expression, variables: int) -> Polynomial:
    def expand(child: ast.expr) -> Polynomial:
        return _expand(child, e, variables)

    if isinstance(node, ast.Constant):
        return Polynomial.constant(literal(node, e), variables)
    if isinstance(node, ast.Name):
        if node.id == "pi":
            raise InputError(
                "pi is not algebraic, so ranks over it are not decided exactly yet: use a rational or algebraic constant"
            )
        return Polynomial.variable(int(node.id[1:]) - 1, variables)
    if isinstance(node, ast.UnaryOp):
        return -expand(node.operand) if isinstance(node.op, ast.USub) else expand(node.operand)
    if is_sum(node):
        parts = [expand(summand) if positive else -expand(summand) for positive, summand in summands(node)]
        return reduce(lambda a, b: a + b, parts)
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mult):
            return expand(node.left) * expand(node.right)
        if isinstance(node.op, ast.Div):
            return expand(node.left) / _nonzero_constant(expand(node.right), node, e)
        return _power(expand(node.left), _exponent(node, e), node, e)
    call = checked_call(node)
    name = called(call)
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

"""From the syntax tree of a link to its normal form, with the checks that it is defined almost everywhere."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import combinations

from steinlab.theory.behaviour.points import zeros
from steinlab.theory.budget import require_within
from steinlab.theory.errors import InputError
from steinlab.theory.exact.hermite import hermite_coefficients
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.language.trees import Expression, pieces
from steinlab.theory.links.coordinates import independent_latents
from steinlab.theory.links.enclosures import negative_point
from steinlab.theory.links.functions import COMPOSED
from steinlab.theory.links.ring import Sum, absolute, apply, constant, logarithm, pi, power, variable
from steinlab.theory.links.simplification import magnitudes
from steinlab.theory.links.zero_sets import is_nonzero, vanishing, written_sign

MAX_POWER = 64
"""Highest power."""
MAX_ROOT = 10**9
"""Largest denominator of a power."""
READ_STEPS = 600_000
"""Steps of work, at cost, to bring a link into its normal form."""
_TOO_LONG = "the normal form of the link takes too much work: write it with fewer factors, lower powers, or fewer kinks in kinks"


def read(expression: Expression, directions: Matrix | None = None) -> Sum:
    """The normal form of a parsed link, written in latent variables that are independent.

    With directions, a z_i whose row depends on the rows before it is put in as the combination of theirs at once: normal forms
    rest on identities that hold almost everywhere, and an argument that the directions make zero is zero.

    Raises InputError for a link that is undefined on a set of positive measure (log(z1), sqrt(z1)), for divisors and logarithms
    whose zeros cannot be excluded, and for anything that is not built from the known functions.

    >>> from steinlab.theory.exact.numbers import Number
    >>> from steinlab.theory.language.parsing import parse
    >>> str(read(parse("relu(z1) - relu(-z1)"))), str(read(parse("Max(z1, Min(z1, z2))")))
    ('z1', 'z1')
    >>> same = ((Number.of(1),), (Number.of(1),))
    >>> str(read(parse("sign(z1 - z2)**2 + tanh(z2)"), same))
    'tanh(z1)'
    """
    if directions is not None and len(directions) != expression.latents:
        raise InputError(
            f"directions have {len(directions)} rows but the link uses z1..z{expression.latents}: give one row u_i for each z_i"
        )
    axes = [variable(i) for i in range(expression.latents)]
    reader = _Reader(expression, axes if directions is None else independent_latents(directions)[1])
    return require_within(lambda: reader.read(expression.tree), READ_STEPS, _TOO_LONG)


class _Reader:
    def __init__(self, expression: Expression, latents: Sequence[Sum]) -> None:
        self.expression = expression
        self.latents = latents
        self.where = constant(1)
        """The indicator of where the value that is read is taken: it need not be defined elsewhere."""

    def read(self, node: ast.expr) -> Sum:
        if isinstance(node, ast.Constant):
            return constant(Fraction(self.expression.segment(node)))
        if isinstance(node, ast.Name):
            return pi() if node.id == "pi" else self.latents[int(node.id[1:]) - 1]
        if isinstance(node, ast.UnaryOp):
            value = self.read(node.operand)
            return -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.BinOp):
            return self._operation(node)
        assert isinstance(node, ast.Call), "the whitelist lets nothing else through"
        assert isinstance(node.func, ast.Name), "the whitelist lets nothing else through"
        return self._call(node, node.func.id)

    def _operation(self, node: ast.BinOp) -> Sum:
        if isinstance(node.op, ast.Pow):
            return self._power(node)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            summands, rest = [], node  # long sums nest to the left: walked, not recursed into
            while True:
                right = self.read(rest.right)
                summands.append(right if isinstance(rest.op, ast.Add) else -right)
                if not (isinstance(rest.left, ast.BinOp) and isinstance(rest.left.op, (ast.Add, ast.Sub))):
                    break
                rest = rest.left
            return reduce(lambda total, summand: total + summand, reversed(summands), self.read(rest.left))
        left = self.read(node.left)
        return left * self.read(node.right) if isinstance(node.op, ast.Mult) else left * self._inverse(node.right, node)

    def _inverse(self, divisor: ast.expr, node: ast.expr) -> Sum:
        """1/divisor, factor by factor as it is written: expanded products hide their factors."""
        out = constant(1)
        for factor in _factors(divisor):
            k = self._whole_power(factor)
            base = factor.left if isinstance(factor, ast.BinOp) and k else factor
            out = out * self._reciprocal(self.read(base), node) ** (k or 1)
        return out

    def _power(self, node: ast.BinOp) -> Sum:
        exponent = self.read(node.right)
        if not exponent.number or not exponent.number.is_rational:
            if exponent.is_zero:
                self.read(node.left)  # for what it refuses
                return constant(1)
            return apply("exp", exponent * self._log(self.read(node.left), node))
        e = exponent.number.fraction
        if abs(e) > MAX_POWER or e.denominator > MAX_ROOT:
            raise InputError(
                f"the exponent of {self._source(node)} is {e}: expected one of size at most {MAX_POWER} with a denominator of at "
                f"most {MAX_ROOT}"
            )
        if e.denominator > 1 and e > 0:
            return self._root(node.left, e, node)
        base = self.read(node.left)
        if e.denominator == 1:
            return base ** int(e) if e > 0 else self._reciprocal(base, node) ** int(-e)
        return self._bounded_below(self._nonnegative(base, node), node, e)

    def _root(self, argument: ast.expr, e: Fraction, node: ast.expr) -> Sum:
        """argument^e, e > 0: even powers that are written in it come out as absolute values, whatever stands in them."""
        inside, outside, whole = constant(1), constant(1), constant(1)
        for factor in _factors(argument):
            k = self._whole_power(factor)
            k = 0 if k % 2 else k
            u = self.read(factor.left if isinstance(factor, ast.BinOp) and k else factor)
            whole = whole * (u**k if k else u)
            if k:
                outside = outside * power(absolute(u), k * e)
            else:
                inside = inside * u
        sure = apply("sign", inside).number
        if sure is not None and sure.sign() >= 0:
            return power(inside, e) * outside
        return power(self._nonnegative(whole, node), e)  # the even powers may vanish where the rest is negative

    def _whole_power(self, node: ast.expr) -> int:
        """k of a factor written as (...)**k, k >= 1; 0 for any other."""
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)):
            return 0
        e = Fraction(self.expression.segment(node.right))
        return int(e) if e.denominator == 1 and 0 < e <= MAX_POWER else 0

    def _call(self, node: ast.Call, name: str) -> Sum:
        if name == "Piecewise":
            return self._piecewise(node)
        if name == "sqrt" and len(node.args) == 1:
            return self._root(node.args[0], Fraction(1, 2), node)
        arguments = [self.read(argument) for argument in (_flat(node, name) if name in ("Max", "Min") else node.args)]
        if name == "He":
            order = arguments[0].number
            if order is None or not order.is_rational or order.fraction.denominator != 1 or not 0 <= order.fraction <= MAX_POWER:
                raise InputError(
                    f"the order of {self._source(node)} is {arguments[0]}: expected a whole number from 0 to {MAX_POWER}"
                )
            coefficients = hermite_coefficients(int(order.fraction))
            return reduce(lambda total, c: total * arguments[1] + c, reversed(coefficients), constant(0))
        if name in ("Max", "Min"):
            if not arguments:
                raise InputError(f"{self._source(node)}: {name} needs at least one argument")
            return largest(arguments) if name == "Max" else -largest([-u for u in arguments])
        if len(arguments) != 1:
            raise InputError(f"{self._source(node)}: {name} takes 1 argument, got {len(arguments)}")
        (u,) = arguments
        if name == "log":
            return self._log(u, node)
        if name == "sign":
            return written_sign(u)
        form = COMPOSED[name].form if name in COMPOSED else None
        return apply(name, u) if form is None else form(u)

    def _piecewise(self, node: ast.Call) -> Sum:
        """Σ value_i 1{condition i holds, none before}: the indicator of u > v is (1 + sign(u - v))/2 where u and v differ."""
        out, left = constant(0), constant(1)
        for piece in pieces(node):
            holds = constant(1)
            if piece.larger is not None and piece.smaller is not None:
                gap = self.read(piece.larger) - self.read(piece.smaller)
                equal = vanishing(gap)
                holds = (apply("sign", gap) + 1) * Fraction(1, 2) * (constant(1) - equal) + (0 if piece.strict else equal)
            chosen = left * holds
            around, self.where = self.where, self.where * chosen
            if not self.where.is_zero:  # a value that is nowhere taken need not be defined
                out = out + self.read(piece.value) * chosen
            self.where = around
            left = left - chosen
        if not left.is_zero:
            raise InputError(
                f"{self._source(node)} is undefined where none of its conditions holds, or it could not be proved that one "
                "always does: end it with (..., True)"
            )
        return out

    # -- domains

    def _log(self, u: Sum, node: ast.expr) -> Sum:
        u = self._nonnegative(u, node)
        self._require_null_zeros(u, node)
        return logarithm(u)

    def _reciprocal(self, u: Sum, node: ast.expr) -> Sum:
        if u.is_zero:
            raise InputError(f"division by zero in {self._source(node)}")
        if u.number is not None:
            return constant(u.number.inverse())
        side = apply("sign", u)
        return self._bounded_below(u * side, node, Fraction(-1)) * side

    def _bounded_below(self, u: Sum, node: ast.expr, exponent: Fraction) -> Sum:
        self._require_null_zeros(u, node)
        return power(u, exponent)

    def _nonnegative(self, u: Sum, node: ast.expr) -> Sum:
        """u where it is nowhere negative; |u| where it is only so where it is asked for. InputError otherwise."""
        form = apply("sign", u)
        side = form.number
        if side is not None and side.sign() >= 0:
            return u
        if self.where.number is None and ((constant(1) - form) * self.where).is_zero:
            return absolute(u)
        name = "log" if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "log" else "a root"
        if side is not None:
            raise InputError(f"{self._source(node)} is undefined almost everywhere: its argument is never positive")
        point = negative_point(u)
        if point is not None:
            raise InputError(
                f"{self._source(node)} is undefined on a set of positive measure: {name} needs a positive argument, and it is "
                f"negative at ({', '.join(map(str, point))}); take abs(...) of it, or add a constant"
            )
        raise InputError(
            f"{self._source(node)}: could not prove that the argument is nowhere negative: write it as a sum of positive terms"
        )

    def _require_null_zeros(self, u: Sum, node: ast.expr) -> None:
        """Every factor of u must be proved to vanish on a null set only: how fast it does so is a matter of integrability."""
        if u.is_zero:
            raise InputError(f"{self._source(node)} is undefined: its argument is zero")
        factors = magnitudes(next(iter(u.terms))) if len(u.terms) == 1 else None
        for factor, _ in factors if factors is not None else [(u, Fraction(1))]:
            if not (is_nonzero(factor) or (factor.variables == {0} and zeros(factor).complete)):
                raise InputError(
                    f"{self._source(node)}: could not prove that {factor} vanishes on a null set only; supported are arguments "
                    "bounded below by a positive constant, such as 1 + z1**2, and products of powers of abs(...) of polynomials"
                )

    def _source(self, node: ast.expr) -> str:
        return self.expression.source(node)


def _factors(node: ast.expr) -> list[ast.expr]:
    """The factors of a written product, which nests to the left."""
    out = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        out.append(node.right)
        node = node.left
    return [node, *reversed(out)]


def _flat(node: ast.Call, name: str) -> list[ast.expr]:
    """The arguments of nested calls of Max, or of Min, as those of one call."""
    out: list[ast.expr] = []
    for argument in node.args:
        nested = isinstance(argument, ast.Call) and isinstance(argument.func, ast.Name) and argument.func.id == name
        out += _flat(argument, name) if isinstance(argument, ast.Call) and nested else [argument]
    return out


MAX_ARGUMENTS = 4
"""Most arguments of Max whose pairs are all compared; of more, groups are compared."""


def larger(u: Sum, v: Sum) -> Sum:
    """Max(u, v)."""
    return (u + v + absolute(u - v)) * Fraction(1, 2)


def largest(arguments: Sequence[Sum]) -> Sum:
    """Max of any number: Σ u_i Π_{j≠i} (1 + sign(u_i - u_j))/2 over distinct u_i, a form that does not depend on their order.

    Where several of them may agree on a set of positive measure the weights need not add up to 1, and pairs are compared instead.
    """
    distinct = list(dict.fromkeys(arguments))
    if len(distinct) > MAX_ARGUMENTS:
        return larger(largest(distinct[:MAX_ARGUMENTS]), largest(distinct[MAX_ARGUMENTS:]))
    if len(distinct) > 2 and not all(is_nonzero(u - v) for u, v in combinations(distinct, 2)):
        return reduce(larger, distinct)
    sides = {(i, j): apply("sign", distinct[i] - distinct[j]) for i, j in combinations(range(len(distinct)), 2)}
    out = constant(0)
    for i, u in enumerate(distinct):
        term = u
        for j in range(len(distinct)):
            if i != j:
                term = (term + term * (sides[i, j] if i < j else -sides[j, i])) * Fraction(1, 2)
        out = out + term
    return out

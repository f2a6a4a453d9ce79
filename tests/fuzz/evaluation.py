"""Target expressions as functions of points, from their text alone, each value with a running bound of its rounding error.

A number that its error cannot tell from zero counts as zero where a sign or a condition is asked: z1 + z2 - z3 along u1, u2,
u1 + u2 is zero, whatever the rounding. The same code runs on NumPy's floats, many points at once, and on mpmath's numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from mpmath import mp, mpf

DIGITS = 120
"""Working precision of mpmath here."""
BEYOND = 10**4
"""Where tanh and erf are 1 to all digits; numbers that would need a memory of their own are far beyond."""
GUARD = 20
"""More digits for constants and directions."""
DOUBT = 8
"""A value within so many error bounds of zero counts as zero."""

Array = np.ndarray[Any, Any]


class Unclear(Exception):
    """What the oracle cannot tell, and why."""


class Value:
    """Numbers with bounds of their errors: arrays of floats, or of mpmath's numbers."""

    __slots__ = ("error", "value")

    def __init__(self, value: Array, error: Array) -> None:
        self.value, self.error = value, error

    @property
    def signs(self) -> Array:
        """1, -1, or 0 where the value cannot be told from zero."""
        sure = (abs(self.value) > DOUBT * self.error) | (abs(self.value) == np.inf)  # what overflows has a sign
        return np.where(sure & (self.value > 0), 1, 0) - np.where(sure & (self.value < 0), 1, 0)


def _erf(x: Array) -> Array:
    return _ERF(x).astype(float)


def _elementwise(f: Callable[..., Any]) -> Callable[..., Array]:
    made = np.frompyfunc(f, 1, 1)
    return lambda x: np.asarray(made(x), dtype=object)


_ERF = np.frompyfunc(__import__("math").erf, 1, 1)
FLOATS: dict[str, Any] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "erf": _erf,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "eps": 2.0**-52,
}


@lru_cache(maxsize=1)
def mp_functions() -> dict[str, Any]:
    table: dict[str, Any] = {n: _elementwise(getattr(mp, n)) for n in ("sin", "cos", "atan", "asinh")}
    table["tanh"] = _elementwise(lambda x: mp.tanh(x) if abs(x) < BEYOND else mp.sign(x))
    table["erf"] = _elementwise(lambda x: mp.erf(x) if abs(x) < BEYOND else mp.sign(x))
    table["exp"] = _elementwise(lambda x: mp.exp(x) if abs(x) < BEYOND**6 else mpf("inf") if x > 0 else mpf(0))
    table["log"] = _elementwise(lambda x: mp.log(x) if x > 0 else mpf("-inf") if x == 0 else mpf("nan"))
    return table


def _numbers(exact: bool) -> dict[str, Any]:
    return mp_functions() | {"eps": mpf(2) ** -mp.prec} if exact else FLOATS


# -- operations


def add(a: Value, b: Value, f: dict[str, Any]) -> Value:
    v = a.value + b.value
    return Value(v, a.error + b.error + abs(v) * f["eps"])


def negative(a: Value) -> Value:
    return Value(-a.value, a.error)


def times(a: Value, b: Value, f: dict[str, Any]) -> Value:
    v = a.value * b.value
    return Value(v, abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error + abs(v) * f["eps"])


def over(a: Value, b: Value, f: dict[str, Any]) -> Value:
    zero = b.signs == 0
    base = np.where(zero, f["eps"] * 0 + 1, b.value)
    v = np.where(zero, _nowhere(b), a.value / base)
    return Value(v, a.error / abs(base) + abs(v) * b.error / abs(base) + abs(v) * f["eps"])


def _nowhere(like: Value) -> Any:
    return mpf("nan") if like.value.dtype == object else np.nan


def whole_power(a: Value, k: int, f: dict[str, Any]) -> Value:
    if k == 0:
        return Value(a.value * 0 + 1, a.error * 0)
    if k < 0:
        return over(Value(a.value * 0 + 1, a.error * 0), whole_power(a, -k, f), f)
    v = a.value**k
    return Value(v, k * abs(a.value) ** (k - 1) * a.error + abs(v) * (2 * k * f["eps"]))


def real_power(a: Value, p: Any, f: dict[str, Any]) -> Value:
    """a**p for a >= 0; nan for a < 0."""
    p = p if f["eps"].__class__ is mpf else float(p)
    s = a.signs
    base = np.where(s > 0, a.value, f["eps"] * 0 + 1)
    logs = f["log"](base)
    powers = logs * p
    v = f["exp"](powers)
    error = v * abs(p) * a.error / base + (4 + abs(powers)) * v * f["eps"]
    if p > 0:
        edge = np.where(s == 0, (a.error + abs(a.value) * f["eps"]) ** min(p, 1), error)
        return Value(np.where(s > 0, v, np.where(s == 0, v * 0, _nowhere(a))), edge)
    return Value(np.where(s > 0, v, _nowhere(a)), error)


def _smooth(name: str, slope: Callable[[Array, Array], Array]) -> Callable[[Value, dict[str, Any]], Value]:
    def made(a: Value, f: dict[str, Any]) -> Value:
        v = f[name](a.value)
        return Value(v, slope(a.value, v) * a.error + abs(v) * (4 * f["eps"]))

    return made


def _log(a: Value, f: dict[str, Any]) -> Value:
    s = a.signs
    base = np.where(s > 0, a.value, f["eps"] * 0 + 1)
    v = f["log"](base)
    return Value(np.where(s > 0, v, _nowhere(a)), a.error / base + abs(v) * (2 * f["eps"]))


def _sigmoid(a: Value, f: dict[str, Any]) -> Value:
    v = (1 + f["tanh"](a.value / 2)) / 2
    e = f["exp"](np.where(a.value < 0, a.value, a.value * 0))
    v = np.where(a.value < 0, e / (1 + e), v)
    return Value(v, v * a.error + v * (4 * f["eps"]))


def _half_sum(side: int) -> Callable[[Value, dict[str, Any]], Value]:
    """(e^x + side e^{-x})/2."""

    def made(a: Value, f: dict[str, Any]) -> Value:
        up, down = f["exp"](a.value) / 2, f["exp"](-a.value) / 2
        return Value(up + side * down, (up + down) * (a.error + (2 + abs(a.value)) * (4 * f["eps"])))

    return made


def _relu(a: Value, f: dict[str, Any]) -> Value:
    return Value(np.where(a.signs > 0, a.value, a.value * 0), np.where(a.signs < 0, a.error * 0, a.error))


def _sign(a: Value, f: dict[str, Any]) -> Value:
    return Value(a.signs + 0 * f["eps"], a.error * 0)


CALLS: dict[str, Callable[[Value, dict[str, Any]], Value]] = {
    "exp": _smooth("exp", lambda x, v: v),
    "sin": _smooth("sin", lambda x, v: 1 + 0 * v),
    "cos": _smooth("cos", lambda x, v: 1 + 0 * v),
    "tanh": _smooth("tanh", lambda x, v: abs(1 - v * v)),
    "erf": _smooth("erf", lambda x, v: 2 * abs(1 - v * v) ** 0.5),
    "atan": _smooth("atan", lambda x, v: 1 / (1 + x * x)),
    "asinh": _smooth("asinh", lambda x, v: 1 + 0 * v),
    "sinh": _half_sum(-1),
    "cosh": _half_sum(1),
    "erfc": lambda a, f: add(whole_power(a, 0, f), negative(CALLS["erf"](a, f)), f),
    "log": _log,
    "sigmoid": _sigmoid,
    "relu": _relu,
    "sign": _sign,
    "abs": lambda a, f: Value(abs(a.value), a.error),
    "sqrt": lambda a, f: real_power(a, mpf(1) / 2, f),
}


def hermite(k: int, a: Value, f: dict[str, Any]) -> Value:
    below, here = whole_power(a, 0, f), a
    if k == 0:
        return below
    for n in range(1, k):
        step = negative(times(Value(a.value * 0 + n, a.error * 0), below, f))
        below, here = here, add(times(a, here, f), step, f)
    return here


# -- trees


def has_variables(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id[0] == "z" for n in ast.walk(node))


_CONSTANTS: dict[str, tuple[mpf, mpf]] = {}


def constant(node: ast.expr) -> mpf:
    """A constant at DIGITS digits; what cannot be told from zero there is zero."""
    key = ast.dump(node)
    if key not in _CONSTANTS:
        with mp.workdps(DIGITS + GUARD):  # then rounded values are off by less than one unit, as `evaluate` takes them to be
            v = _tree(node, [], True, fold=False)
            _CONSTANTS[key] = (v.value[0], v.error[0]) if v.signs[0] else (mpf(0), mpf(0))
    return _CONSTANTS[key][0]


def number(text: str) -> mpf:
    """A constant as text, such as 'sqrt(2)/2*pi**(-1/2)'."""
    return constant(parse(text))


NAMED = {
    "softplus": "Max(u, 0) + log(1 + exp(-abs(u)))",
    "gelu": "u*(1 + erf(u/sqrt(2)))/2",
    "silu": "u*sigmoid(u)",
    "swish": "u*sigmoid(u)",
    "leaky_relu": "Piecewise((u, u > 0), (s*u, True))",
    "elu": "Piecewise((u, u > 0), (exp(u) - 1, True))",
    "heaviside": "(1 + sign(u))/2",
    "step": "(1 + sign(u))/2",
    "sgn": "sign(u)",
    "ReLU": "Max(u, 0)",
    "ln": "log(u)",
    "He3": "u**3 - 3*u",
}
"""Other names of functions of u, and of a slope s."""


class _WrittenOut(ast.NodeTransformer):
    """Puts what they stand for in place of named functions."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in ("max", "min"):
            node.func = ast.Name(name.capitalize())
        if name not in NAMED:
            return node
        put = {"u": node.args[0], "s": (node.args[1:] or [ast.parse("1/100", mode="eval").body])[0]}
        made: ast.expr = _Put(put).visit(ast.parse(NAMED[name], mode="eval").body)
        return made


class _Put(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def parse(text: str) -> ast.expr:
    """The tree of an expression, named functions written out, its decimals as fractions: all their digits count."""
    tree = ast.parse(text, mode="eval").body
    for n in ast.walk(tree):
        if isinstance(n, ast.Constant) and isinstance(n.value, float):
            n.value = Fraction(ast.get_source_segment(text, n))
    written: ast.expr = _WrittenOut().visit(tree)
    return written


def _literal(node: ast.Constant) -> Fraction:
    return Fraction(str(node.value))


def _broadcast(v: Any, like: Sequence[Value], f: dict[str, Any], exact: bool) -> Value:
    shape = like[0].value.shape if like else (1,)
    value = np.full(shape, v if exact else float(v), dtype=object if exact else float)
    return Value(value, abs(value) * f["eps"])


def evaluate(node: ast.expr, latents: Sequence[Value], exact: bool = False) -> Value:
    """The expression at points given by the values of z1, z2, ..."""
    with np.errstate(all="ignore"), mp.workdps(DIGITS):
        return _tree(node, latents, exact)


def _tree(node: ast.expr, z: Sequence[Value], exact: bool, fold: bool = True) -> Value:
    f = _numbers(exact)
    if fold and not has_variables(node) and not isinstance(node, ast.Compare):
        return _broadcast(constant(node), z, f, exact)

    def go(n: ast.expr) -> Value:
        return _tree(n, z, exact, fold)

    match node:
        case ast.Constant(value=bool()):
            raise Unclear("a truth value as a number")
        case ast.Constant():
            q = _literal(node)
            return _broadcast(mpf(q.numerator) / q.denominator, z, f, exact)
        case ast.Name(id="pi"):
            return _broadcast(+mp.pi, z, f, exact)
        case ast.Name(id=name):
            return z[int(name[1:]) - 1]
        case ast.UnaryOp(op=ast.USub(), operand=u):
            return negative(go(u))
        case ast.UnaryOp(operand=u):
            return go(u)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            if has_variables(right):
                base = constant(left)
                return CALLS["exp"](times(_broadcast(mp.log(base), z, f, exact), go(right), f), f)
            p = constant(right)
            return whole_power(go(left), int(p), f) if p == int(p) else real_power(go(left), p, f)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = go(left), go(right)
            match op:
                case ast.Add():
                    return add(a, b, f)
                case ast.Sub():
                    return add(a, negative(b), f)
                case ast.Mult():
                    return times(a, b, f)
                case ast.Div():
                    return over(a, b, f)
        case ast.Call(func=ast.Name(id="He"), args=[k, u]):
            return hermite(int(constant(k)), go(u), f)
        case ast.Call(func=ast.Name(id=("Max" | "Min") as name), args=arguments):
            return _extreme([go(u) for u in arguments], name == "Max")
        case ast.Call(func=ast.Name(id="Piecewise"), args=pairs):
            return _piecewise([(_condition(p.elts[1], z, exact), go(p.elts[0])) for p in pairs if isinstance(p, ast.Tuple)])
        case ast.Call(func=ast.Name(id=name), args=[u]) if name in CALLS:
            return CALLS[name](go(u), f)
    raise Unclear(f"{ast.unparse(node)} is not understood")


def _extreme(values: Sequence[Value], largest: bool) -> Value:
    best = values[0]
    for v in values[1:]:
        take = v.value > best.value if largest else v.value < best.value
        best = Value(np.where(take, v.value, best.value), np.maximum(v.error, best.error))
    return best


def _piecewise(pairs: Sequence[tuple[Array | bool, Value]]) -> Value:
    first = pairs[0][1]
    done = np.zeros(first.value.shape, dtype=bool)
    value, error = first.value * 0, first.error * 0
    for condition, v in pairs:
        take = ~done & condition
        value, error = np.where(take, v.value, value), np.where(take, v.error, error)
        done |= take
    return Value(np.where(done, value, _nowhere(first)), error)


def _condition(node: ast.expr, z: Sequence[Value], exact: bool) -> Array | bool:
    match node:
        case ast.Constant(value=bool() as truth):
            return truth
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            signs = _tree(ast.BinOp(left, ast.Sub(), right), z, exact).signs
            match op:
                case ast.Lt():
                    return np.asarray(signs < 0)
                case ast.LtE():
                    return np.asarray(signs <= 0)
                case ast.Gt():
                    return np.asarray(signs > 0)
                case ast.GtE():
                    return np.asarray(signs >= 0)
                case ast.Eq():
                    return np.asarray(signs == 0)
                case ast.NotEq():
                    return np.asarray(signs != 0)
    raise Unclear(f"the condition {ast.unparse(node)}")


# -- functions of x


class Function:
    """A target as a function of t in orthonormal coordinates of the span of its directions."""

    def __init__(self, text: str, directions: Sequence[Sequence[str]] | None = None) -> None:
        self.tree = parse(" ".join(text.split()).replace("^", "**"))
        indices = [int(n.id[1:]) for n in ast.walk(self.tree) if isinstance(n, ast.Name) and n.id[0] == "z"]
        self.latents = max(indices, default=0)
        with mp.workdps(DIGITS + GUARD):
            if directions is None:
                rows = [[mpf(i == j) for j in range(self.latents)] for i in range(self.latents)]
            else:
                rows = [[number(x) if isinstance(x, str) else mpf(x) for x in row] for row in directions]
            self.basis = _orthonormal(rows)
            self.rows = [[mp.fdot(row, q) for q in self.basis] for row in rows]
            for row in self.rows:
                row[:] = [x if abs(x) > mpf(10) ** (20 - DIGITS) else mpf(0) for x in row]
        self.size = len(self.basis)

    def latent_values(self, points: Array, exact: bool = False) -> list[Value]:
        """z = U x at points of shape (n, size)."""
        eps = mpf(2) ** -mp.prec if exact else FLOATS["eps"]
        out = []
        for row in self.rows:
            terms = [points[:, j] * (c if exact else float(c)) for j, c in enumerate(row)]
            if not terms:
                terms = [np.zeros(len(points))]
            total, size = terms[0], abs(terms[0])
            for t in terms[1:]:
                total, size = total + t, size + abs(t)
            single = sum(c != 0 for c in row) == 1 and any(abs(c) == 1 for c in row)
            out.append(Value(total, size * 0 if single else size * (2 * eps)))
        return out

    def at(self, points: Array, node: ast.expr | None = None) -> Value:
        """f, or a part of its expression, at points of shape (n, size): floats."""
        return evaluate(self.tree if node is None else node, self.latent_values(points))

    def exactly(self, points: Sequence[Sequence[mpf]], node: ast.expr | None = None) -> Value:
        """The same at DIGITS digits."""
        with mp.workdps(DIGITS):
            array = np.array([[mpf(x) for x in p] for p in points], dtype=object).reshape(len(points), self.size)
            return evaluate(self.tree if node is None else node, self.latent_values(array, True), True)

    def parts(self, *names: str) -> list[ast.Call]:
        return [n for n in ast.walk(self.tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in names]


def _orthonormal(rows: Sequence[Sequence[mpf]]) -> list[list[mpf]]:
    """An orthonormal basis of the span of the rows, by pivoted Gram-Schmidt."""
    left = [list(r) for r in rows]
    scale = max((mp.norm(r) for r in left), default=mpf(0))
    out: list[list[mpf]] = []
    while left:
        left.sort(key=mp.norm, reverse=True)
        if mp.norm(left[0]) <= scale * mpf(10) ** (30 - DIGITS):
            break
        q = [x / mp.norm(left[0]) for x in left[0]]
        out.append(q)
        left = [[x - mp.fdot(r, q) * y for x, y in zip(r, q, strict=True)] for r in left[1:]]
    return out

"""Re-check a certificate of `steinlab check` from its target text, with Python's standard library alone.

    python verify_certificate.py FILE

Prints what was verified and what is trusted, and exits 0; exits 1 with the first thing that does not hold, 2 if FILE cannot be
read.

Nothing here is shared with the code that writes certificates. The target is parsed and expanded again, in x-space, by
substituting the directions and turning each monomial into Hermite polynomials. A quantity claimed zero must vanish identically as
a combination of the numbers prod p^(q_p), p prime, 0 <= q_p < 1; a quantity claimed nonzero must be shown so by rational
intervals. Ranks are bounded from both sides: from above by a kernel in echelon form, from below by a Gram determinant.
Whatever is a function of the expansion (energies, exponents, verdicts) is computed here and compared, so that every entry is
covered.

This file is for polynomial targets. Certificates of general links are checked by `verify_link_certificate.py` beside it.
"""

from __future__ import annotations

import ast
import importlib
import json
import math
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

SCHEMA = "steinlab/certificate/1"
LINK_SCHEMA = "steinlab/link-certificate/1"
TRUSTED = ("this program and the Python interpreter that runs it", "that x ~ N(0, I_d) is the model meant")
MAX_TERMS = 500_000
MAX_POWER = 1_000

Radical = tuple[tuple[int, Fraction], ...]  # ((prime, exponent in (0, 1)), ...), sorted
Number = dict[Radical, Fraction]  # a real number, as a combination of radicals; {} is zero
Polynomial = dict[tuple[int, ...], Number]
Vector = list[Number]


class Refused(Exception):
    """The certificate does not hold, or says something that this program cannot re-derive."""


def require(condition: bool, what: str) -> None:
    if not condition:
        raise Refused(what)


# -- real numbers: combinations of roots of primes, exactly


def rational(q: Fraction | int) -> Number:
    return {(): Fraction(q)} if q else {}


def add(a: Number, b: Number, scale: Fraction | int = 1) -> Number:
    out = dict(a)
    for radical, c in b.items():
        out[radical] = out.get(radical, Fraction(0)) + scale * c
        if not out[radical]:
            del out[radical]
    return out


def times(a: Number, b: Number) -> Number:
    out: Number = {}
    for (left, c), (right, e) in product(a.items(), b.items()):
        exponents = dict(left)
        factor = c * e
        for prime, q in right:
            whole, part = divmod(exponents.pop(prime, Fraction(0)) + q, 1)
            factor *= prime**whole
            if part:
                exponents[prime] = part
        out = add(out, {tuple(sorted(exponents.items())): factor})
    return out


def root(q: Fraction, order: int) -> Number:
    """q^(1/order) for a rational q >= 0, by trial division."""
    require(q >= 0, f"the root of {q} is not real")
    if not q:
        return {}
    exponents: dict[int, Fraction] = {}
    for n, sign in ((q.numerator, 1), (q.denominator, -1)):
        p = 2
        while n > 1:
            if p * p > n:
                p = n
            while n % p == 0:
                n //= p
                exponents[p] = exponents.get(p, Fraction(0)) + Fraction(sign, order)
            p += 1
            require(p < 10**6 or n == 1, f"{q} under a root has a large prime factor")
    out = rational(1)
    for p, e in exponents.items():
        whole, part = divmod(e, 1)
        out = times(out, {((p, part),) if part else (): Fraction(p) ** whole})
    return out


def inverse(a: Number) -> Number:
    """1/a, by multiplying with conjugates in one square root after another."""
    require(bool(a), "division by zero")
    if len(a) == 1:
        ((radical, c),) = a.items()
        out = rational(1 / c)
        for p, q in radical:
            out = times(out, {((p, 1 - q),): Fraction(1, p)})
        return out
    primes = {p for radical in a for p, q in radical}
    require(all(q == Fraction(1, 2) for radical in a for _, q in radical), "dividing by sums of higher roots is not supported")
    p = max(primes)
    conjugate = {radical: -c if any(prime == p for prime, _ in radical) else c for radical, c in a.items()}
    return times(conjugate, inverse(times(a, conjugate)))


def interval(a: Number, bits: int) -> tuple[Fraction, Fraction]:
    """Rational bounds of a, each root of a prime to about `bits` bits."""
    low = high = Fraction(0)
    for radical, c in a.items():
        below = above = Fraction(1)
        for p, q in radical:
            k = integer_root(p**q.numerator << (bits * q.denominator), q.denominator)
            below, above = below * Fraction(k, 1 << bits), above * Fraction(k + 1, 1 << bits)
        low, high = low + min(c * below, c * above), high + max(c * below, c * above)
    return low, high


def integer_root(n: int, order: int) -> int:
    """The largest k with k^order <= n."""
    low, high = 0, 1 << (n.bit_length() // order + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**order <= n else (low, middle)
    return low


def require_nonzero(a: Number, what: str) -> None:
    for bits in (32, 128, 1024):
        low, high = interval(a, bits)
        if low > 0 or high < 0:
            return
    raise Refused(f"{what} is not proved to be nonzero")


# -- the target text


def read(text: Any, d: int = 0) -> Polynomial:
    """The polynomial in d variables that a text says, by a walk over Python's syntax tree."""
    require(isinstance(text, str) and len(text) <= 100_000, f"{text!r} is not an expression")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Refused(f"cannot read {text[:60]!r}") from None
    return walk(tree, text.strip(), d)


def walk(node: ast.expr, text: str, d: int) -> Polynomial:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        literal = ast.get_source_segment(text, node) or ""
        require(len(literal.lower().partition("e")[2]) <= 4, f"the number {literal!r} is too large")
        return constant(rational(Fraction(literal)), d)
    if isinstance(node, ast.Name) and node.id[0] == "z" and node.id[1:].isdigit() and 1 <= int(node.id[1:]) <= d:
        return {tuple(int(i == int(node.id[1:]) - 1) for i in range(d)): rational(1)}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return combine({}, walk(node.operand, text, d), -1 if isinstance(node.op, ast.USub) else 1)
    if isinstance(node, ast.BinOp):
        left, right = walk(node.left, text, d), walk(node.right, text, d)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return combine(left, right, 1 if isinstance(node.op, ast.Add) else -1)
        if isinstance(node.op, ast.Mult):
            return multiply(left, right)
        if isinstance(node.op, ast.Div):
            return multiply(left, constant(inverse(value(right)), d))
        if isinstance(node.op, ast.Pow):
            return power(left, fraction(value(right)), d)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        arguments = [walk(a, text, d) for a in node.args]
        if node.func.id == "sqrt" and len(arguments) == 1:
            return constant(root(fraction(value(arguments[0])), 2), d)
        if node.func.id == "He" and len(arguments) == 2:
            order = fraction(value(arguments[0]))
            require(order.denominator == 1 and 0 <= order <= MAX_POWER, "the order of He is not a natural number")
            before, now = {}, constant(rational(1), d)
            for k in range(int(order)):
                before, now = now, combine(multiply(arguments[1], now), before, -k)
            return now
    raise Refused(f"{ast.get_source_segment(text, node)!r} is not a polynomial")


def value(p: Polynomial) -> Number:
    require(all(not any(alpha) for alpha in p), "a constant is expected")
    return next(iter(p.values()), {})


def fraction(a: Number) -> Fraction:
    require(all(radical == () for radical in a), "a rational number is expected")
    return a.get((), Fraction(0))


def number(text: Any) -> Number:
    return value(read(text))


def constant(a: Number, d: int) -> Polynomial:
    return {(0,) * d: a} if a else {}


def accumulate(p: Polynomial, alpha: tuple[int, ...], c: Number, scale: Fraction | int = 1) -> None:
    """Add scale c to the coefficient of alpha, in place."""
    p[alpha] = add(p.get(alpha, {}), c, scale)
    if not p[alpha]:
        del p[alpha]


def combine(p: Polynomial, q: Polynomial, scale: Fraction | int = 1) -> Polynomial:
    out = dict(p)
    for alpha, c in q.items():
        accumulate(out, alpha, c, scale)
    return out


def multiply(p: Polynomial, q: Polynomial) -> Polynomial:
    out: Polynomial = {}
    require(len(p) * len(q) <= MAX_TERMS, "the expansion is too large for this checker")
    for (alpha, c), (beta, e) in product(p.items(), q.items()):
        accumulate(out, tuple(map(int.__add__, alpha, beta)), times(c, e))
    return out


def power(p: Polynomial, exponent: Fraction, d: int) -> Polynomial:
    require(abs(exponent.numerator) <= MAX_POWER and exponent.denominator <= MAX_POWER, f"the exponent {exponent} is too large")
    if exponent.denominator != 1 or exponent < 0:
        base = value(p)
        if exponent.denominator == 1:
            return power(constant(inverse(base), d), -exponent, d)
        return power(constant(root(fraction(base), exponent.denominator), d), Fraction(exponent.numerator), d)
    out = constant(rational(1), d)
    for _ in range(int(exponent)):
        out = multiply(out, p)
    return out


def substitute(p: Polynomial, forms: list[Vector]) -> Polynomial:
    """p(form_1·s, form_2·s, ...)."""
    d = len(forms[0])
    linear = [{tuple(int(i == j) for i in range(d)): c for j, c in enumerate(form) if c} for form in forms]
    out: Polynomial = {}
    for alpha, c in p.items():
        term = constant(c, d)
        for form, e in zip(linear, alpha, strict=True):
            for _ in range(e):
                term = multiply(term, form)
        out = combine(out, term)
    return out


# -- Hermite expansion and linear algebra


def hermite_expansion(p: Polynomial) -> Polynomial:
    """{α: c} with p = Σ c He_α, from x^k = Σ_j k!/(2^j j! (k-2j)!) He_{k-2j} in each variable."""
    out: Polynomial = {}
    for alpha, c in p.items():
        for js in product(*(range(a // 2 + 1) for a in alpha)):
            pairs = list(zip(alpha, js, strict=True))
            weight = Fraction(math.prod(math.factorial(a) for a in alpha))
            weight /= math.prod(2**j * math.factorial(j) * math.factorial(a - 2 * j) for a, j in pairs)
            accumulate(out, tuple(a - 2 * j for a, j in pairs), c, weight)
            require(len(out) <= MAX_TERMS, "the expansion is too large for this checker")
    return out


def along(p: Polynomial, v: Vector) -> Polynomial:
    """The derivative of p along v."""
    out: Polynomial = {}
    for alpha, c in p.items():
        for i, x in enumerate(v):
            if alpha[i] and x:
                accumulate(out, (*alpha[:i], alpha[i] - 1, *alpha[i + 1 :]), times(c, x), alpha[i])
    return out


def dot(u: Vector, v: Vector) -> Number:
    out: Number = {}
    for x, y in zip(u, v, strict=True):
        out = add(out, times(x, y))
    return out


def determinant(rows: list[Vector]) -> Number:
    """By Faddeev and LeVerrier: ring operations and division by integers only."""
    n = len(rows)
    current = [[rational(int(i == j)) for j in range(n)] for i in range(n)]
    c = rational(1)
    for k in range(1, n + 1):
        current = [[dot(row, [current[i][j] for i in range(n)]) for j in range(n)] for row in rows]
        c = {}
        for i in range(n):
            c = add(c, current[i][i], Fraction(-1, k))
        for i in range(n):
            current[i][i] = add(current[i][i], c)
    return {radical: q * (-1) ** n for radical, q in c.items()}


def vectors(rows: Any, d: int, what: str) -> list[Vector]:
    require(
        isinstance(rows, list) and all(isinstance(r, list) and len(r) == d for r in rows), f"{what}: rows of length {d} expected"
    )
    return [[number(x) for x in row] for row in rows]


def require_echelon(rows: list[Vector], what: str) -> list[int]:
    """The columns of the last nonzero entries, when the rows are in the one echelon form that a subspace has."""
    last = [max((j for j, x in enumerate(row) if x), default=-1) for row in rows]
    unit = all(row[j] == rational(int(row is other)) for other, j in zip(rows, last, strict=True) for row in rows)
    require(-1 not in last and last == sorted(set(last)) and unit, f"{what} is not in echelon form")
    return last


def require_kernel(rows: list[Vector], kernel: list[Vector], d: int, what: str) -> int:
    """The rank of the rows, when `kernel` is their kernel: it is annihilated, and the other columns are independent."""
    free = require_echelon(kernel, f"{what}: the kernel")
    for v in kernel:
        require(all(not dot(row, v) for row in rows), f"{what}: a kernel vector is not in the kernel")
    columns = [[row[j] for row in rows] for j in range(d) if j not in free]
    if columns:
        require_nonzero(determinant([[dot(u, v) for v in columns] for u in columns]), f"{what}: a Gram determinant")
    return len(columns)


def gradient_rows(p: Polynomial, d: int) -> list[Vector]:
    """The coefficients of the gradient, one row for each monomial, monomials sorted."""
    columns = [along(p, [rational(int(i == j)) for j in range(d)]) for i in range(d)]
    return [[column.get(alpha, {}) for column in columns] for alpha in sorted(set().union(*columns))]


# -- the statements


class Checker:
    """Checks one part after another; each method consumes its part of the certificate, and nothing may be left over."""

    def __init__(self, certificate: Any) -> None:
        require(isinstance(certificate, dict), "the certificate is not an object")
        self.parts = dict(certificate)
        require(self.take("schema") == SCHEMA, f"the schema is not {SCHEMA}")

    def take(self, name: str) -> Any:
        require(name in self.parts, f"the part {name!r} is missing")
        return self.parts.pop(name)

    def exactly(self, name: str, expected: Any) -> None:
        found = self.take(name)
        same = found == expected and json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)
        require(same, f"{name} is {expected}, the certificate says {found}")

    def run(self) -> None:
        self.target()
        self.expansion()
        self.dimension()
        self.hessian()
        self.leap()
        self.exponents()
        self.verdicts()
        require(not self.parts, f"unknown parts: {', '.join(self.parts)}")

    def target(self) -> None:
        target = self.take("target")
        keys = {"link", "directions", "latent_dimension"}
        require(isinstance(target, dict) and set(target) == keys, "the target needs link, directions and latent_dimension")
        r = target["latent_dimension"]
        require(type(r) is int and 1 <= r <= 100, "the latent dimension is not a number from 1 to 100")
        written = {n.id for n in ast.walk(ast.parse(str(target["link"]).strip(), mode="eval")) if isinstance(n, ast.Name)}
        require(
            max((int(n[1:]) for n in written if n[0] == "z" and n[1:].isdigit()), default=0) == r, "latent_dimension is wrong"
        )
        rows = target["directions"]
        require(
            isinstance(rows, list) and len(rows) == r and isinstance(rows[0], list), "one direction for each latent is expected"
        )
        self.d = len(rows[0])
        directions = vectors(rows, self.d, "directions")
        self.orthonormal = all(
            dot(u, v) == rational(int(i == j)) for i, u in enumerate(directions) for j, v in enumerate(directions)
        )
        self.axes = all(x == rational(int(i == j)) for i, u in enumerate(directions) for j, x in enumerate(u))
        link = read(target["link"], r)
        self.symbol = hermite_expansion(link if self.axes else substitute(link, directions))
        self.latent_symbol = self.symbol if self.axes else hermite_expansion(link)
        require(any(any(alpha) for alpha in self.symbol), "the target is constant")

    def expansion(self) -> None:
        claimed = self.take("hermite_coefficients")
        require(isinstance(claimed, dict), "hermite_coefficients is not an object")
        expected = {",".join(map(str, alpha)): c for alpha, c in self.symbol.items()}
        require(set(claimed) == set(expected), "hermite_coefficients names other monomials than the expansion has")
        for key, c in expected.items():
            require(number(claimed[key]) == c, f"the Hermite coefficient of {key} is wrong")
            require_nonzero(c, f"the Hermite coefficient of {key}")
        energy: dict[int, Number] = {}
        for alpha, c in self.symbol.items():
            k = sum(alpha)
            energy[k] = add(energy.get(k, {}), times(c, c), math.prod(map(math.factorial, alpha)))
        claimed = self.take("degree_energy")
        require(isinstance(claimed, dict) and set(claimed) == set(map(str, energy)), "degree_energy has the wrong degrees")
        require(all(number(claimed[str(k)]) == c for k, c in energy.items()), "a degree energy is wrong")
        mean = self.symbol.get((0,) * self.d, {})
        require(number(self.take("mean")) == mean, "the mean is wrong")
        total: Number = {}
        for k, c in energy.items():
            total = add(total, c) if k else total
        require(number(self.take("variance")) == total, "the variance is wrong")
        self.degrees = sorted(k for k in energy if k)
        self.exactly("degree", max(self.degrees))

    def dimension(self) -> None:
        part = self.take("effective_subspace")
        require(
            isinstance(part, dict) and set(part) == {"dimension", "invariant"}, "effective_subspace needs dimension, invariant"
        )
        invariant = vectors(part["invariant"], self.d, "effective_subspace")
        self.dimension_value = require_kernel(gradient_rows(self.symbol, self.d), invariant, self.d, "effective_subspace")
        require(part["dimension"] == self.dimension_value and type(part["dimension"]) is int, "the effective dimension is wrong")

    def hessian(self) -> None:
        part = self.take("expected_hessian")
        good = isinstance(part, dict) and set(part) == {"matrix", "rank", "kernel"}
        require(good, "expected_hessian needs matrix, rank and kernel")
        h = [[self.second(i, j) for j in range(self.d)] for i in range(self.d)]
        require(vectors(part["matrix"], self.d, "the expected Hessian") == h, "the expected Hessian is wrong")
        kernel = vectors(part["kernel"], self.d, "the expected Hessian")
        self.rank = require_kernel(h, kernel, self.d, "the expected Hessian")
        require(part["rank"] == self.rank and type(part["rank"]) is int, "the rank is wrong")

    def second(self, i: int, j: int) -> Number:
        alpha = [0] * self.d
        alpha[i] += 1
        alpha[j] += 1
        c = self.symbol.get(tuple(alpha), {})
        return add({}, c, 2 if i == j else 1)

    def leap(self) -> None:
        part = self.take("subspace_leap")
        require(
            isinstance(part, dict) and set(part) == {"value", "steps"} and isinstance(part["steps"], list),
            "subspace_leap is malformed",
        )
        identity = [[rational(int(i == j)) for j in range(self.d)] for i in range(self.d)]
        unseen = identity
        seen: list[Vector] = []
        degrees: list[int] = []
        for step in part["steps"]:
            keys = {"degree", "gained", "unseen", "seen", "combinations"}
            require(isinstance(step, dict) and set(step) == keys, f"a step of the leap needs {', '.join(sorted(keys))}")
            rotated = substitute(self.symbol, [[row[i] for row in (*unseen, *seen)] for i in range(self.d)])
            s = len(unseen)
            degree = min((sum(alpha[:s]) for alpha in rotated if any(alpha[:s])), default=0)
            require(step["degree"] == degree and type(step["degree"]) is int, "the degree of a step of the leap is wrong")
            lowest = {alpha: c for alpha, c in rotated.items() if sum(alpha[:s]) == degree}
            rows = [row[:s] for row in gradient_rows(lowest, self.d) if any(row[:s])]
            combinations = vectors(step["combinations"], s, "a step of the leap")
            gained = require_kernel(rows, combinations, s, "a step of the leap")
            require(step["gained"] == gained and type(step["gained"]) is int, "the gained dimension is wrong")
            unseen = [[dot(c, [row[i] for row in unseen]) for i in range(self.d)] for c in combinations]
            require(vectors(step["unseen"], self.d, "unseen") == unseen, "what stays unseen is wrong")
            seen = vectors(step["seen"], self.d, "seen")
            require_echelon(seen, "what is seen")
            require(len(seen) + len(unseen) == self.d, "what is seen has the wrong dimension")
            require(all(not dot(u, v) for u in seen for v in unseen), "what is seen is not orthogonal to what is not")
            degrees.append(degree)
        require(self.d - len(unseen) == self.dimension_value, "the leap does not end at the effective subspace")
        require(part["value"] == max(degrees) and type(part["value"]) is int, "the leap is wrong")

    def exponents(self) -> None:
        self.exactly("information_exponent", min(self.degrees))
        self.exactly("coordinate_leap", self.coordinate_leap() if self.orthonormal else None)
        single = self.dimension_value == 1
        # a polynomial of one direction has generative exponent 2 if it is even and 1 if not
        self.exactly("generative_exponent", (1 if any(k % 2 for k in self.degrees) else 2) if single else None)

    def coordinate_leap(self) -> int:
        seen: set[int] = set()
        worst = 0
        while left := [a for a in self.latent_symbol if any(e and i not in seen for i, e in enumerate(a))]:
            cost, alpha = min((sum(e for i, e in enumerate(a) if i not in seen), a) for a in left)
            worst = max(worst, cost)
            seen |= {i for i, e in enumerate(alpha) if e}
        return worst

    def verdicts(self) -> None:
        second = "holds" if self.rank == self.dimension_value else "fails"
        self.exactly("verdicts", {"damian.assumption1": "holds", "damian.assumption2": second})


def verify(certificate: Any) -> list[str]:
    """Refused unless the certificate holds; else what was verified and what is trusted, in lines."""
    if isinstance(certificate, dict) and certificate.get("schema") == LINK_SCHEMA:
        links = sibling("verify_link_certificate")
        try:
            links.verify(certificate)
        except sibling("verify_link_functions").Refused as error:
            raise Refused(str(error)) from None
        verified = [f"  {line}" for line in links.statements(certificate)]
    else:
        Checker(certificate).run()
        verified = [
            "  expansion, energies, effective dimension, rank of the expected Hessian, exponents, leap steps, Assumptions 1 and 2"
        ]
    return [f"VERIFIED: {certificate['target']['link']}", *verified, "  trusted: " + "; ".join(TRUSTED)]


def sibling(name: str) -> Any:
    """A module beside this file, whether this file runs as a script or is part of a package."""
    if __package__:
        return importlib.import_module(f"{__package__}.{name}")
    folder = str(Path(__file__).resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            certificate = json.load(file)
    except (OSError, ValueError, RecursionError) as error:
        print(f"cannot read {arguments[0]}: {error}", file=sys.stderr)
        return 2
    try:
        lines = verify(certificate)
    except ModuleNotFoundError as error:
        print(f"a certificate of a general link needs {error.name}.py in the folder of this script", file=sys.stderr)
        return 2
    except (Refused, SyntaxError, ValueError, KeyError, IndexError, TypeError, RecursionError, ArithmeticError) as error:
        print(f"REFUSED: {error}")
        return 1
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

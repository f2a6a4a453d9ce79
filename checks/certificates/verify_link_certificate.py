"""A cross-check of certificates of general links by a second program; such a certificate holds no proof of its own.

The part of `verify_certificate.py` for exp, log, sin, cos, tanh, erf, sigmoid, relu, abs, sign, Max, Min. With
`verify_link_functions.py`, where the functions and integrals are, it stands on Python's standard library alone and shares no
code with what writes certificates. `derive(target, degree)` computes from the target text everything that a certificate says; a
certificate holds when it says exactly that. So nothing in it can be altered, dropped or added. The steps, each a proof:

1. Directions are put in, and the link is read into a sum of products of x_i and functions, by identities that hold almost
   everywhere in x.
2. E[g p] for a polynomial p becomes exact: what is Gaussian given the linear forms under the functions is integrated out, over
   the rationals, and forms that are orthogonal are independent. What is left is a rational combination of moments
   E[s^n F(s)], s = <a, x> ~ N(0, |a|²). Odd ones are dropped and equal ones collected. Nothing left: it is zero.
3. Moments are enclosed in balls. A quantity is nonzero when its ball excludes zero.
4. Ranks: from below by elimination with balls, from above by the exact span of the vectors that multiply
   distinct moments. Leaps: the same with the moments kept as functions of what is seen already.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import steinlab.checks.certificates.verify_link_functions as fn
import steinlab.checks.verify_certificate as vc
from steinlab.checks.verify_certificate import Refused, Row, require, spend, weigh

SCHEMA = "steinlab/link-certificate/3"
METHOD = "cross-check: a second program derives the same from the target text; this file holds no proof"
EARLIER = "one made by an earlier version is written anew by steinlab check --certificate"
PARTS = (
    *("method", "schema", "target", "degree", "coefficients", "zeros", "undecided", "effective_dimension", "expected_hessian"),
    *("information_exponent", "subspace_leap", "coordinate_leap", "generative_exponent", "verdicts"),
)
DIGITS = 10  # significant digits that a certificate states
MAX_DEGREE, MAX_DIMENSION, MAX_COEFFICIENTS = 12, 12, 500
LABEL_POWERS, MAX_BOX_WORK = 4, 3_500_000

Polynomial = dict[tuple[int, ...], Fraction]


# -- rational linear algebra


def dot(u: Row, v: Row) -> Fraction:
    weigh(*u, *v, count=len(u))
    return sum((x * y for x, y in zip(u, v, strict=True)), Fraction(0))


def orthogonal(rows: Iterable[Row], start: Sequence[Row] = ()) -> list[Row]:
    """Vectors, orthogonal to each other and to `start` (itself orthogonal), that complete it to the span of all.

    They are of length near 1: integers without common factor, first positive, over a power of two.
    """
    out = list(start)
    for row in rows:
        for unit in out:
            row = vc.moved(row, unit, -dot(row, unit) / dot(unit, unit))
        if any(row):
            divisor = Fraction(math.gcd(*(x.numerator for x in row)), math.lcm(*(x.denominator for x in row)))
            row = tuple(x / divisor * (1 if row[vc.first(row)] > 0 else -1) for x in row)
            halvings = int(dot(row, row)).bit_length() // 2
            out.append(tuple(x / 2**halvings for x in row))
    return out[len(start) :]


def rank_of(rows: list[list[fn.Ball | None]]) -> int:
    """A lower bound on the rank. Rows with an entry not known are left out; those with the most certain entry come first."""
    known = [[x for x in row if x is not None] for row in rows if None not in row]
    return vc.certain_rank(sorted(known, key=lambda row: min(r - abs(m) for m, r in row)))


# -- polynomials over the rationals


def heat(p: Polynomial, covariance: Sequence[tuple[int, int, Fraction]]) -> Polynomial:
    """E p(v + y) for y ~ N(0, covariance), given by its entries (i, j, c_ij) that are not zero: exp(½ Σ c_ij ∂_i ∂_j) p."""
    out, term, k = p, p, 0
    while term:
        k += 1
        nxt: Polynomial = {}
        for alpha, c in term.items():
            for i, j, x in covariance:
                if times := alpha[i] * (alpha[j] - (i == j)):
                    weigh(c, x, count=2)
                    beta = list(alpha)
                    beta[i] -= 1
                    beta[j] -= 1
                    nxt[tuple(beta)] = nxt.get(tuple(beta), Fraction(0)) + c * x * Fraction(times, 2 * k)
        spend(10 + len(term) * len(covariance) // 4)
        term = {alpha: c for alpha, c in nxt.items() if c}
        out = vc.combine(out, term)
    return out


def hermite_weight(directions: Sequence[Row], orders: Sequence[int], size: int) -> Polynomial:
    """Π_j |w_j|^k He_k(<w_j, x>/|w_j|), k = orders[j]: E[g times it] is E of the derivative of g along the w_j, by Stein."""
    out: Polynomial = {(0,) * size: Fraction(1)}
    for w, k in zip(directions, orders, strict=True):
        out = vc.multiply(out, vc.hermite(k, vc.linear(w), {(0,) * size: Fraction(1)}, dot(w, w)))
    return out


# -- expectations as rational combinations of moments


class Component:
    """Factors that depend on the forms <a, x> for the orthogonal `directions` a, as a function of these forms s_1, s_2, ...

    The first `seen` directions span what it shares with the subspace V that is conditioned on; the others are orthogonal to V.
    """

    def __init__(self, factors: fn.Product, directions: list[Row], seen: int) -> None:
        self.directions, self.seen = directions, seen
        self.variances = tuple(dot(a, a) for a in directions)
        size = len(directions[0])
        images = {}
        for i in range(size):
            image: fn.Sum = {}
            for j, a in enumerate(directions):
                image = fn.add(image, fn.variable(j), a[i] / self.variances[j])
            images[i] = image
        self.function = fn.substitute({factors: Fraction(1)}, images)
        require(bool(self.function), "a function vanishes")
        fn.require_square_integrable(self.function, self.variances)
        self.flips = [1] * len(directions)
        self.sign = Fraction(1)
        unseen = range(seen, len(directions))
        for j in unseen:  # one of the two orientations of a form, so that equal moments look equal
            image = fn.substitute(self.function, {j: fn.add({}, fn.variable(j), -1)})
            if repr(fn.freeze(image)) < repr(fn.freeze(self.function)) and image != fn.add({}, self.function, -1):
                self.function, self.flips[j] = image, -1
        if fn.leading(self.function) < 0:
            self.function, self.sign = fn.add({}, self.function, -1), Fraction(-1)
        groups = [*([j] for j in unseen), *([list(unseen)] if len(unseen) > 1 else [])]
        self.parities = [(group, side) for group in groups if (side := fn.parity(self.function, group))]
        self.key = (fn.freeze(self.function), self.variances, tuple(directions[:seen]))

    def reduced(self, orders: tuple[int, ...]) -> tuple[Fraction, tuple[int, ...]]:
        """(q, n) with E[s^orders F | seen] = q E[s^n F | seen]; q = 0 where it is odd."""
        q = self.sign
        for flip, k in zip(self.flips, orders, strict=True):
            q *= flip**k
        if any((-1) ** sum(orders[j] for j in group) != side for group, side in self.parities):
            return Fraction(0), orders
        tilt = self.gaussian()
        if tilt is None:
            return q, orders
        square, slope = tilt  # E[s^k exp(a s² + b s)] is a moment of N(bS, S), S = v/(1 - 2av), times a constant
        s = self.variances[0] / (1 - 2 * square * self.variances[0])
        moments = [Fraction(1), slope * s]
        for k in range(2, orders[0] + 1):
            moments.append(slope * s * moments[-1] + (k - 1) * s * moments[-2])
        return q * moments[orders[0]], (0,)

    def gaussian(self) -> tuple[Fraction, Fraction] | None:
        """(a, b) when the function of one unseen form is exp(a s² + b s + c) with rational a, b."""
        if len(self.variances) != 1 or self.seen or len(self.function) != 1:
            return None
        ((product, c),) = self.function.items()
        if c != 1 or len(product) != 1 or product[0][0][0] != "exp":
            return None
        parts = {tuple(atom[0] == "z" and e for atom, e in p): x for p, x in fn.thaw(product[0][0][1]).items()}
        return (parts.get((2,), Fraction(0)), parts.get((1,), Fraction(0))) if set(parts) <= {(), (1,), (2,)} else None


class Split:
    """A product of functions: its constant factors, its independent components, and seen forms left over.

    x is <a, x>/|a|² along their directions a, with the images of its coordinates, plus an independent rest with its covariance.
    """

    def __init__(self, constants: fn.Product, components: list[Component], left: list[Row], d: int) -> None:
        self.constants, self.components, self.left = constants, components, left
        self.directions = [a for component in components for a in component.directions] + left
        self.images: list[Polynomial] = [{} for _ in range(d)]
        rest = [[Fraction(int(i == j)) for j in range(d)] for i in range(d)]
        for k, a in enumerate(self.directions):
            spend(5 * d)
            norm = dot(a, a)
            entries = [(i, x) for i, x in enumerate(a) if x]
            for i, x in entries:
                self.images[i][tuple(int(j == k) for j in range(len(self.directions)))] = x / norm
                for j, y in entries:
                    spend(5)
                    rest[i][j] -= x * y / norm
        self.rest = [(i, j, x) for i, row in enumerate(rest) for j, x in enumerate(row) if x]


class Analysis:
    """What can be proved about the target. Coordinates are those of x in R^d; vectors are rational."""

    def __init__(self, target: Any, degree: Any) -> None:
        require(type(degree) is int and 2 <= degree <= MAX_DEGREE, f"the degree is not a number from 2 to {MAX_DEGREE}")
        link, rows, r, self.d = vc.admitted(target, degree)
        require(max(r, self.d) <= MAX_DIMENSION, f"more than {MAX_DIMENSION} variables are too many for this checker")
        require(math.comb(degree + self.d, degree) <= MAX_COEFFICIENTS, "the expansion is too large for this checker")
        self.degree, self.axes = degree, rows is None
        images = [fn.variable(i) for i in range(r)]
        for i, row in enumerate(rows or ()):
            images[i] = {}
            for j, text in enumerate(row):
                images[i] = fn.add(images[i], fn.multiply(fn.read(text, ()), fn.variable(j)))
        self.g = fn.read(link, images)
        require(bool(fn.variables(self.g)), "the target is constant")
        self.identity = [tuple(Fraction(int(i == j)) for j in range(self.d)) for i in range(self.d)]
        self.groups = self.grouped(self.g)
        self.span = vc.echelon(row for f, p in self.groups.items() for row in [*vc.gradient_rows(p, self.d), *self.forms(f)])
        self.components: dict[Any, Split] = {}
        self.planes: dict[Any, fn.Ball | None] = {}
        self.tables: dict[tuple[tuple[Any, ...], tuple[Fraction, ...], int], dict[tuple[int, int], fn.Ball] | None] = {}
        self.derivatives: dict[Any, dict[Any, Fraction]] = {}
        self.coefficients: dict[tuple[int, ...], fn.Ball | None] = {}

    def grouped(self, g: fn.Sum, size: int = 0) -> dict[fn.Product, Polynomial]:
        """{product of functions: the polynomial that multiplies it}."""
        out: dict[fn.Product, Polynomial] = {}
        for product, c in g.items():
            powers = {atom[1]: int(e) for atom, e in product if atom[0] == "z"}
            functions = tuple(f for f in product if f[0][0] != "z")
            out.setdefault(functions, {})[tuple(powers.get(i, 0) for i in range(size or self.d))] = c
        return out

    # linear forms

    def forms(self, factors: fn.Product, size: int = 0) -> list[list[Fraction]]:
        """Rows that span the forms that a product of functions depends on; constants keep summands apart."""
        out: list[list[Fraction]] = []
        for atom, _ in factors:
            groups = self.grouped(fn.thaw(atom[1]), size) if fn.variables_of(atom) else {}
            for functions, p in groups.items():
                out += [*vc.gradient_rows(p, size or self.d), *self.forms(functions, size)]
        return out

    def split(self, factors: fn.Product, seen: Sequence[Row]) -> Split:
        """A product of functions taken apart, given the seen forms, which are orthogonal."""
        key = (factors, tuple(seen))
        if key not in self.components:
            constants, moving = fn.taken_apart(factors)
            parts: list[tuple[list[Row], list[tuple[fn.Atom, fn.Exponent]]]] = []
            for factor in moving:
                rows = vc.echelon(self.forms((factor,)))
                inside = [self.project(row, seen) for row in rows]
                rows = vc.echelon([*inside, *(vc.moved(row, p, Fraction(-1)) for row, p in zip(rows, inside, strict=True))])
                members = [factor]
                while touching := [part for part in parts if any(dot(u, v) for u in rows for v in part[0])]:
                    parts = [part for part in parts if part not in touching]
                    rows = vc.echelon([*rows, *(v for part in touching for v in part[0])])
                    members = [*members, *(f for part in touching for f in part[1])]
                parts.append((rows, members))
            components, used = [], list[Row]()
            for rows, members in parts:
                inner = orthogonal(vc.echelon(self.project(row, seen) for row in rows))
                outer = orthogonal(rows, inner)
                components.append(Component(tuple(sorted(members, key=repr)), [*inner, *outer], len(inner)))
                used += inner
            self.components[key] = Split(constants, components, orthogonal(seen, used), self.d)
        return self.components[key]

    def project(self, row: Row, seen: Sequence[Row]) -> Row:
        """Onto the span of `seen`, which is orthogonal."""
        out = tuple(Fraction(0) for _ in row)
        for v in seen:
            out = vc.moved(out, v, dot(row, v) / dot(v, v))
        return out

    # expectations

    def expectation(
        self, weight: Polynomial, seen: Sequence[Row] = (), g: dict[fn.Product, Polynomial] | None = None
    ) -> dict[Any, Fraction]:
        """E[g weight | <v, x>, v seen] as {a product of moments and of functions of what is seen: its rational coefficient}.

        Without entries it is zero identically. `seen` is orthogonal.
        """
        out: dict[Any, Fraction] = {}
        for factors, p in (self.groups if g is None else g).items():
            split = self.split(factors, seen)
            averaged = heat(vc.multiply(p, weight), split.rest)
            for orders, c in vc.substitute(averaged, split.images, len(split.directions)).items():
                moments = []
                position = 0
                spend(20)
                for component in split.components:
                    width = len(component.directions)
                    q, n = component.reduced(orders[position : position + width])
                    c *= q
                    moments.append((component.key, n))
                    position += width
                if c:
                    left = tuple(zip(split.left, orders[position:], strict=True))
                    key = (split.constants, tuple(sorted(moments, key=repr)), left)
                    out[key] = out.get(key, Fraction(0)) + c
        return {key: c for key, c in out.items() if c}

    def value(self, combination: dict[Any, Fraction]) -> fn.Ball | None:
        """A ball that holds a combination of moments; None where one of them is not integrated here."""
        total = (0, 0)
        for (constants, moments, _), c in combination.items():
            x = fn.constant_ball({constants: c})
            for (function, variances, _), n in moments:
                factor = self.moment(function, variances[0], n[0]) if len(n) == 1 else self.plane(function, variances, n)
                if factor is None:
                    return None
                x = fn.times(x, factor)
            total = fn.plus(total, x)
        return total

    def moment(self, function: tuple[Any, ...], variance: Fraction, n: int) -> fn.Ball:
        return fn.moments(function, variance, 8 * -(-max(n, self.degree + 2) // 8)).values[n]

    def plane(self, function: tuple[Any, ...], variances: Sequence[Fraction], orders: Sequence[int]) -> fn.Ball | None:
        """E[s^orders F(s)] for independent Gaussians s_1, s_2, where F is the sign of a form times a function of another form.

        Along the second form u and an independent one t, the mean over t ~ N(0, n) is known: E[sign(B t + w)] =
        erf(w/(B √(2n))), and E[t^k sign(B t + w)] by parts. Any other F is integrated over boxes. None for more variables.
        """
        if len(orders) > 2:
            return None
        key = (function, tuple(variances), tuple(orders))
        if self.planes.get(key) is None:
            total: fn.Ball | None = (0, 0)
            for product, c in function:
                part = self.plane_term(product, c, variances, orders)
                total = None if total is None or part is None else fn.plus(total, part)
            self.planes[key] = self.boxed(function, tuple(variances), orders) if total is None else total
        return self.planes[key]

    def boxed(self, function: tuple[Any, ...], variances: tuple[Fraction, ...], orders: Sequence[int]) -> fn.Ball | None:
        """The same by boxes, which are many: not known before `integrate_boxes`."""
        table = self.tables.setdefault((function, variances, 2 * -(-max(sum(orders), self.degree + 1) // 2)))
        return table[orders[0], orders[1]] if table else None

    def integrate_boxes(self) -> bool:
        """Integrate what was asked for, as far as the work, known in advance, is allowed; whether anything was."""
        left = MAX_BOX_WORK
        for function, variances, top in self.tables:
            price = fn.box_price(fn.thaw(function), top)
            if (boxes := min(fn.MAX_BOXES, left // price)) >= fn.MIN_BOXES:
                left -= boxes * price
                vc.Work.done = -boxes * price  # paid for here, not by the limit on everything else
                try:
                    self.tables[function, variances, top] = fn.plane_moments(function, variances, top, boxes).values
                except Refused:
                    continue
        vc.Work.done = 0
        return any(self.tables.values())

    def plane_term(
        self, product: fn.Product, c: Fraction, variances: Sequence[Fraction], orders: Sequence[int]
    ) -> fn.Ball | None:
        for kink in [factor for factor in product if factor[0][0] == "sign"]:
            form = self.affine(fn.thaw(kink[0][1]))
            rest = tuple(factor for factor in product if factor is not kink)
            if form is None or any(atom[0] == "z" for atom, _ in rest):
                continue
            span = vc.echelon(self.forms(rest, 2))
            if len(span) != 1:
                continue
            (b,), (n1, n2) = span, variances
            other = (b[1] * n2, -b[0] * n1)
            n_u, n_t = (v[0] ** 2 * n1 + v[1] ** 2 * n2 for v in (b, other))
            on_u, on_t = (
                [b[0] * n1 / n_u, b[1] * n2 / n_u],
                [other[0] * n1 / n_t, other[1] * n2 / n_t],
            )  # s_j = on_u[j] u + on_t[j] t
            slope_u, slope_t = (form[0] * v[0] + form[1] * v[1] for v in (on_u, on_t))
            if not slope_t:
                continue
            w: Polynomial = {(1,): slope_u / slope_t, (0,): form[2] / slope_t}  # over B
            w_sum = fn.add(fn.add({}, fn.variable(0), w[1,]), fn.constant(w[0,]))
            along = fn.substitute({rest: c if slope_t > 0 else -c}, {j: fn.add({}, fn.variable(0), on_u[j]) for j in range(2)})
            step = fn.apply("erf", fn.multiply(w_sum, fn.power(fn.constant(2 * n_t), Fraction(-1, 2))))
            bell = fn.apply("exp", fn.add({}, fn.multiply(w_sum, w_sum), -1 / (2 * n_t)))
            functions = [fn.freeze(fn.multiply(along, f)) for f in (step, bell)]
            scale = fn.root(fn.times(fn.ball(n_t), fn.inverse(fn.scaled(fn.PI, Fraction(2)))))
            totals = [(0, 0), (0, 0)]
            # E[t^k sign(t + w)] = step[k] erf(w/√(2n)) + bell[k] √(n/2π) exp(-w²/2n)
            steps: list[Polynomial] = [{(0,): Fraction(1)}, {}]
            bells: list[Polynomial] = [{}, {(0,): Fraction(2)}]
            for k in range(2, sum(orders) + 1):
                power = vc.substitute({(k - 1,): Fraction(2 * (-1) ** (k - 1))}, [w], 1)
                steps.append({beta: x * (k - 1) * n_t for beta, x in steps[k - 2].items()})
                bells.append(vc.combine(power, bells[k - 2], (k - 1) * n_t))
            images: list[Polynomial] = [{(1, 0): on_u[j], (0, 1): on_t[j]} for j in range(2)]
            for (m, k), x in vc.substitute({tuple(orders): Fraction(1)}, images, 2).items():
                for i, table in enumerate((steps, bells)):
                    for (n,), y in table[k].items():
                        totals[i] = fn.plus(totals[i], fn.scaled(self.moment(functions[i], n_u, m + n), x * y))
            return fn.plus(totals[0], fn.times(scale, totals[1]))
        return None

    def affine(self, u: fn.Sum) -> tuple[Fraction, Fraction, Fraction] | None:
        """(a, b, c) with u = a s_1 + b s_2 + c, rational; else None."""
        keys = [((("z", 0), 1),), ((("z", 1), 1),), ()]
        return (u.get(keys[0], Fraction(0)), u.get(keys[1], Fraction(0)), u.get((), Fraction(0))) if set(u) <= set(keys) else None

    def derivative(self, along: Sequence[Row], orders: Sequence[int], seen: tuple[Row, ...] = ()) -> dict[Any, Fraction]:
        """E of the derivative of g along some orthogonal vectors, so many times along each, given what is seen."""
        key = (tuple((w, k) for w, k in zip(along, orders, strict=True) if k), seen)
        if key not in self.derivatives:
            self.derivatives[key] = self.expectation(hermite_weight([w for w, _ in key[0]], [k for _, k in key[0]], self.d), seen)
        return self.derivatives[key]

    # statements

    def derive(self) -> dict[str, Any]:
        texts: dict[str, str] = {}
        zeros, undecided = [], []
        for alpha in indices(self.d, range(self.degree + 1)):
            combination = self.derivative(self.identity, alpha)
            self.coefficients[alpha] = found = self.value(combination)
            text = None if found is None else decimal(found)
            name = ",".join(map(str, alpha))
            if not combination:
                zeros.append(name)
            elif text is None:
                undecided.append(name)
            else:
                texts[name] = text
        dimension = {"lower": self.dimension_at_least(), "upper": len(self.span)}
        hessian = self.hessian()
        second = "holds" if hessian["rank"]["lower"] == dimension["upper"] else "undecided"
        second = "fails" if hessian["rank"]["upper"] < dimension["lower"] else second
        verdicts = {
            "damian.polynomial": "fails" if self.is_no_polynomial() else "undecided",
            "damian.assumption1": "holds" if dimension["lower"] == dimension["upper"] else "undecided",
            "damian.assumption2": second,
        }
        return {
            "coefficients": texts,
            "zeros": zeros,
            "undecided": undecided,
            "effective_dimension": dimension,
            "expected_hessian": hessian,
            "information_exponent": self.information_exponent(),
            "subspace_leap": self.subspace_leap() if dimension["lower"] == dimension["upper"] else None,
            "coordinate_leap": self.coordinate_leap() if self.axes else None,
            "generative_exponent": self.generative_exponent() if dimension["upper"] == 1 else None,
            "verdicts": verdicts,
        }

    def is_no_polynomial(self) -> bool:
        """Whether f* is proved not to be a polynomial: a coefficient beyond the degree in x_i that its growth allows, or exp."""
        rates = fn.growth(self.g)[1]
        if all(b == 0 and a <= 0 for _, b, a in rates.values()):
            return any(
                ball is not None and fn.sign_of(ball) and any(k > rates.get(i, fn.NONE)[0] for i, k in enumerate(alpha))
                for alpha, ball in self.coefficients.items()
            )
        return len(self.span) == 1 and any(self.outgrows(side) for side in (1, -1))

    def outgrows(self, side: int) -> bool:
        """Whether, on a half-line, one p exp(q), p and q polynomials, q rising to infinity, dominates all other terms."""
        (axis,) = orthogonal(self.span)
        f = fn.substitute(self.g, {i: fn.add({}, fn.variable(0), side * x / dot(axis, axis)) for i, x in enumerate(axis)})
        found: list[tuple[list[Fraction], bool]] = []
        for product in f:
            q = next((fn.thaw(atom[1]) for atom, _ in product if atom[0] == "exp"), {})
            rest = tuple(factor for factor in product if factor[0][0] != "exp")
            powers = {int(p[0][1]) if p else 0: c for p, c in q.items() if not p or (len(p) == 1 and p[0][0] == ("z", 0))}
            slow = all(b == 0 and a <= 0 for _, b, a in fn.growth({rest: Fraction(1)})[1].values())
            if len(powers) < len(q) or not slow or max(powers, default=0) > 8:
                return False
            found.append(([powers.get(k, Fraction(0)) for k in range(8, 0, -1)], all(atom[0] == "z" for atom, _ in rest)))
        top = max(q for q, _ in found)
        return top > [Fraction(0)] * 8 and all(plain for q, plain in found if q == top)

    def dimension_at_least(self) -> int:
        """dim S* is at most the number of linear forms in g, and at least the rank of the coefficients that are certain."""
        return rank_of(
            [
                [self.coefficients[tuple(x + (i == j) for j, x in enumerate(beta))] for i in range(self.d)]
                for beta in indices(self.d, range(self.degree))
            ]
        )

    def hessian(self) -> dict[str, Any]:
        """rank H: at least what elimination finds, at most the dimension of what holds its range; this where both agree."""
        space = self.gained((), orthogonal(self.span), 2)
        second = [
            [self.coefficients[tuple((k == i) + (k == j) for k in range(self.d))] for j in range(self.d)] for i in range(self.d)
        ]
        lower = rank_of([[x or (0, fn.ONE**9) for x in row] for row in second])
        exact = [[str(x) for x in row] for row in space] if lower == len(space) else None
        return {"rank": {"lower": lower, "upper": len(space)}, "range": exact}

    def gained(self, seen: tuple[Row, ...], unseen: Sequence[Row], k: int) -> list[Row]:
        """A basis of a space that holds every slice, along `unseen`, of E[the k-th derivative of g | seen]."""
        out: list[Row] = []
        for beta in indices(len(unseen), [k - 1]):
            slices = [self.derivative(unseen, [x + (i == j) for j, x in enumerate(beta)], seen) for i in range(len(unseen))]
            for key in dict.fromkeys(key for entry in slices for key in entry):
                vector = tuple(Fraction(0) for _ in range(self.d))
                for w, entry in zip(unseen, slices, strict=True):
                    vector = vc.moved(vector, w, entry.get(key, Fraction(0)) / dot(w, w))
                out.append(vector)
        return vc.echelon(out)

    def information_exponent(self) -> int | None:
        for k in range(1, self.degree + 1):
            balls = [self.coefficients[alpha] for alpha in indices(self.d, [k])]
            if any(x is not None and fn.sign_of(x) for x in balls):
                return k
            if any(x != (0, 0) for x in balls):  # no moments left: exactly zero
                return None
        return None

    def subspace_leap(self) -> dict[str, Any] | None:
        """Each step: the least degree in the unseen directions at which something does not vanish given what is seen.

        Nothing is gained at a degree where the conditional expectation has no moments left. At the next one, what is gained lies
        in an exact space, and is all of it when coefficients that are certain have that rank.
        """
        seen: tuple[Row, ...] = ()
        steps: list[dict[str, Any]] = []
        while len(seen) < len(self.span):
            unseen = orthogonal(self.span, seen)
            k, space = next(((k, s) for k in range(1, self.degree + 1) if (s := self.gained(seen, unseen, k))), (0, []))
            if not space or self.witnessed(seen, unseen, k) < len(space):
                return None
            seen = (*seen, *orthogonal(space, seen))
            steps.append({"degree": k, "gained": len(space), "seen": [[str(x) for x in row] for row in vc.echelon(seen)]})
        return {"value": max(step["degree"] for step in steps), "steps": steps}

    def witnessed(self, seen: Sequence[Row], unseen: Sequence[Row], k: int) -> int:
        rows = []
        for gamma in indices(len(seen), range(self.degree - k + 1)):
            for beta in indices(len(unseen), [k - 1]):
                orders = [[*gamma, *(x + (i == j) for j, x in enumerate(beta))] for i in range(len(unseen))]
                rows.append([self.value(self.derivative([*seen, *unseen], order)) for order in orders])
        return rank_of(rows)

    def coordinate_leap(self) -> int | None:
        """The same with coordinates as written: each step sees those of one monomial."""
        seen: set[int] = set()
        worst = 0
        while left := sorted(fn.variables(self.g) - seen):
            for k in range(1, self.degree + 1):
                found = self.coordinates_gained(sorted(seen), left, k)
                if found is None:
                    return None
                if found:
                    break
            else:
                return None
            seen, worst = seen | found, max(worst, k)
        return worst

    def coordinates_gained(self, seen: Sequence[int], left: Sequence[int], k: int) -> set[int] | None:
        """The coordinates of a coefficient that is not zero; empty when all of degree k in `left` vanish; None when not known."""
        known = True
        axes = tuple(self.identity[i] for i in seen)
        for chosen in combinations_with_replacement(left, k):
            orders = [chosen.count(i) for i in range(self.d)]
            for gamma in indices(len(seen), range(self.degree - k + 1)):
                alpha = [gamma[list(seen).index(i)] if i in seen else n for i, n in enumerate(orders)]
                c = self.coefficients[tuple(alpha)]
                if c is not None and fn.sign_of(c):
                    return set(chosen)
            known = known and not self.derivative(self.identity, orders, axes)
        return set() if known else None

    def generative_exponent(self) -> dict[str, Any] | None:
        """The least k with E[He_k(Z) | Y] not identically zero, and a label T(Y) with E[He_k(Z) T(Y)] certainly not zero."""
        (axis,) = orthogonal(self.span)
        even = fn.parity(self.g, range(self.d)) == 1
        for k in range(1, self.degree + 1):
            if not (even and k % 2) and not self.vanishes_for_all_powers(axis, k):
                label = self.label(hermite_weight([axis], [k], self.d))
                return None if label is None else {"value": k, "label": label}
        return None

    def label(self, weight: Polynomial) -> str | None:
        """The first transformation of the label whose product with the weight has an expectation that is certainly not zero."""
        powers = [self.g]
        for _ in range(1, LABEL_POWERS):
            powers.append(fn.multiply(powers[-1], self.g))
        names = ["Y", *(f"Y^{j}" for j in range(2, LABEL_POWERS + 1)), "tanh(Y)", "sin(Y)", "cos(Y)"]
        for name, transformed in zip(names, [*powers, *(fn.apply(f, self.g) for f in ("tanh", "sin", "cos"))], strict=True):
            try:
                found = self.value(self.expectation(weight, (), self.grouped(transformed)))
            except Refused:  # this power has no finite variance
                continue
            if found is not None and fn.sign_of(found):
                return name
        return None

    def vanishes_for_all_powers(self, axis: Row, k: int) -> bool:
        """Whether g = c |t|^m exp(a t²), a < 0, has E[He_k(Z) g^j] = 0 for all j; as Y is bounded, E[He_k | Y] is then zero.

        In units of t = Z the expectation is a positive factor times a polynomial in j of degree <= k/2, tested at k + 1 points.
        """
        f = fn.substitute(self.g, {i: fn.add({}, fn.variable(0), x / dot(axis, axis)) for i, x in enumerate(axis)})
        if len(f) != 1 or k % 2 or fn.parity(f, [0]) != 1:
            return False
        m, square = 0, Fraction(0)
        for atom, e in next(iter(f)):
            if atom[0] == "z":
                m = int(e)
            elif atom[0] == "exp" and list(fn.thaw(atom[1])) == [((("z", 0), 2),)]:
                square = dot(axis, axis) * fn.thaw(atom[1])[((("z", 0), 2),)]
            elif fn.variables_of(atom) and (atom[0] != "sign" or fn.thaw(atom[1]) != fn.variable(0)):
                return False
        weights = hermite_weight([(Fraction(1),)], [k], 1)
        return square < 0 and not any(
            sum(
                c * math.prod(m * j + 1 + 2 * i for i in range(n // 2)) * (1 - 2 * square * j) ** ((k - n) // 2)
                for (n,), c in weights.items()
            )
            for j in range(k + 1)
        )


def indices(size: int, degrees: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """The multi-indices of these degrees, in a fixed order."""
    for k in degrees:
        for chosen in combinations_with_replacement(range(size), k):
            yield tuple(chosen.count(i) for i in range(size))


def decimal(a: fn.Ball) -> str | None:
    """The number to as many significant digits, at most DIGITS, as the whole ball rounds to; None where it may be zero."""
    if not fn.sign_of(a):
        return None
    for digits in range(DIGITS, 0, -1):
        ends = (abs(a[0]) - a[1], abs(a[0]) + a[1])
        texts = {f"{Decimal(f'{n * 5**vc.P}e-{vc.P}'):.{digits - 1}e}" for n in ends}  # exact, then rounded, halves to even
        if len(texts) == 1:
            return ("-" if a[0] < 0 else "") + texts.pop()
    return None


def derive(target: Any, degree: Any, claimed: dict[str, Any] | None = None) -> dict[str, Any]:
    """The whole certificate of a target, to a degree of its Hermite coefficients. Refused for what cannot be bounded or read.

    Boxes come last, when all else is derived, and only if what is claimed, if anything, can still be right.
    """
    vc.Work.start()
    analysis = Analysis(target, degree)
    found = analysis.derive()
    if analysis.tables:
        possible = claimed is None or claimed["coefficients"].items() >= found["coefficients"].items()
        require(possible, "coefficients: one is wrong or missing")
        if analysis.integrate_boxes():
            with suppress(Refused):  # more is known; where to use it takes too long, it is not used
                found = analysis.derive()
    return {"method": METHOD, "schema": SCHEMA, "target": target, "degree": degree, **found}


def verify(certificate: Any) -> None:
    """Refused unless the certificate says what `derive` finds, no less and no more, to the character."""
    require(isinstance(certificate, dict) and certificate.get("schema") == SCHEMA, f"the schema is not {SCHEMA}: {EARLIER}")
    missing = [name for name in PARTS if name not in certificate]
    require(not missing, f"missing parts: {', '.join(missing)}")
    unknown = sorted(set(certificate) - set(PARTS))
    require(not unknown, f"unknown parts: {vc.shown(unknown)}")
    require(certificate["method"] == METHOD, f"the method is not {METHOD!r}")
    require(isinstance(certificate["coefficients"], dict), "coefficients is not an object")
    fn.forget()
    expected = derive(certificate["target"], certificate["degree"], certificate)
    for name in PARTS:
        found, wanted = (json.dumps(x, sort_keys=True) for x in (certificate[name], expected[name]))
        require(found == wanted, f"{name} is {vc.shown(expected[name])}, the certificate says {vc.shown(certificate[name])}")


def statements(certificate: dict[str, Any]) -> list[str]:
    """What a certificate that was verified says and leaves open, in words."""
    dimension, hessian = certificate["effective_dimension"], certificate["expected_hessian"]
    names = ["information_exponent", "subspace_leap"]
    names += ["coordinate_leap"] * (certificate["target"]["directions"] is None)
    names += ["generative_exponent"] * (dimension["upper"] == 1)
    left_open = [name.replace("_", " ") for name in names if certificate[name] is None]
    left_open += [name for name, verdict in certificate["verdicts"].items() if verdict == "undecided"]
    left_open += [f"the coefficient of {alpha}" for alpha in certificate["undecided"]]
    verdicts = [f"{name} {verdict}" for name, verdict in certificate["verdicts"].items() if verdict != "undecided"]
    known = [f"{name.replace('_', ' ')} {vc.shown(certificate[name])}" for name in names if isinstance(certificate[name], int)]
    return [
        "a cross-check: derived again from the text by this program, which is all that stands behind it; the file holds no proof",
        f"{len(certificate['coefficients'])} coefficients, to the digits written, and {len(certificate['zeros'])} that vanish, "
        f"to degree {certificate['degree']}",
        f"effective dimension {_bounds(dimension)}, rank of the expected Hessian {_bounds(hessian['rank'])}",
        *([", ".join([*known, *verdicts])] if known or verdicts else []),
        *([f"neither proved nor trusted: {', '.join(left_open)}"] if left_open else []),
    ]


def _bounds(bounds: dict[str, int]) -> str:
    low, high = bounds["lower"], bounds["upper"]
    return f"{low}" if low == high else f"{low} to {high}"

"""Exact real algebraic numbers, so that "is this zero?" is decided by algebra and never by a float.

A `Number` lives in a tower Q(t_1, ..., t_s) of real radicals, each t_i the positive n_i-th root of a positive number of
the field below it. It is stored as a polynomial in the t_i reduced by their minimal polynomials, so a number is zero
exactly when its polynomial is. Roots of coprime integers that are no perfect powers are independent over Q (Besicovitch 1940,
Mordell 1953), so roots of rational numbers need no factorisation of polynomials, and none of large integers; a nested radical has
its minimal polynomial found by Trager's algorithm. A number costs what its terms cost: the degree of its tower bounds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from math import gcd, inf, lcm, prod
from typing import TypeAlias

from flint import arb, fmpq, fmpq_mat, fmpq_mpoly, fmpq_mpoly_ctx, fmpz

from steinlab.theory.errors import InputError
from steinlab.theory.exact.integers import coprime_base, coprime_powers, valuation, whole_root
from steinlab.theory.exact.precision import exact_fraction, working_precision

MAX_PAIRS = 100_000
"""Most pairs of terms multiplied at once: a number has at most as many terms as its field has dimensions."""
MAX_SOLVED_DEGREE = 64
"""Largest degree over Q of a field in which an inverse is found by linear algebra: of roots that are not square roots."""
MAX_NESTED_DEGREE = 24
"""The same where a minimal polynomial has to be found by factorisation (nested radicals)."""
_ORDER_BITS = 192
"""Binary digits after the point by which numbers with nested radicals are sorted."""
Rational: TypeAlias = int | Fraction | fmpq | fmpz
Scalar: TypeAlias = "Number | Rational"


class Radical:
    """The positive root t = radicand^(1/order), the radicand in the least tower of its own radicals."""

    def __init__(self, radicand: Number, order: int) -> None:
        self.radicand = radicand
        self.order = order
        self.key = (str(radicand), order)

    def __str__(self) -> str:
        return root_text(str(self.radicand), Fraction(1, self.order))


class NumberField:
    """A tower of real radicals over Q, with the reduced polynomials in them as elements.

    Fields are interned (`NumberField.get`): equal towers are the same object. `relations[i]` is the minimal polynomial of
    the i-th radical over the field below, monic, a polynomial in the generators up to i.
    """

    _interned: dict[tuple[tuple[str, int], ...], NumberField] = {}  # noqa: RUF012 - the class's own cache

    def __init__(self, radicals: tuple[Radical, ...], relations: tuple[dict[tuple[int, ...], fmpq], ...]) -> None:
        self.radicals = radicals
        self._relation_terms = relations
        self.ring = self.polynomial_ring(0)
        self.relation_degrees = tuple(max(m[i] for m in r) for i, r in enumerate(relations))
        self.degree = prod(self.relation_degrees)

    @staticmethod
    def get(radicals: tuple[Radical, ...], relations: tuple[dict[tuple[int, ...], fmpq], ...]) -> NumberField:
        key = tuple(r.key for r in radicals)
        if key not in NumberField._interned:
            NumberField._interned[key] = NumberField(radicals, relations)
        return NumberField._interned[key]

    @staticmethod
    def of_integer_roots(orders: Mapping[int, int]) -> NumberField:
        """Q(a^(1/n_a), ...) for {a: n_a}, the a > 1 pairwise coprime and none a perfect power.

        Its degree is the product of the n_a, so each t^n - a is irreducible. Real radicals are independent over Q unless two of
        them have a rational quotient (Mordell 1953). A product of powers Π a^(e_a/n_a), 0 <= e_a < n_a, that is rational has a
        rational a^(e_a/n_a) for each a, the a being coprime; with e_a != 0 that makes a a perfect power.
        """
        ordered = sorted(orders.items())
        relations = [{(0,) * i + (n,): fmpq(1), (0,) * (i + 1): fmpq(-a)} for i, (a, n) in enumerate(ordered)]
        return NumberField.get(tuple(Radical(Number.of(a), n) for a, n in ordered), tuple(relations))

    @cached_property
    def integer_roots(self) -> dict[int, int]:
        """{a: n_a}: the part of the tower that `of_integer_roots` builds. It is the bottom: nested radicals come on top of it."""
        return {int(r.radicand.fraction): r.order for r in self.radicals if r.radicand.is_rational}

    @cached_property
    def nested(self) -> tuple[Radical, ...]:
        """The radicals above `integer_roots`."""
        return self.radicals[len(self.integer_roots) :]

    def closure(self, used: Iterable[int]) -> tuple[int, ...]:
        """The radicals, by rising index, of the least tower that holds those of `used`: nested ones need those below them."""
        wanted, found = list(used), set[int]()
        while wanted:
            i = wanted.pop()
            if i not in found:
                found.add(i)
                wanted += [j for monomial in self._relation_terms[i] for j, e in enumerate(monomial[:i]) if e]
        return tuple(sorted(found))

    def part(self, chosen: Sequence[int]) -> NumberField:
        """The tower of some of the radicals, closed under `closure`: what stands under a root lies in the tower below it.

        It does so where the coefficients of the root's minimal polynomial do: modulo that a power of the root is a polynomial of
        lower degree in it, which equals its constant term if it lies in the field below, the powers being independent over that.
        """
        field = NumberField.get((), ())
        for position, i in enumerate(chosen):
            below = tuple(reversed(chosen[:position]))
            radicand = self.radicals[i].radicand
            if not radicand.is_rational:
                terms = {tuple(m[j] for j in below): c for m, c in radicand.monomials()}
                radicand = Number(field, field.ring.from_dict(terms))
            relation = {tuple(m[j] for j in chosen[: position + 1]): c for m, c in self._relation_terms[i].items()}
            radicals = (*field.radicals, Radical(radicand, self.radicals[i].order))
            field = NumberField.get(radicals, (*field._relation_terms, relation))
        return field

    def __reduce__(self) -> tuple[object, ...]:
        return _field_of_radicals, (tuple((r.radicand, r.order) for r in self.radicals),)

    def polynomial_ring(self, variables: int) -> fmpq_mpoly_ctx:
        """FLINT's ring Q[t_s, ..., t_1, z_1, ..., z_r]; later radicals first, so that a relation leads with its power."""
        names = [f"t{i + 1}" for i in reversed(range(len(self.radicals)))] + [f"z{i + 1}" for i in range(variables)]
        return fmpq_mpoly_ctx.get(names or ["_"], "lex")

    @lru_cache(maxsize=64)  # noqa: B019 - fields are interned and few
    def relations(self, variables: int) -> tuple[fmpq_mpoly, ...]:
        """The minimal polynomials as elements of `polynomial_ring(variables)`, the topmost radical's first."""
        size = len(self.radicals)
        ring = self.polynomial_ring(variables)
        out = []
        for i in reversed(range(size)):
            terms = {tuple(reversed(m + (0,) * (size - i - 1))) + (0,) * variables: c for m, c in self._relation_terms[i].items()}
            out.append(ring.from_dict(terms))
        return tuple(out)

    def reduce(self, p: fmpq_mpoly, variables: int) -> fmpq_mpoly:
        for relation in self.relations(variables):
            p = divmod(p, relation)[1]
        return p

    def balls(self) -> list[arb]:
        """Enclosures of the radicals at FLINT's current precision, bottom of the tower first."""
        found: dict[tuple[str, int], arb] = {}
        for radical in self.radicals:
            below = [found[r.key] for r in radical.radicand.field.radicals]  # not all that stands below in this tower
            found[radical.key] = radical.radicand._ball_with(below).root(radical.order)
        return list(found.values())

    def generator(self, i: int) -> Number:
        return Number(self, self.ring.gens()[len(self.radicals) - 1 - i])

    def extend(self, radicand: Number, order: int) -> tuple[NumberField, Number]:
        """The field with radicand^(1/order) in it (radicand > 0 in this field), and that root."""
        for i, radical in enumerate(self.radicals):
            if radical.order % order == 0 and radical.radicand == radicand:
                return self, self.generator(i) ** (radical.order // order)
        if self.degree * order > MAX_NESTED_DEGREE:
            raise InputError(
                f"({radicand})**(1/{order}) over the other constants gives a field of degree up to {self.degree * order}; nested "
                f"or mixed roots are supported to degree {MAX_NESTED_DEGREE}: simplify the constants"
            )
        factor = self._minimal_polynomial(radicand, order)
        if len(factor) == 2:  # linear: the root is in the field already
            return self, -factor[0] / factor[1]
        lead = factor[-1]
        terms: dict[tuple[int, ...], fmpq] = {}
        for power, coefficient in enumerate(factor):
            for monomial, c in embed(coefficient / lead, self).monomials():
                terms[(*monomial, power)] = c
        field = NumberField.get((*self.radicals, Radical(radicand._in_least_tower(), order)), (*self._relation_terms, terms))
        return field, field.generator(len(self.radicals))

    def _minimal_polynomial(self, radicand: Number, order: int) -> list[Number]:
        """Coefficients, constant first, of the minimal polynomial over this field of the positive root.

        Trager's algorithm: for a shift c that makes it squarefree, the norm down to Q of p(x - c·t) with p = x^n - a factors
        over Q as p does over the field; the factor that vanishes at the root gives the wanted one by a gcd.
        """
        ring = self.polynomial_ring(1)
        *radicals, x = ring.gens()
        size = len(radicals)
        p = x**order - radicand._p.compose(*radicals, ctx=ring) if size else x**order - ring.constant(radicand.rational)
        for shift in range(order * self.degree**2 + 1):
            theta = sum((shift ** (i + 1) * t for i, t in enumerate(reversed(radicals))), ring.constant(0))
            norm = self.reduce(p.compose(*radicals, x - theta), 1)
            for relation, t in zip(self.relations(1), radicals, strict=True):
                norm = norm.resultant(relation, str(t))
            if norm.gcd(norm.derivative(str(x))).is_constant():
                break
        factors = [factor for factor, _ in norm.factor()[1]]
        bits = 128
        while len(factors) > 1:  # squarefree: exactly one factor vanishes at the shifted root, precision decides which
            with working_precision(bits):
                point = radicand.ball().root(order) + sum((shift ** (i + 1) * t for i, t in enumerate(self.balls())), arb(0))
                factors = [f for f in factors if _at(f, point).contains(0)]
            bits *= 2
        shifted = self.reduce(factors[0].compose(*radicals, x + theta), 1)
        return univariate_gcd(self._coefficients(p), self._coefficients(shifted))

    def _coefficients(self, p: fmpq_mpoly) -> list[Number]:
        """The coefficients, constant first, of a polynomial in one variable over the field."""
        size = len(self.radicals)
        terms: dict[int, dict[tuple[int, ...], fmpq]] = {}
        for m, c in p.to_dict().items():
            terms.setdefault(m[-1], {})[m[:size] or (0,)] = c
        return [Number(self, self.ring.from_dict(terms.get(i, {}))) for i in range(max(terms) + 1)]

    def __str__(self) -> str:
        return "Q(" + ", ".join(map(str, self.radicals)) + ")" if self.radicals else "Q"


class Number:
    """An exact real algebraic number. Arithmetic, comparison and sign are exact; `float` is correctly rounded.

    >>> a = Number.of(48).root(2)
    >>> str(a), str(1 / a), a * a == 48, a.sign()
    ('4*sqrt(3)', 'sqrt(3)/12', True, 1)
    """

    __slots__ = ("_hash", "_p", "field")

    def __init__(self, field: NumberField, p: fmpq_mpoly) -> None:
        self.field = field
        self._p = p
        self._hash: int | None = None

    @staticmethod
    def of(value: Scalar) -> Number:
        """The number `value`; floats are refused, since they are rarely what was meant."""
        if isinstance(value, Number):
            return value
        if isinstance(value, Fraction):
            return Number(QQ, QQ.ring.constant(fmpq(value.numerator, value.denominator)))
        if isinstance(value, (int, fmpz, fmpq)):
            return Number(QQ, QQ.ring.constant(fmpq(value)))
        raise TypeError(f"{value!r} is not an exact number: use an int, a Fraction or a Number")

    # -- structure

    @property
    def is_zero(self) -> bool:
        return not self._p

    @property
    def is_rational(self) -> bool:
        return bool(self._p.is_constant())

    @property
    def rational(self) -> fmpq:
        """The value as FLINT's rational; ValueError if irrational."""
        if not self.is_rational:
            raise ValueError(f"{self} is irrational")
        return self._p.leading_coefficient() if self._p else fmpq(0)

    @property
    def fraction(self) -> Fraction:
        """The value as a Fraction; ValueError if irrational."""
        q = self.rational
        return Fraction(int(q.p), int(q.q))

    def monomials(self) -> list[tuple[tuple[int, ...], fmpq]]:
        """Pairs (exponents of the radicals, bottom of the tower first; rational coefficient)."""
        size = len(self.field.radicals)
        return [(tuple(reversed(m[:size])), c) for m, c in self._p.to_dict().items()]

    # -- arithmetic

    def __add__(self, other: Scalar) -> Number:
        if not _is_exact(other):
            return NotImplemented
        a, b = unify(self, Number.of(other))
        return Number(a.field, a._p + b._p)

    def __sub__(self, other: Scalar) -> Number:
        if not _is_exact(other):
            return NotImplemented
        a, b = unify(self, Number.of(other))
        return Number(a.field, a._p - b._p)

    def __mul__(self, other: Scalar) -> Number:
        if not _is_exact(other):
            return NotImplemented
        a, b = unify(self, Number.of(other))
        if len(a._p) * len(b._p) > MAX_PAIRS:
            raise InputError(
                f"a product of numbers of {len(a._p)} and {len(b._p)} terms in {a.field}: at most {MAX_PAIRS} pairs are "
                "multiplied; use fewer different radicals"
            )
        return Number(a.field, a.field.reduce(a._p * b._p, 0))

    def __truediv__(self, other: Scalar) -> Number:
        return self * Number.of(other).inverse()

    def __radd__(self, other: Rational) -> Number:
        return self + other

    def __rsub__(self, other: Rational) -> Number:
        return Number.of(other) - self

    def __rmul__(self, other: Rational) -> Number:
        return self * other

    def __rtruediv__(self, other: Rational) -> Number:
        return Number.of(other) * self.inverse()

    def __neg__(self) -> Number:
        return Number(self.field, -self._p)

    def __abs__(self) -> Number:
        return -self if self.sign() < 0 else self

    def __pow__(self, exponent: int) -> Number:
        if exponent < 0:
            return self.inverse() ** (-exponent)
        out, base = Number.of(1), self
        while exponent:
            if exponent & 1:
                out = out * base
            exponent >>= 1
            if exponent:
                base = base * base
        return out

    def inverse(self) -> Number:
        """1/self, at the cost of the radicals that occur. ZeroDivisionError at zero. Kind: exact.

        >>> str((1 + Number.of(2).root(2) + Number.of(3).root(2)).inverse()), str(Number.of(4).root(3).inverse())
        ('1/2 + sqrt(2)/4 - sqrt(6)/4', '2**(1/3)/2')
        """
        if self.is_zero:
            raise ZeroDivisionError("division by zero")
        if self.is_rational:
            return Number.of(1 / self.rational)
        if any(self._involves(i) for i in range(len(self.field.integer_roots), len(self.field.radicals))):
            return self._solved_inverse()
        if len(self._p) == 1:
            return self._monomial_inverse()
        conjugate = self._conjugate()
        return self._solved_inverse() if conjugate is None else conjugate * (self * conjugate).inverse()

    def _involves(self, i: int) -> bool:
        return bool(self._p.degrees()[len(self.field.radicals) - 1 - i])

    def _monomial_inverse(self) -> Number:
        """1/(c Π t^e) = Π t^(n-e)/(c Π a), t^n = a."""
        ((monomial, c),) = self.monomials()
        powers = [(n - e if e else 0) for e, n in zip(monomial, self.field.relation_degrees, strict=True)]
        for e, (a, _) in zip(monomial, self.field.integer_roots.items(), strict=False):
            c = c * a if e else c
        return Number(self.field, self.field.ring.from_dict({tuple(reversed(powers)): 1 / c}))

    def _conjugate(self) -> Number | None:
        """The image under u -> -u, a power u of a radical with u^m rational, m even and least that all of the number is in the
        field of u and the other radicals: u does not occur in their product but in even powers. None where every m is odd.
        """
        terms = self.monomials()
        for i, n in enumerate(self.field.relation_degrees):
            step = gcd(n, *(m[i] for m, _ in terms))
            if step < n and n // step % 2 == 0:
                images = {tuple(reversed(m)): -c if m[i] // step % 2 else c for m, c in terms}
                return Number(self.field, self.field.ring.from_dict(images))
        return None

    def _solved_inverse(self) -> Number:
        """1/self by solving the multiplication map over Q of a field that holds the number."""
        field = self.field
        terms = self.monomials()
        # the powers that occur of a radical under no other generate a field; those under others are all taken
        below = field.closure(i for i in range(len(field.integer_roots), len(field.radicals)) if self._involves(i))
        basis: list[tuple[int, ...]] = [()]
        for i, degree in enumerate(field.relation_degrees):
            step = 1 if i in below else gcd(degree, *(m[i] for m, _ in terms))
            basis = [(*m, e) for m in basis for e in range(0, degree, step)]
            if len(basis) > MAX_SOLVED_DEGREE:
                raise InputError(
                    f"an inverse in {field} needs a field of degree {len(basis)} or more; where other roots than square roots of "
                    f"rational numbers occur, at most degree {MAX_SOLVED_DEGREE} is supported: use fewer different radicals"
                )
        index = {m: i for i, m in enumerate(basis)}
        matrix = fmpq_mat(len(basis), len(basis))
        for j, monomial in enumerate(basis):
            column = self * Number(field, field.ring.from_dict({tuple(reversed(monomial)): fmpq(1)}))
            for m, c in column.monomials():
                matrix[index[m], j] = c
        unit = fmpq_mat(len(basis), 1)
        unit[0, 0] = 1
        solution = matrix.solve(unit)
        found = {tuple(reversed(m)): solution[i, 0] for i, m in enumerate(basis) if solution[i, 0]}
        return Number(field, field.ring.from_dict(found))

    def _in_least_tower(self) -> Number:
        """The same number in the tower of the radicals that it needs."""
        chosen = self.field.closure(i for i in range(len(self.field.radicals)) if self._involves(i))
        if len(chosen) == len(self.field.radicals):
            return self
        field = self.field.part(chosen)
        return Number(field, field.ring.from_dict({tuple(m[i] for i in reversed(chosen)): c for m, c in self.monomials()}))

    @property
    def canonical(self) -> Number:
        """The same number in the least tower of its radicals: equal numbers without nested ones become the same there.

        >>> a = Number.of(6).root(2)
        >>> str((a + Number.of(2).root(2) - Number.of(2).root(2)).canonical.field)
        'Q(sqrt(6))'
        """
        if self.is_rational:
            return self if self.field is QQ else Number.of(self.rational)
        if self._is_nested:
            return self._in_least_tower()
        total = Number.of(0)
        for roots, c in sorted((self._integer_roots(m), c) for m, c in self.monomials()):
            total = total + reduce(
                Number.__mul__, (Number.of(n).root(x.denominator) ** x.numerator for x, n in roots), Number.of(c)
            )
        return total

    def root(self, order: int) -> Number:
        """The real `order`-th root. InputError for an even root of a negative number.

        >>> str(Number.of(Fraction(1, 8)).root(3)), str(Number.of(4).root(4)), str((3 + 2 * Number.of(2).root(2)).root(2))
        ('1/2', 'sqrt(2)', '1 + sqrt(2)')
        """
        sign = self.sign()
        if sign == 0 or order == 1:
            return self
        if sign < 0:
            if order % 2 == 0:
                raise InputError(f"the root of order {order} of {self} is not real: use a number that is not negative")
            return -((-self).root(order))
        if not self.is_rational:
            power = self._rational_power()
            if power is not None:
                return (self**power).root(order * power)
            split = self._split_root() if order == 2 else None
            least = self._in_least_tower()
            return least.field.extend(least, order)[1] if split is None else split
        q = self.rational
        outside = Fraction(1, int(q.q))
        groups: dict[Fraction, int] = {}  # the factors under the root, gathered by what is left of their exponents
        for factors, times in ((coprime_powers(q.p), 1), (coprime_powers(q.q), order - 1)):
            for p, e in factors:
                outside *= Fraction(p) ** (e * times // order)
                rest = Fraction(e * times % order, order)
                if rest:
                    groups[rest] = groups.get(rest, 1) * p
        field = NumberField.of_integer_roots({a: rest.denominator for rest, a in groups.items()})
        numerators = {a: rest.numerator for rest, a in groups.items()}
        monomial = tuple(numerators[a] for a in sorted(numerators, reverse=True)) or (0,)
        return Number(field, field.ring.from_dict({monomial: fmpq(1)})) * outside

    def _split_root(self) -> Number | None:
        """√(a + u) = √((a + d)/2) ± √((a - d)/2) for rational a, u² and d = √(a² - u²); None for other numbers."""
        a = Number.of(sum((c for m, c in self.monomials() if not any(m)), fmpq(0)))
        rest = self - a
        gap = a * a - rest * rest
        if not gap.is_rational or gap.sign() < 0:
            return None
        (p, exact), (q, whole) = whole_root(int(gap.rational.p), 2), whole_root(int(gap.rational.q), 2)
        if not (exact and whole):
            return None
        d = Fraction(p, q)
        return ((a + d) / 2).root(2) + ((a - d) / 2).root(2) * rest.sign()

    def _rational_power(self) -> int | None:
        """The least k with self^k rational, for a rational times a product of roots of integers; None for other numbers.

        A root of such a number is a root of an integer, whose field does not depend on how the number came about.
        """
        terms = self.monomials()
        if len(terms) != 1:
            return None
        used = [(r, e) for r, e in zip(self.field.radicals, terms[0][0], strict=False) if e]
        if not all(r.radicand.is_rational for r, _ in used):
            return None
        return lcm(*(r.order // gcd(r.order, int(e)) for r, e in used))

    # -- the real line

    def _ball_with(self, radicals: list[arb]) -> arb:
        total = arb(0)
        for monomial, c in self.monomials():
            total += reduce(lambda acc, pair: acc * pair[0] ** pair[1], zip(radicals, monomial, strict=False), arb(c))
        return total

    @property
    def exact(self) -> Number:
        """The number itself: what is asked of every real number, whether it is known exactly or not."""
        return self

    def ball(self, bits: int | None = None) -> arb:
        """An enclosure at FLINT's current precision, or at that of so many bits."""
        if bits is None:
            return self._ball_with(self.field.balls())
        with working_precision(bits):
            return self.ball()

    def sign(self) -> int:
        """-1, 0 or 1, exactly: zero is decided by algebra, the rest by balls refined until they exclude zero."""
        if self.is_zero:
            return 0
        if self.is_rational:
            return 1 if self.rational > 0 else -1
        bits = 64
        while True:
            with working_precision(bits):
                ball = self.ball()
                if ball > 0:
                    return 1
                if ball < 0:
                    return -1
            bits *= 2

    def __float__(self) -> float:
        if self.is_rational:
            return float(self.fraction)
        bits = 64
        while True:
            with working_precision(bits):
                ball = self.ball()
                low, high = float(exact_fraction(ball.lower())), float(exact_fraction(ball.upper()))
                if low == high:
                    return low
            bits *= 2

    def __lt__(self, other: Scalar) -> bool:
        return (self - other).sign() < 0

    def __le__(self, other: Scalar) -> bool:
        return (self - other).sign() <= 0

    def __gt__(self, other: Scalar) -> bool:
        return (self - other).sign() > 0

    def __ge__(self, other: Scalar) -> bool:
        return (self - other).sign() >= 0

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Number, int, Fraction, fmpq, fmpz)):
            return (self - other).is_zero
        return NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            try:
                self._hash = hash(self.fraction) if self.is_rational else hash(float(self))
            except OverflowError:  # an irrational number beyond floating point
                self._hash = hash(self.sign() * inf)
        return self._hash

    def __bool__(self) -> bool:
        return not self.is_zero

    def __reduce__(self) -> tuple[object, ...]:
        return _number_of_monomials, (self.field, [(m, int(c.p), int(c.q)) for m, c in self.monomials()])

    @property
    def _is_nested(self) -> bool:
        return any(self._involves(i) for i in range(len(self.field.integer_roots), len(self.field.radicals)))

    # -- text

    @property
    def order_text(self) -> str:
        """A text to sort by, the same for equal numbers: nested radicals have several forms, so these stand as binary digits."""
        if not self._is_nested:
            return str(self)
        bits = 2 * _ORDER_BITS
        while True:
            with working_precision(bits):
                digits = (self.ball() * arb(2) ** _ORDER_BITS).floor().unique_fmpz()
            if digits is not None:
                return f"{digits}/2**{_ORDER_BITS}"
            bits *= 2

    def __str__(self) -> str:
        if self.is_zero:
            return "0"
        terms = []
        for m, c in self.monomials():
            roots, nested = self._integer_roots(m), m[len(self.field.integer_roots) :]
            factors = [root_text(str(n), exponent) for exponent, n in roots]
            factors += [
                root_text(str(r.radicand), Fraction(int(e), r.order))
                for r, e in zip(self.field.nested, nested, strict=False)
                if e
            ]
            terms.append(((len(roots) + sum(nested), nested, roots), _term(c, factors)))
        return " + ".join(text for _, text in sorted(terms)).replace("+ -", "- ")

    def _integer_roots(self, monomial: tuple[int, ...]) -> tuple[tuple[Fraction, int], ...]:
        """Pairs (x, n), falling, whose n^x multiply to the roots of integers in a monomial, whatever field these stand in."""
        found: dict[Fraction, int] = {}
        for (a, order), e in zip(self.field.integer_roots.items(), monomial, strict=False):
            if e:
                exponent = Fraction(int(e), order)
                found[exponent] = found.get(exponent, 1) * a
        return tuple(sorted(found.items(), reverse=True))

    def __repr__(self) -> str:
        return f"Number({str(self)!r})"


QQ = NumberField.get((), ())
"""The rationals."""


def _is_exact(value: object) -> bool:
    """Whether arithmetic with `value` is ours; floats are, so that `Number.of` refuses them with its reason."""
    return isinstance(value, (Number, int, Fraction, fmpq, fmpz, float))


def unify(a: Number, b: Number) -> tuple[Number, Number]:
    """The two numbers in one field that contains both."""
    if a.field is b.field:
        return a, b
    if a.is_rational:
        return embed(a, b.field), b
    if b.is_rational:
        return a, embed(b, a.field)
    field = compositum(a.field, b.field)
    return embed(a, field), embed(b, field)


@lru_cache(maxsize=10_000)
def compositum(a: NumberField, b: NumberField) -> NumberField:
    """A tower that contains both fields."""
    if a is b or not b.radicals:
        return a
    if not a.radicals:
        return b
    roots = [*a.integer_roots.items(), *b.integer_roots.items()]
    orders: dict[int, int] = {}
    for c in coprime_base([x for x, _ in roots]):
        order = lcm(*(n // gcd(n, valuation(x, c)) for x, n in roots))
        if order > 1:
            orders[c] = order
    field = NumberField.of_integer_roots(orders)
    for radical in (*a.nested, *b.nested):
        field = field.extend(embed(radical.radicand, field), radical.order)[0]
    return field


@lru_cache(maxsize=10_000)
def embedding(a: NumberField, field: NumberField) -> tuple[Number, ...]:
    """The images in `field` of the radicals of `a`, bottom of the tower first; `field` must contain them."""
    images: list[Number] = []
    for x, n in a.integer_roots.items():
        powers, outside = [0] * len(field.radicals), 1
        for i, (c, m) in enumerate(field.integer_roots.items()):  # x^(1/n) = Π c^(e/n)
            e = valuation(x, c)
            x //= c**e
            outside *= c ** (e // n)
            powers[i] = e % n * m // n
        root, exact = whole_root(x, n)  # what is left is a power of order n where the field has no root of it
        assert exact, f"{field} holds the roots of {a}"
        images.append(Number(field, field.ring.from_dict({tuple(reversed(powers)): fmpq(outside * root)})))
    for radical in a.nested:
        target, image = field.extend(embed(radical.radicand, field), radical.order)
        if target is not field:
            raise ValueError(f"{radical} is not in {field}")
        images.append(image)
    return tuple(images)


def embed(a: Number, field: NumberField) -> Number:
    if a.field is field:
        return a
    if a.is_rational:
        return Number(field, field.ring.constant(a.rational))
    images = [image._p for image in reversed(embedding(a.field, field))]
    return Number(field, field.reduce(a._p.compose(*images, ctx=field.ring), 0))


def _field_of_radicals(radicals: tuple[tuple[Number, int], ...]) -> NumberField:
    """The tower with these radicals, in this order: what pickling a field comes back as."""
    field = NumberField.of_integer_roots({int(radicand.fraction): order for radicand, order in radicals if radicand.is_rational})
    for radicand, order in radicals:
        if not radicand.is_rational:
            field = field.extend(embed(radicand, field), order)[0]
    return field


def _number_of_monomials(field: NumberField, monomials: list[tuple[tuple[int, ...], int, int]]) -> Number:
    return Number(field, field.ring.from_dict({tuple(reversed(m)) or (0,): fmpq(p, q) for m, p, q in monomials}))


def root_text(radicand: str, exponent: Fraction) -> str:
    """radicand^exponent as text that the parser reads back."""
    if exponent == Fraction(1, 2):
        return f"sqrt({radicand})"
    base = radicand if radicand.isdigit() else f"({radicand})"
    return base if exponent == 1 else f"{base}**({exponent})"


def _term(c: fmpq, factors: list[str]) -> str:
    """c * factors with the denominator last: '3*sqrt(2)/4'."""
    sign, p, q = "-" if c < 0 else "", abs(c.p), c.q  # FLINT's integers: Python refuses to write very long ones
    numerator = "*".join(([str(p)] if p != 1 or not factors else []) + factors)
    return sign + numerator + (f"/{q}" if q != 1 else "")


def _at(p: fmpq_mpoly, point: arb) -> arb:
    """A polynomial in the last variable alone, at a ball."""
    return sum((arb(c) * point ** m[-1] for m, c in p.to_dict().items()), arb(0))


def univariate_gcd(a: list[Number], b: list[Number]) -> list[Number]:
    """The greatest common divisor of two polynomials over a field, coefficients constant first, by Euclid's algorithm."""
    while b:
        while len(a) >= len(b):
            quotient, offset = a[-1] / b[-1], len(a) - len(b)
            a = [c - quotient * b[i - offset] if i >= offset else c for i, c in enumerate(a[:-1])]
            while a and a[-1].is_zero:
                a.pop()
        a, b = b, a
    return a

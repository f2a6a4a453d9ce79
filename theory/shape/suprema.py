"""Certified suprema of |σ|, |σ'| and |σ''| on the whole line, for links of one variable: boundedness, Lipschitz, smoothness.

On a bounded interval |h| is bounded by branch and bound with balls, piece by piece between kinks; beyond it by a tail form in
which tanh and erf are their limits plus exponentially small terms, so that terms that cancel at infinity do cancel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from functools import reduce
from heapq import heappop, heappush
from itertools import count, islice, repeat

from flint import arb

from steinlab.theory.behaviour.germs import End, germ
from steinlab.theory.behaviour.kinks import Piece, jumps, pieces
from steinlab.theory.behaviour.scales import ONE, UnknownBehaviour, compare
from steinlab.theory.budget import charge
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import exact_fraction, working_precision
from steinlab.theory.links.balls import certain_sign, fraction_ball, interval, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ranges import may_be_singular, value_range
from steinlab.theory.links.ring import Sum, variable
from steinlab.theory.links.tails import below, limit_form, term_tail
from steinlab.theory.shape.bounds import Bound
from steinlab.theory.verdicts import Evidence

_BITS = 96
_RADII = (16, 64, 256, 1024)
"""|z| up to which balls are used, tried in this order until the tail is no larger than what was found inside."""
_EVALUATIONS = 20_000
"""Most evaluations of one branch and bound; the bound reached by then is returned, valid but less sharp."""
_BY_RANGE = "exact ranges of its terms"
_SHARPNESS = Fraction(1, 2**30)
"""Relative gap between the proved upper bound and an attained value at which the search stops."""


def suprema(g: Sum) -> tuple[Bound, Bound, Bound]:
    """Bounds on sup|g|, sup|g'| and sup|g''| over the line, g a link of one variable.

    sup|g'| is the Lipschitz constant: infinite where g jumps. sup|g''| is that of g': infinite where g' jumps, since g'' then has
    a point mass. Each is an upper bound within 2^-30 of an attained value where the search converged (the reason says so), or
    proved infinite, or unknown. Raises: InputError for a link of more than one variable. Kind: certified.

    >>> from steinlab.theory.language.link_reader import read
    >>> from steinlab.theory.language.parsing import parse
    >>> [round(float(b), 6) for b in suprema(read(parse("z1*sigmoid(z1)")))]  # SiLU
    [inf, 1.099839, 0.5]
    """
    first, second, third = islice(derivative_suprema(g, _EVALUATIONS), 3)
    return first, second, third


def derivative_suprema(g: Sum, evaluations: int) -> Iterator[Bound]:
    """Bounds on sup|g^(k)| for k = 0, 1, ... without end, as `suprema` gives them, each with so many evaluations at most.

    Where g^(k) jumps, so that g^(k+1) does not exist as a function, all that follow are infinite.
    """
    if g.variables - {0}:
        raise InputError(f"{g} depends on more than one variable: an activation is a function of z1")
    if any(may_be_singular(product) for product in g.terms):
        return repeat(Bound.unknown("the link may be singular at a point"))
    found = pieces(g)
    if found is None or any(piece.end is not None and piece.end.number is None for piece in found):
        return repeat(
            Bound.unknown("a kink is not at a point that is known exactly, or the argument of a root or log may vanish")
        )
    return _suprema_of_pieces(found, evaluations)


def _suprema_of_pieces(found: list[Piece], evaluations: int) -> Iterator[Bound]:
    yield _supremum(found, evaluations)
    for k in count():
        jump = _jump(found, f"g^({k})" if k > 2 else "g" + "'" * k)
        if jump is not None:  # higher derivatives do not exist as functions either
            yield from repeat(jump)
        found = [replace(p, form=p.form.derivative(0)) for p in found]
        yield _supremum(found, evaluations)


def _jump(found: list[Piece], name: str) -> Bound | None:
    """None where the pieces meet continuously, by exact comparison; the infinite or unknown bound otherwise."""
    for point, gap in jumps(found):
        if gap.is_zero:
            continue
        with working_precision(_BITS):
            side = certain_sign(real_value(compile_sum(gap), []))
        if side in (1, -1):
            return Bound.infinite(f"{name} jumps at z = {point}")
        return Bound.unknown(f"whether {name} is continuous at z = {point} is undecided")
    return None


def _supremum(found: list[Piece], evaluations: int) -> Bound:
    """A bound on the supremum of |h| over all pieces."""
    if all(p.form.number is not None for p in found):
        return Bound.exact(max(abs(p.form.number or Number.of(0)) for p in found), "constant on each piece")
    exact = _exact_range(found)
    furthest = max((abs(t) for p in found for t in (p.low, p.high) if t is not None), default=Number.of(0))
    known: tuple[arb, arb, arb, int] | None = None
    for radius in (r for r in _RADII if furthest < r):
        tails = [_tail(p.form.substitute({0: variable(0) * side}), radius) for p, side in ((found[0], -1), (found[-1], 1))]
        if "infinite" in tails:
            return Bound.infinite("a power of |z| dominates on a half-line")
        left, right = tails
        if isinstance(left, arb) and isinstance(right, arb):
            with working_precision(_BITS):
                reached, inside = _inside(found, radius, evaluations)
                known = reached, inside, left.max(right), radius
                if known[2] <= inside:
                    break
    if known is None or not known[1].is_finite():
        if exact is not None:
            return Bound.certified(exact, _BY_RANGE)
        growth = _growth(found)
        if growth is not None:
            return Bound.infinite(growth, Evidence.CERTIFIED)
        where = "on a half-line" if known is None else f"on |z| <= {known[3]}"
        return Bound.unknown(f"no bound was proved {where}")
    reached, inside, beyond, radius = known
    with working_precision(_BITS):
        top = _rounded_up(inside.max(beyond))
        if exact is not None and exact <= top:
            return Bound.certified(exact, _BY_RANGE)
        sharp = bool(inside.max(beyond) <= reached * (1 + fraction_ball(2 * _SHARPNESS)))
    how = "within a relative 2^-29 of a value that is taken or approached" if sharp else "not known to be sharp"
    return Bound.certified(Number.of(top), f"balls on |z| <= {radius} and an exponentially small remainder beyond; {how}")


def _growth(found: list[Piece]) -> str | None:
    """In words, how h grows without bound far out; None where that is not proved."""
    for piece, side in ((found[0], -1), (found[-1], 1)):
        end = End(None, side)
        try:
            below = germ(piece.form, end).below
        except (UnknownBehaviour, InputError):
            continue
        if below is not None and compare(below, ONE) == 1:
            return f"it grows at least like {below.written('abs(z)', 1)} as z tends to {end}"
    return None


def _exact_range(found: list[Piece]) -> Number | None:
    """An exact bound on |h| from the ranges of its terms; None where one of them is unbounded."""
    ends = [end for piece in found for bounds in [value_range(piece.form)] for end in (bounds.low, bounds.high)]
    known = [abs(end) for end in ends if end is not None]
    return max(known) if len(known) == len(ends) else None


def _inside(found: list[Piece], radius: int, evaluations: int) -> tuple[arb, arb]:
    """(an attained value, an upper bound) of |h| on [-radius, radius], by best-first bisection over all pieces."""
    heap: list[tuple[float, int, Fraction, Fraction, int, arb]] = []
    best, asked = arb(0), 0
    functions = [(compile_sum(p.form), compile_sum(p.form.derivative(0))) for p in found]

    def push(index: int, a: Fraction, b: Fraction) -> None:
        nonlocal best, asked
        f, slope = functions[index]
        charge(len(found[index].form.terms))
        here, middle = interval(fraction_ball(a), fraction_ball(b)), fraction_ball((a + b) / 2)
        for point in (fraction_ball(a), middle, fraction_ball(b)):
            at = abs(real_value(f, [point]))  # at an end of a piece, the limit from inside
            if at.is_finite() and at.lower() > best:
                best = at.lower()
        top = abs(real_value(f, [here]))
        centred = abs(real_value(f, [middle]) + real_value(slope, [here]) * (here - middle))
        bounds = [x.upper() for x in (top, centred) if x.is_finite()]
        upper = min(bounds, key=float) if bounds else arb("inf")
        asked += 1
        heappush(heap, (-float(upper), asked, a, b, index, upper))

    for index, piece in enumerate(found):
        low = Fraction(-radius) if piece.low is None else below(piece.low)
        high = Fraction(radius) if piece.high is None else -below(-piece.high)
        push(index, low, high)
    while True:
        _, _, a, b, index, upper = heap[0]
        if upper <= best * (1 + fraction_ball(_SHARPNESS)) or asked >= evaluations:
            first = heap[0][0]  # bounds that round to one float may differ
            return best, reduce(arb.max, (bound for size, *_, bound in heap if size == first))
        heappop(heap)
        push(index, a, (a + b) / 2)
        push(index, (a + b) / 2, b)


def _tail(h: Sum, radius: int) -> arb | str | None:
    """A bound on |h| for z >= radius: a ball, "infinite" where a power of z dominates, None where none is proved."""
    form = limit_form(h, radius)
    powers = {product: c for product, c in form.terms.items() if all(atom.is_variable for atom, _ in product)}
    with working_precision(_BITS):
        total = abs(powers.pop((), Number.of(0)).ball()).upper()
        for product, c in form.terms.items():
            if product in powers or not product:
                continue
            size = term_tail(product, radius)
            if size is None:
                return None
            total += abs(c.ball()).upper() * size
    return "infinite" if powers else total.upper()


def _rounded_up(x: arb) -> Fraction:
    """A decimal of 10 digits at or above x."""
    top = exact_fraction(x.upper())
    return Fraction(Context(prec=10, rounding=ROUND_CEILING).divide(Decimal(top.numerator), Decimal(top.denominator)))

"""Leading terms next to a point and far out, against the functions themselves, close to it in many digits."""

from dataclasses import FrozenInstanceError, fields
from fractions import Fraction

import mpmath
import pytest

from steinlab.theory.behaviour.germs import End, Germ, Root, germ, is_bounded_near, raised
from steinlab.theory.behaviour.scales import LOGARITHMS, ONE, UnknownBehaviour, X
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import constant, variable

NEAR = mpmath.mpf(10) ** -12
FAR = mpmath.mpf(10) ** 12
NAMES = {name: getattr(mpmath, name) for name in ("exp", "tanh", "cos", "sin", "log", "sqrt", "erf", "sign", "atan", "pi")}
NAMES |= {"abs": abs}


def value(link, z):
    with mpmath.workdps(60):
        return mpmath.mpf(eval(link, {"__builtins__": {}}, {**NAMES, "z1": z}))


def size(scale, x):
    """A scale where x is large: exp(Σ c m)."""
    if scale in LOGARITHMS:
        for _ in range(LOGARITHMS.index(scale) + 1):
            x = mpmath.log(x)
        return x
    return mpmath.exp(
        sum(mpmath.mpf(c.number.fraction.numerator) / c.number.fraction.denominator * size(m, x) for m, c in scale.powers)
    )


@pytest.mark.parametrize(
    ("link", "end"),
    [
        ("(1 - cos(z1))/abs(z1)**(9/4)", End(constant(0), 1)),
        ("log(abs(z1))*sin(z1)", End(constant(0), -1)),
        ("(z1 - tanh(z1))/z1**2", End(constant(0), 1)),
        ("exp(z1) - 1 - z1", End(constant(0), -1)),
        ("sqrt(1 + z1**2) - abs(z1)", End(None, 1)),
        ("log(1 + z1**4)*z1", End(None, -1)),
        ("sign(z1)*abs(z1)**(1/3) + tanh(z1)", End(None, -1)),
        ("atan(z1) - pi/2", End(None, 1)),
        ("atan(-(z1**3)) - pi/2", End(None, -1)),
        ("atan(z1)*z1 + pi*z1/2 + 1", End(None, -1)),
        ("atan(1/abs(z1)) + abs(z1) - pi/2", End(constant(0), 1)),
        ("1 - tanh(log(1 + z1**2))", End(None, 1)),
    ],
)
def test_the_leading_term_is_that_of_the_function(link, end):
    scale, c = germ(read(parse(link)), end).leading
    with mpmath.workdps(60):
        z = NEAR * end.side if end.point is not None else FAR * end.side
        x = 1 / NEAR if end.point is not None else FAR
        lead = mpmath.mpf(c.number.fraction.numerator) / c.number.fraction.denominator * size(scale, x)
        assert abs(value(link, z) / lead - 1) < mpmath.mpf("1e-3")


def test_nothing_is_said_of_a_root_of_something_negative():
    with pytest.raises(UnknownBehaviour, match="negative"):
        raised(germ(read(parse("-z1**2")), End(constant(0), 1)), Fraction(1, 2), 6)


@pytest.mark.parametrize("text", ["z1*tanh(z1)", "sqrt(1 + z1**2)"])
def test_a_germ_cannot_be_changed(text):
    for value in (End(None, 1), germ(read(parse(text)), End(None, 1))):
        for field in fields(value):
            with pytest.raises(FrozenInstanceError):
                setattr(value, field.name, None)


ROOT = Root(tuple(Number.of(c) for c in (-1, -1, 0, 1)), 0)
"""z³ = z + 1."""
ENDS = {"0+": (0, 1), "0-": (0, -1), "1-": (1, -1), "inf": (None, 1), "-inf": (None, -1)}
ENDS = {name: End(None if at is None else constant(at), side) for name, (at, side) in ENDS.items()} | {"root": End(ROOT, 1)}


def shown(found):
    """(leading scale and coefficient, or lower bound, or nothing; upper bounds), written in x, which tends to infinity."""
    lead = found.leading
    below = f"{lead[1]} {lead[0].written('x', 1)}" if lead else f">= {found.below.written('x', 1)}" if found.below else ""
    return below, sorted(m.written("x", 1) for m in found.above)


@pytest.mark.parametrize(
    ("text", "end", "below", "above"),
    [
        ("z1**3", "-inf", "-1 x**3", "x**3"),
        ("z1**2", "-inf", "1 x**2", "x**2"),
        ("z1**3 - 1", "1-", "-3 x**(-1)", "x**(-1)"),
        ("abs(z1 - 1)", "1-", "1 x**(-1)", "x**(-1)"),
        ("sign(z1 - 1)", "1-", "-1 1", "1"),
        ("sign(sin(z1))", "inf", ">= 1", "1"),
        ("sin(z1)", "inf", "", "1"),
        ("2 + sin(z1)", "inf", ">= 1", "1"),
        ("-2 - sin(z1)", "inf", ">= 1", "1"),
        ("1 + sin(z1)", "inf", "", "1"),
        ("z1 + sin(z1)", "-inf", "-1 x", "x"),
        ("sin(z1)/z1", "inf", "", "x**(-1)"),
        ("(2 + sin(z1))**(-1/2)*z1", "inf", ">= x", "x"),
        ("sqrt(2 + sin(z1))*z1", "inf", ">= x", "x"),
        ("sin(z1)**2*z1", "inf", "", "x"),
        ("tanh(sin(z1))", "inf", "", "1"),
        ("cos(1/z1)", "0+", "", "1"),
        ("tanh(1/z1)", "0-", "-1 1", "1"),
        # tanh = 1 - 2 e^{-2x} + 2 e^{-4x} - ...; 1 - erf = e^{-x²}/(x √π) - ...
        ("tanh(z1) - 1", "inf", "-2 exp((-2)*x)", "exp((-2)*x)"),
        ("tanh(z1) + 1", "-inf", "2 exp((-2)*x)", "exp((-2)*x)"),
        ("tanh(3*z1) - 1 + 2*exp(-6*z1)", "inf", "2 exp((-12)*x)", "exp((-12)*x)"),
        ("(1 - tanh(z1))**2", "inf", "4 exp((-4)*x)", "exp((-4)*x)"),
        ("erf(z1)", "-inf", "-1 1", "1"),
        ("1 - erf(2*z1)", "inf", "1/2*pi**(-1/2) x**(-1)*exp((-4)*x**2)", "x**(-1)*exp((-4)*x**2)"),
        ("erf(z1) + 1", "-inf", "pi**(-1/2) x**(-1)*exp(-x**2)", "x**(-1)*exp(-x**2)"),
        # atan = π/2 - 1/x + 1/(3 x³) - ...; asinh = log(2 x) + 1/(4 x²) - ...
        ("atan(z1) - pi/2", "inf", "-1 x**(-1)", "x**(-1)"),
        ("atan(2*z1) + pi/2 + 1/(2*z1)", "-inf", "-1/24 x**(-3)", "x**(-3)"),
        ("asinh(z1)", "-inf", "-1 abs(log(x))", "abs(log(x))"),
        ("asinh(z1) - log(2*abs(z1))", "inf", "1/4 x**(-2)", "x**(-2)"),
        ("exp(asinh(z1))", "inf", "2 x", "x"),
        ("exp(z1**2 + z1 + 3 + 1/z1)", "inf", "exp(3) exp(x + x**2)", "exp(x + x**2)"),
        ("exp(z1 + sin(z1))", "inf", ">= exp(x)", "exp(x)"),
        ("exp(z1**2 + z1*sin(z1))", "inf", ">= exp((1/2)*x**2)", "exp((2)*x**2)"),
        ("exp(-z1**2 + z1*sin(z1))", "inf", ">= exp((-2)*x**2)", "exp((-1/2)*x**2)"),
        ("exp(-z1*(2 + sin(1/z1)))", "inf", "exp(-1) exp((-2)*x)", "exp((-2)*x)"),
        ("exp(-abs(sin(1/z1))/abs(z1))", "0+", "", "1"),
        ("log(2 + sin(z1))", "inf", "", "1"),
        ("log(1 + exp(z1**2 + z1*sin(z1)))", "inf", ">= 1", "x**2"),
        ("log(2 + z1**2 + cos(z1))", "inf", "2 abs(log(x))", "abs(log(x))"),
        ("log(abs(z1))", "0+", "-1 abs(log(x))", "abs(log(x))"),
        ("log(abs(z1))**2*z1", "0-", "-1 x**(-1)*abs(log(x))**2", "x**(-1)*abs(log(x))**2"),
        ("log(log(3 + z1**2))", "inf", "1 abs(log(abs(log(x))))", "abs(log(abs(log(x))))"),
        ("exp(z1*log(abs(z1)))", "0+", "1 1", "1"),
        # Taylor's formula up to the fifth power
        ("exp(z1) - 1 - z1 - z1**2/2 - z1**3/6 - z1**4/24", "0+", "1/120 x**(-5)", "x**(-5)"),
        ("exp(z1) - 1 - z1 - z1**2/2 - z1**3/6 - z1**4/24 - z1**5/120", "0+", "", "x**(-6)"),
        ("sin(z1) - z1 + z1**3/6", "0-", "-1/120 x**(-5)", "x**(-5)"),
        ("log(1 + z1**2) - z1**2 + z1**4/2 - z1**6/3", "0-", "-1/4 x**(-8)", "x**(-8)"),
        ("log(1 + z1**2) - z1**2 + z1**4/2 - z1**6/3 + z1**8/4 - z1**10/5", "0-", "", "x**(-12)"),
        ("sqrt(1 + z1**2) - 1 - z1**2/2 + z1**4/8", "0+", "1/16 x**(-6)", "x**(-6)"),
        ("(1 + z1**2)**(-1/3) - 1 + z1**2/3", "0+", "2/9 x**(-4)", "x**(-4)"),
        ("(1 + z1**2)**3 - 1 - 3*z1**2 - 3*z1**4", "0+", "1 x**(-6)", "x**(-6)"),
        # (c x)^e for negative c
        ("1/(sin(z1) - 3*z1)", "0+", "-1/2 x", "x"),
        ("(sin(z1) - 3*z1)**(-2)", "0+", "1/4 x**2", "x**2"),
        ("(sin(z1) - 3*z1)**(-3)", "0-", "1/8 x**3", "x**3"),
        ("(sin(z1) - 3*z1)**3", "0+", "-8 x**(-3)", "x**(-3)"),
        ("1/(sin(pi*z1) - 4*z1)", "0+", "-(4 - pi)**(-1) x", "x"),
        ("(sin(pi*z1) - 4*z1)**(-2)", "0+", "(4 - pi)**(-2) x**2", "x**2"),
        # at a root without a closed form
        ("(z1**3 - z1 - 1)**2*(z1 + 1)", "root", ">= x**(-2)", "x**(-2)"),
        ("z1**3 - z1 - 1", "root", ">= x**(-1)", "x**(-1)"),
        ("abs(z1**3 - z1 - 1)**(-1/3)", "root", ">= x**(1/3)", "x**(1/3)"),
        ("exp(z1)*z1", "root", ">= 1", "1"),
        ("z1**5 - z1", "root", ">= 1", "1"),
    ],
)
def test_what_is_known_at_an_end(text, end, below, above):
    assert shown(germ(read(parse(text)), ENDS[end])) == (below, [above])


@pytest.mark.parametrize(
    ("text", "end", "said"),
    [
        ("exp(z1*(2 + sin(z1)))", "inf", "an exponent without a leading term"),
        ("1/sin(z1)", "inf", "a divisor may vanish"),
        ("log(abs(sin(z1)))", "inf", "the argument of a logarithm may vanish"),
        ("log(3 - 2*sin(1/z1))/(z1 - z1*cos(1/z1))", "0+", "a divisor may vanish"),
    ],
)
def test_what_is_not_known_is_said(text, end, said):
    with pytest.raises(UnknownBehaviour, match=said):
        germ(read(parse(text)), ENDS[end])


def test_of_many_terms_the_eight_largest_are_kept():
    whole = sum((variable(0) ** k for k in range(12)), constant(0))
    found = germ(whole, ENDS["inf"])
    assert sorted(m.written("x", 1) for m in found.terms) == sorted(f"x**{k}" for k in range(4, 12))
    assert {m.written("x", 1) for m in found.rest} == {"x**3"}


def test_roots_without_a_closed_form():
    assert str(ROOT) == "1.32472"
    with working_precision(200):
        assert abs(ROOT.ball() ** 3 - ROOT.ball() - 1) < 1e-30
    three = tuple(Number.of(c) for c in (1, -3, 0, 1))
    found = [float(Root(three, i).ball()) for i in range(3)]
    assert found == pytest.approx([2 * float(mpmath.cos(mpmath.pi * k / 9)) for k in (8, 4, 2)])
    assert [str(e) for e in ENDS.values()] == ["0", "0", "1", "infinity", "-infinity", "1.32472"]


@pytest.mark.parametrize(
    ("text", "at", "bounded"),
    [("1/z1", 0, False), ("1/z1", 1, True), ("log(abs(z1 - 1))", 1, False), ("sin(z1)", 0, True),
     ("1/(z1**3 - z1 - 1)", ROOT, False),
     ("1/(z1**2 - 2)", ROOT, True), ("1/(z1 - 1/1000)", 0, True), ("1/(z1 - 1/10**7)", 0, False)],
)  # fmt: skip
def test_a_ball_bounds_a_function_where_nothing_is_singular(text, at, bounded):
    assert is_bounded_near(read(parse(text)), at if at is ROOT else constant(at)) is bounded


SMALL = X ** constant(-1)


@pytest.mark.parametrize(
    ("found", "terms", "rest", "floor"),
    [
        # (x + O(1)) + (2 + O(1/x)) = x + O(1)
        (Germ({X: constant(1)}, frozenset([ONE])) + Germ({ONE: constant(2)}, frozenset([SMALL])), {X: 1}, {ONE}, X),
        # (x + O(1)) (3 x + 2 + O(1/x)) = 3 x² + O(x)
        (
            Germ({X: constant(1)}, frozenset([ONE])) * Germ({X: constant(3), ONE: constant(2)}, frozenset([SMALL])),
            {X ** constant(2): 3}, {X}, X ** constant(2),
        ),
        # (x + 1) (x - 1) = x² - 1
        (
            Germ({X: constant(1), ONE: constant(1)}) * Germ({X: constant(1), ONE: constant(-1)}),
            {X ** constant(2): 1, ONE: -1}, set(), X ** constant(2),
        ),
        (Germ({X: constant(1)}) + Germ({X: constant(-1)}), {}, set(), None),
        # what is at least a multiple of x stays so beside what is smaller, and not beside what may be as large
        (Germ({}, frozenset([X]), X) + Germ({}, frozenset([ONE])), {}, {X}, X),
        (Germ({}, frozenset([X]), X) + Germ({}, frozenset([X])), {}, {X}, None),
        (Germ({}, frozenset([X]), X) * Germ({}, frozenset([ONE]), SMALL), {}, {X}, ONE),
        (Germ({}, frozenset([X]), X) * Germ({}, frozenset([ONE])), {}, {X}, None),
    ],
)  # fmt: skip
def test_germs_are_added_and_multiplied_up_to_what_is_left_out(found, terms, rest, floor):
    assert (dict(found.terms), set(found.rest)) == ({m: constant(c) for m, c in terms.items()}, rest)
    assert found.below == floor


@pytest.mark.parametrize(("scale", "small"), [(SMALL, True), (ONE, False), (X, False)])
def test_a_germ_is_small_where_all_its_bounds_tend_to_zero(scale, small):
    assert Germ({}, frozenset([scale])).is_small is small
    assert Germ({SMALL: constant(2)}, frozenset([scale])).is_small is small

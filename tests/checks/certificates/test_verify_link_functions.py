"""The functions and integrals under the checker of links: balls, series, normal forms and bounds, against mpmath.

As long as the program that it is about, which has to stand in one file.
"""

import math
from fractions import Fraction
from itertools import product as pairs

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks import verify_certificate as vc
from steinlab.checks.certificates import verify_link_functions as fn

ONE = fn.ONE
SCALED = st.integers(-(2**132), 2**132)
RADII = st.integers(0, 2**100) | st.sampled_from([0, 1])


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Work is counted over all the examples of a test here."""
    monkeypatch.setattr(vc, "MAX_WORK", 10**9)
    vc.Work.start()


def link(text, variables=2):
    return fn.read(text, [fn.variable(i) for i in range(variables)])


def mid(x):
    return mpmath.mpf(x) / ONE


def exact(q):
    return mpmath.mpf(q.numerator) / q.denominator


# -- balls


@given(st.fractions(-(10**6), 10**6))
def test_a_ball_of_a_rational(q):
    m, r = fn.ball(q)
    assert abs(q * ONE - m) <= r <= 1
    assert r == (ONE % q.denominator > 0)


@given(SCALED, SCALED)
def test_balls_between_two_ends(low, width):
    m, r = fn.between(low, low + abs(width))
    assert m - r <= low
    assert low + abs(width) <= m + r
    assert 2 * r <= abs(width) + 1


@given(SCALED, RADII, SCALED, RADII)
def test_ball_arithmetic_is_outward_and_tight(a, r, b, s):
    assert fn.plus((a, r), (b, s)) == (a + b, r + s)
    m, radius = fn.times((a, r), (b, s))
    errors = [abs(Fraction((a + i * r) * (b + j * s), ONE) - m) for i, j in pairs((-1, 0, 1), repeat=2)]
    assert max(errors) <= radius <= max(errors) + 3
    q = Fraction(b or 1, 3 * s + 1)
    m, radius = fn.scaled((a, r), q)
    errors = [abs((a + i * r) * q - m) for i in (-1, 0, 1)]
    assert max(errors) <= radius <= max(errors) + 2
    assert fn.scaled((6, 2), Fraction(-1, 2)) == (-3, 1)
    assert fn.sign_of((a, r)) == (1 if a - r > 0 else -1 if a + r < 0 else 0)


def test_signs_at_the_edge_are_not_known():
    assert [fn.sign_of(x) for x in ((5, 5), (5, 4), (-5, 5), (-5, 4), (0, 0))] == [0, 1, 0, -1, 0]


@given(st.integers(2**102, 2**132), st.sampled_from([1, -1]), RADII)
def test_inverses_are_outward_and_tight(size, side, r):
    a = side * size
    m, radius = fn.inverse((a, r))
    errors = [abs(Fraction(ONE * ONE, a + i * r) - m) for i in (-1, 0, 1)]
    assert max(errors) <= radius <= max(errors) + 1
    with pytest.raises(fn.Undefined, match="not defined"):
        fn.inverse((r, r))


@given(st.integers(0, 2**140), st.integers(0, 2**60))
def test_roots_are_outward_and_tight(a, r):
    m, radius = fn.root((a + r, r))
    ends = math.isqrt(a << fn.P), math.isqrt((a + 2 * r) << fn.P) + 1
    assert m - radius <= ends[0]
    assert m + radius >= ends[1]
    assert 2 * radius <= ends[1] - ends[0] + 1
    with pytest.raises(vc.Refused):
        fn.root((r, r + 1))


WIDE = st.fractions(-90, 90, max_denominator=50)
VALUES = {"exp": (fn.exp_at, mpmath.exp), "tanh": (fn.tanh_at, mpmath.tanh), "erf": (fn.erf_at, mpmath.erf)}


@given(st.sampled_from(sorted(VALUES)), WIDE)
def test_rising_functions_far_out(name, x):
    bounds, oracle = VALUES[name]
    n = fn.ball(x)[0]
    with mpmath.workdps(120):
        low, high = bounds(n)
        value = oracle(mid(n)) * ONE
        assert low <= value <= high
        assert high - low <= (40 if name == "erf" else 2) + abs(value) / 2**127


@pytest.mark.parametrize("x", [0, 1, 9.99, 10, 10.01, 59.9, 60, 60.1, 150, 199.9, 200.1, -9.99, -10.01, -60.1, -199, -201, -5000])
def test_edges_of_the_cases(x):
    n = int(x * 1024) * ONE // 1024
    with mpmath.workdps(160):
        for bounds, oracle in VALUES.values():
            low, high = bounds(n)
            value = oracle(mid(n)) * ONE
            assert low <= value <= high
            assert high - low <= (40 if bounds is fn.erf_at else 2) + abs(value) / 2**127
        for odd, oracle in ((1, mpmath.sin), (0, mpmath.cos)):
            low, high = fn.wave_at(n, odd)
            assert low <= oracle(mid(n)) * ONE <= high
            assert high - low <= (2 if abs(x) < 300 else 2 * ONE)
            assert -ONE <= low <= high <= ONE


def test_an_exponential_that_is_too_large_is_refused():
    fn.exp_at(10_000 * ONE - 1)
    with pytest.raises(vc.Refused, match="too large"):
        fn.exp_at(10_000 * ONE)


@given(st.integers(1, 2**200))
def test_logarithms_of_any_size(n):
    low, high = fn.log_at(n)
    with mpmath.workdps(90):
        assert low <= mpmath.log(mid(n)) * ONE <= high
    assert high - low <= 1 + abs(low) // 2**127


@given(st.integers(0, 2**130), st.integers(0, 2**60), st.sampled_from([0, 1]))
def test_waves_of_balls(a, r, odd):
    m, radius = fn.wave((a, r), odd)
    with mpmath.workdps(60):
        for x in (a - r, a, a + r):
            value = (mpmath.sin if odd else mpmath.cos)(mid(x)) * ONE
            assert abs(value - m) <= radius + 1
    assert radius <= r + 1


def test_the_series_under_the_constants():
    with mpmath.workdps(70):
        for n, d in ((1, 3), (1, 7), (0, 5)):
            low, high = fn.arctanh_series(n, d, 160)
            value = mpmath.atanh(mpmath.mpf(n) / d) * mpmath.mpf(2) ** 160
            assert low <= value <= high
            assert high - low < 220  # 4 for each term until x^k is 0, of which there are 50 at most
        assert fn.arctanh_series(0, 5, 160) == (0, 10)
        for n in (5, 239):
            value = mpmath.atan(mpmath.mpf(1) / n) * mpmath.mpf(2) ** 160
            assert abs(fn.arctan_inverse(n, 160) - value) < 2
        assert abs(mid(fn.PI[0]) - mpmath.pi) * ONE < 2
        assert fn.PI[1] == 4


# -- normal forms


NORMAL = [
    ("relu(z1)", "z1/2 + z1*sign(z1)/2"),
    ("abs(z1)", "z1*sign(z1)"),
    ("Max(z1, z2)", "(z1+z2)/2 + (z1-z2)*sign(z1-z2)/2"),
    ("Min(z1, z2)", "(z1+z2)/2 - abs(z2-z1)/2"),
    ("sigmoid(z1)", "1/2 + tanh(z1/2)/2"),
    ("sign(z1)**2", "1"),
    ("sign(-3*z1)", "-sign(z1)"),
    ("tanh(-z1) + sin(-z1) + erf(-z1) + sign(-z2)", "-tanh(z1) - sin(z1) - erf(z1) - sign(z2)"),
    ("cos(-z1)", "cos(z1)"),
    ("exp(z1)*exp(z2)", "exp(z1+z2)"),
    ("exp(z1)**3/exp(z2)", "exp(3*z1-z2)"),
    ("exp(0) + cos(0) + sin(0) + tanh(0) + erf(0) + sign(0)", "2"),
    ("sign(tanh(z1))", "sign(z1)"),
    ("sign(z1*z2)", "sign(z1)*sign(z2)"),
    ("sign(z1**2+1) - sign(-2-exp(z1))", "2"),
    ("tanh(abs(z1))", "tanh(z1)*sign(z1)"),
    ("cos(abs(z1))", "cos(z1)"),
    ("sqrt(4+z1**2)**2", "4+z1**2"),
    ("2**(1/2)*2**(1/2)", "2"),
    ("2**z1", "exp(z1*log(2))"),
    ("log(1) + 0*z1", "0"),
    ("log(exp(z1))", "z1"),
    ("He(3, z1)", "z1**3 - 3*z1"),
    ("He(0, z1) + He(1, z1)", "1 + z1"),
    ("-(z1 - z1) + +z2", "z2"),
    ("0**(1/2)", "0"),
    ("(-2-z1**2)**(-3)", "-(2+z1**2)**(-3)"),
    ("(2*exp(z1))**(1/2)", "2**(1/2)*exp(z1/2)"),
    ("1/(1/sqrt(1+z1**2))", "sqrt(1+z1**2)"),
    ("sqrt(2*pi*exp(z1))**3", "2**(3/2)*pi**(3/2)*exp(3*z1/2)"),
    ("1/sqrt(7)", "7**(-1/2)"),
    ("sqrt((z1-2)**2)", "abs(z1-2)"),
    ("sqrt(12*(z1-2*z2+1)**4)", "12**(1/2)*(z1-2*z2+1)**2"),
    ("((z1*z2-z2**2)**2)**(3/2)", "abs(z1*z2-z2**2)**3"),
    ("sqrt(z1**4*z2**2)", "z1**2*abs(z2)"),
    ("sqrt((1+z1**2)**2)", "1+z1**2"),
    ("sign(sqrt(z1**2)-z1)", "1/2-sign(z1)/2"),
    ("sign(pi-3) + 2*sign(cos(2)) + 4*sign(log(2)-tanh(1))", "1-2-4"),
    ("Piecewise((z1, z1 > 0), (0, True))", "relu(z1)"),
    ("Piecewise((z1, 0 <= z1), (-2*z1, z1 < 0), (7, True))", "relu(z1) + 2*relu(-z1)"),
    ("Piecewise((1, z1 > 0), (2, z2 >= 0), (3, True))", "(1+sign(z1))/2 + (1-sign(z1))/2*((1+sign(z2)) + 3*(1-sign(z2))/2)"),
    ("Piecewise((z2, z1 - z1 > 0), (z1, z2 <= z2), (5, True))", "z1"),
    ("Piecewise((z2, z1 < z1), (5, 1 > 2), (z1, 3/2 >= 1), (7, True))", "z1"),
    ("sign(2*z1-4*z2) + sign(4*z2-2*z1)", "0"),
    ("sign(1-3*z1)", "-sign(z1-1/3)"),
    ("sign(z1*tanh(z2)*exp(z1))", "sign(z1)*sign(z2)"),
    ("sign(z1**2*z2)", "sign(z2)"),
    ("sign(-erf(z1)**3)", "-sign(z1)"),
    ("sign(z1**3*sin(z2)**2) - sign(sin(z1)**5)", "sign(z1) - sign(sin(z1))"),
    ("sign(5) - sign(-1/7) + sign(z1-z1)", "2"),
    ("exp(abs(z1))", "(exp(z1)+exp(-z1))/2 + sign(z1)*(exp(z1)-exp(-z1))/2"),
    ("sin(abs(z1))", "sin(z1)*sign(z1)"),
    ("tanh(sign(z1)*z2 + sign(z1))", "sign(z1)*tanh(z2 + 1)"),
    ("1/exp(z1)", "exp(-z1)"),
    ("2**(-3) + (1/2)**(-2) + 1**(1/3) + (z1**2+1)**0", "1/8 + 4 + 1 + 1"),
    ("(-1-z1**2)**(-2)", "(1+z1**2)**(-2)"),
    ("(exp(z1)*pi)**(-1/2)", "exp(-z1/2)*pi**(-1/2)"),
    ("sqrt(1+z1**2)**5", "(1+z1**2)**2*sqrt(1+z1**2)"),
    ("sqrt(1+z1**2)*(1+z1**2)**(-1/2)", "1"),
    ("log(exp(z1)*2) - log(2)", "z1"),
    ("log(exp(z1)+exp(-z1)) - log(1+exp(2*z1))", "-z1"),
    ("sigmoid(z1) + sigmoid(-z1)", "1"),
    ("relu(z1) - relu(-z1)", "z1"),
    ("Max(z1, z2, z1) - Max(z2, z1)", "0"),
    ("Max(z1, 2) + Min(z1, 2)", "z1 + 2"),
    ("cos(z1-z2) - cos(z2-z1)", "0"),
    ("He(2, He(2, z1))", "z1**4 - 2*z1**2"),
    ("He(4, z1+z2) - (z1+z2)**4 + 6*(z1+z2)**2", "3"),
]


@pytest.mark.parametrize(("text", "same"), NORMAL)
def test_normal_forms(text, same):
    assert link(text) == link(same)


TEXTS = st.sampled_from(
    [t for pair in NORMAL for t in pair if "0**" not in t] + ["log(1+exp(z1))", "pi*z1", "log(2+z1**2)*sin(z2)"]
)
PLACES = [(Fraction(3, 5), Fraction(-7, 4)), (Fraction(-11, 8), Fraction(2, 3)), (Fraction(5, 2), Fraction(9, 4))]
NAMES = {name: getattr(mpmath, name) for name in ("exp", "log", "sin", "cos", "tanh", "erf", "sqrt", "sign")}


def value_of(text, x, y):
    """What a text says at a point, by an evaluation that shares nothing with the checker."""

    def meaning(name, arguments):
        if name == "number":
            return exact(arguments[0])
        if name in ("z", "pi"):
            return (x, y)[arguments[0]] if name == "z" else +mpmath.pi
        if name in NAMES:
            return NAMES[name](*arguments)
        u, v = [*arguments, None, None][:2]
        return {
            "neg": lambda: -u,
            "pos": lambda: u,
            "+": lambda: u + v,
            "-": lambda: u - v,
            "*": lambda: u * v,
            "/": lambda: u / v,
            "**": lambda: u**v,
            "abs": lambda: abs(u),
            "relu": lambda: max(u, 0),
            "sigmoid": lambda: 1 / (1 + mpmath.exp(-u)),
            "Max": lambda: max(arguments),
            "Min": lambda: min(arguments),
            **{c: lambda c=c: {"<": u < v, "<=": u <= v, ">": u > v, ">=": u >= v}[c] for c in ("<", "<=", ">", ">=")},
            "True": lambda: True,
            "Piecewise": lambda: next(f for f, holds in zip(arguments[::2], arguments[1::2], strict=True) if holds),
            "He": lambda: mpmath.hermite(u, v / mpmath.sqrt(2)) / mpmath.sqrt(2) ** u,
        }[name]()

    return vc.fold(text, meaning)


@given(TEXTS, TEXTS, st.sampled_from(PLACES))
def test_sums_take_the_values_of_the_texts(first, second, place):
    with mpmath.workdps(50):
        x, y = map(exact, place)
        series = [fn.constant_series(fn.ball(q), 0) for q in place]
        for f, oracle in (
            (link(first), lambda: value_of(first, x, y)),
            (fn.multiply(link(first), link(second)), lambda: value_of(first, x, y) * value_of(second, x, y)),
            (fn.add(link(first), link(second), Fraction(-2, 3)), lambda: value_of(first, x, y) - value_of(second, x, y) * 2 / 3),
        ):
            m, r = fn.at(fn.evaluate(f, series), 0)
            assert abs(m - oracle() * ONE) <= r + 1
            assert r < 2**40


@given(TEXTS)
def test_substitution_is_composition(text):
    x, y = PLACES[0]
    images = {0: link("2*z1 - z2/3"), 1: link("z2 + 1/7")}
    f = fn.substitute(link(text), images)
    with mpmath.workdps(50):
        m, r = fn.at(fn.evaluate(f, [fn.constant_series(fn.ball(q), 0) for q in (x, y)]), 0)
        assert abs(m - value_of(text, exact(2 * x - y / 3), exact(y + Fraction(1, 7))) * ONE) <= r + 1


SERIES = [
    "exp(z1)",
    "sin(z1)",
    "cos(z1)",
    "tanh(z1)",
    "erf(z1)",
    "log(z1+3)",
    "sqrt(z1+3)",
    "(z1+3)**(-2)",
    "z1**3*exp(z1)",
    "1/(2+sin(z1))",
]
SERIES = [text.replace("log(z1+3)", "log(3+z1**2)").replace("(z1+3)", "(3+z1**2)") for text in SERIES]


@pytest.mark.parametrize("text", SERIES)
@pytest.mark.parametrize("centre", [Fraction(1, 3), Fraction(-9, 4)])
def test_taylor_coefficients_are_enclosed(text, centre):
    """Along z1 = centre + t/2, and as functions of a ball of radius 2^-40 around it."""
    n = 8
    narrow = fn.evaluate(link(text, 1), [([fn.ball(centre)[0], ONE // 2] + [0] * (n - 1), [1] + [0] * n)])
    wide = fn.evaluate(link(text, 1), [([fn.ball(centre)[0], ONE // 2] + [0] * (n - 1), [ONE >> 40] + [0] * n)])
    with mpmath.workdps(60):
        expected = mpmath.taylor(lambda t: value_of(text, exact(centre) + t / 2, 0), 0, n)
        for k, value in enumerate(expected):
            m, r = fn.at(narrow, k)
            assert abs(m - value * ONE) <= r + ONE * mpmath.mpf(10) ** -38
            assert r < 64
            m, r = fn.at(wide, k)
            assert abs(m - value * ONE) <= r
            assert 2**60 < r < 2**106


@settings(max_examples=40)
@given(st.data(), st.integers(0, 3), st.integers(0, 5))
def test_sums_of_products_of_coefficients_are_outward_and_tight(data, start, k):
    """Σ_{j=start..k} u_j v_{k-j} at the middles and at the ends of all balls."""
    balls = st.lists(st.tuples(st.integers(-3 * ONE, 3 * ONE), st.integers(0, ONE)), min_size=6, max_size=6)
    u, v = data.draw(balls), data.draw(balls)
    m, r = fn.coefficient(*(tuple(map(list, zip(*x, strict=True))) for x in (u, v)), start, k)
    pairs = [(u[j], v[k - j]) for j in range(start, k + 1)]
    assert m == sum(a * b for (a, _), (b, _) in pairs) >> fn.P
    spread = sum((abs(a) + s) * (abs(b) + t) - abs(a * b) for (a, s), (b, t) in pairs)
    assert spread <= (r << fn.P) <= spread + (3 << fn.P)


@pytest.mark.parametrize(
    ("ball", "value"),
    [((5, 5), (ONE, 0)), ((-5, 5), (-ONE, 0)), ((5, 4), (ONE, 0)), ((0, 0), (0, ONE)), ((0, 3), (0, ONE)), ((4, 5), (0, ONE))],
)
def test_a_sign_is_known_up_to_the_kink(ball, value):
    """At the kink itself, a null set, it is that of either side; where both sides are met, and at zero, it is unknown."""
    assert fn.at(fn.function_series("sign", fn.constant_series(ball, 0)), 0) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tanh(z1)", True),
        ("z1*z2", True),
        ("z1 - z1", False),
        ("relu(z1) + 1", False),
        ("sign(z1)", False),
        ("log(2+tanh(z2))", True),
    ],
)
def test_only_analytic_functions_with_a_value_vanish_almost_nowhere(text, expected):
    assert fn.not_identically_zero(link(text)) is expected


def test_very_large_coefficients_cut_a_panel():
    most = 4 * fn.MAX_BITS
    fn.spend_on(([2 ** (most - 1)], [0]), 1)
    for size in (most + 1, most + 7):
        for series in (([2 ** (size - 1)], [0]), ([0], [2 ** (size - 1)])):
            with pytest.raises(fn.Undefined):
                fn.spend_on(series, 1)
            with pytest.raises(fn.Undefined):
                fn.append(([], []), fn.at(series, 0))
    grown = ([], [])
    fn.append(grown, (2 ** (most - 1), 2**most - 1))
    assert grown == ([2 ** (most - 1)], [2**most - 1])


@pytest.mark.parametrize(("name", "e"), [("log", None), ("power", Fraction(-1, 2))])
def test_coefficients_that_grow_from_order_to_order_cut_a_panel(name, e):
    """Around 1/2 with a radius of nearly that much, 1/u reaches 2^500: twenty-four orders of a logarithm or power are longer."""
    u = ([fn.ONE // 2] + [fn.ONE] * fn.ORDER, [fn.ONE // 2 - 2] + [fn.ONE << 60] * fn.ORDER)
    with pytest.raises(fn.Undefined):
        fn.function_series(name, u) if e is None else fn.power_series(u, e)


@pytest.mark.parametrize("text", ["tanh(z1)", "z1", "exp(z1) - exp(-z1)", "tanh(z1) - 2"])
def test_logarithms_of_what_may_be_negative_have_no_bound(text):
    with pytest.raises(vc.Refused, match="a logarithm is not bounded"):
        fn.growth_of_logarithm(link(text), 1)


def test_what_is_undefined_on_a_ball():
    straddling = ([0, ONE], [ONE, 0])
    for name in ("sign", "log"):
        with pytest.raises(fn.Undefined):
            fn.function_series(name, straddling)
    for e in (Fraction(1, 2), Fraction(-1), Fraction(-1, 2)):
        with pytest.raises(fn.Undefined):
            fn.power_series(straddling, e)
    with pytest.raises(fn.Undefined):
        fn.power_series(([0], [ONE]), Fraction(-1, 2))
    m, r = fn.at(fn.power_series(([0], [4 * ONE]), Fraction(1, 2)), 0)
    assert (m, r - 2 * ONE < 2**20) == (0, True)
    assert r >= 2 * ONE


# -- what may not be read


@pytest.mark.parametrize(
    "text",
    [
        *(
            "0**(-1/2)",
            "0**(-1)",
            "1/0",
            "z1**(-1/2)",
            "1/z1",
            "log(0)",
            "log(-1)",
            "log(z1)",
            "log(z1**2)",
            "sqrt(-1)",
            "sqrt(z1)",
        ),
        *("(-8)**(1/3)", "0**z1", "1/(z1-z1)", "sqrt(sin(4))", "log(sin(4))", "1/sin(z1)", "sqrt(1+1/abs(z1))", "abs(z1)**(-pi)"),
        *("abs(z1)**(-sqrt(2))", "abs(z1)**(-1/4)", "tanh(1/z1)", "z3", "z01", "tanh()", "tanh(z1,z2)", "He(z1,2)", "He(-1,z1)"),
        *("He(65,z1)", "z1**65", "z1**(1/65)", "foo(z1)", "He(1/2,z1)", "Piecewise((z1,z1>0),(0,z1<-1))", "Piecewise(z1,True)"),
        *("Piecewise((z1,z1>0,0),(0,True))", "Piecewise((log(z1),z1>1),(0,True))", "Piecewise((z1,0<z1<1),(0,True))", "True(z1)"),
        *("log(pi-4)", "1/(cos(2)+sin(z1))", "sqrt(cos(2))", "log(pi-3+sin(z1))", "tanh(z1)/(sin(1)**2+cos(1)**2-1)"),
        "tanh(" * 21 + "z1" + ")" * 21,
    ],
)
def test_texts_outside_the_domain_are_refused(text):
    with pytest.raises(vc.Refused):
        link(text)


def test_nesting_is_bounded():
    assert link("tanh(" * 20 + "z1" + ")" * 20)
    assert fn.nesting(("z", 0)) == 0
    assert fn.nesting(("exp", fn.freeze(link("sin(z1)*z2")))) == 2


def test_vanishing_arguments_are_zero():
    """Directions first: z1 = z2 = x1, z3 = 0."""
    images = [fn.variable(0), fn.variable(0), {}]
    for text, same in (
        ("sign(z1-z2)**2", "0"),
        ("relu(z3) + abs(z1-z2) + sign(z3)", "0"),
        ("Max(z1,z2)", "z1"),
        ("sign(z1-z2)*sign(z2-z1)*z1+abs(z1)", "abs(z1)"),
        ("sqrt(z3) + cos(z3)", "1"),
        ("Piecewise((1, z1 > z2), (z1, True))", "z1"),
        ("Piecewise((1, z1 >= z2), (z1, True)) + Piecewise((2, z3 < 0), (z1, z3 <= 0), (0, True))", "1 + z1"),
    ):
        assert fn.read(text, images) == link(same)
    with pytest.raises(vc.Refused):
        fn.read("1/z3", images)


# -- bounds


def test_lower_bounds_are_below_and_read_off():
    for text, low in (
        ("z1**2 - 2*z1 + 3", 2),
        ("z1**2 + z1*z2 + z2**2 - z2", Fraction(-1, 3)),
        ("exp(z1) + 1", 1),
        ("2 - tanh(z1) + 3*sin(z2)", -2),
        ("z1**4 + cos(z1)**2 - 1", -1),
        ("tanh(z1)*sign(z2)/2 + sqrt(1+z1**2)", Fraction(-1, 2)),
        ("z1", None),
        ("z1*z2", None),
        ("-z1**2", None),
        ("-exp(z1)", None),
        ("z1**2 + z1*z2", None),
        ("tanh(z1)*z2", None),
        ("log(2+z1**2)", None),
        ("1+abs(z1-2)/3", 1),
        ("z1**2+abs(z1-z2)-abs(z2)", None),
        ("z1**2-2*z1+abs(z1-z2)+2*abs(z2)", -1),
        ("1-abs(z1)", None),
        ("cos(z1)+z1*sign(z1-1)", None),
        ("tanh(z1)/3-2*sin(z2)/3", -1),
        ("-cos(2)*z1**2-1", -1),
        ("cos(2)*exp(z1)", None),
        ("pi*z1", None),
        ("sin(pi)*exp(z1)", None),  # zero, which a ball does not tell from a negative number
    ):
        assert fn.lower_bound(link(text)) == low
    for text, low in (
        ("pi+sin(z1)", lambda: mpmath.pi - 1),
        ("sqrt(2)-cos(2)*tanh(z1)", lambda: mpmath.sqrt(2) + mpmath.cos(2)),
        ("cos(2)", lambda: mpmath.cos(2)),
    ):
        with mpmath.workdps(60):  # just below: a bound by the wrong end of a ball is seen
            assert 0 < low() - exact(fn.lower_bound(link(text))) < mpmath.mpf(10) ** -34
    assert fn.is_positive(link("exp(z1)*log(2) - cos(2)*exp(-z2)"))
    assert not fn.is_positive(link("cos(2)*exp(z1)"))
    assert not fn.is_positive(link("sin(pi)*exp(z1)"))
    assert fn.is_positive(link("exp(z1) + pi*exp(-z2)"))
    assert not fn.is_positive(link("exp(z1) - pi"))
    assert not fn.is_positive(link("z1**2"))
    assert fn.is_nonnegative(link("z1**2"))
    assert fn.is_nonnegative(link("abs(z1-1)"))
    assert not fn.is_nonnegative(link("-abs(z1-1)"))
    assert not fn.is_positive({})


GROWING = [
    "z1**3*tanh(z2)",
    "exp(z1/2+sin(z2))*z2",
    "exp(z1*z2/4 - z1**2/3)",
    "exp(-z1**2)*z1**2",
    "log(1+exp(z1))**2",
    "log(2+z1**2)*z2",
    "sqrt(1+z1**2*exp(z2))",
    "1/(2+sin(z1))",
    "(1/2+z1**2)**(-2)",
    "exp(tanh(z1)*z2)",
    "exp(abs(z1)/3)*relu(z2)",
    "3*z1*z2 - 5",
    "pi**2*z1",
    "exp(z1**2/9)",
    "log(exp(z1**2)+exp(z2))",
]


@given(st.sampled_from(GROWING), st.fractions(-6, 6, max_denominator=3), st.fractions(-6, 6, max_denominator=3))
def test_growth_bounds_hold(text, x, y):
    size, rates = fn.growth(link(text))
    with mpmath.workdps(30):
        bound = exact(size)
        for i, z in enumerate(map(exact, (x, y))):
            p, b, a = map(exact, rates.get(i, fn.NONE))
            bound *= (1 + abs(z)) ** p * mpmath.exp(b * abs(z) + a * z * z)
        assert abs(value_of(text, exact(x), exact(y))) <= bound


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("z1**3*tanh(z1)", (3, 0, 0)),
        ("exp(z1/2)*z1", (1, Fraction(1, 2), 0)),
        ("exp(-z1**2/3)", (0, 0, 0)),
        ("exp(z1**2/7+z1)", (0, 1, Fraction(1, 7))),
        ("sqrt(1+z1**4)", (2, 0, 0)),
        ("z1 + z1**2*sin(z1)", (2, 0, 0)),
    ],
)
def test_growth_bounds_are_tight(text, rate):
    found = fn.growth(link(text, 1))[1].get(0, fn.NONE)
    assert all(0 <= x - y < Fraction(1, 2**100) for x, y in zip(found, rate, strict=True))


@pytest.mark.parametrize(
    "text",
    ["exp(exp(z1))", "exp(z1**3)", "exp(z1*tanh(z2)*z2**2)", "exp(sqrt(1+z1**4))", "1/(1+exp(z1))**2*0+exp(log(2+z1**2)*z1)"],
)
def test_growth_that_is_not_bounded_is_refused(text):
    with pytest.raises(vc.Refused, match=r"grow|bounded"):
        fn.growth(link(text))


def test_infinite_variance_is_refused():
    """exp(a z²) has a finite variance under N(0, v) exactly when 4 a v < 1."""
    for text, variance, fine in (
        ("exp(z1**2/4)", Fraction(1), False),
        ("exp(z1**2*249/1000)", Fraction(1), True),
        ("exp(z1**2/8)", Fraction(2), False),
        ("exp(z1**2/9)", Fraction(2), True),
        ("z1**9*exp(3*z1)", Fraction(5), True),
    ):
        if fine:
            fn.require_square_integrable(link(text, 1), [variance])
        else:
            with pytest.raises(vc.Refused, match="no finite variance"):
                fn.require_square_integrable(link(text, 1), [variance])


def test_parities():
    assert fn.parity(link("z1*tanh(z1)*z2"), [0]) == 1
    assert fn.parity(link("z1*tanh(z1)*z2"), [1]) == -1
    assert fn.parity(link("z1+z2"), [0, 1]) == -1
    assert fn.parity(link("z1+z2**2"), [0, 1]) == 0


@given(st.fractions(Fraction(1, 10**6), 10**6))
def test_the_unit_is_near_the_deviation(variance):
    u = Fraction(fn.unit(variance), ONE)
    assert u.numerator == 1 or u.denominator == 1
    assert variance / 4 <= u * u <= 4 * variance


@pytest.mark.parametrize(
    ("variance", "expected"),
    [("1", 1), ("4", 2), ("9", 4), ("3", 2), ("2", 1), ("1/2", 1), ("1/3", "1/2"), ("1/4", "1/2"), ("1/9", "1/4"), ("100", 8)],
)
def test_units_are_powers_of_two(variance, expected):
    """The whole part of log2 of the deviation, rounded, halves to even."""
    assert Fraction(fn.unit(Fraction(variance)), ONE) == Fraction(expected)


# -- integrals


@pytest.mark.parametrize(
    ("rates", "top", "variance"),
    [((0, 0, 0), 2, 1), ((2, 1, Fraction(1, 8)), 1, 1), ((1, 0, 0), 3, 4), ((0, 1, 0), 0, Fraction(1, 4))],
)
def test_what_lies_within_the_radius_is_bounded_and_not_by_much(rates, top, variance):
    """E (1 + |s|)^(p + n) exp(b|s| + a s²) over |s| <= 6 units, by intervals of a quarter of a unit."""
    p, b, a, v = map(Fraction, (*rates, variance))
    moments = object.__new__(fn.PlaneMoments)
    moments.top = top
    step = fn.unit(v)
    found = moments.whole((p, b, a), v, step, 6)
    with mpmath.workdps(30):
        radius, deviation = 6 * mid(step), mpmath.sqrt(exact(v))
        total = 2 * mpmath.quad(
            lambda x: (1 + x) ** int(p + top) * mpmath.exp(exact(b) * x + exact(a) * x * x) * mpmath.npdf(x, 0, deviation),
            [0, radius / 4, radius / 2, radius],
        )
        assert total <= mid(found) <= mpmath.mpf(1.7) * total


DRAWN = {
    "tanh(z1)": mpmath.tanh,
    "exp(z1/2)": lambda x: mpmath.exp(x / 2),
    "abs(z1-1/3)": lambda x: abs(x - mpmath.mpf(1) / 3),
    "z1**2*exp(-z1**2)": lambda x: x * x * mpmath.exp(-x * x),
    "sign(z1+2)": lambda x: mpmath.sign(x + 2),
    "sin(2*z1)+1": lambda x: mpmath.sin(2 * x) + 1,
}


@settings(max_examples=6)
@given(
    st.sampled_from(sorted(DRAWN)),
    st.sampled_from([Fraction(1), Fraction(1, 9), Fraction(7, 2)]),
)
def test_moments_of_drawn_functions_and_variances(text, variance):
    found = fn.Moments(link(text, 1), variance, 3)
    with mpmath.workdps(25):
        v = exact(variance)
        cuts = sorted({-40, -8, -2, mpmath.mpf(1) / 3, 0, 2, 8, 40})
        for n in (0, 3):
            total = mpmath.quad(
                lambda x, n=n: DRAWN[text](x) * x**n * mpmath.exp(-x * x / (2 * v)) / mpmath.sqrt(2 * mpmath.pi * v), cuts
            )
            m, r = found.values[n]
            assert abs(mid(m) - total) <= mid(r) + mpmath.mpf(10) ** -16
            assert mid(r) < mpmath.mpf(10) ** -13


def panels(text, top=3):
    moments = object.__new__(fn.Moments)
    moments.top, moments.variance, moments.unit, moments.density = top, Fraction(1), ONE, link(text)
    return moments


@pytest.mark.parametrize(("low", "high", "bits"), [(0, 1, 85), (2, 3, 78), (-4, -3, 76), (-16, -15, 83)])
def test_panels_are_enclosed_as_narrowly_as_taylors_formula_says(low, high, bits):
    """∫ s^n (cos s + s) exp(-s²/2) over half a unit."""
    found = panels("(cos(z1)+z1)*exp(-z1**2/2)").panel(low * ONE // 2, high * ONE // 2)
    with mpmath.workdps(40):
        for n, (m, r) in enumerate(found):
            value = mpmath.quad(
                lambda s, n=n: s**n * (mpmath.cos(s) + s) * mpmath.exp(-s * s / 2), [mpmath.mpf(low) / 2, mpmath.mpf(high) / 2]
            )
            assert abs(mid(m) - value) <= mid(r)
            assert r < ONE >> bits


def test_panels_are_cut_where_they_are_wide_or_hold_a_kink():
    smooth, kinked = panels("(cos(z1)+z1)*exp(-z1**2/2)"), panels("abs(z1-1/3)*exp(-z1**2/2)")
    assert [smooth.panel(0, k * ONE // 2) is None for k in (1, 2, 4, 8)] == [False, True, True, True]
    assert kinked.panel(0, ONE // 2) is None
    assert kinked.panel(ONE // 2, ONE) is not None
    side = ONE >> 51  # narrower than 2^-50 units: enclosed by its values
    found = kinked.panel(ONE // 3 - side // 2, ONE // 3 + side // 2 - 1)
    assert all(m == 0 and 0 < r < (ONE >> 50) for m, r in found)
    assert kinked.panel(ONE // 3 - 2 * side, ONE // 3 + side) is None
    with pytest.raises(vc.Refused, match="a function is not bounded near a point"):
        unbounded().panel(-(ONE >> 60), ONE >> 60)


def unbounded():
    """1/z1, which no text may say, where it has its pole."""
    moments = panels("z1")
    moments.density = {((("power", fn.freeze(link("z1"))), Fraction(-1)),): Fraction(1)}
    return moments


def test_odd_moments_of_even_functions_are_zero():
    assert [x == (0, 0) for x in fn.Moments(link("abs(z1)", 1), Fraction(1), 3).values] == [False, True, False, True]
    assert [x == (0, 0) for x in fn.Moments(link("tanh(z1)", 1), Fraction(1), 3).values] == [True, False, True, False]


def test_tails_count_the_size_and_both_sides():
    rates = (Fraction(1), Fraction(1, 2), Fraction(1, 8))
    bound = fn.tail_beyond(rates, 2, Fraction(1), Fraction(8), Fraction(3))
    with mpmath.workdps(30):
        total = 6 * mpmath.quad(lambda x: (1 + x) * mpmath.exp(x / 2 + x * x / 8) * x * x * mpmath.npdf(x), [8, 10, 14, 20, 40])
        assert total <= mid(bound) <= mpmath.mpf(1.3) * total
    assert fn.tail_beyond(rates, 2, Fraction(4), Fraction(8)) is None  # 2 a v = 1
    assert fn.tail_beyond((Fraction(50), Fraction(0), Fraction(0)), 2, Fraction(1), Fraction(3)) is None


@pytest.mark.parametrize(("rates", "variance"), [((0, 0, 0), 1), ((2, 1, Fraction(1, 8)), 1), ((3, 2, 0), Fraction(9, 2))])
@pytest.mark.parametrize("accuracy", [36, 70])
def test_the_radius_is_the_first_with_a_small_tail(rates, variance, accuracy):
    rates, variance = tuple(map(Fraction, rates)), Fraction(variance)
    radii = range(2, 41)
    count, tail = fn.reach(rates, 2, variance, radii, accuracy)
    assert tail == fn.tail_beyond(rates, 2, variance, Fraction(count * fn.unit(variance), ONE)) <= ONE >> accuracy
    before = fn.tail_beyond(rates, 2, variance, Fraction((count - 1) * fn.unit(variance), ONE))
    assert before is None or before > ONE >> accuracy
    assert fn.reach(rates, 2, variance, range(count, count + 1), accuracy) == (count, tail)
    assert fn.reach(rates, 2, variance, radii, accuracy, Fraction(2**20))[0] > count
    with pytest.raises(vc.Refused, match="a function grows too fast for this checker"):
        fn.reach(rates, 2, variance, range(2, count), accuracy)


def box_integrals(box, orders):
    """∫∫ s1^a s2^b (cos s1 + s2) exp(-(s1² + s2²)/2) over a box, by one variable after the other."""
    a, b, c, d = (mid(x) for x in box)

    def along(f, low, high):
        return mpmath.quad(lambda x: f(x) * mpmath.exp(-x * x / 2), [low, high])

    return [
        along(lambda x, n=n: x**n * mpmath.cos(x), a, b) * along(lambda x, k=k: x**k, c, d)
        + along(lambda x, n=n: x**n, a, b) * along(lambda x, k=k: x ** (k + 1), c, d)
        for n, k in orders
    ]


@pytest.mark.parametrize("corner", [(0, 0), (-2, 1), (1, -1)])
@pytest.mark.parametrize(("sides", "accuracy"), [((4, 4), 18), ((8, 8), 27), ((16, 16), 35), ((4, 16), 23)])
def test_boxes_are_enclosed_as_narrowly_as_taylors_formula_says(corner, sides, accuracy):
    """Sides of 1/4, 1/8, 1/16: the error falls by 2^8 with the half side, of order 6 along rays and 2 of the area."""
    orders = [(a, b) for a in range(3) for b in range(3 - a)]
    plane = object.__new__(fn.PlaneMoments)
    plane.top, plane.steps, plane.orders = 2, orders, orders
    plane.density = link("(cos(z1)+z2)*exp(-z1**2/2-z2**2/2)")
    (x, y), (p, q) = corner, sides
    box = (x * ONE, x * ONE + ONE // p, y * ONE, y * ONE + ONE // q)
    error, again, found = plane.enclosed(box)
    assert again == box
    with mpmath.workdps(30):
        for (m, r), exact_value in zip(found, box_integrals(box, orders), strict=True):
            assert abs(mid(m) - exact_value) <= mid(r) + mpmath.mpf(10) ** -25
            assert r < ONE >> accuracy
    assert -error > 0
    assert abs(-error - sum(r // math.factorial(a + b) for (_, r), (a, b) in zip(found, orders, strict=True))) <= 2**12
    if sides[0] == sides[1]:
        m = (box[0] + box[1]) >> 1, (box[2] + box[3]) >> 1
        area = Fraction(1, 4 * p * q)
        with mpmath.workdps(30):
            for (value, r), exact_value in zip(
                plane.expanded(m, (ONE // (2 * p), ONE // (2 * q))), box_integrals(box, orders), strict=True
            ):
                assert abs(mid(value) * exact(area) - exact_value) <= mid(r) * exact(area) + mpmath.mpf(10) ** -25


@pytest.mark.parametrize("text", ["tanh(z1*z2)", "erf(z1)*sin(z1*z2)/(2+cos(z2))", "sqrt(1+z1**2)*exp(tanh(z1*z2))"])
def test_boxes_cost_what_was_said(text):
    f = link(text)
    before = vc.Work.done
    table = fn.PlaneMoments(f, (Fraction(1), Fraction(1)), 2, 120)
    assert set(table.values) == {(a, b) for a in range(3) for b in range(3 - a)}
    assert 120 * fn.box_price(f, 2) / 2 <= vc.Work.done - before <= 120 * fn.box_price(f, 2) * 1.3


# -- what each operation costs, and where the bounds are


def steps(call):
    fn.forget()
    vc.Work.start()
    call()
    return vc.Work.done


CONSTANT = fn.constant_series(fn.ball(Fraction(1, 3)), 8)
VERY_LONG = ([2**2000] * 9, [0] * 9)
PRICES = {
    "sums": (lambda: fn.accumulate({}, {((("z", i), 1),): Fraction(1) for i in range(3)}, Fraction(1)), 30),
    "products": (lambda: fn.multiply({(): Fraction(1), ((("z", 0), 1),): Fraction(1)}, fn.variable(1)), 20 * 2 + 2 * 10),
    "products of series": (lambda: fn.product_series(CONSTANT, CONSTANT), 6 * 9),
    "of long coefficients": (lambda: fn.product_series(VERY_LONG, VERY_LONG), 6 * 9 * (1 + 3**2 // 4)),
    "whole powers": (lambda: fn.power_series(CONSTANT, 3), 3 * 6 * 9),
    "powers": (lambda: fn.power_series(CONSTANT, Fraction(-1, 2)), 30 * 8 + 50),
    "erf": (lambda: fn.function_series("erf", CONSTANT), 2 * (20 * 8 + 50) + 2 * 6 * 9),
    **{
        name: (lambda name=name: fn.function_series(name, CONSTANT), 20 * 8 + 50)
        for name in ("exp", "log", "sin", "cos", "tanh", "sign")
    },
}


@pytest.mark.parametrize("name", PRICES)
def test_each_operation_has_its_price(name):
    call, price = PRICES[name]
    assert steps(call) == price


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("z1**3", 6 * 7 * 3),
        ("pi*z1", 6 * 7 * 2),
        ("tanh(z1)", 6 * 7 + 240 + 6 * 7),
        ("erf(z1)**2*z1", 6 * 7 * 3 + 3 * 240 + 6 * 7),
        ("(1+z1**2)**(-3/2)", 6 * 7 + 240 + 6 * 7 * 2),
        ("sqrt(1+z1**2)*exp(tanh(z1*z2))", 6 * 7 * 2 + (240 + 6 * 7 * 2) + (240 + 6 * 7 + 240 + 6 * 7 * 2)),
    ],
)
def test_an_evaluation_is_priced_by_its_functions_and_products(text, price):
    """30 n + 60 a function, three times that for erf, and 6 (n + 1) a factor, n = 6; four boxes for three, along 12 rays."""
    assert fn.price(link(text), 6) == price
    assert fn.box_price(link(text), 4) == 4 * 12 * (price + 3 * 7 * 15) // 3


@pytest.mark.parametrize(
    ("text", "variance", "top", "work", "bits"),
    [
        ("tanh(z1)", Fraction(1), 8, 87_528, [0, 69, 0, 69, 0, 70, 0, 70, 0]),
        ("abs(z1-1/3)", Fraction(1, 9), 3, 464_598, [74, 73, 71, 70]),
        ("exp(z1/2)", Fraction(7, 2), 3, 80_212, [56, 56, 59, 62]),
        ("sign(z1)*log(2+z1**2)", Fraction(2), 4, 207_230, [0, 70, 0, 73, 0]),
    ],
)
def test_moments_take_what_they_took_and_are_as_narrow(text, variance, top, work, bits):
    """Panels, their order and the radius are part of what a file costs, and of the digits that it proves."""
    f, found = link(text, 1), []
    assert steps(lambda: found.append(fn.Moments(f, variance, top))) == work
    assert [r.bit_length() for _, r in found[0].values] == bits


def test_boxes_take_what_they_took_and_are_as_narrow():
    f, found = link("tanh(z1*z2)"), []
    assert steps(lambda: found.append(fn.PlaneMoments(f, (Fraction(1), Fraction(1, 2)), 2, 60))) == 509_640
    assert found[0].orders == [(1, 1)]
    assert [r.bit_length() for _, r in found[0].values.values()] == [0, 0, 0, 0, 129, 0]


def within(call, most, words):
    call(most)
    with pytest.raises(vc.Refused, match=words):
        call(most + 1)


def test_bounds_are_where_they_are_said_to_be():
    assert (fn.P, fn.ORDER, fn.PLANE_ORDER, fn.MIN_BOXES, fn.MAX_BOXES) == (128, 24, 6, 100, 400)
    terms = [{((("z", 0), k + 1),): Fraction(1) for k in range(n)} for n in (5_000, 5_001)]
    fn.accumulate({}, terms[0], Fraction(1))
    with pytest.raises(vc.Refused, match="the link has too many terms for this checker"):
        fn.accumulate({}, terms[1], Fraction(1))
    within(lambda n: fn.accumulate({}, {(): Fraction(2 ** (n - 2))}, Fraction(1)), 1_000, "a number is too long")
    within(lambda n: link(f"z1**{n}"), 64, "the exponent 65 is too large")
    within(lambda n: link(f"2**(1/{n})"), 64, "the exponent 1/65 is too large")
    within(lambda n: link(f"(1+z1**2)**(-{n})"), 64, "the exponent -65 is too large")
    within(lambda n: link(f"He({n}, 0)"), 64, "the order of He is not a natural number")
    within(lambda n: link("tanh(" * n + "z1" + ")" * n), 20, "functions are nested too deeply")
    with pytest.raises(vc.Refused, match="the exponent -1 is too large"):
        fn.whole_power(link("z1"), -1)


REFUSED = [
    ("1/0", "division by zero"),
    ("0**(-1/2)", "division by zero"),
    ("z1**(-1/2)", "the base of a power is not proved to be positive"),
    ("1/z1", "the base of a power is not proved to be positive"),
    ("log(z1)", "the argument of a logarithm is not proved to be positive"),
    ("log(0)", "the argument of a logarithm is not proved to be positive"),
    ("He(1/2,z1)", "the order of He is not a natural number"),
    ("He(z1,2)", "the order of He is not a natural number"),
    ("He(2,z1,z1)", "He takes one argument"),
    ("tanh(z1,z2)", "tanh takes one argument"),
    ("foo(z1)", "the function 'foo' is not known"),
    ("z3", "z3 is not a variable here"),
    ("Piecewise((z1,z1>0),(0,z1<-1))", "the conditions of a Piecewise leave something out: the last one is not True"),
    ("sign(sin(pi)*z1)", "the argument of a sign may vanish identically"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_texts_are_refused_for_their_reason(text, words):
    with pytest.raises(vc.Refused, match=f"^{words}$"):
        link(text)


E = math.e
GROWTHS = [
    ("3*z1*z2 - 5", 1 + 3 + 5, {0: (1, 0, 0), 1: (1, 0, 0)}),
    ("z1**3*tanh(z2)", 2, {0: (3, 0, 0)}),
    ("z1/3", 2, {0: (1, 0, 0)}),
    ("exp(z1/2+sin(z2))*z2", 1 + E, {0: (0, 1 / 2, 0), 1: (1, 0, 0)}),
    ("exp(z1*z2/4-z1**2/3)", 2, {0: (0, 0, 1 / 8 - 1 / 3), 1: (0, 0, 1 / 8)}),
    ("exp(z1*z2*tanh(z1))", 2, {0: (0, 0, 1 / 2), 1: (0, 0, 1 / 2)}),
    ("exp(3-z1**2)", 1 + E**3, {}),
    ("exp(2*z1-z1**4)", 2, {0: (0, 2, 0)}),
    ("exp(tanh(z1)*z2)", 2, {1: (0, 1, 0)}),
    ("log(2+z1**2)", 1 + math.log(1 + 2 + 1) + 2, {0: (1, 0, 0)}),
    ("log(1/4+z1**2)", 1 + math.log(3) + 2 + math.log(4), {0: (1, 0, 0)}),
    ("log(2+abs(z1))", 1 + math.log(4) + 1, {0: (1, 0, 0)}),
    ("sqrt(1+z1**2*exp(z2))", 1 + 3, {0: (1, 0, 0), 1: (0, 1 / 2, 0)}),
    ("1/(2+sin(z1))", 2, {}),
    ("(1/2+z1**2)**(-2)", 1 + 4, {}),
    ("(1/2+z1**2)**(-3/2)", 1 + 4, {}),
    ("pi**2*z1", 1 + math.pi**2, {0: (1, 0, 0)}),
    ("log(2)*z1", 2, {0: (1, 0, 0)}),
]


@pytest.mark.parametrize(("text", "size", "rates"), GROWTHS)
def test_growth_bounds_are_those_that_are_read_off(text, size, rates):
    """C = 1 + Σ of the terms' own, each at least 1; |z_1 z_2| <= (z_1² + z_2²)/2; log v <= log C + Σ (p + b + a₊)(1 + |z_i|)."""
    found, powers = fn.growth(link(text))
    assert float(found) == pytest.approx(size, rel=1e-12)
    shown = {i: tuple(map(float, rate)) for i, rate in powers.items() if any(rate)}
    if text == "exp(z1*z2/4-z1**2/3)":  # a term is bounded by itself or left out
        rates = {1: (0, 0, 1 / 8)}
    assert shown == {i: pytest.approx(rate, rel=1e-12) for i, rate in rates.items()}


def test_rising_functions_are_bounded_by_their_ends():
    assert fn.monotone(lambda n: (n - 3, n + 5), (10, 2)) == fn.between(5, 17) == (11, 6)
    low, high = fn.wave_at(300 * ONE + ONE // 2, 1)
    assert high - low == 1
    assert fn.wave_at(301 * ONE, 1) == fn.wave_at(-301 * ONE, 0) == (-ONE, ONE)
    assert fn.exp_at(-250 * ONE) == (0, 1)


def test_what_is_remembered_is_forgotten():
    fn.forget()
    fn.moments(fn.freeze(link("tanh(z1)", 1)), Fraction(1), 8)
    first = vc.Work.done
    vc.Work.start()
    fn.moments(fn.freeze(link("tanh(z1)", 1)), Fraction(1), 8)
    assert vc.Work.done < first / 2
    fn.forget()
    vc.Work.start()
    fn.moments(fn.freeze(link("tanh(z1)", 1)), Fraction(1), 8)
    assert vc.Work.done == first

"""Integrals over the line: the work that is done for them, beside the values that other tests hold."""

from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from flint import acb, arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steinlab.theory.behaviour.growth import growth, product_growth, tail
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.integrals import quadrature
from steinlab.theory.integrals.expectations import expectation
from steinlab.theory.integrals.quadrature import _power_moment, mean_enclosure
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import Atom, absolute, apply, constant, from_atom, power, sign_atoms, variable


@pytest.mark.parametrize(
    ("text", "even"), [("tanh(z1)**2", True), ("abs(z1)*cos(z1)", True), ("log(2 + z1**2)", True), ("tanh(z1 - 1)**2", False)]
)
def test_even_functions_are_integrated_on_one_side_alone(monkeypatch, text, even):
    ends = []
    piece = quadrature._piece

    def recorded(u, kinks, a, b, bits):
        ends.append((a, b))
        return piece(u, kinks, a, b, bits)

    monkeypatch.setattr(quadrature, "_piece", recorded)
    with working_precision(80):
        found = quadrature._line(read(parse(text)), 50)
    assert (min(a for a, _ in ends) == 0) is even
    names = {"tanh": mpmath.tanh, "abs": abs, "cos": mpmath.cos, "log": mpmath.log}
    expected = mpmath.quad(lambda x: eval(text, {"__builtins__": {}}, {**names, "z1": x}) * mpmath.npdf(x), [-12, -3, 0, 3, 12])
    assert float(found) == pytest.approx(float(expected), rel=1e-12)


NAMES = {name: getattr(mpmath, name) for name in ("exp", "log", "tanh", "sin", "cos", "sqrt", "sign")} | {"abs": abs}


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("abs(z1 - 1)*tanh(z1)", [1]),
        ("abs(z1 - sqrt(2))*tanh(z1)", [2**0.5]),
        ("abs(z1**2 - 2)*cos(z1)", [-(2**0.5), 2**0.5]),
        ("abs(z1)*abs(z1**2 - 3)*cos(z1)", [-(3**0.5), 0, 3**0.5]),
        ("sign(exp(z1) - 2)*tanh(z1)", [mpmath.log(2)]),
        ("log(abs(z1 - 1))*cos(z1)", [1]),
        ("abs(z1)**(-1/2)*cos(z1)", [0]),
        ("abs(z1 - 1)**(-1/3)*abs(z1 + 1)**(-1/3)*cos(z1)", [-1, 1]),
        ("exp(0.49*z1**2)*tanh(z1)**2", [-20, -10, 0, 10, 20]),
        ("log(1 + exp(z1))", [0]),
        ("abs(sin(z1))", [k * mpmath.pi for k in range(-4, 5)]),
    ],
)
def test_values_over_the_line_are_those_of_another_rule(text, breaks):
    """To the bits that are asked for, and no integral is much wider."""
    found = quadrature.mean_enclosure(read(parse(text)), 50)
    points = sorted([-70, -30, -5, *breaks, 5, 30, 70])
    with mpmath.workdps(25):
        expected = mpmath.quad(
            lambda x: eval(text, {"__builtins__": {}}, {**NAMES, "z1": x}) * mpmath.npdf(x), points, maxdegree=8
        )
    assert float(found) == pytest.approx(float(expected), rel=1e-6 if "**(-1" in text else 1e-12)
    assert float(found.rad()) < 2**-46


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("exp(z1**2*0.4998)*tanh(z1)", True),  # 2e-4 z² = 52 log 2 near |z| = 425, and at 22 log 2 near 276
        ("exp(z1**2*0.4999)*tanh(z1)", False),
        ("exp(z1**2)*tanh(z1)", False),
        ("tanh(z1*z2)*tanh(z3*z4)", False),
        ("tanh(z1*z2) + tanh(z1 + z2)**3", False),
        ("tanh(z1*z2)/z1", False),
        ("tanh(z2)**2", False),  # over variables that are not the first ones
        ("tanh(z1*z3)**2", False),
    ],
)
def test_what_does_not_converge_is_not_known(text, known):
    assert quadrature.mean_enclosure(read(parse(text)), 20).is_finite() is known


@pytest.mark.parametrize(("bits", "radius"), [(20, 6), (27, 6), (47, 8), (48, 8), (49, 9), (50, 9), (150, 15), (300, 25)])
def test_the_radius_is_the_first_that_is_far_enough(bits, radius):
    """2^-(bits+2) against P(z > r): 9.9e-10 at 6, 1.3e-12 at 7, 6.2e-16 at 8, 1.1e-19 at 9; in steps of 5 from 20 on."""
    assert quadrature._radius(growth(read(parse("tanh(z1)"))), 0, bits) == radius
    steps = [*range(6, 20), 20, 25]
    assert next(r for r in steps if mpmath.ncdf(-r) < mpmath.mpf(2) ** -(bits + 2)) == radius


@pytest.mark.parametrize(
    ("text", "root"),
    [("z1 - 1/3", Fraction(1, 3)), ("2*z1 + 3", Fraction(-3, 2)), ("5*z1", 0), ("z1 - sqrt(2)", None), ("z1**2 - 1", None),
     ("pi*z1 - 1", None), ("z2 - 1", None), ("z1 - pi", None), ("tanh(z1)", None)],
)  # fmt: skip
def test_rational_roots(text, root):
    assert quadrature._rational_root(read(parse(text))) == root


def test_breakpoints_are_disjoint_and_inside():
    def of(text, low, high, singular=()):
        return quadrature._breakpoints(sign_atoms(read(parse(text))), low, high, 40, [read(parse(s)) for s in singular])

    assert of("abs(z1 - 1)*abs(2*z1 + 3)", -6, 6) == [(Fraction(-3, 2), Fraction(-3, 2)), (1, 1)]
    assert of("abs(z1 - 1)*abs(2*z1 + 3)", 0, 6) == [(1, 1)]
    assert of("abs(z1 - 1)*abs(2*z1 + 3)", Fraction(-3, 2), 1) == [(Fraction(-3, 2), Fraction(-3, 2)), (1, 1)]
    assert of("abs(z1 - 1)", 2, 6) == of("abs(z1 - 1)", -6, 0) == []
    assert of("abs(z1 - 1)*abs(2*z1 + 3)", -6, 6, ["1 + 0*z1"]) == [(Fraction(-3, 2), Fraction(-3, 2))]
    ((a, b), (c, d)) = of("abs(z1**2 - 2)", -6, 6)
    assert a <= -(2**0.5) <= b < c <= 2**0.5 <= d
    assert max(b - a, d - c) < Fraction(1, 2**40)
    twice = [*sign_atoms(read(parse("abs(z1 - sqrt(2))"))), *sign_atoms(read(parse("abs(2*z1 - sqrt(8) + 1/2**60)")))]
    ((a, b),) = quadrature._breakpoints(twice, Fraction(0), Fraction(6), 40, [])
    assert a**2 < 2 < b**2
    assert b - a < Fraction(1, 2**39)


def test_neighbourhoods_reach_half_way_and_no_further():
    one, near = constant(1), constant(Fraction(5, 4))
    zero = constant(0)

    def of(points, gaps=(), low=-6, high=6):
        return quadrature._neighbourhoods(points, gaps, Fraction(low), Fraction(high))

    (((found, a, b)),) = of([one])
    assert (found, float(a), float(b)) == (one, pytest.approx(0.5), pytest.approx(1.5))
    assert [(float(a), float(b)) for _, a, b in of([one, near])] == [
        pytest.approx((7 / 8, 9 / 8)),
        pytest.approx((9 / 8, 11 / 8)),
    ]
    (((_, a, b)),) = of([one], [(Fraction(9, 8), Fraction(9, 8))])
    assert (float(a), float(b)) == pytest.approx((15 / 16, 17 / 16))
    (((_, a, b)),) = of([one], [(Fraction(1), Fraction(1))], high=3)
    assert (float(a), float(b)) == pytest.approx((0.5, 1.5))
    (((_, a, b)),) = of([zero], low=0)
    assert (a, float(b)) == (0, pytest.approx(0.5))
    assert of([one], low=2) == of([one], high=0) == []
    assert of([constant(6)]) is not None
    assert of([one, constant(1) + apply("exp", constant(-500))]) is None


def test_a_gap_holds_the_integral_across_it():
    u = read(parse("abs(z1 - 1)*z1"))
    with working_precision(80):
        assert quadrature._gap(u, sign_atoms(u), Fraction(1), Fraction(1)) == 0
        narrow = quadrature._gap(read(parse("z1**3")), (), Fraction(2), 2 + Fraction(1, 10**6))
        assert float(narrow) == pytest.approx(8e-6 * np.exp(-2), rel=1e-5)
        gap = quadrature._gap(u, sign_atoms(u), Fraction(1), Fraction(3, 2))
        expected = mpmath.quad(lambda x: (x - 1) * x * mpmath.exp(-x * x / 2), [1, 1.5])
        assert gap.contains(arb(float(expected)))
        piece = quadrature._piece(u, sign_atoms(u), Fraction(1), Fraction(3, 2), 50)
        assert float(piece) == pytest.approx(float(expected), rel=1e-12)
        assert not quadrature._piece(u, sign_atoms(u), Fraction(1, 2), Fraction(3, 2), 50).is_finite()


SPACE = {
    "tanh(z1*z2)**2": (lambda x, y: np.tanh(x * y) ** 2, (10, 53)),
    "tanh(z1 + z2**2)*abs(z1)*z2**2": (lambda x, y: np.tanh(x + y**2) * abs(x) * y**2, (53,)),
    "sign(z1**2*z2 - 1)*cos(z2)*exp(-z1**2)": (lambda x, y: np.sign(x**2 * y - 1) * np.cos(y) * np.exp(-x * x), (10, 53)),
    "tanh(z1*z2)*z1*sign(z2 - 1/2)": (lambda x, y: np.tanh(x * y) * x * np.sign(y - 1 / 2), (53,)),
}


@pytest.mark.parametrize("text", SPACE)
def test_values_over_the_plane_are_those_of_another_rule(text):
    """Gauss-Legendre in z1 on pieces between the kinks, for each z2."""
    f, accuracies = SPACE[text]
    nodes, weights = np.polynomial.legendre.leggauss(60)

    def along(edges, g):
        return sum((b - a) / 2 * float(np.sum(weights * g((a + b) / 2 + (b - a) / 2 * nodes))) for a, b in pairwise(edges))

    def over_x(y):
        kinks = [-(y**-0.5), y**-0.5] if "sign(z1" in text and y > 0.0124 else []
        return along(sorted([-9, -3, 0, 3, 9, *kinks]), lambda x: f(x, y) * np.exp(-(x * x) / 2) / np.sqrt(2 * np.pi))

    def of_y(ys):
        return np.array([over_x(y) * np.exp(-(y * y) / 2) for y in ys]) / np.sqrt(2 * np.pi)

    expected = along([-9, -3, -1, 0, 0.05, 0.3, 0.5, 1, 3, 9], of_y)
    for bits in accuracies:
        found = quadrature.mean_enclosure(read(parse(text)), bits)
        assert abs(float(found.mid()) - expected) < float(found.rad()) + 1e-7
        assert float(found.rad()) < {10: 2**-9, 53: 2**-44}[bits]


@pytest.mark.parametrize(
    ("text", "bits", "inner", "effort"),
    [
        ("tanh(z1*z2)", 5, None, (5, 60_000)),
        ("tanh(z1*z2)", 52, None, (10, 60_000)),
        ("tanh(z1*z2)", 53, None, (46, 250_000)),
        ("tanh(z1*z2)", 54, None, (80, 600_000)),
        ("tanh(z1*z2)", 200, None, (80, 600_000)),
        ("tanh(z1*z2*z3)", 53, None, (14, 500_000)),
        ("tanh(z1*z2*z3)", 107, None, (30, 2_000_000)),
        ("tanh(z1)*sign(z2 - 1)", 53, None, (46, 250_000)),
        ("sign(z1*z2 - 1)", 53, 0, (53, 40_000)),
        ("sign(z1*z2 - 1)", 106, 0, (106, 80_000)),
        ("sign(z1*z2 - 1)", 107, 0, (212, 160_000)),
        ("sign(z1*z2**2 - 1)", 53, 0, (53, 40_000)),
        ("sign(z1**2*z2 - 1)", 53, 1, (53, 40_000)),
        ("sign(z1**2*z2 - 1)*tanh(z2)", 53, 0, (53, 40_000)),
        ("sign(z1*z2 - z3)*sign(z3 - z2**2)", 53, 2, (46, 250_000)),
    ],
)
def test_the_work_for_an_accuracy(monkeypatch, text, bits, inner, effort):
    """A variable is integrated out where kinks are curved: the one with the simplest kinks, and most of them."""
    made = []
    monkeypatch.setattr(quadrature, "_boxes", lambda product, inner, effort: made.append((inner, effort)) or arb(1))
    ((product, _),) = read(parse(text)).terms.items()
    quadrature._space(product, bits)
    ((part, spent),) = made
    assert (None if part is None else part.variable, (spent.bits, spent.evaluations)) == (inner, effort)


@pytest.mark.parametrize(
    ("text", "outer", "count"),
    [
        ("tanh(z1*z2)*z1*z2", (0, 1), 8),
        ("tanh(z1*z2)*z1**2", (0, 1), 2),
        ("sign(z1*z2 - 1)*z2", (0, 1), 1),
        ("sign(z1*z2 - 1)", (0,), 2),
        ("tanh(z1*z2*z3)**2", (0, 1, 2), 48),
    ],
)
def test_symmetries_are_those_that_leave_values_unchanged(text, outer, count):
    ((product, _),) = read(parse(text)).terms.items()
    found = quadrature._symmetries(product, outer)
    assert len(found) == count
    assert len({tuple(sorted(images.items())) for images in found}) == count
    with working_precision(60):
        regions = quadrature._regions(product, None, outer, Fraction(8))
        area = sum(r.times * np.prod([float(e.high - e.low) for e in r.box]) for r in regions)
    assert area == pytest.approx(16 ** len(outer))


def test_kinks_along_one_variable_cut_the_boxes():
    """At z2 = 1/2, and for a product that is even in z1 the left half stands for the right one: 4 columns of 9 boxes, twice."""
    ((product, _),) = read(parse("tanh(z1*z2)*z1*sign(z2 - 1/2)")).terms.items()
    with working_precision(60):
        regions = quadrature._regions(product, None, (0, 1), Fraction(8))
    assert len(regions) == 36
    assert {r.times for r in regions} == {2}
    assert {(e.low, e.high) for r in regions for e in r.box[1:]} == {
        *((k, k + 2) for k in (-8, -6, -4, -2, 2, 4, 6)),
        (0, Fraction(1, 2)),
        (Fraction(1, 2), 2),
    }
    for r in regions:
        at = [arb(float((e.low + e.high) / 2)) for e in r.box]
        value = r.integrand.at([acb(x) for x in at], False).real
        expected = np.tanh(float(at[0] * at[1])) * (1 if at[1] > 0.5 else -1)  # powers of the variables are kept apart
        assert float(value) == pytest.approx(expected)


def test_the_image_of_a_box():
    box = ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(5)))
    assert quadrature._image(box, (0, 1), {0: (1, -1), 1: (0, 1)}) == [(3, 5), (-2, -1)]
    assert quadrature._image(box, (0, 2), {0: (0, 1), 2: (2, -1)}) == [(1, 2), (-5, -3)]


def test_the_bound_outside_is_that_of_the_envelope():
    """C (1 + |z1|)² e^{z1²/8} e^{|z2|} where |z1| > 5 or |z2| > 7: two tails, each times the whole of the other variable."""
    ((product, _),) = read(parse("z1**2*exp(z2)*exp(z1**2/8)*tanh(z1*z2)")).terms.items()
    bound = product_growth(product)
    envelopes = [lambda x: (1 + x) ** 2 * mpmath.exp(x * x / 8), mpmath.exp]
    radii = {0: Fraction(5), 1: Fraction(7)}
    whole = [2 * mpmath.quad(lambda x, f=f: f(x) * mpmath.npdf(x), [0, 3, 9, 30]) for f in envelopes]
    tails = [float(2 * tail(bound, i, r)) for i, r in radii.items()]
    for outer in ((0, 1), (0,), (1,)):
        expected = sum(tails[i] * whole[1 - i] for i in outer)
        assert float(quadrature._outside(bound, radii, outer)) == pytest.approx(float(expected), rel=1e-2)


def test_means_inside_of_functions_are_enclosed():
    first, second = (from_atom(Atom.get("E", read(parse(text)))) for text in ("tanh(z1)*z1", "cos(tanh(z1))"))
    a, b = (
        mpmath.quad(lambda x, f=f: f(x) * mpmath.npdf(x), [-12, -3, 0, 3, 12])
        for f in (lambda x: mpmath.tanh(x) * x, lambda x: mpmath.cos(mpmath.tanh(x)))
    )
    found = quadrature.enclosure(apply("exp", first) * 3 - second, 53)
    assert float(found) == pytest.approx(float(3 * mpmath.exp(a) - b), rel=1e-12)


def test_enclosures_of_closed_forms_are_narrow_at_any_precision():
    c = expectation(read(parse("relu(z1-1/2)")))
    assert quadrature.enclosure(c, 300).rad() < arb(2) ** -290


@pytest.mark.parametrize(
    ("text", "f"),
    [
        ("log(1+abs(exp(z1)-2))", lambda x: mpmath.log(1 + abs(mpmath.exp(x) - 2))),
        ("exp(-abs(exp(z1)-2))", lambda x: mpmath.exp(-abs(mpmath.exp(x) - 2))),
        ("abs(tanh(z1)-1/3)*(2+sign(z1-log(2)))", lambda x: abs(mpmath.tanh(x) - 1 / 3) * (2 + mpmath.sign(x - mpmath.log(2)))),
    ],
)  # fmt: skip
def test_kinks_inside_functions_may_lie_at_numbers_in_closed_form(text, f):
    """On the tiny interval that holds such a kink the sign is not known: terms that cancel cancel for each of both."""
    found = quadrature.mean_enclosure(read(parse(text)), 53)
    places = [-12, -4, 0, mpmath.log(2) / 2, mpmath.log(2), 2, 4, 12]
    expected = mpmath.quad(lambda x: f(x) * mpmath.npdf(x), places)
    assert float(found.rad()) < 1e-9
    assert abs(float(found) - float(expected)) < 1e-7


@given(st.fractions(Fraction(-9999, 10000), 6, max_denominator=10000), st.integers(0, 3))
@settings(max_examples=8)
def test_moments_of_powers(e, k):
    """E[z^k sign(z)^k |z|^e] with t = z^{p + 1}, p = k + e: no singularity is left."""
    size = power(absolute(variable(0)), e) if e.denominator > 1 else absolute(variable(0)) ** int(e) if e >= 0 else None
    assume(size is not None)
    u = variable(0) ** k * size * (apply("sign", variable(0)) if k % 2 else 1)
    value = mean_enclosure(u, 53)
    with mpmath.workdps(30):
        p = mpmath.mpf(e.numerator) / e.denominator + k
        ends = [0, *(mpmath.mpf(x) ** (p + 1) for x in (1, 2, 4, 8, 20))]
        expected = 2 * mpmath.quad(lambda t: mpmath.npdf(t ** (1 / (p + 1))), ends) / (p + 1)
    assert value.rel_accuracy_bits() > 45
    assert abs(float(value.mid()) / float(expected) - 1) < 1e-12


@pytest.mark.parametrize("text", ["abs(z1)**(-1/4)*sign(z1 - 1)", "abs(z1 - 1)**(-1/4)", "abs(z1)**(-1/4)*cos(z1)"])
def test_other_functions_are_no_powers(text):
    assert _power_moment(read(parse(text))) is None
    assert _power_moment(power(absolute(variable(0)), Fraction(-3, 2))) is None
    assert _power_moment(variable(0) * power(absolute(variable(0)), Fraction(1, 2))) is None  # odd

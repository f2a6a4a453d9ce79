"""The expected Hessian against E∇²f in x-space and NumPy's eigenvalues."""

from fractions import Fraction
from math import isnan, sqrt

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import matrices, nonzero_rationals, polynomials, ridges, unit_vectors
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.budget import charge
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.reals import ROUGH, Enclosed
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import number, polynomial
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Decided, Evidence, Verdict

any_ridge = ridges(4, latent=3, ambient=3)


def of(text, directions=None):
    return ExpectedHessian(
        HermiteExpansion(polynomial(parse(text)), directions and tuple(tuple(number(c) for c in row) for row in directions))
    )


def in_x_space(ridge):
    """E∇²f as a table of Fractions."""
    h = oracles.moment_tensors(ridge.ambient, ridge.d, 2)
    return [[h.get((min(i, j), max(i, j)), Fraction(0)) for j in range(ridge.d)] for i in range(ridge.d)]


def table(fractions):
    return sympy.Matrix([[sympy.Rational(c.numerator, c.denominator) for c in row] for row in fractions])


@given(any_ridge)
def test_rank_and_eigenvalues_are_those_in_x_space(ridge):
    h, full = ExpectedHessian(ridge.expansion), in_x_space(ridge)
    assert h.rank.value == table(full).rank()
    span = len(ridge.expansion.intrinsic.pivots)
    values = sorted([float(root) for root in h.eigenvalues] + [0.0] * (ridge.d - span))
    assert values == pytest.approx(np.linalg.eigvalsh(np.array(full, float)), abs=1e-9)
    assert len(h.eigenvalues) == span
    assert sum(1 for root in h.eigenvalues if root.exact is None or root.exact) == h.rank.value
    assert h.nondegenerate is (Verdict.HOLDS if h.rank.value == ridge.expansion.effective_dimension.value else Verdict.FAILS)


@given(polynomials(3, 4))
def test_the_matrix_is_the_mean_second_derivative(link):
    h = ExpectedHessian(Ridge(link).expansion)
    assert [[x.fraction for x in row] for row in h.matrix] == in_x_space(Ridge(link))


@given(polynomials(2, 3), matrices(2, 3))
def test_the_matrix_is_in_latent_coordinates_for_any_directions(link, rows):
    """E[∂_i ∂_j g(y)], y ~ N(0, UUᵀ)."""
    h = ExpectedHessian(Ridge(link, rows).expansion)
    for i in range(2):
        for j in range(2):
            slope = oracles.derivative(oracles.derivative(link, i), j)
            assert h.matrix[i][j] == oracles.expectation(oracles.substitute(slope, rows, 3))


@given(any_ridge)
def test_range_and_invisible_directions(ridge):
    """In x-space: range(H) is spanned, ker H ∩ S* is spanned, and together they have the dimension of S*."""
    e, full = ridge.expansion, table(in_x_space(ridge))
    h = ExpectedHessian(e)
    seen = [[x.fraction for x in e.in_ambient(v)] for v in h.range]
    lost = [[x.fraction for x in e.in_ambient(v)] for v in h.invisible]
    star = [[x.fraction for x in e.in_ambient(v)] for v in e.effective_subspace]
    assert len(seen) == h.rank.value
    assert len(lost) == e.effective_dimension.value - h.rank.value
    if seen:
        assert table(seen).rank() == h.rank.value == full.row_join(table(seen).T).rank()
    for v in lost:
        assert full * table([v]).T == sympy.zeros(ridge.d, 1)
        assert table([*star, v]).rank() == len(star)
    if lost:
        assert table(lost).rank() == len(lost)


@given(any_ridge)
def test_kappa_is_that_of_numpy_and_at_least_its_bound(ridge):
    e = ridge.expansion
    h = ExpectedHessian(e)
    assume(h.rank.value)
    values = [abs(x) for x in np.linalg.eigvalsh(np.array(in_x_space(ridge), float)) if abs(x) > 1e-9]
    f = ridge.ambient
    second = float(oracles.expectation(oracles.multiply(f, f)))
    if h.rank.value < e.effective_dimension.value:
        assert h.kappa is None
    else:
        assert float(h.kappa) == pytest.approx(sqrt(second) / min(values) / sqrt(h.rank.value), rel=1e-6)
        assert float(h.kappa) >= sqrt(0.5) * (1 - 1e-15)
        if h.kappa.exact is not None:
            assert float(h.kappa.exact) == pytest.approx(float(h.kappa), rel=1e-15)


@given(polynomials(2, 4), matrices(2, 3), nonzero_rationals())
def test_kappa_does_not_depend_on_the_scale_of_the_target(link, rows, c):
    plain = ExpectedHessian(Ridge(link, rows).expansion)
    scaled = ExpectedHessian(Ridge(oracles.scale(c, link), rows).expansion)
    assume(plain.rank.value)
    if plain.kappa is None:
        assert scaled.kappa is None
    else:
        assert float(scaled.kappa) == pytest.approx(float(plain.kappa), rel=1e-15)
    got, expected = ([float(root) for root in h.eigenvalues] for h in (scaled, plain))
    assert got == pytest.approx(sorted(float(c) * x for x in expected), rel=1e-12, abs=1e-300)


@given(polynomials(3, 3), unit_vectors(3))
def test_a_rotation_leaves_the_spectrum(link, w):
    plain, rotated = ExpectedHessian(Ridge(link).expansion), ExpectedHessian(Ridge(link, oracles.householder(w)).expansion)
    assert [float(root) for root in rotated.eigenvalues] == [float(root) for root in plain.eigenvalues]
    assert (rotated.rank, rotated.matrix) == (plain.rank, plain.matrix)
    assert str(rotated.kappa) == str(plain.kappa)


@pytest.mark.parametrize(
    ("text", "kappa"),
    [
        ("He(2,z1)/sqrt(2)", "sqrt(1/2)"),
        ("He(2,z1)/2 + He(4,z1)/sqrt(48)", "1"),
        ("z1*z2", "1/sqrt(2)"),
        ("z1*z2 + 7", "5"),
        ("He(2,z1) + He(2,z2)*3", "sqrt(20)/(2*sqrt(2))"),
        ("sqrt(2)*He(2,z1) + sqrt(3)*He(2,z2)", "sqrt(10)/4"),
        ("z1**2 - z2", None),
        ("He(3,z1)", None),
    ],
)
def test_kappa_by_hand(text, kappa):
    h = of(text)
    if kappa is None:
        assert h.kappa is None
        assert h.nondegenerate is Verdict.FAILS
    else:
        assert h.kappa.exact == number(kappa)
        assert float(h.kappa) == float(number(kappa))


def test_the_bound_on_kappa_is_attained_where_all_energy_is_in_degree_two_and_eigenvalues_are_equal():
    assert of("z1**2 + z2**2 + z3**2 - 3").kappa.exact == number("sqrt(1/2)")


def test_rank_over_a_number_field_is_exact():
    assert of("(z1 + sqrt(2)*z2)**2 + (sqrt(2)*z1 + 2*z2)**3").rank.value == 1
    assert of("(z1 + sqrt(2)*z2)**2 + (sqrt(2)*z1 + 2.0000000000000000000001*z2)**3").rank.value == 1
    degenerate = of("z1**2/2 + sqrt(6)*z1*z2 + 3*z2**2")
    assert [str(root) for root in degenerate.eigenvalues] == ["0", "7"]
    assert of("z1**2/2 + sqrt(6)*z1*z2 + 3.0000000000000000000001*z2**2").rank.value == 2


def test_eigenvalues_are_exact_where_they_can_be_written():
    assert [str(root) for root in of("z1*z2 + He(3,z3)").eigenvalues] == ["-1", "0", "1"]
    assert [str(root) for root in of("z1**2/2 + z1*z2").eigenvalues] == ["1/2 - sqrt(5)/2", "1/2 + sqrt(5)/2"]
    assert [str(root) for root in of("z1**2 + z2**2 - z3**2").eigenvalues] == ["-2", "2", "2"]
    cubic = of("z1*z2 + z2*z3 + z1**2/2").eigenvalues
    assert [root.exact for root in cubic] == [None] * 3


def test_kappa_of_a_nearly_singular_hessian_has_relative_accuracy():
    """Eigenvalues about 1e-64 and 1e24: an enclosure of fixed absolute width would be worth nothing."""
    text = "z1**2/2 + 10**12*z1*z2 + (10**24 + 1/10**40)*z2**2/2"
    h = of(text)
    with mpmath.workdps(150):
        trace, det = 1 + mpmath.mpf(10) ** 24 + mpmath.mpf(10) ** -40, mpmath.mpf(10) ** -40
        small = 2 * det / (trace + mpmath.sqrt(trace**2 - 4 * det))
        q = h.expansion.second_moment.fraction
        expected = mpmath.sqrt(mpmath.mpf(q.numerator) / q.denominator) / small / mpmath.sqrt(2)
    assert float(h.kappa) == pytest.approx(float(expected), rel=1e-14)


def test_a_kappa_beyond_floats_has_an_enclosure():
    kappa = of("1e-400*He(2,z1) + He(2,z2)").kappa
    assert isnan(float(kappa))
    assert kappa.enclosure.rel_accuracy_bits() >= 60
    assert (2 * 2**0.5 * kappa.enclosure * arb(10) ** -400 - 2**0.5).abs_upper() < 1e-9  # √2 / (2·1e-400 √2)


def test_the_zero_hessian():
    h = of("z1 + He(3,z2)")
    assert (h.rank.value, h.kappa, h.range) == (0, None, ())
    assert len(h.invisible) == 2
    assert of("He(3,z1)", [["1"]]).invisible == ((Number.of(1),),)


@given(st.sampled_from(["z1**40", "z1**100 + z2**2", "He(90, z1)/10**60 + He(2,z1)"]))
def test_high_degrees_have_a_finite_kappa(text):
    h = ExpectedHessian(Target.from_expression(text).expansion)
    assert h.kappa is not None
    assert np.isfinite(float(h.kappa))


def test_html_says_what_kappa_is_or_that_it_is_undefined():
    """Rows of 'name value', tags taken out."""
    for text, kappa in (("z1*z2 + 7", ">5<"), ("z1**2 + z2", "undefined: rank H is less than dim S*")):
        html = of(text)._repr_html_()
        assert kappa in html
        assert ("undefined" in html) == ("undefined" in kappa)
        assert html.count("<tr>") == html.count("</tr>") >= 4


@given(
    st.lists(st.tuples(st.sampled_from([1, -1]), st.sampled_from([0, 1, 2, -1])), min_size=2, max_size=3),
    st.sampled_from([3, 17, 20, 60]),
    st.booleans(),
)
def test_kappa_belongs_to_the_least_eigenvalue_where_floats_do_not_tell_them_apart(parts, digits, mixed):
    values = [side * (1 + Fraction(share, 10**digits)) for side, share in parts]
    forms = ["(3*z1+4*z2)/5", "(4*z1-3*z2)/5", "z3"] if mixed else ["z1", "z2", "z3"]
    h = of("+".join(f"({value})*He(2,{form})/2" for value, form in zip(values, forms, strict=False)))
    energy = sum(value**2 for value in values) / 2
    assert h.kappa.exact is not None
    assert h.kappa.exact**2 == energy / (len(values) * min(value**2 for value in values))
    assert [root.exact for root in h.eigenvalues] == sorted(values)


def test_kappa_is_exact_beside_eigenvalues_without_a_closed_form():
    small, large = of("He(2,z1)/10**4 + z2*z3 + z3*z4 + He(2,z2)/2"), of("10*He(2,z1) + z2*z3 + z3*z4 + He(2,z2)/2")
    assert any(root.exact is None for root in small.eigenvalues)
    assert small.kappa.exact is not None
    assert float(small.kappa.exact) == pytest.approx(float(small.kappa), rel=1e-15)
    assert large.kappa.exact is None


def test_a_repeated_eigenvalue_hides_no_kappa():
    h = ExpectedHessian(LinkExpansion.from_expression("pi*(He(2,z1)+z2**2+z3*z4)"))
    values = np.linalg.eigvalsh(np.pi * np.array([[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]))
    assert [float(x) for x in h.eigenvalues] == pytest.approx(values.tolist())
    assert h.kappa is not None
    assert h.kappa.enclosure.is_finite()


class Planted:
    """An engine whose numbers are planted: H with the given eigenvalues and rank, E f² = 1."""

    effort, size, second_moment = 1, 3, Number.of(1)
    accuracies, relative_bits = (53, 106), 60

    def __init__(self, rank, dimension, *eigenvalues):
        self.rank, self.effective_dimension, self.asked = rank, dimension, []
        self.found = eigenvalues
        self.reduced = self

    def hessian(self):
        return self

    def eigenvalues(self, bits):
        self.asked.append(bits)
        return [Enclosed(x) for x in self.found[min(len(self.asked), len(self.found)) - 1]]


def bounds(lower, upper):
    return Decided(lower if lower == upper else None, Evidence.CERTIFIED, "planted", lower, upper)


WIDE = [arb(0, 1e-9), arb(2, 1e-9), arb(3, 1e-9)]
"""Balls of eigenvalues of which the first may be zero."""


@pytest.mark.parametrize(
    ("rank", "dimension", "verdict"),
    [
        ((2, 2), (2, 2), "holds"),
        ((2, 3), (2, 2), "holds"),  # rank H <= dim S*, whatever its own upper bound
        ((2, 2), (2, 3), "undecided"),
        ((1, 2), (2, 2), "undecided"),
        ((1, 1), (2, 3), "fails"),
        ((0, None), (1, 1), "undecided"),
    ],
)
def test_assumption_2_from_bounds(rank, dimension, verdict):
    assert ExpectedHessian(Planted(bounds(*rank), bounds(*dimension), WIDE)).nondegenerate.value == verdict


def test_eigenvalues_are_zero_where_the_rank_leaves_no_other_choice():
    def zeros(*rank):
        found = ExpectedHessian(Planted(bounds(*rank), bounds(3, 3), WIDE)).eigenvalues
        return [x.ball(53).is_zero() for x in found]

    assert zeros(2, 2) == [True, False, False]
    assert zeros(3, 3) == zeros(2, 3) == zeros(1, 1) == [False] * 3


def test_exact_eigenvalues_count_towards_the_rank_and_stay_as_they_are():
    zero, wide, *others = (
        Enclosed(arb(0, 1e-9), Number.of(0)), Enclosed(arb(0, 1e-9)), *(Enclosed(arb(x), Number.of(x)) for x in (2, 3))
    )  # fmt: skip

    class Mixed(Planted):
        def eigenvalues(self, bits):
            return [zero, wide, *others]

    def found(rank):
        return ExpectedHessian(Mixed(bounds(rank, rank), bounds(4, 4))).eigenvalues

    assert [x.ball(53).is_zero() for x in found(2)] == [False, True, False, False]
    assert found(2)[0] is zero
    assert found(2)[2:] == (*others,)
    assert found(1) == found(3) == (zero, wide, *others)


def test_a_kappa_that_is_dear_to_know_well_is_known_roughly():
    """Eigenvalues 2 and 3 to sixteen bits: κ = 1/(2√2) with a few digits, where more bits exceed the budget."""

    class Dear(Planted):
        def eigenvalues(self, bits):
            charge(1 if bits <= ROUGH else 10**9)
            self.asked.append(bits)
            return [Enclosed(x) for x in (arb(0, 1e-5), arb(2, 1e-5), arb(3, 1e-5))]

    engine = Dear(bounds(2, 2), bounds(2, 2))
    kappa = ExpectedHessian(engine).kappa
    assert engine.asked == [ROUGH]
    assert (kappa.enclosure * arb(8).sqrt() - 1).contains(0)
    assert 10 < kappa.enclosure.rel_accuracy_bits() < 20


def test_html_says_what_is_undecided():
    class Told(Planted):
        matrix = ((Number.of(7),),)

    for rank, words in (
        ((2, 2), ">0.353553"),
        ((1, 2), "undecided: whether rank H is dim S*"),
        ((1, 1), "undefined: rank H is less"),
    ):
        assert words in ExpectedHessian(Told(bounds(*rank), bounds(2, 2), [arb(0, 1e-40), arb(2, 1e-40), arb(3)]))._repr_html_()
    blurred = Told(bounds(2, 2), bounds(2, 2), [arb(0, 3)] * 3)
    assert "undecided: no enclosure of the eigenvalues leaves out zero" in ExpectedHessian(blurred)._repr_html_()


def test_kappa_asks_for_more_bits_until_it_is_accurate():
    """1/(2√2), from eigenvalues 2 and 3: at first one is not told from zero, or is known to thirty bits."""
    two, sharp = bounds(2, 2), [arb(0, 1e-40), arb(2, 1e-40), arb(3)]
    for first, asked in ((WIDE, [53, 106]), ([arb(0, 3), arb(0, 3), arb(3)], [53, 106]), (sharp, [53])):
        engine = Planted(two, two, first, first, sharp)
        kappa = ExpectedHessian(engine).kappa
        assert engine.asked == [ROUGH, *asked]
        assert kappa.enclosure.rel_accuracy_bits() >= 60
        assert (kappa.enclosure * arb(8).sqrt() - 1).contains(0) or abs(float(kappa) * 8**0.5 - 1) < 1e-15


def test_kappa_is_what_is_known_where_more_bits_bring_nothing():
    two = bounds(2, 2)
    rough = ExpectedHessian(Planted(two, two, WIDE)).kappa
    assert 20 < rough.enclosure.rel_accuracy_bits() < 40
    assert ExpectedHessian(Planted(two, two, [arb(0, 3), arb(0, 3), arb(3)])).kappa is None
    assert ExpectedHessian(Planted(two, two, [arb(1), arb(2), arb(3)])).kappa is None  # more than the rank: something is wrong
    assert ExpectedHessian(Planted(bounds(0, 0), bounds(0, 0), [arb(0)])).kappa is None
    assert ExpectedHessian(Planted(bounds(1, 1), two, WIDE)).kappa is None


@pytest.mark.parametrize(("dimension", "known", "lost"), [((2, 2), True, 1), ((1, 2), True, None), ((2, 2), False, None)])
def test_what_is_not_seen_is_told_where_both_spaces_are_known(dimension, known, lost):
    class Plane(Planted):
        linear_span = ((Number.of(1), Number.of(0)), (Number.of(0), Number.of(1)))
        range = ((Number.of(3), Number.of(4)),) if known else None

        def inner(self, a, b):
            return a[0] * b[0] + a[1] * b[1]

    found = ExpectedHessian(Plane(bounds(1, 1), bounds(*dimension), WIDE)).invisible
    assert (None if found is None else len(found)) == lost
    if found:
        assert found[0][0] * 3 + found[0][1] * 4 == 0


def test_what_does_not_fit_into_the_budget_is_open():
    class Dear(Planted):
        def hessian(self):
            charge(10**9)

    h = ExpectedHessian(Dear(bounds(2, 2), bounds(2, 2), WIDE))
    assert (h.rank.value, h.rank.lower, h.rank.upper) == (None, 0, 3)
    assert "steps of work" in h.rank.reason
    assert (h.eigenvalues, h.range, h.kappa, h.nondegenerate) == (None, None, None, Verdict.UNDECIDED)

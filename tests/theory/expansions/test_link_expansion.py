"""Expansions of general links: Parseval, rotations, subspaces, Hessians, exponents and shape."""

from fractions import Fraction
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.multi_indices import multi_indices
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.link_expansion import LinkExpansion, _zero_reason
from steinlab.theory.links.balls import certain_sign
from steinlab.theory.links.ring import variable
from steinlab.theory.shape.monotone import monotone_link, polynomial_growth
from steinlab.theory.targets.exponents import information_exponent, subspace_leap
from steinlab.theory.targets.hessian import ExpectedHessian
from steinlab.theory.targets.target import Target
from steinlab.theory.verdicts import Evidence, Verdict

LINKS = ["tanh(z1+1)", "relu(z1-1/2)", "abs(z1)*abs(z2)", "z1*tanh(z2)", "Max(z1,z2)", "exp(-(z1**2+z2**2))", "log(1+z1**2)"]
POLYNOMIALS = [
    "He(2,z1)/2 + He(3,z2)",
    "z1*z2",
    "z1 + z2 + z1*z2",
    "He(4,z1)",
    "(z1+z2)**2 + z1",
    "He(3,z1)*He(2,z2) + z1",
    "z1**3",
]


def expansion(text):
    return LinkExpansion.from_expression(text)


def numbers(rows):
    return tuple(tuple(Number.of(x) for x in row) for row in rows)


@pytest.mark.parametrize("text", LINKS)
def test_partial_sums_of_energies_approach_the_second_moment_from_below(text):
    e = expansion(text)
    total = sum(e.energy(k).ball() for k in range(7))
    whole = e.second_moment.ball()
    assert not total > whole
    assert float(total.mid()) > 0.9 * float(whole.mid())
    assert float(e.variance.ball().mid()) == pytest.approx(float((whole - e.mean.ball() ** 2).mid()))


@pytest.mark.parametrize("text", POLYNOMIALS)
def test_kappa_of_polynomials_is_the_exact_one(text):
    kappa, exact = ExpectedHessian(expansion(text)).kappa, ExpectedHessian(Target.from_expression(text).expansion).kappa
    assert (kappa is None) == (exact is None)
    assert kappa is None or abs(float(kappa) - float(exact)) < 1e-9


@given(st.sampled_from(["tanh(z1)", "abs(z1)", "relu(z1-1/2)", "exp(-z1**2)"]), st.integers(1, 3), st.integers(0, 4))
def test_a_ridge_has_the_tensors_of_its_link(text, slope, k):
    # g((3 z1 + 4 z2)/5 · slope): C_k is a power of the direction times the coefficient of g(slope z)
    line = expansion(text.replace("z1", f"({slope}*z1)"))
    ridge = expansion(text.replace("z1", f"({slope}*(3*z1+4*z2)/5)"))
    for alpha in multi_indices(2, k):
        weight = Fraction(3, 5) ** alpha[0] * Fraction(4, 5) ** alpha[1]
        assert ridge.coefficient(alpha).form == line.coefficient((k,)).form * weight
    assert ridge.effective_dimension.value == 1


@given(st.sampled_from(LINKS[2:6]))
def test_energies_do_not_depend_on_a_rotation(text):
    rows = numbers([(Fraction(3, 5), Fraction(4, 5)), (Fraction(-4, 5), Fraction(3, 5))])
    turned = LinkExpansion.from_expression(text, rows)
    plain = expansion(text)
    for k in range(4):
        assert abs(float(turned.energy(k)) - float(plain.energy(k))) < 1e-12
    rank = ExpectedHessian(plain).rank.value
    assert ExpectedHessian(turned).rank.value == rank


def test_directions_that_are_not_orthonormal():
    e = LinkExpansion.from_expression("tanh(z1) + z2", numbers([(1, 1, 0), (1, 1, 0)]))
    assert e.size == 1
    assert e.effective_dimension.value == 1
    assert e.in_ambient((Number.of(1),)) == (Number.of(2).root(2) / 2, Number.of(2).root(2) / 2, Number.of(0))
    with pytest.raises(InputError, match="one row u_i for each z_i"):
        LinkExpansion.from_expression("tanh(z1) + z2", numbers([(1, 0)]))


@pytest.mark.parametrize(
    ("text", "dimension", "rank", "assumption"),
    [
        ("relu(z1)*relu(z2)", 2, 2, Verdict.HOLDS),
        ("Max(z1,z2)", 2, 1, Verdict.FAILS),
        ("Max(z1,z2,z3)", 3, 2, Verdict.FAILS),
        ("tanh(z1+z2)", 1, 0, Verdict.FAILS),
        ("tanh(z1+z2+1)", 1, 1, Verdict.HOLDS),
        ("tanh(z1*z2)", 2, 2, Verdict.HOLDS),
        ("sigmoid(z1)*z2+abs(z3)", 3, 3, Verdict.HOLDS),
        ("abs(z1)+abs(z2)+abs(z3)+abs(z4)", 4, 4, Verdict.HOLDS),
        ("cos(z1-z2)*exp(z3/4)", 2, 2, Verdict.HOLDS),
        ("relu(z1) + relu(-z1) - abs(z1) + sin(z2)", 1, 0, Verdict.FAILS),
    ],
)
def test_subspaces_and_hessians(text, dimension, rank, assumption):
    e = expansion(text)
    h = ExpectedHessian(e)
    assert e.effective_dimension.value == dimension
    assert (h.rank.value, h.rank.lower, h.rank.upper) == (rank, rank, rank)
    assert h.nondegenerate is assumption
    assert (h.kappa is not None) == (assumption is Verdict.HOLDS)
    if h.kappa is not None:
        assert h.kappa.enclosure.rad() < 1e-6
        assert h.kappa.enclosure > 0.70710678  # κ >= 1/√2


def test_kappa_of_the_absolute_value():
    # H = √(2/π), E g² = 1
    assert float(ExpectedHessian(expansion("abs(z1)")).kappa) == pytest.approx((3.141592653589793 / 2) ** 0.5)


def test_a_tiny_hessian_is_not_called_degenerate():
    h = ExpectedHessian(expansion("tanh(z1) + 1e-15*abs(z1)"))
    assert h.rank.value == 1
    assert h.nondegenerate is Verdict.HOLDS


def test_what_is_undecided_stays_undecided():
    e = expansion("tanh(2*z1) - 2*tanh(z1)/(1+tanh(z1)**2) + cos(z2)")
    assert e.effective_dimension.value is None
    assert (e.effective_dimension.lower, e.effective_dimension.upper) == (1, 2)
    assert ExpectedHessian(e).nondegenerate is Verdict.UNDECIDED
    assert information_exponent(e).value is None
    assert (information_exponent(e).lower, information_exponent(e).upper) == (1, 2)
    assert subspace_leap(e).value.value is None
    assert monotone_link(e).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("relu(z1)", Verdict.HOLDS),
        ("-tanh(z1+1)", Verdict.HOLDS),
        ("sign(z1)", Verdict.HOLDS),
        ("erf(z1) + z1", Verdict.HOLDS),
        ("log(1+exp(z1))", Verdict.HOLDS),
        ("z1 - tanh(z1)", Verdict.HOLDS),
        ("z1 + sin(z1)", Verdict.HOLDS),
        ("Max(0,Min(1,z1))", Verdict.HOLDS),
        ("sigmoid(z1+z2)", Verdict.HOLDS),
        ("sign(z1) - 1", Verdict.HOLDS),
        ("He(3,z2-z1) - (z2-z1)**5/2", Verdict.HOLDS),  # decided exactly: no sum of terms of one sign shows it
        ("z1**3/3 - z1**2 + z1", Verdict.HOLDS),
        ("z1**3/3 - z1**2 + 0.9999*z1", Verdict.FAILS),  # falls only between two points of the grid
        ("relu(z1) - 3*sign(z1)", Verdict.FAILS),
        ("tanh(z1) - z1/100", Verdict.FAILS),
        ("abs(z1)", Verdict.FAILS),
        ("sin(z1)", Verdict.FAILS),
        ("tanh(z1)*z2", Verdict.FAILS),
        ("-sign(z1)*abs(z1)**(-1/4)", Verdict.FAILS),
    ],
)
def test_monotone_links(text, verdict):
    assert monotone_link(expansion(text)).verdict is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("z1**3*tanh(z1)", Verdict.HOLDS),
        ("log(1+z1**2)*abs(z2)", Verdict.HOLDS),
        ("exp(-z1**2)", Verdict.HOLDS),
        ("exp(z1)", Verdict.FAILS),
        ("exp(-z1/9)*relu(z1) + exp(-z1/5)", Verdict.FAILS),
        ("exp(abs(z1)) - exp(z1)", Verdict.FAILS),
        ("exp(z1*tanh(z1))", Verdict.FAILS),
    ],
)
def test_polynomial_growth(text, verdict):
    assert polynomial_growth(expansion(text)).verdict is verdict


@pytest.mark.parametrize(
    "text",
    [
        "exp(z1**2)",
        "exp(z1**2/4)",
        "exp(z1*z2/2)",
        "exp(z1**3)",
        "exp(exp(z1))",
        "1/z1",
        "abs(z1)**(-1/2)",
        "exp(z1**2/4)*tanh(z1)",
    ],
)
def test_infinite_variance_is_refused(text):
    with pytest.raises(InputError, match="variance"):
        expansion(text)


@pytest.mark.parametrize("text", ["exp(z1**2/8)", "exp(z1**2*0.2499)", "exp(z1*z2*0.49)", "abs(z1)**(-1/4)", "log(abs(z1))"])
def test_finite_variance_is_accepted(text):
    assert expansion(text).second_moment.ball().is_finite()


def test_constants_are_refused():
    with pytest.raises(InputError, match="does not depend on x"):
        expansion("relu(z1) - relu(-z1) - z1")


def test_energy_of_a_sign_is_known_in_every_degree():
    # c_{2j+1} = (-1)^j √(2/π) (2j-1)!!
    e = expansion("sign(z1)")
    for j in range(5):
        odd = 1
        for i in range(1, 2 * j, 2):
            odd *= i
        expected = 2 / 3.141592653589793 * odd**2 / factorial(2 * j + 1)
        assert float(e.energy(2 * j + 1)) == pytest.approx(expected)
        assert e.energy(2 * j).is_zero is Verdict.HOLDS


def test_a_dimension_for_which_no_work_is_left_is_only_bounded_by_the_forms(monkeypatch):
    """From below by zero: nothing was certified, and the link may be constant."""

    def fail(self):
        raise InputError("out of work")

    monkeypatch.setattr(LinkExpansion, "_seen_at_points", property(fail))
    for text, forms in (("tanh(z1 - 100)", 1), ("tanh(z1 + z2 - 100)*tanh(z2 - 90)", 2)):
        found = LinkExpansion.from_expression(text).effective_dimension
        assert (found.value, found.lower, found.upper, found.evidence) == (None, 0, forms, Evidence.NUMERICAL)
        assert "out of work" in found.reason


@pytest.mark.parametrize(
    ("text", "exponent"), [("sin(1/(z1**2-1))", 2), ("abs(z1)**(-1/4+pi/1000)*abs(z1-1)**(-1/2+pi/1000)", 1)]
)
def test_a_decided_degree_does_not_hang_on_the_digits_of_its_coefficient(text, exponent):
    """Integrals up to singular points that narrow slowly: their signs are known long before their digits."""
    from steinlab.checks.assumptions.check import check

    report = check(text)
    assert report.information_exponent.value == report.subspace_leap.value.value == exponent


@pytest.mark.parametrize(
    "text", ["tanh(z1)*z2", "Max(1,z1,z2)*relu(z1**2+z1*z2-z2)", "cos(z1)*relu(z2)", "z1*tanh(z1) + relu(z2) - z2/2"]
)
def test_the_first_degree_that_does_not_vanish_has_energy(text):
    e = LinkExpansion.from_expression(text)
    for k in (1, 2):
        zero = e.vanishes(k).verdict
        assert zero is not Verdict.UNDECIDED
        by_balls = [certain_sign(e.coefficient((j, k - j)).ball(10)) for j in range(k + 1)]
        assert zero is Verdict.FAILS if any(by_balls) else zero is e.energy(k).is_zero


@pytest.mark.parametrize(
    ("text", "alpha", "reason"),
    [
        ("tanh(z1)*z2**2", (0, 0), "odd under z1 -> -z1"),
        ("cos(z1)*tanh(z3)", (0, 0, 0), "odd under z3 -> -z3"),
        ("tanh(z1 + z2)", (0, 0), "odd under z1 -> -z1, z2 -> -z2"),
        ("cos(z1)", (0, 1), "odd under z2 -> -z2"),
        ("cos(z1) - cos(z3)", (0, 0, 0), "antisymmetric under z1 <-> z3"),
        ("cos(z1)", (0, 2), "g does not depend on z2"),
        ("cos(z3)", (0, 2, 2), "g does not depend on z2"),
        ("tanh(z1) + tanh(z2)*exp(z1)", (0, 0), "odd under z1 -> -z1 or a function of fewer variables, term by term"),
        ("cos(z1) - exp(-1/2)", (0,), "its terms vanish or cancel: symmetry, independence and closed forms of each"),
    ],
)
def test_the_reason_for_a_zero_is_the_first_symmetry_that_shows_it(text, alpha, reason):
    g = expansion(text).function
    assert _zero_reason(g, alpha) == reason
    e = LinkExpansion(g, variables=len(alpha))
    assert e.coefficient(alpha).is_zero is Verdict.HOLDS
    assert e.coefficient(alpha).reason == f"proved zero: {reason}"


def test_vectors_are_weights_of_independent_directions():
    """f* = tanh(u1·x - 2 u2·x) with u1 = (3, 0, 0), u2 = (1, 1, 0): its direction is u1 - 2 u2 = (1, -2, 0)."""
    e = LinkExpansion.from_expression("tanh(z1 - 2*z2)", numbers([[3, 0, 0], [1, 1, 0]]))
    ((vector),) = e.linear_span
    ambient = e.in_ambient(vector)
    assert [x / ambient[0] for x in ambient] == [1, -2, 0]
    weights = e.in_latents(vector)
    assert weights[1] / weights[0] == -2
    assert [sum((w * row[j] for w, row in zip(weights, e.directions, strict=True)), Number.of(0)) for j in range(3)] == [*ambient]
    dependent = LinkExpansion.from_expression("tanh(z1 + z3)", numbers([[1, 0], [0, 1], [1, 1]]))
    assert dependent.in_latents(dependent.linear_span[0]) is None
    assert (e.axes, expansion("tanh(z1*z3)").axes) == (None, {0, 2})
    assert repr(expansion("2*tanh(z1)")) == "LinkExpansion('2*tanh(z1)')"
    with pytest.raises(ValueError, match=r"z3 is not written in independent latent variables"):
        LinkExpansion(variable(2), numbers([[1, 0], [0, 1], [1, 1]]))


@pytest.mark.parametrize(
    ("text", "k", "verdict", "said"),
    [
        ("tanh(z1)", 1, Verdict.FAILS, "E[g He_1] = 0.6057055"),  # E tanh' = E sech²
        ("abs(z1)", 1, Verdict.HOLDS, "every coefficient of degree 1 is proved zero"),
        ("abs(z1)*z2", 3, Verdict.FAILS, "E[g He_(2, 1)] = sqrt(2)*pi**(-1/2) is not zero"),
        ("cos(z1)*relu(z2)", 2, Verdict.FAILS, "E[g He_(2, 0)] = -sqrt(2)/2*exp(-1/2)*pi**(-1/2) is not zero"),
    ],
)
def test_which_degrees_vanish_and_by_which_coefficient(text, k, verdict, said):
    found = expansion(text).vanishes(k)
    assert found.verdict is verdict
    assert found.explain().startswith(said)
    assert found.evidence() in (Evidence.EXACT, Evidence.CERTIFIED)


@pytest.mark.parametrize(
    ("slope", "words"), [(1, "nowhere falls along t2, and rises somewhere"), (-1, "nowhere rises along t2, and falls")]
)
def test_a_slope_of_one_sign_is_a_reason(slope, words):
    found = expansion("tanh(z1)*z2")._by_slope((0, 1), slope)
    assert (found.verdict, found.evidence()) == (Verdict.FAILS, Evidence.CERTIFIED)
    assert words in found.explain()
    assert found.explain().endswith("E[g He_(0, 1)] is not zero")


whole = st.integers(-3, 3)


@given(st.lists(st.lists(whole, min_size=3, max_size=3), min_size=2, max_size=2), whole, whole, whole)
def test_the_hessian_in_latent_variables_does_not_depend_on_the_directions(rows, a, b, c):
    """That of a quadratic form is written in its coefficients; beside it a cubic, which has none."""
    if (a, b, c) == (0, 0, 0) or sum(
        (rows[0][i] * rows[1][j] - rows[0][j] * rows[1][i]) ** 2 for i in range(3) for j in range(i)
    ) == 0:
        return
    e = LinkExpansion.from_expression(f"{a}*z1**2 + {b}*z1*z2 + {c}*z2**2 + z1*(z1**2 - z2*z1)", numbers(rows))
    found = e.latent_hessian()
    assert [[str(entry) for entry in row] for row in found] == [[str(2 * a), str(b)], [str(b), str(2 * c)]]
    assert len(e.latent_frame) == 2


def test_dependent_directions_leave_the_hessian_in_orthonormal_coordinates():
    e = LinkExpansion.from_expression("z1*z2", numbers([[3, 0], [4, 0]]))
    assert e.latent_frame is None
    assert [[str(entry) for entry in row] for row in e.latent_hessian()] == [["24"]]

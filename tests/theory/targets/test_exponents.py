"""The exponents against their definitions, carried out on dense tensors in x-space with NumPy."""

from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from steinlab.checks.assumptions.check import check
from steinlab.checks.claims import oracles
from steinlab.checks.claims.cases import matrices, polynomials, unit_vectors
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.budget import FACT_STEPS, attempt, charge
from steinlab.theory.exact.linear_algebra import identity
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.expansions.expansion import Vanishing
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.polynomial_reader import number, polynomial
from steinlab.theory.targets.exponents import coordinate_leap, information_exponent, subspace_leap
from steinlab.theory.verdicts import Decided, Evidence, Verdict


def expand(text, directions=None):
    return HermiteExpansion(polynomial(parse(text)), directions and tuple(tuple(number(c) for c in row) for row in directions))


def of_hermite(coefficients):
    """The polynomial Σ c_α He_α of a mapping {α: c_α}."""
    total = {}
    for alpha, c in coefficients.items():
        size = len(alpha)
        term = oracles.constant(c, size)
        for i, k in enumerate(alpha):
            axis = {tuple(e if j == i else 0 for j in range(size)): b for (e,), b in oracles.hermite(k).items()}
            term = oracles.multiply(term, axis)
        total = oracles.add(total, term)
    return total


# Sparse sums of Hermite monomials have leaps of every kind; dense polynomials have leap 1.
hermite_sums = st.dictionaries(
    st.tuples(*[st.integers(0, 3)] * 3).filter(lambda a: 1 <= sum(a) <= 4),
    st.integers(-2, 2).filter(bool),
    min_size=1,
    max_size=4,
)


def dense(f, d, k):
    entries = oracles.moment_tensors(f, d, k)
    out = np.zeros((d,) * k)
    for index in product(range(d), repeat=k):
        out[index] = float(entries.get(tuple(sorted(index)), 0))
    return out


def span(columns, tolerance=1e-8):
    """An orthonormal basis (columns) of the span, by SVD."""
    u, s, _ = np.linalg.svd(columns, full_matrices=False)
    return u[:, s > tolerance]


def leap_by_definition(f, d):
    """(steps, dimension of S*), every step carried out as the definition says, with projectors on full tensors."""
    p = oracles.degree(f)
    tensors = {k: dense(f, d, k) for k in range(1, p + 1)}
    everything = span(np.hstack([t.reshape(d, -1) for t in tensors.values()]))
    found = np.zeros((d, 0))
    steps = []
    while found.shape[1] < everything.shape[1]:
        onto = found @ found.T
        off = np.eye(d) - onto
        for k in range(1, p + 1):
            columns = []
            for j in range(k, p + 1):
                t = tensors[j]
                for axis in range(j):
                    t = np.moveaxis(np.tensordot(off if axis < k else onto, t, (1, axis)), 0, axis)
                columns.append(t.reshape(d, -1))
            gained = span(np.hstack(columns))
            if gained.shape[1]:
                steps.append((k, gained.shape[1]))
                found = span(np.hstack([found, gained]))
                break
    return steps, everything.shape[1]


def check_against_definition(f, d, e):
    steps, dimension = leap_by_definition(f, d)
    leap = subspace_leap(e)
    assert [(step.degree, step.gained) for step in leap.steps] == steps
    assert leap.value.value == max(k for k, _ in steps)
    assert sum(step.gained for step in leap.steps) == dimension == e.effective_dimension.value
    for step in leap.steps:
        assert len(step.basis) == step.gained
    assert information_exponent(e).value == min(k for k in range(1, oracles.degree(f) + 1) if np.any(dense(f, d, k)))


@given(hermite_sums)
@example({(1, 0, 0): 1, (0, 1, 0): 1, (1, 1, 0): 1})
@example({(1, 0, 0): 1, (1, 1, 0): 1, (1, 1, 1): 1})
@example({(2, 0, 0): 1, (1, 2, 0): 1, (0, 1, 3): 1})
@example({(0, 0, 3): 1, (1, 1, 0): 1, (1, 0, 2): 1})
def test_the_leap_is_that_of_the_definition(coefficients):
    f = of_hermite(coefficients)
    check_against_definition(f, 3, Ridge(f).expansion)


@given(hermite_sums, unit_vectors(3), unit_vectors(3))
def test_the_leap_does_not_depend_on_a_rotation(coefficients, u, v):
    f = of_hermite(coefficients)
    rotation = [[oracles.dot(a, b) for b in oracles.householder(v)] for a in oracles.householder(u)]
    plain, rotated = Ridge(f).expansion, Ridge(f, rotation).expansion
    assert rotated.gram is None
    steps = [[(s.degree, s.gained) for s in subspace_leap(e).steps] for e in (plain, rotated)]
    assert steps[0] == steps[1]
    assert information_exponent(plain).value == information_exponent(rotated).value
    assert plain.generative_exponent() == rotated.generative_exponent()
    substituted = Ridge(oracles.substitute(f, rotation, 3)).expansion
    assert [(s.degree, s.gained) for s in subspace_leap(substituted).steps] == steps[0]


@given(hermite_sums, matrices(3, 3))
def test_the_leap_for_any_directions(coefficients, rows):
    """Stretched, oblique and dependent directions against the definition in x-space."""
    f = of_hermite(coefficients)
    ridge = Ridge(f, rows)
    assume(oracles.degree(ridge.ambient) > 0)
    check_against_definition(ridge.ambient, 3, ridge.expansion)


@given(hermite_sums)
def test_the_basis_of_a_step_is_what_it_gained(coefficients):
    """In orthonormal coordinates: the bases of the steps are orthogonal to one another and span S*."""
    e = Ridge(of_hermite(coefficients)).expansion
    seen = []
    for step in subspace_leap(e).steps:
        basis = [[float(x) for x in row] for row in step.basis]
        for a in basis:
            assert all(abs(np.dot(a, b)) < 1e-12 for b in seen)
        seen += basis
    star = [[float(x) for x in row] for row in e.effective_subspace]
    assert np.linalg.matrix_rank(np.array(seen + star)) == np.linalg.matrix_rank(np.array(seen)) == len(star)


def coordinate_leap_by_definition(coefficients):
    """The minimum over all orderings of the largest number of new units."""
    best = None
    for order in permutations(coefficients):
        seen, worst = set(), 0
        for alpha in order:
            worst = max(worst, sum(a for i, a in enumerate(alpha) if i not in seen))
            seen |= {i for i, a in enumerate(alpha) if a}
        best = worst if best is None else min(best, worst)
    return best


@given(hermite_sums)
def test_the_coordinate_leap_is_that_of_the_definition(coefficients):
    e = Ridge(of_hermite(coefficients)).expansion
    assert coordinate_leap(e).value == coordinate_leap_by_definition(coefficients)
    assert coordinate_leap(e).value >= 1


@pytest.mark.parametrize(
    ("text", "coordinate", "steps"),
    [
        ("z1 + z2 + z1*z2", 1, [(1, 1), (2, 1)]),
        ("z1 + z2 + z1**2 - z2**2", 1, [(1, 1), (1, 1)]),
        ("(z1 + z2)**2", 2, [(2, 1)]),
        ("z1 + z1*z2 + z1*z2*z3", 1, [(1, 1), (1, 1), (1, 1)]),
        ("z1*z2*z3", 3, [(3, 3)]),
        ("He(4,z1)", 4, [(4, 1)]),
        ("He(2,z1) + He(3,z2)", 3, [(2, 1), (3, 1)]),
        ("z1 + He(2,z2)*z1 + He(3,z3)*z2", 3, [(1, 1), (2, 1), (3, 1)]),
        ("sqrt(2)*z1 + sqrt(3)*z2 + He(3, (sqrt(3)*z1 - sqrt(2)*z2)/sqrt(5))", 1, [(1, 1), (3, 1)]),
        ("(z1 + sqrt(2)*z2)**2 + (sqrt(2)*z1 + 2*z2)**4", 2, [(2, 1)]),
    ],
)
def test_examples(text, coordinate, steps):
    e = expand(text)
    assert [(s.degree, s.gained) for s in subspace_leap(e).steps] == steps
    assert subspace_leap(e).value.value == max(k for k, _ in steps)
    assert coordinate_leap(e).value == coordinate


def test_the_oblique_quadratic_is_seen_after_the_linear_part():
    """u1 + (u1 + u2)-type targets: the cross term is read with the seen direction, so the second step has degree 1."""
    e = expand("z1 + z1*z2", [["1", "0"], ["1", "1"]])
    assert [(s.degree, s.gained) for s in subspace_leap(e).steps] == [(1, 1), (1, 1)]


def test_coordinate_leap_needs_orthonormal_directions():
    assert coordinate_leap(expand("z1*z2", [["1", "0"], ["1", "1"]])) is None
    assert coordinate_leap(expand("z1*z2", [["sqrt(2)/2", "sqrt(2)/2"], ["sqrt(2)/2", "-sqrt(2)/2"]])).value == 2
    assert coordinate_leap(expand("z1 + z1*z2", [["0", "1"], ["1", "0"]])).value == 1


@pytest.mark.parametrize(
    ("text", "exponent"),
    [
        ("He(4,z1)", 4),
        ("He(2,z1)/2 + He(4,z1)/sqrt(48)", 2),
        ("z1**3", 1),
        ("z1**3 - 3*z1 + He(5,z2)", 3),
        ("z1**2 - z2**2", 2),
        ("7 + He(6,z3)", 6),
        ("(sqrt(2)*sqrt(3) - sqrt(6))*z1 + He(2,z2)", 2),
    ],
)
def test_information_exponent(text, exponent):
    assert information_exponent(expand(text)).value == exponent


def test_a_constant_has_no_information_exponent():
    with pytest.raises(ValueError, match="constant"):
        information_exponent(expand("3 + 0*z1"))


@given(polynomials(2, 3), st.fractions(min_value=-3, max_value=3, max_denominator=3).filter(bool))
def test_scaling_and_shifting_the_target_change_no_exponent(link, c):
    assume(oracles.degree(link) > 0)
    p = Polynomial.from_terms(link)
    e, other = HermiteExpansion(p), HermiteExpansion(p * c + 5)
    assert information_exponent(e).value == information_exponent(other).value
    assert subspace_leap(e) == subspace_leap(other)
    assert coordinate_leap(e) == coordinate_leap(other)
    assert e.generative_exponent() == other.generative_exponent()
    assert isinstance(c, Fraction)
    assert all(isinstance(x, Number) for step in subspace_leap(e).steps for row in step.basis for x in row)


def test_leaps_findings_and_predictions_show_in_a_notebook():
    report = check("z1*z2 + He(3,z3)")
    assert "degree 3 gains 1" in report.subspace_leap._repr_html_()
    assert "H does not see u3" in report.assumptions[2]._repr_html_()
    shown = [row._repr_html_() for row in report.predictions]
    assert any("no prediction: needs a polynomial target, Assumptions 1 and 2" in text for text in shown)
    assert any("d^3" in text for text in shown)


class Planted:
    """An expansion of which only the verdicts on C_1, C_2, ... are known."""

    labels_independent = False

    def __init__(self, verdicts):
        self.verdicts, self.search_degree = verdicts, len(verdicts)

    def vanishes(self, k):
        return Vanishing(self.verdicts[k - 1], lambda: Evidence.CERTIFIED, lambda: f"C_{k} {self.verdicts[k - 1].value}")


ZERO, NOT_ZERO, OPEN = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("verdicts", "value", "lower", "upper", "reason"),
    [
        ([NOT_ZERO], 1, 1, 1, "C_1 fails"),
        ([ZERO, NOT_ZERO, OPEN], 2, 2, 2, "C_2 fails, and every coefficient of degree 1 is proved zero"),
        ([ZERO, ZERO, NOT_ZERO], 3, 3, 3, "C_3 fails, and every coefficient of degree 1 to 2 is proved zero"),
        ([ZERO] * 3 + [NOT_ZERO], 4, 4, 4, "C_4 fails, and every coefficient of degree 1 to 3 is proved zero"),
        ([OPEN, NOT_ZERO], None, 1, 2, "C_2 fails, but a coefficient of degree 1 is undecided"),
        ([ZERO, OPEN, ZERO, NOT_ZERO], None, 2, 4, "C_4 fails, but a coefficient of degree 2 is undecided"),
        ([ZERO, ZERO], None, 3, None, "no coefficient up to degree 2 is certified nonzero"),
        ([ZERO, OPEN, OPEN], None, 2, None, "no coefficient up to degree 3 is certified nonzero: C_2 undecided"),
        ([OPEN, ZERO, ZERO], None, 1, None, "no coefficient up to degree 3 is certified nonzero: C_1 undecided"),
        ([ZERO, ZERO, OPEN], None, 3, None, "no coefficient up to degree 3 is certified nonzero: C_3 undecided"),
    ],
)
def test_the_information_exponent_lies_between_what_is_open_and_what_is_not_zero(verdicts, value, lower, upper, reason):
    found = information_exponent(Planted(verdicts))
    assert (found.value, found.lower, found.upper, found.reason) == (value, lower, upper, reason)
    assert found.evidence is (Evidence.NUMERICAL if value is None else Evidence.CERTIFIED)


class Axes:
    """An expansion of which only the coordinates are known that each (seen, degree) gains."""

    labels_independent, doubt, search_degree, axes = False, "", 4, frozenset({0, 2, 3})

    def __init__(self, gains, doubt=""):
        self.gains, self.doubt, self.asked = gains, doubt, []

    def axes_gained(self, seen, unseen, k):
        self.asked.append((tuple(seen), tuple(unseen), k))
        return self.gains.get((tuple(seen), k), set())


@pytest.mark.parametrize(
    ("gains", "value", "lower", "reason"),
    [
        ({((), 3): {2}, ((2,), 1): {0, 3}}, 3, 3, "each step has a certified nonzero coefficient"),
        ({((), 1): {2}, ((2,), 4): {0}, ((0, 2), 2): {3}}, 4, 4, "each step has a certified nonzero coefficient"),
        ({((), 2): {0, 2, 3}}, 2, 2, "each step has a certified nonzero coefficient"),
        (
            {((), 2): {2}, ((2,), 3): None},
            None,
            2,
            "with 1 coordinates seen, a coefficient of degree 3 in the others is undecided",
        ),
        ({((), 1): None}, None, 1, "with 0 coordinates seen, a coefficient of degree 1 in the others is undecided"),
        ({((), 3): {2}, ((2,), 5): {0}}, None, 3, "coordinates z1, z4 are not reached up to degree 4"),
        ({}, None, 1, "coordinates z1, z3, z4 are not reached up to degree 4"),
    ],
)
def test_the_coordinate_leap_is_the_dearest_of_the_cheapest_steps(gains, value, lower, reason):
    expansion = Axes(gains)
    found = coordinate_leap(expansion)
    assert (found.value, found.lower, found.upper) == (value, lower, value)
    assert found.reason.startswith(reason)
    assert all(set(seen) | set(unseen) == {0, 2, 3} and not set(seen) & set(unseen) for seen, unseen, _ in expansion.asked)
    doubtful = coordinate_leap(Axes(gains, "E f*² may be infinite"))
    assert (doubtful.value, doubtful.lower, doubtful.upper, doubtful.reason) == (None, 1, None, "E f*² may be infinite")


class Halting:
    """An expansion of three directions whose first steps are known, until a step that gains what is not known exactly."""

    labels_independent, doubt, size, search_degree = False, "", 3, 6
    effective_dimension = Decided.exact(3, "as planted")
    linear_span = identity(3)

    def __init__(self, degrees):
        self.degrees = degrees
        self.reduced = self

    def from_reduced(self, vector):
        return vector

    def across(self, seen):
        return lambda k: (identity(3)[len(seen)],) if k == self.degrees[len(seen)] else ()

    def gained_for_certain(self, seen, k, most):
        return most if len(seen) + 1 < len(self.degrees) else 0

    def reached(self, highest, dimension):
        return dimension if highest >= max(self.degrees) else 0


@pytest.mark.parametrize(("degrees", "lower", "upper"), [((3, 1), 3, 3), ((1, 3), 3, 3), ((1, 1, 2), 2, 2), ((4, 2, 1), 4, 4)])
def test_a_leap_that_halts_is_at_least_every_step_before_and_the_one_that_is_needed(degrees, lower, upper):
    found = subspace_leap(Halting(degrees))
    assert [step.degree for step in found.steps] == list(degrees[:-1])
    assert (found.value.lower, found.value.upper) == (lower, upper)


class Overworked(Halting):
    """What is gained at the second degree takes more work than there is; `certain` directions of it are certainly gained."""

    def __init__(self, certain):
        super().__init__((1, 2))
        self.certain = certain

    def across(self, seen):
        def space(k):
            if k > 1:
                charge(FACT_STEPS * 0.26)
            return () if seen else (identity(3)[0],)

        return space

    def inner(self, a, b):
        return sum((x * y for x, y in zip(a, b, strict=True)), Number.of(0))

    def gained_for_certain(self, seen, k, most):
        return min(most, self.certain) if seen else most

    def reached(self, highest, dimension):
        return 0


@pytest.mark.parametrize(("certain", "steps", "bounds"), [(2, [(1, 1), (2, 2)], (2, 2)), (1, [(1, 1)], (2, None))])
def test_where_the_space_takes_too_much_work_all_that_is_left_may_be_gained(certain, steps, bounds):
    found = subspace_leap(Overworked(certain))
    assert [(step.degree, step.gained) for step in found.steps] == steps
    assert (found.value.lower, found.value.upper) == bounds
    rest = [row for step in found.steps[1:] for row in step.basis]
    assert all(row[0].is_zero for row in rest)
    assert len(rest) == sum(gained for _, gained in steps[1:])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("relu(z1)", 1),
        ("abs(z1)", 2),
        ("z1**2*exp(-z1**2)", 4),
        ("sin(z1) - exp(-1/2)*z1", 3),
        ("tanh(z1*z2*z3)", 3),
        ("cos(z1+z2)", 2),
    ],
)
def test_information_exponents_of_links(text, value):
    found = information_exponent(LinkExpansion.from_expression(text))
    assert (found.value, found.lower, found.upper) == (value, value, value)


@pytest.mark.parametrize(("text", "value"), [("tanh(z1 + z2*z3)", 1), ("z1*z2*z3 - erf(z2)*z1*z3", None)])
def test_where_integrals_take_too_much_work_a_slope_of_one_sign_decides(monkeypatch, text, value):
    def dear(self):
        charge(FACT_STEPS * 0.6)
        raise AssertionError("the work was cut off before")

    monkeypatch.setattr(Constant, "is_zero", property(dear))
    found = attempt(lambda: information_exponent(LinkExpansion.from_expression(text)), lambda _: None)
    assert (found and found.value) == value
    assert found is None or (found.evidence is Evidence.CERTIFIED and "f* nowhere falls along t1" in found.reason)

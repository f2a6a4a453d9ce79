"""Singular hyperplanes, counted where they meet, and exponents against the density."""

from fractions import Fraction

import pytest
from flint import arb

from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.arrangements import (
    _few_enough,
    _outweighed,
    _vanishing_forms,
    along_form,
    arrangement,
    singular_hyperplane,
    split_by_forms,
)
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.coordinates import span
from steinlab.theory.links.ring import constant


@pytest.mark.parametrize(
    ("text", "along", "exponent", "wide"),
    [
        ("exp(z1**2/5 - z1*z2 + tanh(z1))*tanh(z2)", {"exp(tanh(z1))", "tanh(z2)"}, "z1**2/5 - z1*z2", []),
        ("exp(-z1**2)*tanh(z1)*erf(z1 + z2)", {"tanh(z1)", "erf(z1 + z2)"}, "-z1**2", []),
        ("exp(-z1*z2)*sin(z1*z2)", set(), "-z1*z2", ["sin(z1*z2)"]),
        ("tanh(z1)*sin(z2)", {"tanh(z1)", "sin(z2)"}, "0*z1", []),
    ],
)
def test_a_product_is_split_without_loss(text, along, exponent, wide):
    ((product, _),) = read(parse(text)).terms.items()
    found = split_by_forms(product)
    assert set(found[0].values()) == {read(parse(u)) for u in along}
    assert found[1:] == (read(parse(exponent)), [read(parse(u)) for u in wide])


@pytest.mark.parametrize(
    ("text", "form", "along"),
    [
        ("tanh(z1 + 2*z2)*cos(z1 + 2*z2)", ((0, 1), (1, 2)), "tanh(z1)*cos(z1)"),
        ("tanh(6*z2 - 2*z3 + 1)", ((1, 3), (2, -1)), "tanh(2*z1 + 1)"),
        ("abs(z4)**(1/3)", ((3, -2),), "abs(z1/2)**(1/3)"),
    ],
)
def test_a_function_of_a_form_is_written_in_it(text, form, along):
    assert along_form(read(parse(text)), tuple((i, Number.of(c)) for i, c in form)) == read(parse(along))


@pytest.mark.parametrize(
    ("exponent", "rates", "p", "expected"),
    [
        ("z1**2/5", [], 2, True),
        ("z1**2/4", [], 2, False),
        ("z1**2/4", [], 1, True),
        ("z1*z2*0.499", [], 2, True),
        ("z1*z2/2", [], 2, False),
        ("z1**2*pi/13", [], 2, True),
        ("z1**2*pi/12", [], 2, False),
        ("z1**2/8", [(((0, 1),), 0.124)], 2, True),
        ("z1**2/8", [(((0, 1),), 0.126)], 2, False),
        ("z1*z2/4", [(((0, 1), (1, 2)), 0.0)], 2, True),
        ("0*z1", [(((0, 1), (1, 1)), 0.124)], 2, True),  # I - 4s (1, 1)(1, 1)ᵀ: 8 s < 1
        ("0*z1", [(((0, 1), (1, 1)), 0.126)], 2, False),
        ("0*z1", [(((0, 1), (1, 2)), 0.0499)], 2, True),  # 1 - 4·5 s
        ("0*z1", [(((0, 1), (1, 2)), 0.0501)], 2, False),
        ("0*z1", [(((0, 1),), 0.2), (((1, 1),), 0.2)], 2, True),
        ("z1*z2*pi/10", [(((0, 1),), 0.125)], 2, True),  # 1/2 - 4 c² > 0, c = 0.314
        ("z1*z2*pi/8", [(((0, 1),), 0.125)], 2, False),  # c = 0.393
        ("z1*z2*pi/8", [(((0, 1),), 0.125)], 1, True),
    ],
)
def test_the_density_outweighs_what_is_smaller(exponent, rates, p, expected):
    """I - 2p(A + Σ s l lᵀ) is positive definite."""
    forms = [(tuple((i, Number.of(c)) for i, c in form), arb(rate)) for form, rate in rates]
    assert _outweighed(read(parse(exponent)), forms, p) is expected


def test_exponents_are_counted_where_subspaces_meet():
    def lines(*parts):
        return [([tuple((i, Number.of(c)) for i, c in form)], constant(at), constant(Fraction(a))) for form, at, a in parts]

    first, second, both = [(0, 1)], [(1, 1)], [(0, 1), (1, 1)]
    assert _few_enough(lines((first, 0, "49/100"), (second, 0, "49/100")), 2)
    assert not _few_enough(lines((first, 0, "1/2")), 2)
    assert _few_enough(lines((first, 0, "1/2")), 1)
    assert not _few_enough(lines((first, 0, "2/5"), (second, 0, "2/5"), (both, 0, "1/5")), 2)  # three in codimension 2
    assert _few_enough(lines((first, 0, "2/5"), (second, 0, "2/5"), (both, 0, "19/100")), 2)
    assert _few_enough(lines((first, 0, "2/5"), (first, 1, "2/5")), 2)  # parallel
    assert not _few_enough(lines((first, 0, "2/5"), (first, 0, "1/5")), 2)
    assert _few_enough([], 2)
    apart = [([(i, 1)], 0, "1/100") for i in range(11)]
    assert (_few_enough(lines(*apart[:10]), 2), _few_enough(lines(*apart), 2)) == (True, False)


def test_a_semidefinite_form_vanishes_where_its_linear_forms_do():
    def of(text):
        return _vanishing_forms(read(parse(text)))

    for text, rank in (("z1**2 + z2**2", 2), ("(z1 + z2)**2", 1), ("z1**2 + z1*z2 + z2**2", 2)):
        assert len(span([dict(form) for form in of(text)], [0, 1])) == rank
    assert of("z1**2 - z2**2") is of("z1**2 + z2") is of("z1**2 + 1") is of("tanh(z1)**2") is of("z1**4") is None


MEET = "where singular subspaces meet, their exponents add up to less than the codimension"
TOO_MANY = "the exponents of singular factors that meet were not proved small enough"
CURVED = "(z1*z2*sign(-1 + z1*z2) - sign(-1 + z1*z2))**(-3/10)"
HEAVY = "the Gaussian density was not proved to outweigh the growth"
INDEFINITE = "grows too fast: for zᵀAz in an exponent I - 4A must be positive definite, as c z1**2 needs c < 1/4"


@pytest.mark.parametrize(
    ("text", "p", "finite", "reason"),
    [
        ("exp(z1*z2/2)", 2, False, f"exp(1/2*z1*z2) {INDEFINITE}"),
        ("exp(z1*z2/2)*z1**3", 2, False, f"exp(1/2*z1*z2) {INDEFINITE}"),
        ("exp(z1*z2/2)*tanh(z1)", 2, None, HEAVY),
        ("exp(z1*z2/2)*tanh(z1*z2)", 2, None, HEAVY),
        ("exp(z1*z2*0.499)*tanh(z1)", 2, True, MEET),
        ("exp(z1*z2*0.999)*tanh(z1)", 1, True, MEET),
        ("exp(z1*z2)*tanh(z1)", 1, None, HEAVY),
        ("exp(z1*abs(z1)/8)*exp(0.353*z1*z2)", 2, True, MEET),  # (1 - 4/8) · 1 > (2·0.3535)²
        ("exp(z1*abs(z1)/8)*exp(0.354*z1*z2)", 2, None, HEAVY),
        ("exp(abs(z1)**(3/2))*tanh(z1*z2)", 2, True, MEET),
        ("exp(-z1**4)*exp(z1**2)*tanh(z1*z2)", 2, None, HEAVY),  # exponents are taken term by term
        ("exp(-z1**4)*tanh(z1*z2)", 2, True, MEET),
        ("exp(z1**4)*tanh(z1*z2)", 2, None, "exp(z1**4): a factor that grows faster than every Gaussian"),
        ("exp(1/abs(z1))*tanh(z1*z2)", 2, None, "exp((z1*sign(z1))**(-1)): a factor that grows faster than every power"),
        ("exp(-1/abs(z1))*tanh(z1*z2)", 2, True, MEET),
        ("abs(z1)**(-0.49)*tanh(z1*z2)", 2, True, MEET),
        ("abs(z1)**(-0.5)*tanh(z1*z2)", 2, None, TOO_MANY),
        ("abs(z1)**(-0.99)*tanh(z1*z2)", 1, True, MEET),
        ("abs(z1)**(-1)*tanh(z1*z2)", 1, None, TOO_MANY),
        ("log(abs(z1))**3*abs(z1 + z2)**(-0.49)", 2, True, MEET),
        ("sqrt(abs(z1))*abs(z1 + z2)**(-0.49)", 2, True, MEET),
        ("(1 + abs(z1)**(-0.2))*abs(z1)**(-0.2)*tanh(z1*z2)", 2, True, MEET),
        ("(z1**2 + z2**2)**(-0.49)*tanh(z1*z3)", 2, True, MEET),
        ("(z1**2 + z2**2)**(-0.5)*tanh(z1*z3)", 2, None, TOO_MANY),
        ("log(z1**2 + z2**2)*tanh(z1*z3)", 2, True, MEET),
        ("log(z1**2 + z2**2)*(z1**2 + z2**2)**(1/3)*tanh(z1*z3)", 2, True, MEET),
        ("abs(z1*z2 - 1)**(-0.3)", 2, None, f"{CURVED} was not bounded by functions of one linear form"),
        ("abs(sin(z1))**(-0.3)*z2", 2, None, "the points where (sin(z1)*sign(sin(z1)))**(-3/10) is singular were not all found"),
    ],
)  # fmt: skip
def test_products_are_decided_by_their_lines(text, p, finite, reason):
    found = [arrangement(product, p) for product in read(parse(text)).terms]
    assert [(each.finite, each.reason) for each in found] == [(finite, reason)] * len(found)


@pytest.mark.parametrize(
    ("text", "p", "reason"),
    [
        ("abs(z1)**(-0.6)*tanh(z2) + z3", 2, "abs(z1)**(-3/5) near z1 = 0; use an exponent above -1/2"),
        ("abs(z1)**(-0.4)*tanh(z2) + z3", 2, None),
        ("abs(z1)**(-0.4)*tanh(z2) + z3", 3, "abs(z1)**(-2/5) near z1 = 0; use an exponent above -1/3"),
        ("abs(z1 - 2*z2)**(-0.6)*(z1 + 1)", 2, "abs(z1 - 2*z2)**(-3/5) near z1 - 2*z2 = 0; use an exponent above -1/2"),
        ("abs(z2 - 1/2)**(-0.6)*tanh(z1)", 2, "abs(z2 - 1/2)**(-3/5) near z2 = 1/2; use an exponent above -1/2"),
        ("abs(z1)**(-0.6)*tanh(z1*z2)", 2, None),  # zero where the other factor is infinite
        ("abs(z1)**(-0.6) + abs(z1)**(-0.7)*tanh(z2)", 2, "abs(z1)**(-7/10) near z1 = 0; use an exponent above -1/2"),
        ("abs(z1)**(-0.6)*exp(z1*z2/2)", 2, "abs(z1)**(-3/5) near z1 = 0; use an exponent above -1/2"),
        ("tanh(z1)*z2", 2, None),
    ],
)
def test_a_hyperplane_is_enough_where_one_factor_is_too_singular(text, p, reason):
    found = singular_hyperplane(read(parse(text)), p)
    assert (None if found is None else found.reason) == (None if reason is None else f"it grows at least like {reason}")
    assert found is None or found.finite is False

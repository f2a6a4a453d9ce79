"""Singular hyperplanes, counted where they meet, and exponents against the density."""

from fractions import Fraction

import pytest
from flint import arb

from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.arrangements import _few_enough, _outweighed, _vanishing_forms, along_form, split_by_forms
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

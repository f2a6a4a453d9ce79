"""The table of predicted sample complexities, evaluated."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.statements import predictions
from steinlab.theory.statements.predictions import Exponents, power_of_d

exponents = st.builds(
    Exponents,
    r=st.none() | st.integers(1, 4),
    p=st.none() | st.integers(1, 6),
    kappa=st.none() | st.floats(0.708, 50),
    information=st.none() | st.integers(1, 6),
    leap=st.none() | st.integers(1, 6),
    generative=st.none() | st.integers(1, 6),
)


@given(exponents)
def test_what_is_undefined_or_undecided_leaves_a_formula_without_its_value_and_no_other(e):
    step = None not in (e.r, e.p, e.kappa)
    known, leap = e.information is not None, e.r not in (None, 1) and e.leap is not None
    expected = {
        predictions.one_step: step and 2,
        predictions.one_step_fresh_head: step and 2,
        predictions.transfer: 0 if step else False,
        predictions.kernels: e.p is not None and e.p,
        predictions.correlational_queries: e.r == 1 and known and Fraction(e.information, 2),
        predictions.statistical_queries: e.generative is not None and max(Fraction(1), Fraction(e.generative, 2)),
        predictions.online_sgd: e.r == 1 and known and max(1, e.information - 1),
        predictions.sgd_several_directions: leap and max(1, e.leap - 1),
        predictions.monotone_sgd: 1,
        predictions.layerwise_sgd: e.leap is not None and e.leap - 1,
        predictions.queries_over_tolerance: e.leap is not None and Fraction(e.leap, 2),
    }
    for formula, power in expected.items():
        found = formula(e)
        assert (found is None) == (power is False)
        assert found is None or (found.exponent == power and found.text)


@given(exponents.filter(lambda e: None not in (e.r, e.p, e.kappa)))
def test_constants_of_the_one_step_rows(e):
    step, head = e.r * e.kappa**2, e.r**e.p * e.kappa ** (2 * e.p)

    def read(text):
        return [float(word) for word in text.replace("d^2", "").replace("d", "").replace("+", "").split()]

    one, fresh, new = predictions.one_step(e), predictions.one_step_fresh_head(e), predictions.transfer(e)
    assert read(one.text) == pytest.approx([step, head], rel=1e-3)
    assert read(fresh.text) == pytest.approx([step, head], rel=1e-3)
    assert read(new.text) == pytest.approx([head], rel=1e-3)
    assert one.text.endswith(" d")
    assert not fresh.text.endswith(" d")


def test_exponents_beyond_the_example():
    e = Exponents(r=1, p=5, kappa=None, information=5, leap=5, generative=1)
    assert predictions.correlational_queries(e).text == "d^(5/2)"
    assert predictions.online_sgd(e).text == "d^4"
    assert predictions.online_sgd(Exponents(1, 4, None, 2, 2, 2)).text == "d log d"
    assert predictions.sgd_several_directions(Exponents(3, 4, None, 2, 4, None)).text == "d^3"
    assert predictions.sgd_several_directions(Exponents(2, 4, None, 1, 2, None)).text == "d"
    assert predictions.layerwise_sgd(Exponents(3, 4, None, 2, 4, None)).text == "d^3"
    assert predictions.queries_over_tolerance(Exponents(3, 4, None, 2, 3, None)).text == "d^(3/2)"


@pytest.mark.parametrize(
    ("r", "p", "kappa", "text"), [(1, 100, 1e12, "10^2400"), (1, 40, 1e10, "10^800"), (2, 3, 1e120, "10^721")]
)
def test_constants_beyond_floats_are_written_as_powers(r, p, kappa, text):
    e = Exponents(r=r, p=p, kappa=kappa, information=1, leap=1, generative=None)
    assert predictions.transfer(e).text == text


def test_powers_of_d():
    assert [power_of_d(x) for x in (0, 1, 2, Fraction(4, 2), Fraction(3, 2))] == ["d^0", "d", "d^2", "d^2", "d^(3/2)"]

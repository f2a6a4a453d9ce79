"""The table of predicted sample complexities, evaluated."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.statements.predictions import Exponents, power_of_d, predictions

exponents = st.builds(
    Exponents,
    r=st.none() | st.integers(1, 4),
    p=st.none() | st.integers(1, 6),
    kappa=st.none() | st.floats(0.708, 50),
    information=st.none() | st.integers(1, 6),
    leap=st.none() | st.integers(1, 6),
    generative=st.none() | st.integers(1, 6),
    monotone=st.booleans(),
)


def rows(e):
    return {row.method: row for row in predictions(e)}


@given(exponents)
def test_every_row_has_its_exponent_and_applies_on_its_conditions(e):
    """What is undefined or undecided (None) leaves a row without its prediction, and no other."""
    got = rows(e)
    assert len(got) == len(predictions(e)) == 9
    step = None not in (e.r, e.p, e.kappa)
    known, leap = e.information is not None, e.r not in (None, 1) and e.leap is not None
    expected = {
        "one-step": (2, step, "upper"),
        "one-step, fresh data for the head": (2, step, "upper"),
        "transfer, target samples": (0, step, "upper"),
        "kernels": (e.p, e.p is not None, "lower"),
        "correlational statistical queries": (known and Fraction(e.information, 2), e.r == 1 and known, "lower"),
        "statistical queries and low-degree polynomials": (
            max(Fraction(1), Fraction(e.generative or 0, 2)),
            e.generative is not None,
            "lower",
        ),
        "online SGD, one direction": (known and max(1, e.information - 1), e.r == 1 and known, "tight"),
        "SGD, several directions": (leap and max(1, e.leap - 1), leap, "conjecture"),
        "SGD with weight decay, ReLU": (1, e.monotone, "upper"),
    }
    assert set(got) == set(expected)
    for method, (power, applies, direction) in expected.items():
        row = got[method]
        assert (row.applies, row.direction) == (applies, direction)
        assert row.exponent_d == (power if applies else None)
        assert (row.value is None) == (not applies)
        assert row.rate
        assert row.holds_when
        assert row.source


@given(exponents.filter(lambda e: None not in (e.r, e.p, e.kappa)))
def test_constants_of_the_one_step_rows(e):
    step, head = e.r * e.kappa**2, e.r**e.p * e.kappa ** (2 * e.p)
    table = rows(e)

    def read(text):
        return [float(word) for word in text.replace("d^2", "").replace("d", "").replace("+", "").split()]

    assert read(table["one-step"].value) == pytest.approx([step, head], rel=1e-3)
    assert read(table["one-step, fresh data for the head"].value) == pytest.approx([step, head], rel=1e-3)
    assert read(table["transfer, target samples"].value) == pytest.approx([head], rel=1e-3)
    assert table["one-step"].value.endswith(" d")
    assert not table["one-step, fresh data for the head"].value.endswith(" d")


def test_a_table_in_full():
    e = Exponents(r=1, p=4, kappa=1.0, information=2, leap=2, generative=2, monotone=False)
    assert [(row.value, row.rate) for row in predictions(e)] == [
        ("1 d^2 + 1 d", "d^2 r κ^2 + d r^p κ^(2p)"),
        ("1 d^2 + 1", "d^2 r κ^2 + r^p κ^(2p)"),
        ("1", "r^p κ^(2p)"),
        ("d^4", "d^p"),
        ("d", "d^(k/2)"),
        ("d", "d^max(1, k*/2)"),
        ("d log d", "d^max(1, k-1), d log d at k = 2"),
        (None, "d^max(1, leap-1)"),
        (None, "d"),
    ]


def test_exponents_beyond_the_example():
    e = Exponents(r=1, p=5, kappa=None, information=5, leap=5, generative=1, monotone=True)
    table = rows(e)
    assert table["correlational statistical queries"].value == "d^(5/2)"
    assert table["online SGD, one direction"].value == "d^4"
    assert table["SGD with weight decay, ReLU"].value == "d"
    many = rows(Exponents(r=3, p=4, kappa=None, information=2, leap=4, generative=None, monotone=False))
    assert many["SGD, several directions"].value == "d^3"
    assert rows(Exponents(2, 4, None, 1, 2, None, False))["SGD, several directions"].value == "d"


@pytest.mark.parametrize(
    ("r", "p", "kappa", "text"), [(1, 100, 1e12, "10^2400"), (1, 40, 1e10, "10^800"), (2, 3, 1e120, "10^721")]
)
def test_constants_beyond_floats_are_written_as_powers(r, p, kappa, text):
    table = rows(Exponents(r=r, p=p, kappa=kappa, information=1, leap=1, generative=None, monotone=False))
    assert table["transfer, target samples"].value == text


def test_powers_of_d():
    assert [power_of_d(x) for x in (0, 1, 2, Fraction(4, 2), Fraction(3, 2))] == ["d^0", "d", "d^2", "d^2", "d^(3/2)"]

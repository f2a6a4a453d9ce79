"""Polynomials against evaluation and the rules of calculus."""

import subprocess
import sys
from fractions import Fraction
from math import factorial

from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.claims import cases, oracles

polynomials = cases.polynomials(2, 4)
points = st.tuples(cases.rationals(), cases.rationals())


@given(polynomials, polynomials, points)
def test_arithmetic_agrees_with_evaluation(p, q, x):
    at = oracles.evaluate
    assert at(oracles.add(p, q), x) == at(p, x) + at(q, x)
    assert at(oracles.multiply(p, q), x) == at(p, x) * at(q, x)
    assert at(oracles.power(p, 3, 2), x) == at(p, x) ** 3
    assert at(oracles.scale(Fraction(-2, 3), p), x) == Fraction(-2, 3) * at(p, x)


@given(polynomials, cases.matrices(2, 3), cases.vectors(3))
def test_substitution_agrees_with_evaluation(p, rows, x):
    assert oracles.evaluate(oracles.substitute(p, rows, 3), x) == oracles.evaluate(p, [oracles.dot(row, x) for row in rows])


@given(polynomials, polynomials, st.integers(0, 1))
def test_product_rule(p, q, i):
    d = oracles.derivative
    expected = oracles.add(oracles.multiply(d(p, i), q), oracles.multiply(p, d(q, i)))
    assert d(oracles.multiply(p, q), i) == expected


def test_derivative_of_a_monomial():
    assert oracles.derivative({(3, 2): Fraction(1)}, 0) == {(2, 2): 3}


def test_hermite_polynomials_known_and_orthogonal():
    assert oracles.hermite(4) == {(4,): 1, (2,): -6, (0,): 3}
    for j in range(7):
        for k in range(7):
            product = oracles.multiply(oracles.hermite(j), oracles.hermite(k))
            assert oracles.expectation(product) == (factorial(k) if j == k else 0)


def test_hermite_sums():
    assert oracles.from_hermite({(2, 1): Fraction(3)}) == {(2, 1): 3, (0, 1): -3}


def test_oracles_import_the_standard_library_only():
    code = (
        "import sys; before = set(sys.modules); import steinlab.checks.claims.oracles;"
        "new = {m.split('.')[0] for m in set(sys.modules) - before}; print(*new - set(sys.stdlib_module_names))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [m for m in found.stdout.split() if not m.startswith("__editable__")] == ["steinlab"]

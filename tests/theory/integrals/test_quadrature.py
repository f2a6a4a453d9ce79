"""Integrals over the line: the work that is done for them, beside the values that other tests hold."""

import mpmath
import pytest

from steinlab.theory.exact.numbers import working_precision
from steinlab.theory.integrals import quadrature
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse


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

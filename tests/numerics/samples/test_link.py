"""Links in floating point, against exact evaluation."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.samples import link as link_module
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.numerics.samples.link import Link, frame
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.targets.target import Noise, Target

QUADRATIC = Target.from_expression("z1**2 + z1*z2", noise=Noise("rademacher", 1))
powers = st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 4))
coefficients = st.fractions(-5, 5, max_denominator=9).filter(bool)


@given(st.dictionaries(powers, coefficients, min_size=1, max_size=12), st.lists(st.integers(-4, 4), min_size=3, max_size=3))
def test_the_link_agrees_with_exact_evaluation(terms, point):
    if not any(any(p) for p in terms):
        return
    terms = {**terms, (0, 0, 1): terms.get((0, 0, 1), Fraction(1))}
    polynomial = Polynomial.from_terms(terms)
    exact = sum(c * point[0] ** a * point[1] ** b * point[2] ** e for (a, b, e), c in terms.items())
    scale = sum(abs(c) * abs(point[0]) ** a * abs(point[1]) ** b * abs(point[2]) ** e for (a, b, e), c in terms.items())
    value = Link(Target.from_polynomial(polynomial), 4)(np.array([[*point, 7.0]]))[0]
    assert abs(value - float(exact)) <= 1e-14 * float(scale)


def test_directions_are_padded_with_zeros():
    target = Target.from_expression("z1*z2", directions=[[1, 2], [0, "sqrt(2)"]])
    X = generator(0).standard_normal((20, 5))
    assert np.allclose(Link(target, X.shape[1])(X), (X[:, 0] + 2 * X[:, 1]) * np.sqrt(2) * X[:, 1], rtol=1e-14)


def test_a_dimension_too_small_for_the_target_is_refused():
    with pytest.raises(InputError, match="d = 2 is too small"):
        Link(Target.from_expression("z3"), 2)
    with pytest.raises(InputError, match="take d >= 4"):
        GaussianData(Target.from_expression("z1", directions=[[1, 0, 0, 1]]), n=5, d=3, seed=0)


def test_the_link_refuses_inputs_of_another_dimension():
    with pytest.raises(InputError, match="expected"):
        Link(QUADRATIC, 3)(np.zeros((2, 4)))


def test_the_frame_holds_the_directions_in_dimension_d():
    assert frame(Target.from_expression("z1*z2"), 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert frame(Target.from_expression("z1", directions=[[1, "1/2"]]), 4).tolist() == [[1, 0.5, 0, 0]]
    with pytest.raises(InputError, match="d = 1 is too small"):
        frame(Target.from_expression("z2"), 1)


def test_refusals_say_what_is_expected(monkeypatch):
    with pytest.raises(InputError, match=r"d = 2 is too small for the target 'z3', which lives in dimension 3; take d >= 3"):
        Link(Target.from_expression("z3"), 2)
    with pytest.raises(InputError, match=r"X has shape \(2, 4\); expected \(n, 3\)"):
        Link(QUADRATIC, 3)(np.zeros((2, 4)))
    with pytest.raises(InputError, match=r"X has shape \(3,\); expected \(n, 3\)"):
        Link(QUADRATIC, 3)(np.zeros(3))
    asked = []
    monkeypatch.setattr(link_module, "require_memory", lambda *sizes: asked.append(sizes))
    Link(Target.from_expression("z1*z2", directions=[[1, 0], [1, 2]]), 7)
    assert asked == [(8 * 2 * 7, "a target of dimension d = 7", "take a smaller d")]
    assert Link(QUADRATIC, 2)(np.zeros((0, 2))).shape == (0,)


@pytest.mark.parametrize(
    ("link", "directions"),
    [
        ("(10**200*z1)**2", [["1/10**200"]]),
        ("(10**200*sqrt(2)*z1)**2", [["1/10**200"]]),
        ("tanh(z1)", [["10**400", "1"]]),
        ("tanh(z1)", [["10**400*sqrt(2)", "1"]]),
        ("tanh(z1) + z2", [["10**400", "1"], ["2*10**400", "2"]]),
    ],
)
def test_what_is_beyond_floating_point_is_refused(link, directions):
    target = Target.from_expression(link, directions=directions)
    words = "coefficients or directions beyond floating point; rescale it"
    with pytest.raises(InputError, match=words):
        Link(target, len(directions[0]))
    if link.startswith("tanh"):
        with pytest.raises(InputError, match=words):
            frame(target, 2)


def test_a_callable_sees_its_latent_variables_only():
    target = Target.from_callable(lambda z: z[:, 0] * z[:, 1] - z[:, 1], latent_dimension=2)
    X = generator(0, "inputs").standard_normal((40, 5))
    assert np.allclose(Link(target, 5)(X), X[:, 0] * X[:, 1] - X[:, 1])
    known = GaussianData(Target.from_expression("z1*z2 - z2"), 3000, 5, 0)
    for (first, y), (second, known_y) in zip(GaussianData(target, 3000, 5, 0), known, strict=True):
        assert np.array_equal(first, second)
        assert np.allclose(y, known_y)
    with pytest.raises(InputError, match="too small for the target"):
        Link(target, 1)

"""Which links are proved not to be polynomials, and which have a weak derivative."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.expansions.degree import polynomial_degree
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.shape.regularity import SEARCHED_DEGREES, _beyond, polynomial, weakly_differentiable
from steinlab.theory.verdicts import Evidence, Verdict


@pytest.mark.parametrize(
    "text", ["tanh(z1)", "relu(z1)", "z2**3*abs(z1)", "tanh(z1)*z2", "exp(z1/4) + z1", "sign(z1*z2)", "1/(1 + z1**2)", "sin(z1)"]
)
def test_proved_not_to_be_a_polynomial(text):
    finding = polynomial(LinkExpansion.from_expression(text))
    assert (finding.verdict, finding.evidence) == (Verdict.FAILS, Evidence.CERTIFIED)


@pytest.mark.parametrize("text", ["relu(z1)**3 - relu(-z1)**3", "z1*z2**2", "abs(z1)**4"])
def test_a_polynomial_in_disguise_is_never_refuted(text):
    assert polynomial(LinkExpansion.from_expression(text)).verdict is not Verdict.FAILS


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("tanh(z1) + z2", "holds"),
        ("relu(z1 - z2)", "holds"),
        ("Max(z1, z2, 0)", "holds"),
        ("z1*sign(z1)", "holds"),
        ("sign(z1)*tanh(z1)", "holds"),
        ("sign(z1)", "fails"),
        ("sign(z1)*z2", "fails"),
        ("sign(z1 - 1)*(z1 - 1 + abs(z2))", "fails"),
        ("log(abs(z1))", "fails"),
        ("abs(He(20, z1))", "holds"),
        ("z2*relu(z1**5 - z1 - 1)", "holds"),
        ("relu(He(5, z1))*tanh(z2)", "holds"),
        ("sign(z1**3 - z1 - 1)", "fails"),
        ("abs(z1**3 - z1 - 1)*sign(z1)", "fails"),
        ("sign(z1**3 - z1 - 1)*(z1**3 - z1 - 1 + 1/1000)", "undecided"),
        ("sign(z1**3 - z1 - 1)*(z1**3 - z1 - 1)*(z1**3 - z1 - 2)*sign(z1**3 - z1 - 2)", "holds"),
        ("abs(z1**3 - z1 - 1)*sign(z1**3 - z1 - 2)", "fails"),
    ],
)
def test_weak_derivatives(text, verdict):
    assert weakly_differentiable(LinkExpansion.from_expression(text)).verdict.value == verdict


def test_continuity_agrees_with_differences_on_a_fine_grid():
    """An independent look: a jump shows as a difference that does not shrink with the step."""
    import numpy as np

    from steinlab.numerics.samples.expressions import compile_expression
    from steinlab.theory.language.parsing import parse

    for text in ("relu(z1 - 1/3)", "sign(z1 - 1/3) + z1", "Max(z1, tanh(z1), 1/2)", "abs(z1)*sign(z1 - 1/2)"):
        grid = np.linspace(-3, 3, 600_002)
        jumps = np.abs(np.diff(compile_expression(parse(text))(grid[None, :]))).max() > 1e-3
        verdict = weakly_differentiable(LinkExpansion.from_expression(text)).verdict
        assert verdict is not (Verdict.HOLDS if jumps else Verdict.FAILS)


@pytest.mark.parametrize(("text", "degree"), [("pi*z1**2 + z2", 2), ("log(2)*z1**3", 3), ("exp(1)*z1*z2", 2), ("tanh(z1)", None)])
def test_polynomials_with_transcendental_coefficients_are_polynomials(text, degree):
    expansion = LinkExpansion.from_expression(text)
    found = polynomial_degree(expansion.function)
    assert (None if found is None else found.value) == degree
    assert polynomial(expansion).verdict is (Verdict.FAILS if degree is None else Verdict.HOLDS)


def test_the_bound_that_is_told_is_the_one_that_is_proved():
    assert "at most like |z1|^0.5," in polynomial(LinkExpansion.from_expression("sqrt(abs(z1))")).reason
    assert polynomial(LinkExpansion.from_expression("sign(z1)*sign(z2)*sign(z3)")).verdict is Verdict.FAILS


@pytest.mark.parametrize("power", [0, 1, 3, 7])
def test_coefficients_are_searched_beyond_the_growth_and_as_many_degrees_in_each_way(power):
    degrees = range(power + 1, power + 1 + SEARCHED_DEGREES)
    assert list(_beyond(0, power, 1)) == [(k,) for k in degrees]
    assert list(_beyond(1, power, 2)) == [(extra, k) for extra in (0, 1, 2) for k in degrees]
    ways = [(0, 0), (1, 0), (2, 0), (0, 1), (0, 2), (1, 1)]
    assert list(_beyond(0, power, 3)) == [(k, *rest) for rest in ways for k in degrees]


@pytest.mark.parametrize(
    ("text", "jumps"),
    [
        ("relu(1-z1**2-z2**2)", False),
        ("abs(z1**2-z2)*tanh(z1)", False),
        ("relu(tanh(z1)-z2)*z1", False),
        ("sign(1-z1**2-z2**2)*(1-z1**2-z2**2)**2", False),
        ("abs(z1**3-z1+1/5)*z2", False),
        ("relu(exp(z1)-z2)**2 + relu(sin(z1)-1/2)", False),
        ("sign(z1**2-z2)*z1", True),
        ("sign(z1**2-z2)*(z1-z2)", True),
        ("sign(1-z1**2-z2**2)*(1-z1**2-2*z2**2)", True),
        ("sign(tanh(z1)-z2)*(tanh(z1)-z2+1/9)", True),
    ],
)
def test_kinks_on_curves_are_crossed_continuously_where_they_divide_the_jump(text, jumps):
    """Against differences across the curve, along lines: values at 4,000 steps of 1/500."""
    verdict = weakly_differentiable(LinkExpansion.from_expression(text)).verdict
    assert verdict is not Verdict.HOLDS if jumps else verdict is Verdict.HOLDS
    names = {name: getattr(np, name) for name in ("exp", "sin", "tanh", "sign", "abs")} | {"relu": lambda v: np.maximum(v, 0)}
    line = np.linspace(-4, 4, 4001)
    steps = [
        np.abs(np.diff(eval(text, {"__builtins__": {}}, names | {"z1": line * a + 0.3, "z2": line * b + 0.2}))).max()
        for a, b in ((0.3, 0.1), (0.2, -0.4), (0.1, 0.5))
    ]
    assert bool(max(steps) > 0.15) is jumps


CURVES = ["z1**2 + z2**2 - 1", "z1*z2 - 1/3", "z1 + exp(z1) - z2", "z2**3 - z1 + sin(z1)", "cos(z1) - z2"]
SIDES = ["1", "2 + tanh(z1)", "z2**2 + 1/2", "exp(z1) - exp(z1)"]
EVEN = ["0", "z1*z2", "relu(z1)", "tanh(z2 - z1)"]


@given(st.sampled_from(CURVES), st.sampled_from(SIDES), st.sampled_from(EVEN), st.booleans())
@settings(max_examples=25)
def test_a_jump_on_a_curve_is_seen_and_a_kink_on_one_is_not_taken_for_a_jump(curve, size, rest, jumps):
    """size sign(v) + rest jumps by 2 size across v = 0; with v size in place of size it is continuous."""
    text = f"({size})*sign({curve}) + {rest}" if jumps else f"({size})*abs({curve}) + z1 + {rest}"
    if jumps and size.endswith("- exp(z1)"):
        text += " + z1"
    verdict = weakly_differentiable(LinkExpansion.from_expression(text)).verdict
    assert verdict is (Verdict.FAILS if jumps and not size.endswith("- exp(z1)") else Verdict.HOLDS)


def test_a_jump_is_not_seen_where_the_sides_touch_or_nothing_changes_sign():
    touching = "sign(z1**3 + z1 + z2)*(z1**3 + z1 + z2)**2*tanh(z1)"
    assert weakly_differentiable(LinkExpansion.from_expression(touching)).verdict is Verdict.HOLDS
    never = LinkExpansion.from_expression("sign(z1**2 + z2**2 + tanh(z1*z2))*z1")  # |tanh(z1 z2)| <= (z1² + z2²)/2
    assert weakly_differentiable(never).verdict is not Verdict.FAILS

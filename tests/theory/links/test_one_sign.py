"""Monotone links: what is built to be monotone is found so, and nothing else is, against mpmath at points."""

from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steinlab.theory.behaviour.kinks import pieces
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.one_sign import (
    _by_balls,
    _by_constants,
    _by_logarithm,
    _by_radical,
    _by_range,
    _by_sign,
    _by_summands,
    _inside_sign,
    _over_exponentials,
    _polynomial_sign,
    _tail_sign,
    _with_squares,
    _without_factors,
    sign_between,
)
from steinlab.theory.links.ring import constant
from steinlab.theory.shape.monotone import monotone_link
from steinlab.theory.verdicts import Verdict

NAMES = {name: getattr(mpmath, name) for name in ("exp", "tanh", "sqrt", "pi", "sin", "cos", "erf", "log", "sign")}
NAMES |= {
    "abs": abs,
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "He": lambda k, x: mpmath.hermite(k, x / mpmath.sqrt(2)) / mpmath.sqrt(2) ** k,
}


def verdict(text):
    return monotone_link(LinkExpansion.from_expression(text)).verdict


def values(text, points):
    with mpmath.workdps(60):
        return [eval(text, {"__builtins__": {}}, NAMES | {"z1": mpmath.mpf(x)}) for x in points]


def turns(text):
    """Whether the values both rise and fall, beyond the rounding of 60 digits."""
    found = values(text, np.linspace(-9, 9, 721))
    steps = [b - a for a, b in pairwise(found)]
    slack = mpmath.mpf(10) ** -45 * max(1, *map(abs, found))
    return any(s > slack for s in steps) and any(s < -slack for s in steps)


@pytest.mark.parametrize(
    "text",
    [
        "1/(1+exp(-z1))", "tanh(z1)**3", "z1+z1*exp(-z1**2/2)", "2**z1", "-2**z1", "3**(z1/2)+relu(z1)", "(1/2)**z1", "pi**z1+z1",
        "z1+sin(z1)", "tanh(tanh(z1)+z1)", "tanh(z1)**3+tanh(2*z1)**5", "log(1+exp(z1))**2", "sigmoid(z1)*sigmoid(2*z1+1)",
        "sqrt(1+z1**2)+z1", "(z1+sqrt(z1**2+4))/2", "z1/sqrt(1+z1**2)", "z1/(1+abs(z1))", "tanh(z1)-tanh(z1)**3/3",
        "tanh(z1)-tanh(2*z1)/4", "1/(2+exp(-z1)+exp(-2*z1))", "exp(sin(z1)/2+z1/2)", "erf(z1)**3-1", "tanh(z1**3)", "z1-tanh(z1)",
        "sqrt((z1-2)**2)+2*z1", "relu(z1-1)**3+tanh(z1)**5", "sigmoid(z1+relu(z1))", "log(2+tanh(z1))*exp(z1)",
    ],
)  # fmt: skip
def test_links_that_people_type_are_decided(text):
    assert verdict(text) is Verdict.HOLDS
    assert not turns(text)


base = st.sampled_from(["z1", "(2*z1+1)", "(z1/3-2)", "pi*z1", "(z1+1/2)"])
increasing = st.recursive(
    base,
    lambda inner: st.one_of(
        st.builds("{}({})".format, st.sampled_from(["tanh", "erf", "sigmoid"]), inner),
        st.builds("({}({})+{})".format, st.sampled_from(["tanh", "erf", "sigmoid", "relu"]), base, inner),
        st.builds("{}({})**{}".format, st.sampled_from(["tanh", "erf"]), base, st.sampled_from([3, 5])),
        st.builds("sigmoid({})*sigmoid({})".format, base, base),
        st.builds("sigmoid({})**{}".format, base, st.sampled_from([2, 3])),
        st.builds("log(1+exp({}))".format, base),
        st.builds("exp(tanh({}))".format, inner),
    ),
    max_leaves=3,
)


@given(increasing, st.sampled_from(["", "-"]))
def test_what_is_built_of_increasing_functions_is_monotone(text, side):
    try:
        expansion = LinkExpansion.from_expression(f"{side}({text})")
    except InputError:
        assume(False)
    assume(not expansion.function.is_polynomial)
    finding = monotone_link(expansion)
    # kinks of functions of kinks have no exact point: not every composition with relu has pieces
    assert finding.verdict is Verdict.HOLDS or ("relu" in text and finding.verdict is Verdict.UNDECIDED)
    if finding.verdict is Verdict.HOLDS:
        assert ("nowhere decreases" in finding.reason) == (side == "")


terms = st.lists(
    st.builds(
        "{}*{}".format,
        st.sampled_from(["1", "-1", "2", "-1/2", "1/3", "-3/4"]),
        st.one_of(
            st.builds("{}({})".format, st.sampled_from(["tanh", "erf", "sigmoid", "relu", "abs", "sin"]), base),
            st.sampled_from(
                ["z1", "z1*exp(-z1**2/2)", "exp(-z1**2)", "exp(z1/2)", "sqrt(1+z1**2)", "tanh(z1)**2", "log(1+exp(z1))"]
            ),
        ),
    ),
    min_size=1,
    max_size=3,
).map(" + ".join)


@given(terms)
def test_no_drawn_link_that_turns_is_called_monotone(text):
    try:
        found = verdict(text)
    except InputError:
        assume(False)
    if found is Verdict.HOLDS:
        assert not turns(text)


@pytest.mark.parametrize(
    ("text", "critical"),
    [
        # the slope 1 + c (1 - z²) e^{-z²/2} is least at z² = 3: c = e^{3/2}/2
        ("z1 + {c}*z1*exp(-z1**2/2)", 2.2408445),
        # 1 + c cos z: c = 1
        ("z1 + {c}*sin(z1)", 1.0),
        # 3 t² (1 - t²) - c (1 - t²) over t in [0, 1]: no c > 0; with 2 + t² the least is 2
        ("2*tanh(z1) + tanh(z1)**3/3 - {c}*tanh(z1)", 2.0),
        # 1 - c z e^{-z²/2}: z = 1, c = e^{1/2}
        ("z1 + {c}*exp(-z1**2/2)", 1.6487212),
        # 1 + c z/sqrt(1 + z²)
        ("z1 + {c}*sqrt(1+z1**2)", 1.0),
    ],
)
def test_slopes_are_told_from_those_just_beyond(text, critical):
    """Slack in sight: decided within 1e-3 of the critical constant, and never called monotone above it."""
    assert verdict(text.format(c=f"{critical - 1e-3:.6f}")) is Verdict.HOLDS
    assert verdict(text.format(c=f"{critical + 1e-3:.6f}")) is not Verdict.HOLDS


@pytest.mark.parametrize("k", [3, 10, 30, 100, 127, 140])
@pytest.mark.parametrize("gap", ["1/10", "-1/10**6"])
def test_roots_far_out_are_not_overlooked(k, gap):
    """(e^z - e^k)² + gap e^{2k}, which has roots near k for a negative gap."""
    h = read(parse(f"exp(2*z1) - 2*exp({k})*exp(z1) + exp({2 * k})*(1+{gap})"))
    found = sign_between(h, None, None)
    assert found in ((1, None) if gap[0] != "-" else (None,))
    assert found == 1 or gap[0] == "-" or k > 100


@pytest.mark.parametrize("power", [1, 2, 3])
@pytest.mark.parametrize("c", [-30, -7, 7, 30, 126, 130, 200])
def test_a_term_dominates_only_where_it_does(power, c):
    """e^{z} - e^{c} z^power at z >= 8: positive from its last root on."""
    h = read(parse(f"exp(z1) - exp({c})*z1**{power}"))
    found = _tail_sign(h, 8)
    last = max((float(x) for x in np.arange(8, 300, 0.01) if x - c - power * np.log(x) < 0), default=None)
    assert found in ((1, None) if last is None else (None,))
    assert found == 1 or c > 0


@pytest.mark.parametrize("power", [1, 2, 3])
def test_a_term_dominates_from_the_radius_on_and_no_earlier(power):
    """e^z - e^c z^p at z >= 8, for c just below and above 8 - p log 8, where both are equal at the radius."""
    for shift, expected in ((-0.01, 1), (0.01, None), (0.5, None)):
        c = f"{8 - power * np.log(8) + shift:.6f}"
        assert _tail_sign(read(parse(f"exp(z1) - exp({c})*z1**{power}")), 8) == expected
        assert _tail_sign(read(parse(f"exp({c})*z1**{power} - exp(z1)")), 8) == (expected and -expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 - 2*sqrt(1+z1**2)", -1),
        ("2*sqrt(1+z1**2) - 1", 1),
        ("3 + z1**2 - 2*sqrt(1+z1**2)", 1),
        ("2*sqrt(1+z1**2) - 3 - z1**2", -1),
        ("2 + 2*z1**2 + z1*sqrt(1+z1**2)", 1),
        ("z1 + sqrt(1+z1**2)", 1),
        ("z1 - sqrt(1+z1**2)", -1),
        ("1 + z1*sqrt(1+z1**2)", None),
        ("2 - sqrt(1+z1**2)", None),
        ("sqrt(1+z1**2) - 2", None),
        ("z1 + sqrt(z1**2+1)/2", None),
    ],
)
def test_the_larger_of_a_polynomial_and_a_root_has_the_sign(text, expected):
    """a + b sqrt(p), against values on a grid."""
    h = read(parse(text))
    assert _by_radical(h, None, None) == expected
    found = {mpmath.sign(x) for x in values(text, np.linspace(-9, 9, 181))}
    assert found == ({expected} if expected else {-1, 1}) or (expected is None and 0 in found)


roots = st.lists(st.fractions(-4, 4, max_denominator=6), min_size=0, max_size=4)
ends = st.sampled_from([None, -3, -1, 0, 1, 2])


@given(roots, st.lists(st.integers(1, 4), min_size=4, max_size=4), st.booleans(), ends, ends, st.sampled_from([1, -1]))
def test_signs_of_polynomials_between_two_points(roots, orders, bump, low, high, lead):
    """Products of linear factors, and of 1 + x²: the sign changes exactly at roots of odd order inside."""
    assume(low is None or high is None or low < high)
    coefficients = [Number.of(lead)]
    factors = [[-r, 1] for r, order in zip(roots, orders, strict=False) for _ in range(order)] + [[1, 0, 1]] * bump
    for factor in factors:
        out = [Number.of(0)] * (len(coefficients) + len(factor) - 1)
        for i, x in enumerate(coefficients):
            for j, y in enumerate(factor):
                out[i + j] = out[i + j] + x * y
        coefficients = out
    totals = {r: sum(o for s, o in zip(roots, orders, strict=False) if s == r) for r in roots}
    inside = [r for r, order in totals.items() if order % 2 and (low is None or r > low) and (high is None or r < high)]
    found = _polynomial_sign(coefficients, tuple(None if e is None else Number.of(e) for e in (low, high)))
    if inside:
        assert found is None
        return
    grid = np.linspace(-9 if low is None else low, 9 if high is None else high, 41)[1:-1] + 1e-4
    at = [lead * np.prod([float(x - float(r)) ** o for r, o in totals.items()]) for x in grid]
    assert found == np.sign(max(at, key=abs))


increasing_functions = {
    "tanh(z1)": mpmath.tanh,
    "tanh(1 - 2*z1)": lambda x: mpmath.tanh(1 - 2 * x),
    "erf(z1/2)": lambda x: mpmath.erf(x / 2),
    "atan(z1)": mpmath.atan,
    "exp(z1)": mpmath.exp,
}
closed = {"log(2)/2": mpmath.log(2) / 2, "-log(3)": -mpmath.log(3), "1/3": mpmath.mpf(1) / 3, "pi/4": mpmath.pi / 4}


@given(
    st.sampled_from(list(increasing_functions)),
    st.sampled_from([None, *closed]),
    st.sampled_from([None, *closed]),
    st.fractions(-2, 2, max_denominator=5),
    st.integers(1, 3),
)
def test_values_of_increasing_functions_lie_between_those_at_the_ends(name, low, high, q, power):
    """(f - q)^k on an interval: both signs exactly where f takes the value q inside and k is odd; f(log(2)/2) = 1/3 is an end."""
    assume(low is None or high is None or closed[low] < closed[high])
    f = increasing_functions[name]
    ends = [None if end is None else read(parse(end)) for end in (low, high)]
    at = [
        f(side * 60 if end is None else closed[end]) - mpmath.mpf(q.numerator) / q.denominator
        for end, side in ((low, -1), (high, 1))
    ]
    signs = {int(mpmath.sign(x)) if abs(x) > 1e-9 else 0 for x in at} - {0}
    expected = None if power % 2 and len(signs) == 2 else 1 if power % 2 == 0 else signs.pop()
    assert sign_between(read(parse(f"({name} - ({q}))**{power}")), *ends) == expected


def test_a_piece_has_the_ends_that_its_kinks_have():
    """At (3 z - 1), (z + sqrt 2) and (5 - 2 z): ends are exact, and the signs are those at their middles."""
    found = pieces(read(parse("abs(3*z1-1) + abs(z1+sqrt(2)) + abs(5-2*z1)")))
    ends = [None, -Number.of(2).root(2), Number.of(1) / 3, Number.of(5) / 2, None]
    assert [(p.low, p.high) for p in found] == list(pairwise(ends))
    for piece, x in zip(found, (-5, -1, 1, 9), strict=True):
        slope = piece.form.derivative(0).number
        assert slope == 3 * (1 if 3 * x > 1 else -1) + (1 if x > -1.414 else -1) - 2 * (1 if x < 2.5 else -1)
    left, right = pieces(read(parse("abs(z1-pi)")))
    assert 0 < left.high.fraction - right.low.fraction < Fraction(1, 2**100)  # on either side of pi, which is no fraction
    assert right.low.fraction < Fraction("3.14159265358979323846264338327950288419716939937511") < left.high.fraction
    assert (left.start, str(left.end), str(right.start), right.end) == (None, "pi", "pi", None)
    assert pieces(read(parse("abs(sin(z1))"))) is None


def test_a_constant_counts_once_among_summands():
    """tanh + 1 and erf + 1 are positive; their sum less one is not."""
    assert sign_between(read(parse("tanh(z1) + erf(z1) + 1")), None, None) is None
    assert sign_between(read(parse("tanh(z1) + erf(z1) + 2")), None, None) == 1


def test_what_is_left_of_a_common_factor_keeps_its_powers():
    h = read(parse("(1 + z1**2)*(z1 + tanh(z1))"))
    assert _without_factors(h, None, None) == (1, read(parse("z1 + tanh(z1)")))
    assert [sign_between(h, *ends) for ends in ((None, None), (constant(0), None), (None, constant(0)))] == [None, 1, -1]


@pytest.mark.parametrize(
    ("exponent", "sides"), [("1/2", (1, None)), ("1/3", (None, None)), ("1/4", (None, None)), ("-1/2", (None, None))]
)
def test_only_square_roots_are_squared(exponent, sides):
    """At 9/10 the power -1/2 of 1 + tanh² changes side, where 81/100 - (1 + tanh²) does not."""
    texts = (f"(1 + tanh(z1)**2)**({exponent}) - 9/10", f"(1 + tanh(z1)**2)**({exponent}) - 6/5")
    assert tuple(_by_radical(read(parse(text)), None, None) for text in texts) == sides
    assert not (exponent == "-1/2" and sign_between(read(parse(texts[0])), None, None))


@pytest.mark.parametrize(
    ("text", "denominator"),
    [
        ("tanh(z1)**2 - tanh(z1)/3", "(1 + exp(-2*z1))**2"),
        ("z1*tanh(2*z1 + 1) - 1", "1 + exp(-4*z1 - 2)"),
        ("tanh(z1)*tanh(z1 - 1) + exp(-z1)", "(1 + exp(-2*z1))*(1 + exp(2 - 2*z1))"),
    ],
)
def test_over_exponentials_a_function_is_multiplied_by_its_denominator(text, denominator):
    points = [Fraction(x, 7) for x in (-9, -2, 1, 5, 16)]
    f = compile_sum(_over_exponentials(read(parse(text))))
    expected = values(f"({text})*({denominator})", [mpmath.mpf(x.numerator) / x.denominator for x in points])
    assert [float(real_value(f, [fraction_ball(x)])) for x in points] == pytest.approx([float(y) for y in expected], rel=1e-12)


WAYS = [
    # (the way, h, low, high, the sign it proves)
    (_by_range, "tanh(z1)**2 - 1", None, None, -1),
    (_by_range, "z1", 2, None, 1),
    (_by_range, "z1", None, -1, -1),
    (_by_range, "z1 - 2", 2, None, 1),
    (_by_range, "z1 - 2", None, 2, -1),
    (_by_range, "z1 - 2", 1, None, None),
    (_by_range, "z1 - 2", 1, 3, None),
    (_by_range, "tanh(z1)**4 - 2*tanh(z1)**2 + 1", None, None, 1),
    (_by_range, "tanh(z1) + erf(z1) - 2", None, None, -1),
    (_by_range, "tanh(z1) + erf(z1) - 1", None, None, None),
    (_by_summands, "tanh(z1) + erf(z1)", 0, None, 1),
    (_by_summands, "tanh(z1) + erf(z1)", None, 0, -1),
    (_by_summands, "tanh(z1) + erf(z1)", None, None, None),
    (_by_summands, "tanh(z1) - erf(z1)", 0, None, None),
    (_by_summands, "exp(z1) + z1**3 - 40", 40, None, 1),
    (_by_summands, "tanh(z1) + erf(z1) + 2", None, None, None),
    (_by_summands, "tanh(z1)**2", None, None, None),
    (_by_constants, "pi*z1**2 + tanh(z1)**2", None, None, 1),
    (_by_constants, "-pi*tanh(z1)**2 - z1**2", None, None, -1),
    (_by_constants, "pi*tanh(z1)**2 - z1**2", None, None, None),
    (_by_constants, "pi*tanh(z1) + z1", 0, None, 1),
    (_by_constants, "pi*tanh(z1) + z1", None, 0, -1),
    (_by_constants, "tanh(z1) + z1", 0, None, None),
    (_by_logarithm, "log(2 + z1**2) - 1/2", None, None, 1),
    (_by_logarithm, "log(2 + z1**2) - 3/4", None, None, None),
    (_by_logarithm, "1/2 - log(2 + z1**2)", None, None, -1),
    (_by_logarithm, "-2*log(1 + z1**2)", None, None, -1),
    (_by_logarithm, "log(1 + exp(z1)) - z1", None, None, 1),
    (_by_logarithm, "log(1 + exp(z1))**2 - z1", None, None, None),
    (_by_logarithm, "z1*log(1 + exp(z1))", None, None, None),
    (_by_sign, "exp(z1) - 1", 0, None, 1),
    (_by_sign, "exp(z1) - 1", None, 0, -1),
    (_by_sign, "exp(z1) - 1", -1, 1, None),
    (_by_sign, "3*sign(z1 - 1)", 1, None, 1),
    (_by_sign, "3*sign(z1 - 1)", None, 1, -1),
    (_by_sign, "3*sign(z1 - 1)", 0, None, None),
    (_by_sign, "exp(z1) - z1 - 1", None, None, 1),
    (_by_balls, "exp(-z1**2/2)*(1 - z1**2) + 1/2", None, None, 1),
    (_by_balls, "exp(-z1**2/2)*(1 - z1**2) + 2/5", None, None, None),
    (_by_balls, "exp(z1) - z1 - 1/2", None, None, 1),
    (_by_balls, "exp(z1) - z1 - 2", None, None, None),
    (_by_balls, "exp(z1) - 10000*z1", 10, None, None),
    (_by_balls, "exp(z1) - 10000*z1", 12, None, 1),
    (_by_balls, "z1 - exp(z1) + 8000", 9, None, -1),
    (_by_balls, "z1 - exp(z1) + 9000", 9, None, None),
    (_by_balls, "exp(z1) + z1**3 - 40", 40, None, 1),
    (_by_balls, "exp(-z1) - z1**3 - 40", None, -40, 1),
    (_by_balls, "exp(z1) + z1**3 - 40", 200, None, None),
    (_by_balls, "cos(z1) - 1/2", -1, 1, 1),
    (_by_balls, "cos(z1) - 1/2", -1, 2, None),
    (_by_balls, "z1**3", None, None, None),
]


@pytest.mark.parametrize(("way", "text", "low", "high", "expected"), WAYS)
def test_each_way_decides_its_own_and_no_more(way, text, low, high, expected):
    ends = [None if end is None else constant(end) for end in (low, high)]
    assert repr(way(read(parse(text)), *ends)) == repr(expected)  # 1 and True are told apart
    first, last = -40 if low is None else low, 40 + max(low or 0, 0) if high is None else high
    found = {int(mpmath.sign(x)) for x in values(text, np.linspace(first, last, 401)[1:-1])}
    assert expected is None or found <= {expected, 0}


@pytest.mark.parametrize(
    ("text", "cleared", "side", "rest"),
    [
        ("1/(1 + z1**2) - 1", True, -1, "1 + 0*z1"),
        ("1/(1 + z1**2) - 1", False, 1, "1/(1 + z1**2) - 1"),
        ("z1**2*tanh(z1) + z1**3*tanh(z1)", True, 1, "tanh(z1) + z1*tanh(z1)"),
        ("-exp(z1)*sin(z1) + exp(z1)*erf(z1)", True, 1, "erf(z1) - sin(z1)"),
        ("(tanh(z1) - 2)*sin(z1)", True, -1, "sin(z1)"),
        ("(tanh(z1) - 2)*(tanh(z1) + 3)*z1**2*sin(z1)", True, -1, "sin(z1)"),
        ("(tanh(z1) - 1/2)*sin(z1)", True, 1, "(tanh(z1) - 1/2)*sin(z1)"),
    ],
)
def test_factors_of_one_sign_are_taken_out(text, cleared, side, rest):
    found = _without_factors(read(parse(text)), None, None, cleared)
    assert found == (side, read(parse(rest)))


@pytest.mark.parametrize(
    ("low", "high", "side"), [(1, None, 1), (0, None, 1), (None, 0, -1), (None, -2, -1), (-1, 1, None), (None, 1, None)]
)
def test_odd_factors_have_the_sign_of_their_side(low, high, side):
    ends = [None if end is None else constant(end) for end in (low, high)]
    for text in ("z1*sin(z1)", "tanh(z1)*sin(z1)", "erf(2*z1)**3*sin(z1)"):
        found, rest = _without_factors(read(parse(text)), *ends)
        assert (found, rest == read(parse("sin(z1)"))) == ((side, True) if side else (1, False))
    found, rest = _without_factors(read(parse("tanh(z1 - 1)*sin(z1)")), *ends)
    assert (rest == read(parse("sin(z1)"))) == (low == 1 or high in (0, -2, 1))


def test_squares_of_tanh_stand_for_what_is_left_of_one():
    """tanh^k = (1 - s)^{k/2} with s = erf², for even k; one factor tanh is left of odd ones."""
    square = read(parse("erf(tanh(z1))**2"))
    for k in range(1, 6):
        left = read(parse("tanh(z1)")) if k % 2 else constant(1)
        assert _with_squares(read(parse(f"tanh(z1)**{k}"))) == (constant(1) - square) ** (k // 2) * left


@pytest.mark.parametrize(
    ("text", "low", "high", "expected"),
    [
        ("cos(z1)", -1, 1, 1),
        ("-cos(z1)", -1, 1, -1),
        ("cos(z1)", -1, 2, None),
        ("z1**2 - 2*z1 + 1001/1000", -3, 5, 1),
        ("z1**2 - 2*z1 + 999/1000", -3, 5, None),
        ("sin(50*z1) + 101/100", -3, 3, 1),
        ("z1 - 1", 0, 2, None),
    ],
)
def test_bisection_proves_the_sign_inside(text, low, high, expected):
    assert _inside_sign(read(parse(text)), Fraction(low), Fraction(high)) == expected


@pytest.mark.parametrize("name", ["tanh", "erf"])
@pytest.mark.parametrize(("text", "side"), [("z1**2*{}(z1**2 + z1)**2 - z1**2 - 1/3", -1), ("{}(z1**2 + z1)**2 - 1/3", None)])
def test_squares_of_functions_that_1_bounds_lie_below_1(name, text, side):
    assert sign_between(read(parse(text.format(name))), None, None) == side

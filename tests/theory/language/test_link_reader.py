"""Links from text to normal form: the values of what was written, the directions it is read in, and where it is refused."""

from fractions import Fraction
from itertools import permutations

import mpmath
import pytest
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.link_reader import MAX_ARGUMENTS, MAX_POWER, MAX_ROOT, larger, largest, read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import fraction_ball, real_value
from steinlab.theory.links.enclosures import compile_sum
from steinlab.theory.links.ring import apply, constant, variable

Z1, Z2, Z3 = (variable(i) for i in range(3))
POINTS = [(1.25, -0.5, 2.75), (-1.5, 2.25, -0.375), (0.125, 0.0625, 0.3125), (3.5, 3.25, -2.5)]
MPMATH = {name: getattr(mpmath, name) for name in ("exp", "log", "sin", "cos", "tanh", "erf", "sign", "sqrt", "pi", "atan")}
MPMATH |= {"Max": lambda *u: max(u), "Min": lambda *u: min(u), "abs": abs}
MPMATH |= {"relu": lambda u: max(u, mpmath.mpf(0)), "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u))}


def value(u, point):
    return float(real_value(compile_sum(u), [arb(x) for x in point]))


def expected(text, point):
    with mpmath.workdps(30):
        names = {f"z{i + 1}": mpmath.mpf(x) for i, x in enumerate(point)}
        return float(eval(text, {"__builtins__": {}}, MPMATH | names))


def rows(*written):
    return tuple(tuple(Number.of(Fraction(x)) for x in row) for row in written)


def refusal(text):
    with pytest.raises(InputError) as caught:
        read(parse(text))
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "text",
    [
        "2*z1 - +z2/4 - (z3 - 0.5) + 1",
        "z1 - z2 - z3 - 1 - 2",
        "-z1**2 + 2**-3 + z2**0",
        "pi*z1 + pi**2/3",
        "1/(1 + z1**2)/(2 + z2**2)",
        "1/((1 + z1**2)**2*(2 + abs(z2)))",
        "3/(exp(z1) + 2)**2",
        "z1/abs(z2)",
        "1/(-2 - z1**2)",
        "(z1 - z2)**-2",
        "2**z1 + pi**z2",
        "(1 + z1**2)**z2",
        "(1 + z1**2)**(z2 - z2)",
        "(1 + z1**2)**(1/3) + (2 + z2**2)**(-3/2)",
        "abs(z1)**(2/5)*abs(z2)**(-1/5)",
        "sqrt(z1**2*(1 + z2**2))",
        "sqrt((z1 - z2)**4*(2 + z3**2)**3)",
        "sqrt(z1**2*abs(z2))*sqrt(4)",
        "(z1**2*z2**4)**(1/4)",
        "0*sqrt(2 + z1**2) + sqrt(z1**2 + 2*z1 + 2)",
        "log(1 + z1**2)*log(3*abs(z2)) + log(2)",
        "log(z1**2*exp(z2))",
        "sign(z1 - z2)*sign(-z3) + sign(z1**2 - 2)",
        "relu(z1)*sigmoid(z2) - abs(z3 - 1)",
        "tanh(erf(z1) + sin(z2)*cos(z3)) + atan(z1)",
        "Max(z1, z2, z3) - Min(z1, Min(z2, z3), 1)",
        "Max(z1, z2, z3, -z1, -z2, -z3, 1/2)",
        "Max(z1) + Min(z2)",
    ],
)
def test_values_are_those_of_the_text(text):
    u = read(parse(text))
    for point in POINTS:
        assert value(u, point) == pytest.approx(expected(text, point), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("order", [0, 1, 2, 5, 9])
def test_hermite_polynomials_of_functions(order):
    u = read(parse(f"He({order}, tanh(z1) + z2)"))
    for x, y, _ in POINTS:
        v = mpmath.tanh(x) + y
        wanted = sum(
            (-1) ** j
            * mpmath.factorial(order)
            / (mpmath.factorial(j) * mpmath.factorial(order - 2 * j) * 2**j)
            * v ** (order - 2 * j)
            for j in range(order // 2 + 1)
        )
        assert value(u, (x, y)) == pytest.approx(float(wanted), rel=1e-11)


# -- directions


def test_dependent_latents_are_put_in_at_once():
    """An identity that holds almost everywhere is not used where the directions make its argument zero."""
    assert read(parse("sign(z1 - z2)"), rows([1, 0], [1, 0])).is_zero
    assert read(parse("sign(z1 - z2)**2"), rows([1, 0], [1, 0])).is_zero
    assert read(parse("sign(z1 - z2)**2"), rows([1, 0], [0, 1])).number == 1
    assert read(parse("relu(z3 - z1 - z2) + tanh(z2)"), rows([1, 0], [0, 1], [1, 1])) == apply("tanh", Z2)
    assert read(parse("z1*z2 + z3"), rows([0, 0], [1, 2], [2, 4])) == 2 * Z2
    assert read(parse("exp(z1) + z2"), rows([1, 0], [0, 1])) == apply("exp", Z1) + Z2


def test_each_latent_needs_its_row():
    with pytest.raises(InputError, match=r"directions have 1 rows but the link uses z1..z2: give one row u_i for each z_i"):
        read(parse("tanh(z1) + z2"), rows([1, 0]))


def test_a_divisor_that_the_directions_make_zero_is_refused():
    with pytest.raises(InputError, match="division by zero"):
        read(parse("1/(z1 - z2)"), rows([1, 0], [1, 0]))
    with pytest.raises(InputError, match="its argument is zero"):
        read(parse("log(abs(z1 - z2))"), rows([1, 0], [1, 0]))


# -- Piecewise


@pytest.mark.parametrize(
    ("text", "branches"),
    [
        ("Piecewise((z1, z1 > 0), (0, True))", lambda x, y, z: max(0, x)),
        ("Piecewise((z1, z1 < z2), (z2, z2 <= z3), (z3, True))", lambda x, y, z: x if x < y else min(y, z)),
        ("Piecewise((tanh(z1), z1**2 >= 2), (z2, z1*z2 > 0), (1, True))", None),
        ("Piecewise((log(1 + z1**2), 1 > 2), (z3, 2 >= 2))", lambda x, y, z: z),
    ],
)
def test_the_first_condition_that_holds_decides(text, branches):
    def third(x, y, _):
        return mpmath.tanh(x) if x * x >= 2 else y if x * y > 0 else 1

    u = read(parse(text))
    for point in POINTS:
        assert value(u, point) == pytest.approx(float((branches or third)(*point)))


def test_ties_on_a_set_of_positive_measure_take_the_condition_at_its_word():
    same = rows([1], [1])
    assert read(parse("Piecewise((1, z1 > z2), (2, True))"), same).number == 2
    assert read(parse("Piecewise((1, z1 >= z2), (2, True))"), same).number == 1
    assert read(parse("Piecewise((1, 0*z1 >= 0), (2, True))")).number == 1


def test_a_value_that_is_nowhere_taken_need_not_be_defined():
    assert read(parse("Piecewise((z1, z1**2 >= 0), (log(-1 - z1**2), True))")) == Z1


# -- Max and Min


@given(st.lists(st.integers(-3, 3), min_size=3, max_size=3), st.fractions(-2, 2, max_denominator=9))
def test_the_largest_of_lines(slopes, x):
    arguments = [Z1 * k + i for i, k in enumerate(slopes)]
    found = largest(arguments)
    kinks = [Fraction(j - i, slopes[i] - slopes[j]) for i in range(3) for j in range(i) if slopes[i] != slopes[j]]
    if x not in kinks:
        assert value(found, [fraction_ball(x)]) == pytest.approx(float(max(x * k + i for i, k in enumerate(slopes))))


def test_the_order_of_arguments_does_not_matter():
    arguments = [Z1, Z2, Z3 + 1, constant(0)]
    assert len({largest(list(order)) for order in permutations(arguments)}) == 1
    assert largest([Z1, Z1]) == Z1
    assert largest([Z1, Z2]) == larger(Z1, Z2) == larger(Z2, Z1)


def test_more_arguments_than_are_compared_in_pairs():
    names = [f"z{i}" for i in range(1, MAX_ARGUMENTS + 3)]
    u = read(parse(f"Max({', '.join(names)})"))
    point = [0.5, -1.0, 2.5, 0.75, 3.25, 1.0]
    for shift in range(len(point)):
        turned = point[shift:] + point[:shift]
        assert value(u, turned) == pytest.approx(3.25)


def test_arguments_that_may_agree_on_a_set_of_positive_measure():
    """relu(z1) and relu(z1 - 1) are both 0 on a half-line."""
    u = largest([read(parse(text)) for text in ("relu(z1)", "relu(z1 - 1)", "relu(-z2)")])
    for point in [(-1.0, 2.0), (-1.0, -2.0), (3.0, -2.0), (0.5, 1.0)]:
        assert value(u, point) == pytest.approx(max(0.0, point[0], -point[1]))


# -- what is refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("log(z1)", "undefined on a set of positive measure"),
        ("sqrt(z1)", "undefined on a set of positive measure"),
        ("sqrt(z1*z2)", "undefined on a set of positive measure"),
        ("log(-1-z1**2)", "undefined almost everywhere"),
        ("(z1)**(1/3)", "undefined on a set of positive measure"),
        ("1/(z1+abs(z1))", "vanishes on a null set only"),
        ("log(relu(z1)+relu(z2))", "vanishes on a null set only"),
        ("log(abs(z1)+abs(z2)-z3**2)", "negative at"),
        ("z1**z2", "undefined on a set"),
        ("tanh(z1)**100", "at most 64"),
        ("Piecewise((z1, z1 > 0))", "none of its conditions holds"),
        ("Piecewise((z1, z1 > 0), (0, z1 < -1))", "none of its conditions holds"),
        ("tanh(z1, z2)", "takes 1 argument"),
        ("Max()", "at least one"),
        ("1/(z1-z1)", "division by zero"),
        ("He(z1, z2)", "whole number"),
        ("(z1+z2+tanh(z1)+tanh(z2)+sin(z1*z2)+erf(z1)+exp(-z1**2)+z3)**40", "products"),
    ],
)
def test_links_that_are_not_defined_or_too_large_are_refused(text, words):
    with pytest.raises(InputError) as caught:
        read(parse(text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["log(2+relu(z1)**2)", "log(1+relu(z1-z2))", "sqrt(1+Max(z1,0))", "1/(1+abs(z1)+relu(-z2))"])
def test_positive_arguments_with_kinks_are_accepted(text):
    u = read(parse(text))
    for point in POINTS:
        assert value(u, point) == pytest.approx(expected(text, point), rel=1e-12)


def test_powers_go_up_to_a_bound():
    assert (MAX_POWER, MAX_ROOT, MAX_ARGUMENTS) == (64, 10**9, 4)
    assert f"at most {MAX_POWER}" in refusal(f"tanh(z1)**{MAX_POWER + 1}")
    assert f"the exponent of '(1 + z1**2)**(-{MAX_POWER + 1})' is -{MAX_POWER + 1}" in refusal(f"(1 + z1**2)**(-{MAX_POWER + 1})")
    assert f"at most {MAX_ROOT}" in refusal(f"(1 + z1**2)**(1/{MAX_ROOT + 1})")
    assert not read(parse(f"tanh(z1)**{MAX_POWER}")).is_zero
    assert not read(parse(f"(1 + z1**2)**(1/{MAX_ROOT})")).is_zero


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sqrt(z1**2*z2)", "a root needs a positive argument"),
        ("log(z1*abs(z2))", "log needs a positive argument"),
        ("log(z1 - z1)", "is undefined: its argument is zero"),
        ("0**z1", "argument is zero"),
        ("1/relu(z1)", "vanishes on a null set only"),
        ("sqrt(-1 - z1**2)", "its argument is never positive"),
        ("(-1 - z1**2)**(-1/2)", "its argument is never positive"),
        (f"He({MAX_POWER + 1}, tanh(z1))", f"expected a whole number from 0 to {MAX_POWER}"),
        ("He(1/2, tanh(z1))", "the order of 'He(1/2, tanh(z1))' is 1/2: expected a whole number"),
        ("tanh()", "tanh takes 1 argument, got 0"),
        ("sqrt(tanh(z1), 2)", "sqrt takes 1 argument, got 2"),
        ("log(tanh(z1)) + z2", "'log(tanh(z1))' is undefined on a set of positive measure"),
        ("Min()", "Min needs at least one argument"),
    ],
)
def test_refusals_say_what_and_why(text, words):
    assert words in refusal(text)


def test_the_named_point_is_one_where_the_argument_is_negative():
    for text, inner in [
        ("log(z1 + 2*z2 - 5)", "z1 + 2*z2 - 5"),
        ("sqrt(tanh(z1) - 1/2)", "tanh(z1) - 1/2"),
        ("(z2 - z1**2)**(1/3)", "z2 - z1**2"),
    ]:
        message = refusal(text)
        point = message.split("negative at (")[1].split(")")[0]
        assert expected(inner, [float(Fraction(x)) for x in point.split(", ")]) < 0


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("sqrt(relu(z1)**2)", "relu(z1)"),
        ("(relu(z1)**4)**(1/4)", "relu(z1)"),
        ("sqrt(relu(z1)**2*(2 + z2**2))", "relu(z1)*sqrt(2 + z2**2)"),
        ("(relu(z1)**2*relu(z2)**4)**(1/2)", "relu(z1)*relu(z2)**2"),
        ("1/((1 + z1**2)**2*(2 + z2**2)**3)", "(1 + z1**2)**(-2)*(2 + z2**2)**(-3)"),
    ],
)
def test_even_powers_come_out_of_roots_as_they_are_written(text, same):
    assert read(parse(text)) == read(parse(same))


@pytest.mark.parametrize("text", ["sqrt(z1**3)", "(z1**3*(1 + z2**2))**(1/2)", "sqrt(relu(z1)**2*z2)", "(z1**9)**(1/3)"])
def test_odd_powers_do_not(text):
    with pytest.raises(InputError, match="a root needs a positive argument"):
        read(parse(text))


BRANCHES = {
    "Piecewise((log(z1), z1 > 1), (exp(z1), True))": lambda x: mpmath.log(x) if x > 1 else mpmath.exp(x),
    "Piecewise((sqrt(z1), z1 > 0), (z1, True))": lambda x: mpmath.sqrt(x) if x > 0 else x,
    "Piecewise((z1**(1/3), z1 > 0), (-(-z1)**(1/3), True))": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "Piecewise((sqrt(1-z1**2), z1**2 < 1), (0, True))": lambda x: mpmath.sqrt(1 - x**2) if abs(x) < 1 else mpmath.mpf(0),
    "Piecewise((1, z1 < -1), ((z1+1)**(-1/4), z1 < 2), (log(z1-1), True))": lambda x: (
        mpmath.mpf(1) if x < -1 else (x + 1) ** (-mpmath.mpf(1) / 4) if x < 2 else mpmath.log(x - 1)
    ),
    "Piecewise((log(z1-1), z1 > 2), (Piecewise((sqrt(z1), z1>0),(0,True)), True))": lambda x: (
        mpmath.log(x - 1) if x > 2 else mpmath.sqrt(max(x, mpmath.mpf(0)))
    ),
}


@pytest.mark.parametrize("text", BRANCHES)
def test_a_branch_needs_to_be_defined_on_its_piece_alone(text):
    u = read(parse(text))
    for x in ("-2.5", "-0.9", "-0.25", "0.125", "0.75", "1.5", "2.75", "6"):
        assert value(u, (float(x),)) == pytest.approx(float(BRANCHES[text](mpmath.mpf(x))), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        "Piecewise((log(z1), z1 > -1), (exp(z1), True))",
        "Piecewise((exp(z1), z1 > 1), (log(z1), True))",
        "Piecewise((sqrt(z1), z2 > 0), (0, True))",
        "Piecewise((0, z1 > 0), (Piecewise((sqrt(z1), z2 > 0), (1, True)), True))",
        "sqrt(z1)*Piecewise((1, z1 > 0), (0, True))",
    ],
)
def test_a_branch_that_is_undefined_on_its_piece_is_refused(text):
    assert "undefined on a set of positive measure" in refusal(text)


@given(
    st.integers(1, 10**9).flatmap(lambda q: st.tuples(st.integers(-q // 2, 2 * q), st.just(q))), st.sampled_from([1, 2, 3, 10])
)
def test_powers_have_exponents_of_any_denominator(ratio, scale):
    """Where c^e fits no field it is exp(e log c)."""
    e = Fraction(*ratio)
    u = read(parse(f"abs({scale}*z1)**({e.numerator}/{e.denominator})"))
    for x in (0.375, 2.5):
        assert value(u, (x,)) == pytest.approx((scale * x) ** float(e), rel=1e-9)


SQUARES = [
    "(cos(2*z1-1/2)-sin(z1+z2))**2",
    "abs(exp(z1)-2)",
    "abs(z1**3-z1)",
    "(tanh(z1)-z2)**2",
    "softplus(z1-1)",
    "abs(z1*z2-1)",
]


@pytest.mark.parametrize("square", SQUARES)
@pytest.mark.parametrize("shape", ["sqrt(1+{})", "log(1+{})", "(1+{})**(-1/4)"])
def test_roots_and_logarithms_of_one_more_than_what_is_not_negative(square, shape):
    written = square.replace("softplus(z1-1)", "log(1+exp(z1-1))")
    for x in (-1.5, 0.25, 2.0):
        names = MPMATH | {"z1": mpmath.mpf(x), "z2": mpmath.mpf("0.7")}
        wanted = eval(shape.format(written), {"__builtins__": {}}, names)
        assert value(read(parse(shape.format(square))), (x, 0.7)) == pytest.approx(float(wanted), rel=1e-9)
    assert "negative at" in refusal(shape.format(f"({square})-2"))

"""Values of expressions against mpmath, which evaluates the same text by other code."""

import ast

import mpmath
import numpy as np
import pytest

from steinlab.numerics.samples import expressions
from steinlab.numerics.samples.expressions import compile_expression
from steinlab.numerics.samples.link import Link
from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.parsing import parse
from steinlab.theory.targets.target import Target

LINKS = [
    "exp(z1/3) - log(1 + z2**2) + sin(z1)*cos(z2)",
    "tanh(z1*z2) - 0.25*erf(z1) + sigmoid(-z2)",
    "relu(z1 - 1)*abs(z2) + sign(z1)/3",
    "Max(z1, z2, -z1) - Min(z2, 1/2) + He(5, z1)/He(0, z2)",
    "sqrt(2 + z1**2)**3 + 2**z1 - (1 + z1**2)**(-3/2) + pi*z2**12",
    "-z1 + z2 - (z1 - z2) - +3",
]
NAMES = {
    **{name: getattr(mpmath, name) for name in ("exp", "log", "sin", "cos", "tanh", "erf", "sign", "sqrt", "pi")},
    "abs": abs,
    "relu": lambda u: max(u, mpmath.mpf(0)),
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "Max": max,
    "Min": min,
    "He": lambda k, u: sum(
        (-1) ** j * mpmath.factorial(k) / (mpmath.factorial(j) * mpmath.factorial(k - 2 * j) * 2**j) * u ** (k - 2 * j)
        for j in range(k // 2 + 1)
    ),
}


class _Exact(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return (
            ast.Call(ast.Name("mpf", ast.Load()), [ast.Constant(repr(node.value))], []) if isinstance(node.value, float) else node
        )


def reference(text, point):
    tree = ast.fix_missing_locations(_Exact().visit(ast.parse(text, mode="eval")))
    names = {f"z{i + 1}": mpmath.mpf(float(x)) for i, x in enumerate(point)}
    with mpmath.workdps(30):
        return float(eval(compile(tree, "link", "eval"), {**NAMES, **names, "mpf": mpmath.mpf}))


@pytest.mark.parametrize("text", LINKS)
def test_values_agree_with_mpmath(text):
    points = np.random.default_rng(0).normal(size=(2, 20))
    values = compile_expression(parse(text))(points)
    expected = [reference(text, point) for point in points.T]
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-12)


def test_a_link_target_is_evaluated_along_its_directions():
    target = Target.from_expression("tanh(z1) + relu(z2)", directions=[[1, 0, 0], [0, "3/5", "4/5"]])
    x = np.array([[0.5, 1.0, 1.0, 9.0], [0.0, -1.0, -1.0, 9.0]])
    np.testing.assert_allclose(Link(target, x.shape[1])(x), [np.tanh(0.5) + 1.4, 0.0], atol=1e-15)


def test_the_first_condition_that_holds_decides():
    points = np.array([[-3.0, 0.5, 0.5, 2.0], [0.0, 0.0, 9.0, 0.0]])
    values = compile_expression(parse("Piecewise((-1, z1 < -1), (z2, z2**2 > z1), (7, 2 >= z1), (8, True))"))(points)
    np.testing.assert_array_equal(values, [-1.0, 7.0, 9.0, 7.0])
    assert np.isnan(compile_expression(parse("Piecewise((1, z1 > 0))"))(np.array([[-1.0]]))[0])


def test_a_long_sum_is_not_recursed_into():
    program = compile_expression(parse("tanh(z1)" + " + z1" * 1800))
    np.testing.assert_allclose(program(np.array([[1.0]])), np.tanh(1.0) + 1800)


def test_overflow_is_infinite_and_silent_to_the_caller():
    with np.errstate(over="ignore"):
        assert np.isinf(compile_expression(parse("exp(z1)"))(np.array([[1e4]]))[0])


TIES = [
    "sign(z3-z1-z2)+z1", "sign(z3/2-z1/2-z2/2)*z2+z1", "abs(sign(z1+z2-z3))+relu(z2)", "Max(z3,z1+z2)-z3+z1",
    "sign(tanh(z3)-tanh(z1+z2))+z2",
]  # fmt: skip


@pytest.mark.parametrize("text", [*TIES, "Piecewise((z2, z3-z2>z1), (z1, True))", "Piecewise((z2, z3-z2>=z1), (z1, True))"])
@pytest.mark.parametrize("scale", ["1", "1/3", "sqrt(2)", "7/10"])
def test_ties_that_dependent_directions_make_are_ties_in_floats(text, scale):
    """Rows u, v, u + v: every link above is a combination of its remaining terms, at every point."""
    first = {"1": Number.of(1), "1/3": Number.of(1) / 3, "sqrt(2)": Number.of(2).root(2), "7/10": Number.of(7) / 10}[scale]
    u, v = [first, Number.of(1) / 10], [Number.of(3) / 10, Number.of(7) / 10]
    target = Target.from_expression(text, directions=[u, v, [a + b for a, b in zip(u, v, strict=True)]])
    x = np.random.default_rng(1).normal(size=(500, 2))
    z1, z2 = (x @ [float(c) for c in row] for row in (u, v))
    tied = {"sign(z3-z1-z2)+z1": z1, TIES[1]: z1, TIES[2]: np.maximum(z2, 0), TIES[3]: z1, TIES[4]: z2}
    expected = tied.get(text, z2 if ">=" in text else z1)
    np.testing.assert_allclose(Link(target, x.shape[1])(x), expected, atol=1e-12)


def test_a_logarithm_of_exponentials_does_not_overflow():
    for text in ("log(1+exp(z1))", "log(exp(z1)+2)", "log(exp(z1)+exp(-z1))", "softplus(z1)"):
        np.testing.assert_allclose(compile_expression(parse(text))(np.array([[1000.0]])), [1000.0], rtol=1e-15)


IMAGES = [[Number.of(1), Number.of(0)], [Number.of(0), Number.of(1)], [Number.of(1), Number.of(1)]]  # z3 = z1 + z2


@pytest.mark.parametrize(
    ("text", "affine"),
    [
        ("2*z1 - 3", ("2", "0", "-3")),
        ("z1*2", ("2", "0", "0")),
        ("z2/3", ("0", "1/3", "0")),
        ("-(z1 - z3)", ("0", "1", "0")),
        ("+z1", ("1", "0", "0")),
        ("z1 + 2*z3 - z2/3", ("3", "5/3", "0")),
        ("3*(z1 - 1)/2", ("3/2", "0", "-3/2")),
        ("(z1 - z1)*z2", ("0", "0", "0")),
        ("1/2 - 1", ("0", "0", "-1/2")),
        *((text, None) for text in ("z1*z2", "2/z1", "z1**2", "pi", "z1/0", "tanh(z1)", "z1 + pi", "z1/(z1 - z1)", "-pi")),
    ],
)
def test_what_is_affine_is_added_up_exactly(text, affine):
    expression = parse(text)
    found = expressions._affine(expression.tree, expressions._Source(expression, IMAGES))
    assert (found if found is None else tuple(map(str, found))) == affine


def test_whole_powers_up_to_eight_are_repeated_products():
    z = np.random.default_rng(0).normal(size=(1, 400))
    for power in range(10):
        expected = np.ones(400)
        for _ in range(power):
            expected = expected * z[0]
        found = np.broadcast_to(compile_expression(parse(f"z1**{power}"))(z), 400)
        assert np.array_equal(found, expected if power <= 8 else np.float_power(z[0], power))
    assert not np.array_equal(expected, np.float_power(z[0], 9))
    np.testing.assert_array_equal(compile_expression(parse("z1**(-2)"))(z), np.float_power(z[0], -2))


def test_exponentials_are_summed_with_positive_constants_only():
    far = np.array([[1000.0, -1000.0]])
    np.testing.assert_allclose(compile_expression(parse("log(exp(z1) + 0.5)"))(far), [1000.0, np.log(0.5)], rtol=1e-15)
    np.testing.assert_allclose(compile_expression(parse("log(0.25 + exp(2*z1))"))(far), [2000.0, np.log(0.25)], rtol=1e-15)
    with np.errstate(over="ignore", divide="ignore"):
        assert np.isinf(compile_expression(parse("log(exp(z1) + 0)"))(far)).all()

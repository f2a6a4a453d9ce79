"""Which texts become polynomial targets, which become general links, and what is refused."""

import pickle
from fractions import Fraction

import numpy as np
import pytest

from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.language.parsing import parse
from steinlab.theory.targets.reading import (
    MAX_AMBIENT,
    Written,
    constant_target,
    direction_matrix,
    exact,
    known_keys,
    polynomial_link,
    read_file,
    rows_of,
    written,
)
from steinlab.theory.targets.target import LinkTarget, PolynomialTarget, Target, require_polynomial


@pytest.mark.parametrize(
    ("text", "same_as"),
    [("relu(z1) - relu(-z1) + z2", "z1 + z2"), ("abs(z1)**2", "z1**2"), ("Max(z1, z2) + Min(z1, z2)", "z1 + z2")],
)
def test_a_link_that_is_a_polynomial_becomes_one(text, same_as):
    target = Target.from_expression(text)
    assert isinstance(target, PolynomialTarget)
    assert target.link == text
    assert target.polynomial == Target.from_expression(same_as).polynomial


@pytest.mark.parametrize("text", ["tanh(z1)", "relu(z1 + z2)*abs(z3)", "1/(1 + z1**2)", "2**z1", "sqrt(1 + z1**2)"])
def test_a_general_link_stays_one_and_travels_to_workers(text):
    target = Target.from_expression(text, noise=None, name="n")
    assert isinstance(target, LinkTarget)
    assert target.degree is None
    copy = pickle.loads(pickle.dumps(target))
    assert copy.to_mapping() == target.to_mapping() == Target.from_mapping(target.to_mapping()).to_mapping()
    with pytest.raises(InputError, match="not a polynomial"):
        require_polynomial(target)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("exp(z1**2)", "finite variance"),
        ("log(z1)", "positive measure"),
        ("sqrt(z1)", "positive measure"),
        ("1/z1", "finite variance"),
        ("sin(z1)**2 + cos(z1)**2", "does not depend on x"),
        ("tanh(1)", "does not depend on x"),
        ("(abs(z1)**60)**4", "degree 240"),
    ],
)
def test_refused(text, match):
    with pytest.raises(InputError, match=match) as error:
        Target.from_expression(text)
    assert "\n" not in str(error.value)


def test_directions_need_a_row_for_each_latent():
    with pytest.raises(InputError, match="one row u_i for each z_i"):
        Target.from_expression("tanh(z1*z2)", directions=[[1, 0]])


def test_the_principal_subspace_is_that_of_the_linear_forms():
    target = Target.from_expression("tanh(z1 + z2)", directions=[[1, 0, 1], [0, 2, 0]])
    (row,) = target.principal_subspace()
    scale = row[0]
    assert [x / scale for x in row] == [1, 2, 1]


def test_a_file_with_a_general_link_is_read(tmp_path):
    path = tmp_path / "target.toml"
    path.write_text('link = "tanh(z1)"\n[noise]\nkind = "gaussian"\nscale = 0.1\n')
    target = Target.load(path)
    assert isinstance(target, LinkTarget)
    assert str(target.noise.scale) == "1/10"


def test_a_polynomial_keeps_the_place_of_each_variable():
    """relu(z3) - relu(-z3) = z3, and |z1|² = z1²: only the third and the first of three variables are left."""
    found = polynomial_link(parse("2*(relu(z3) - relu(-z3))*abs(z1)**2 + 0*z2 - 5"), None)
    assert {alpha: c.fraction for alpha, c in found.terms().items()} == {(2, 0, 1): 2, (0, 0, 0): -5}
    assert found.variables == 3
    assert polynomial_link(parse("tanh(z1)"), None) is None
    assert polynomial_link(parse("Max(z1, z2)"), direction_matrix([[1, 2], [1, 2]])).degree == 1


@pytest.mark.parametrize(("power", "taken"), [(200, True), (201, False), (202, False)])
def test_the_degree_of_a_polynomial_that_is_not_written_as_one_is_bounded(power, taken):
    expression = parse("(abs(z1)**50)**4" + "*(relu(z1) - relu(-z1))" * (power - 200))
    if taken:
        assert polynomial_link(expression, None).degree == power
        return
    with pytest.raises(InputError, match=f"the link has degree {power}; the bound is 200: lower the exponents"):
        polynomial_link(expression, None)


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (Fraction(1, 3), Fraction(1, 3)), (0.1, Fraction(1, 10)), ("-2/7", Fraction(-2, 7)), ("1e-3", Fraction(1, 1000)),
     (np.float64(0.25), Fraction(1, 4)), (Number.of(5), 5)],
)  # fmt: skip
def test_exact_numbers_of_what_is_given(value, number):
    assert exact(value, "x") == number


@pytest.mark.parametrize(
    ("value", "said"),
    [(True, "x is True: expected a number"), (None, "x is None: expected an exact number"), ("1_0", "x: "), ("z1", "x: "),
     (1j, "x is 1j: expected an exact number such as 1, 1/3, 0.1 or 'sqrt\\(2\\)/2'"), (float("nan"), "x: ")],
)  # fmt: skip
def test_what_is_no_exact_number(value, said):
    with pytest.raises(InputError, match=said):
        exact(value, "x")


def test_numbers_of_a_file_may_have_underscores_and_are_taken_as_written(tmp_path):
    path = tmp_path / "target.toml"
    path.write_text('link = "z1"\ndirections = [[1_0.2_5, 1e-2, 0.1]]\n[noise]\nscale = 0.3\n')
    said = written(read_file(path), "t")
    assert [exact(x, "x").fraction for x in said.directions[0]] == [Fraction(41, 4), Fraction(1, 100), Fraction(1, 10)]
    assert (said.link, said.name, said.noise_kind, said.noise_scale) == ("z1", None, "rademacher", "0.3")
    path.write_text('link = "z1"\nname = 0.5\n')
    with pytest.raises(InputError, match=r"t: name is '0.5': expected text"):
        written(read_file(path), "t")


@pytest.mark.parametrize(
    ("noise", "kind", "scale"),
    [({}, "none", 0), ({"scale": 3}, "rademacher", 3), ({"kind": "gaussian"}, "gaussian", 1), ({"kind": "none"}, "none", 0),
     ({"kind": "none", "scale": 2}, "none", 2)],
)  # fmt: skip
def test_what_noise_means_where_a_part_is_left_out(noise, kind, scale):
    assert written({"link": "z1", "noise": noise, "name": "n"}, "t") == Written("z1", "n", None, kind, scale)
    assert written({"link": "z1"}, "t") == Written("z1", None, None, "none", 0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "t: link is None: expected an expression as text"),
        ({"link": 3}, "t: link is 3: expected"),
        ({"link": "z1", "colour": 1}, "t: unknown key 'colour': expected directions, link, name, noise"),
        ({"link": "z1", "name": 3}, "t: name is 3: expected text"),
        ({"link": "z1", "noise": "loud"}, "t: noise is 'loud': expected a table with kind and scale"),
        ({"link": "z1", "noise": {"size": 1}}, "t: noise: unknown key 'size': expected kind, scale"),
        ({"link": "z1", "directions": [1, 0]}, r"t: directions is \[1, 0\]: expected a list of rows"),
        ({"link": "z1", "directions": ((1, 0),)}, "t: directions is"),
    ],
)
def test_what_a_mapping_may_not_say(data, said):
    with pytest.raises(InputError, match=said):
        written(data, "t")


def test_keys_and_rows_of_a_table():
    known_keys({"W": 1, "a": 2}, {"W", "a", "b"}, "network")
    assert rows_of([[1], [2]], "network", "W") == [[1], [2]]
    with pytest.raises(InputError, match=r"network: W is \[\[1\], 2\]: expected a list of rows"):
        rows_of([[1], 2], "network", "W")
    assert str(constant_target("0*z1", 0)).startswith("'0*z1' does not depend on x, it equals 0 almost surely")


def test_rows_of_directions():
    assert direction_matrix(np.array([[1.5, 0.0], [2.0, 0.1]])) == direction_matrix([["3/2", 0], [2, "1/10"]])
    assert len(direction_matrix([[1] * MAX_AMBIENT])[0]) == MAX_AMBIENT == 1000
    for rows, said in [
        ([[1] * (MAX_AMBIENT + 1)], "more than 1000 columns"),
        ([], r"rows of lengths \[\]: expected one row u_i for each z_i, all of one length d >= 1"),
        ([[], []], r"rows of lengths \[0, 0\]"),
        ([[1], [1, 2]], r"rows of lengths \[1, 2\]"),
        ("12", "directions is '12': expected a list of rows u_i"),
        (["12"], "expected a list of rows u_i"),
        ([[1], 2], "expected a list of rows u_i"),
        ([[1, 2], [3, True]], "directions, row 2, column 2 is True"),
        ([[1, "z"]], "directions, row 1, column 2: "),
    ]:
        with pytest.raises(InputError, match=said):
            direction_matrix(rows)

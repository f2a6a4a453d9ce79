"""Which texts become polynomial targets, which become general links, and what is refused."""

import pickle

import pytest

from steinlab.theory.errors import InputError
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

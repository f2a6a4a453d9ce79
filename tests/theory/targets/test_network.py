"""Networks as targets: how they are written, read and refused; what is said of them against NumPy's quadrature."""

import json
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from consistency import interval
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf, expit

from steinlab.checks.assumptions.check import check
from steinlab.theory.errors import InputError
from steinlab.theory.targets.network import MAX_NEURONS, MAX_WEIGHTS, Network
from steinlab.theory.targets.target import PolynomialTarget, Target

TABLE = """
name = "teacher"
[network]
activation = "relu"
weights = [[1, 2, 3], [1, -1, 5]]
biases = [0, 0.1]
"""
FUNCTIONS = {
    "relu": lambda u: np.maximum(u, 0),
    "tanh": np.tanh,
    "sigmoid": expit,
    "erf": erf,
    "abs": np.abs,
    "He(2,u) + u": lambda u: u**2 - 1 + u,
}


def written(tmp_path, text):
    path = tmp_path / "t.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("weights", "head", "biases", "activation", "link"),
    [
        ([[1, 2], [0, -1]], None, None, "relu", "relu(z1 + 2*z2) + relu(-z2)"),
        ([[1, "-1/2"]], [-1], ["sqrt(2)"], "tanh", "(-1)*tanh(z1 - 1/2*z2 + sqrt(2))"),
        ([[0.5]], ["1 + sqrt(2)"], [-3], "erf", "(1 + sqrt(2))*erf(1/2*z1 - 3)"),
        ([[2], [3]], [0, 1], None, "He(3, u)", "(He(3, (3*z1)))"),
        ([[0, 0], [0, 1]], None, [1, 0], "relu", "relu(1) + relu(z2)"),
        ([["1 - sqrt(2)", 1]], None, None, "relu", "relu((1 - sqrt(2))*z1 + z2)"),
    ],
)
def test_the_link_that_a_network_is(weights, head, biases, activation, link):
    network = Network.of(weights, head, biases, activation)
    assert network.link == link
    assert Network.from_table(network.to_mapping(), "here", Path()) == network


def test_arrays_are_the_binary_numbers_that_they_are_and_lists_decimals():
    w = np.array([[0.1, 3.0]])
    assert Network.of(w).weights[0][0].fraction == Fraction(0.1) != Fraction(1, 10)
    assert Network.of([[0.1, 3]]).weights[0][0].fraction == Fraction(1, 10)
    assert Network.of(w.astype("float32")).weights[0][0].fraction == Fraction(float(np.float32(0.1)))
    assert Network.of(np.array([[1, -2]])).link == "relu(z1 - 2*z2)"


def test_a_file_is_read_and_told_by_its_neurons(tmp_path):
    target = Target.load(written(tmp_path, TABLE))
    assert repr(target) == "LinkTarget(network of 2 neurons relu of 3 latent variables, name='teacher')"
    assert target.network.biases[1].fraction == Fraction(1, 10)
    report = check(target)
    assert "the sum of 2 neurons relu of 3 latent variables" in report.to_text()
    assert "neuron 2: relu(z1 - z2 + 5*z3 + 1/10)" in report.to_text(full=True)
    told = json.loads(report.to_json())["target"]
    assert told["network"]["weights"] == [["1", "2", "3"], ["1", "-1", "5"]]
    again = Target.from_mapping({key: told[key] for key in ("link", "name", "noise", "network")})
    assert (again.link, again.network, again.noise) == (target.link, target.network, target.noise)


def test_a_file_of_arrays_lies_beside_it(tmp_path):
    w, a = np.array([[0.25, -1.0], [2.0, 0.1]]), np.array([1.0, -0.5])
    np.savez(tmp_path / "w.npz", W=w, a=a)
    target = Target.load(written(tmp_path, '[network]\nactivation = "tanh(u + 1)"\nfile = "w.npz"\n'))
    assert target.network == Network.of(w, a, activation="tanh(u + 1)")
    assert target.network.head[1].fraction == Fraction(-1, 2)


def test_directions_stand_under_the_latent_variables():
    """relu(z1) + relu(-z2) with u1 = u2 is |x1|; a latent variable that no neuron sees needs a direction too, or none."""
    report = check(Target.from_network([[1, 0], [0, -1]], directions=[[1, 0], [1, 0]]))
    assert (report.effective_dimension.value, report.information_exponent.value) == (1, 2)
    seen, bare = Target.from_network([[1, 0]], directions=[[0, 2], [1, 1]]), Target.from_network([[1]], directions=[[0, 2]])
    assert seen.directions == bare.directions


def test_cancellations_make_polynomials():
    target = Target.from_network([[1, 2], [-1, -2]], [1, -1])  # relu(u) - relu(-u) = u
    assert isinstance(target, PolynomialTarget)
    assert target.degree == 1
    with pytest.raises(InputError, match="does not depend on x"):
        Target.from_network([[1], [1]], [1, -1])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("network = 3", "expected a table"),
        ("[network]\nactivation = 'relu'", "no weights"),
        ("[network]\nweights = [[1], [1, 2]]", "rows of different lengths"),
        ("[network]\nweights = [[]]", "no rows"),
        ("[network]\nweights = 'W'", "weights is 'W'"),
        ("[network]\nweights = [[1]]\nhead = [1, 2]", "head has 2 numbers for 1 neurons"),
        ("[network]\nweights = [['x']]", "weights, neuron 1, entry 1"),
        ("[network]\nweights = [[1]]\nwidth = 3", "unknown key 'width'"),
        ("[network]\nweights = [[1]]\nactivation = ''", "the activation is ''"),
        ("[network]\nweights = [[1]]\nactivation = 'nosuch'", "nosuch"),
        ("[network]\nweights = [[1]]\nfile = 'w.npz'", "file and weights"),
        ("[network]\nfile = 'absent.npz'", "cannot read"),
        ("[network]\nfile = 3", "file is 3"),
        ("[network]\nfile = 't.toml'", "cannot read"),
        ("link = 'z1'\n[network]\nweights = [[2]]", "give one of the two"),
        ("directions = [[1]]\n[network]\nweights = [[1, 2]]", "directions have 1 rows, the neurons 2 weights"),
    ],
)
def test_what_is_no_network_is_refused_on_one_line(tmp_path, table, message):
    with pytest.raises(InputError) as error:
        Target.load(written(tmp_path, table))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"V": np.ones((1, 1))}, "holds the arrays V"),
        ({"W": np.ones(3)}, "shape"),
        ({"W": np.array([[np.nan]])}, "finite"),
        ({"W": np.array([["a"]])}, "real numbers"),
        ({"W": np.ones((1, 1)), "a": np.ones((1, 1))}, "shape"),
        ({"W": np.array([[object()]], dtype=object)}, "cannot read"),
    ],
)
def test_arrays_that_are_none_of_a_network_are_refused(tmp_path, arrays, message):
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(InputError, match=message):
        Target.load(written(tmp_path, '[network]\nfile = "w.npz"\n'))


def test_what_is_no_array_is_not_printed_whole(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("W.npy", b"junk" * 10_000)
    for table in ('file = "w.npz"', f'weights = "{"x" * 10_000}"', f"weights = {[1] * 5_000}", f"file = {[1] * 5_000}"):
        with pytest.raises(InputError) as error:
            Target.load(written(tmp_path, f"[network]\n{table}\n"))
        assert len(str(error.value)) < 300


def test_sizes_are_bounded():
    Network.of([[1]] * MAX_NEURONS)
    Network.of([[1] * 32] * (MAX_WEIGHTS // 32))
    for weights in ([[1]] * (MAX_NEURONS + 1), [[1] * 33] * (MAX_WEIGHTS // 32)):
        with pytest.raises(InputError, match="bounds"):
            Network.of(weights)


@st.composite
def networks(draw):
    m, r = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    entries = st.integers(-3, 3)
    weights = [[draw(entries) for _ in range(r)] for _ in range(m)]
    head = [draw(st.sampled_from([1, -1, 2, 0.5])) for _ in range(m)]
    biases = [draw(st.sampled_from([0, 0, 1, -0.5])) for _ in range(m)]
    return weights, head, biases, draw(st.sampled_from(sorted(FUNCTIONS)))


def against_quadrature(weights, head, biases, activation):
    """Mean, second moment and the rank of H from a sum over a grid in the latent variables."""

    def values(z):
        return FUNCTIONS[activation](z @ np.array(weights, float).T + np.array(biases, float)) @ np.array(head, float)

    try:
        report = check(Target.from_network(weights, head, biases, activation))
    except InputError:  # it does not depend on x
        assert np.ptp(values(np.random.default_rng(0).standard_normal((50, len(weights[0]))))) < 1e-9
        return
    found = report.to_dict()
    nodes = np.linspace(-7, 7, {1: 2001, 2: 201, 3: 61}[len(weights[0])])
    rule = np.exp(-(nodes**2) / 2)
    rule = rule / rule.sum()
    z = np.stack([g.ravel() for g in np.meshgrid(*[nodes] * len(weights[0]), indexing="ij")], axis=1)
    p = np.prod(np.stack(np.meshgrid(*[rule] * len(weights[0]), indexing="ij")), axis=0).ravel()
    f = values(z)
    scale = 1 + (p * f**2).sum()
    for name, value in (("mean", (p * f).sum()), ("second_moment", (p * f**2).sum())):
        if found[name] is not None:
            low, high = map(float, interval(found[name]))
            assert low - 0.02 * scale <= value <= high + 0.02 * scale
    h = (z * (p * f)[:, None]).T @ z - np.eye(z.shape[1]) * (p * f).sum()
    sizes = np.abs(np.linalg.eigvalsh(h))
    low, high = found["expected_hessian"]["rank_bounds"]
    assert (sizes > 0.1 * scale).sum() <= (high if high is not None else len(h))
    assert low <= len(h)
    if low > 0:
        assert sizes.max() > 0
    gradient = np.abs((z * (p * f)[:, None]).sum(axis=0)).max()
    if gradient > 0.1 * scale:
        assert found["information_exponent"]["value"] in (1, None)


@settings(max_examples=12)
@given(networks())
def test_what_is_said_agrees_with_quadrature(network):
    against_quadrature(*network)

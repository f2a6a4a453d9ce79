"""Thresholds against the definition sup E|ℓ' σ''| by sampling and quadrature; hypotheses that fail, each by name."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.theory.errors import InputError
from steinlab.theory.shape.bounds import Bound
from steinlab.theory.shape.labels import LabelMoments, label_moments
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.losses import Loss
from steinlab.theory.statements.thresholds import contraction_rate, density_supremum, hypotheses, threshold, weight_decay_warning
from steinlab.theory.verdicts import Evidence, Verdict

CURVATURE = {
    "tanh": lambda z: -2 * np.tanh(z) * (1 - np.tanh(z) ** 2),
    "erf": lambda z: -4 * z * np.exp(-(z**2)) / np.sqrt(np.pi),
    "sigmoid": lambda z: np.exp(-z) * (np.exp(-z) - 1) / (1 + np.exp(-z)) ** 3,
}
VALUE = {
    "tanh": np.tanh,
    "erf": lambda z: np.vectorize(lambda t: float(mpmath.erf(t)))(z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
@given(scale=st.floats(0.1, 5), b=st.floats(-2, 2), seed=st.integers(0, 3))
def test_squared_loss_bounds_the_definition(name, scale, b, seed):
    """m |a_j| E|(ŷ - y) σ''(w·x + b)| for one neuron and y = x_1³/3 + x_1, w any direction."""
    gamma0 = threshold(Activation.of(name), Loss.squared(), labels=label_moments("z1**3/3 + z1"))
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((20_000, 2))
    w = scale * rng.standard_normal(2)
    pre = x @ w + b
    y = x[:, 0] ** 3 / 3 + x[:, 0]
    sampled = np.abs((VALUE[name](pre) - y) * CURVATURE[name](pre))
    assert sampled.mean() - 5 * sampled.std() / np.sqrt(len(x)) <= float(gamma0)


def test_closed_forms():
    assert float(threshold(Activation.of("tanh"), Loss.huber(2))) == pytest.approx(2 * 4 / (3 * np.sqrt(3)), rel=1e-14)
    expected = 3 / (0.5 * np.sqrt(2 * np.pi * np.e))
    assert float(threshold(Activation.of("relu"), Loss.huber(3), bias_gap=Fraction(1, 2))) == pytest.approx(expected, rel=1e-14)
    at = threshold(Activation.of("tanh"), Loss.squared(), labels=label_moments("z1"))
    assert float(at) == pytest.approx(4 / (3 * np.sqrt(3)) * (1 + np.sqrt(2 / np.pi)), rel=1e-14)
    assert at.evidence is Evidence.EXACT
    assert [name for name, _ in at.rests_on] == ["β_0", "β_2", "E|y|"]
    assert float(at) <= at.upper <= float(at) + 1e-11


@given(st.fractions(Fraction(1, 10), 10), st.floats(0.01, 100))
def test_the_density_supremum_is_one(b, s):
    density = float(np.exp(-(float(b) ** 2) / (2 * s * s)) / np.sqrt(2 * np.pi) / s)
    assert density <= float(density_supremum(b)) * (1 + 1e-12)
    at = float(b)
    assert float(np.exp(-0.5) / np.sqrt(2 * np.pi) / at) == pytest.approx(float(density_supremum(-b)), rel=1e-12)


FAILURES = [
    ("relu", "squared", {"bias_gap": 1}, "unbounded"),
    ("relu", "huber", {"bias_gap": 0}, "b\\* is 0"),
    ("relu", "huber", {}, "bounded away"),
    ("softplus", "squared", {"labels": "z1"}, "bounded activation"),
    ("abs(z1)", "huber", {}, "neither ReLU nor smooth"),
    ("tanh", "squared", {}, "E\\|y\\|"),
    ("sigmoid", "logistic", {"labels": "z1"}, "infinite"),
    ("sigmoid", "logistic", {}, "label moments"),
]


@pytest.mark.parametrize(("activation", "loss", "given_", "reason"), FAILURES)
def test_a_hypothesis_that_fails_is_named_and_enforced(activation, loss, given_, reason):
    given_ = {k: label_moments(v) if k == "labels" else v for k, v in given_.items()}
    activation, loss = Activation.of(activation), Loss.of(loss)
    verdicts = {f.verdict for f in hypotheses(activation, loss, **given_)}
    assert verdicts != {Verdict.HOLDS}
    with pytest.raises(InputError, match=reason):
        threshold(activation, loss, **given_)


def test_a_shifted_relu_asks_for_the_distance_to_its_kink():
    assert finding("biases", Activation.of("relu").shifted(2), Loss.huber(), bias_gap=1).reason == "every |b_j - 2| >= 1 > 0"
    assert finding("biases", Activation.of("relu"), Loss.huber(), bias_gap=3).reason == "every |b_j - 0| >= 3 > 0"


def test_logistic_with_bounded_labels():
    gamma0 = threshold(Activation.of("sigmoid"), Loss.logistic(), labels=label_moments("sign(z1)"))
    assert float(gamma0) == pytest.approx(np.sqrt(3) / 18)


def test_logistic_with_labels_beyond_its_range_is_not_covered():
    labels = label_moments("2*sign(z1)")
    assert {f.id: f.verdict for f in hypotheses(Activation.of("sigmoid"), Loss.logistic(), labels=labels)}["mousavi.loss"] is (
        Verdict.UNDECIDED
    )
    wide = Loss.logistic(max_label=2)
    assert {f.id: f.verdict for f in hypotheses(Activation.of("sigmoid"), wide, labels=labels)}["mousavi.loss"] is Verdict.HOLDS


def test_declared_constants_leave_the_hypothesis_undecided_but_give_a_number():
    mine = Activation.declared("mine", 1, 1, 2)
    (finding, _) = hypotheses(mine, Loss.huber())
    assert finding.verdict is Verdict.UNDECIDED
    gamma0 = threshold(mine, Loss.huber())
    assert float(gamma0) == 2
    assert gamma0.is_declared
    with pytest.raises(InputError, match="label moments"):
        threshold(mine, Loss.squared())
    assert float(threshold(mine, Loss.squared(), labels=label_moments("sign(z1)"))) == 4
    concave = Loss.declared("mine", lipschitz=1, smoothness=1, convex=False)
    with pytest.raises(InputError, match="not convex"):
        threshold(Activation.of("tanh"), concave)


def test_the_word_for_one_constant_stands_for_no_other():
    """σ is declared bounded: that E|y| is not known remains in the way of a threshold."""
    mine = Activation.declared("mine", 1, 1, 2)
    known = label_moments("sign(z1)")
    labels = LabelMoments(known.mean_square, Bound.unknown("nobody knows"), known.largest)
    with pytest.raises(InputError, match=r"E\|y\| is .*nobody knows"):
        threshold(mine, Loss.squared(), labels=labels)
    with pytest.raises(InputError, match=r"only|give"):
        threshold(mine, Loss.logistic(), labels=label_moments("z1"))


def finding(which, activation, loss, **given_):
    (found,) = [f for f in hypotheses(activation, loss, **given_) if f.id == f"mousavi.{which}"]
    return found


def test_what_is_declared_is_said_for_each_hypothesis():
    """One declared constant is enough; a declared σ that is bounded does not decide the squared loss either."""
    mine = Activation.declared("mine", 1, 1, 2)
    labels = label_moments("sign(z1)")
    losses = [Loss.declared("mine", lipschitz=1, smoothness=1, convex=True), Loss.squared()]
    found = [finding("loss", mine, loss, labels=labels) for loss in losses]
    assert [f.verdict for f in found] == [Verdict.UNDECIDED] * 2
    assert [f.evidence for f in found] == [Evidence.NUMERICAL] * 2
    assert found[0].reason.startswith("L = 1 and convexity are ")
    assert found[1].reason.startswith("β_0 = 1 is ")
    assert finding("activation", mine, losses[0]).reason.startswith("β_0 = 1, β_1 = 1, β_2 = 2 are ")
    gamma0 = threshold(mine, Loss.huber())
    assert (str(gamma0), gamma0.upper) == ("2", 2)


def test_losses_without_a_bounded_derivative():
    quadratic = Loss.declared("mine", lipschitz=None, smoothness=1, convex=True)
    for activation, loss, use in [
        ("relu", Loss.squared(), "ReLU needs an L-Lipschitz loss, such as huber"),
        ("tanh", quadratic, "use huber, logistic or squared"),
    ]:
        found = finding("loss", Activation.of(activation), loss, labels=label_moments("sign(z1)"), bias_gap=1)
        assert (found.verdict, found.evidence) == (Verdict.FAILS, Evidence.EXACT)
        assert found.reason == f"ℓ' of the {loss.name} loss is unbounded: {use}"


def test_a_threshold_is_rounded_up():
    """γ_0 = 4/(3√3) is irrational: the rational number above it is one of 2^40 parts away at most."""
    gamma0 = threshold(Activation.of("tanh"), Loss.huber())
    exact = mpmath.mpf(4) / (3 * mpmath.sqrt(3))
    above = mpmath.mpf(gamma0.upper.numerator) / gamma0.upper.denominator
    assert exact < above < exact + mpmath.mpf(2) ** -40
    with pytest.raises(InputError, match=r"b\* is 0: a ReLU's kink must keep a distance"):
        density_supremum(0)


def test_negative_gaps_are_refused():
    with pytest.raises(InputError, match="distance"):
        hypotheses(Activation.of("relu"), Loss.huber(), bias_gap=-1)


# -- weight decay


def test_the_warning_names_the_lost_guarantee():
    gamma0 = threshold(Activation.of("relu"), Loss.huber(), bias_gap=1)
    edge = float(gamma0) / 50
    assert weight_decay_warning(edge * 1.001, gamma0, 50) is None
    for decay in (0.0, edge * 0.999):
        warning = weight_decay_warning(decay, gamma0, 50)
        assert "rank <= k" in warning
        assert "allowed" in warning
    assert float(contraction_rate(1.0, gamma0, 50)) == pytest.approx(2 * (1 - edge))


@pytest.mark.parametrize("decay", [-1.0, float("nan"), float("inf"), "1", None])
def test_bad_weight_decay(decay):
    gamma0 = threshold(Activation.of("tanh"), Loss.huber())
    with pytest.raises(InputError, match="weight decay"):
        weight_decay_warning(decay, gamma0, 10)


@pytest.mark.parametrize("width", [0, -3, 2.0, True])
def test_bad_width(width):
    gamma0 = threshold(Activation.of("tanh"), Loss.huber())
    assert float(contraction_rate(2, gamma0, 1)) == pytest.approx(4 - 2 * float(gamma0))
    with pytest.raises(InputError, match="width"):
        contraction_rate(1, gamma0, width)

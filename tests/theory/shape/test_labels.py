"""Label moments against quadrature by mpmath and against sampling."""

import mpmath
import numpy as np
import pytest

from steinlab.theory.errors import InputError
from steinlab.theory.shape.labels import label_moments
from steinlab.theory.statements.activations import Activation
from steinlab.theory.statements.losses import Loss
from steinlab.theory.statements.thresholds import threshold
from steinlab.theory.targets.target import Noise, Target
from steinlab.theory.verdicts import Evidence, Verdict

ONE_DIRECTION = [
    ("z1**3/3 + z1", lambda z: z**3 / 3 + z),
    ("He(2, z1)", lambda z: z**2 - 1),
    ("tanh(z1)", mpmath.tanh),
    ("relu(z1) - 1/4", lambda z: max(z, 0) - mpmath.mpf(1) / 4),
]


@pytest.mark.parametrize(("text", "f"), ONE_DIRECTION)
@pytest.mark.parametrize("scale", [None, "1/2", "2"])
def test_one_direction_agrees_with_quadrature(text, f, scale):
    target = Target.from_expression(text, noise=Noise() if scale is None else Noise("rademacher", scale))
    moments = label_moments(target)
    s = mpmath.mpf(0) if scale is None else mpmath.mpf(float(target.noise.scale))

    def mean(h):
        cuts = np.linspace(-12, 12, 97).tolist()
        return float(mpmath.quad(lambda z: (h(f(z) + s) + h(f(z) - s)) / 2 * mpmath.npdf(z), cuts))

    assert float(moments.mean_size) == pytest.approx(mean(abs), abs=1e-5)
    assert float(moments.mean_square) == pytest.approx(mean(lambda y: y * y), rel=1e-9)
    assert float(moments.root_mean_square) ** 2 == pytest.approx(float(moments.mean_square), rel=1e-12)
    assert moments.mean_size.tight


@pytest.mark.parametrize(
    ("text", "noise"),
    [("z1*z2", None), ("tanh(z1)*z2", None), ("z1 + z2**2", Noise("rademacher", 1)), ("tanh(z1)", Noise("gaussian", "1/2"))],
)
def test_elsewhere_it_is_an_upper_bound(text, noise):
    target = Target.from_expression(text, noise=noise or Noise())
    moments = label_moments(target)
    rng = np.random.default_rng(0)
    z1, z2 = rng.standard_normal((2, 100_000))
    y = {"z1*z2": z1 * z2, "tanh(z1)*z2": np.tanh(z1) * z2, "z1 + z2**2": z1 + z2**2, "tanh(z1)": np.tanh(z1)}[text]
    e = rng.choice([-1.0, 1.0], len(y)) if target.noise.kind == "rademacher" else rng.standard_normal(len(y))
    y = y + float(target.noise.scale) * e
    assert not moments.mean_size.tight
    assert np.abs(y).mean() <= float(moments.mean_size)
    assert float(moments.mean_size) == pytest.approx(np.sqrt((y**2).mean()), rel=0.02)


def test_directions_that_coincide_count_as_one():
    target = Target.from_expression("z1 + z2", directions=[[1, 1], [1, 1]])
    assert float(label_moments(target).mean_size) == pytest.approx(np.sqrt(8) * np.sqrt(2 / np.pi), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "noise", "largest"),
    [
        ("sign(z1)", None, 1.0),
        ("tanh(z1) + sin(z2)", Noise("rademacher", 2), 4.0),
        ("tanh(z1)", Noise("gaussian", 1), float("inf")),
        ("z1**2", None, float("inf")),
        ("relu(z1)", None, float("inf")),
        ("z1*exp(-z1**2)", None, float(1 / np.sqrt(2 * np.e))),
    ],
)
def test_the_largest_label(text, noise, largest):
    found = label_moments(Target.from_expression(text, noise=noise or Noise())).largest
    assert float(found) == pytest.approx(largest, rel=1e-8)
    assert found.finite is (Verdict.FAILS if largest == float("inf") else Verdict.HOLDS)


def test_without_an_integral_the_range_stands_in():
    """Over four variables that do not separate no integral is enclosed."""
    moments = label_moments("tanh(z1*z2 + z3*z4*z5)")
    assert (str(moments.mean_size.value), moments.mean_size.tight) == ("1", False)
    unknown = label_moments("tanh(z1*z2 + z3*z4) + z1").mean_size
    assert (unknown.value, unknown.finite) == (None, Verdict.UNDECIDED)
    with pytest.raises(InputError, match="no enclosure"):
        threshold(Activation.of("tanh"), Loss.squared(), labels=label_moments("tanh(z1*z2 + z3*z4) + z1"))


def test_evidence_of_integrals_is_certified():
    moments = label_moments(Target.from_expression("tanh(z1)", noise=Noise("gaussian", 1)))
    assert moments.mean_size.evidence is Evidence.CERTIFIED
    assert label_moments("z1").mean_size.evidence is Evidence.EXACT


def test_other_things_are_refused():
    with pytest.raises(InputError, match="expected a Target"):
        label_moments(3)


@pytest.mark.parametrize(
    ("text", "size", "reason", "tight"),
    [
        ("z1**24", "316234143225", "E|y| = 316234143225, a closed form or certified integral", True),
        ("z1**26", "5.459146374e+16", "E|y| <= sqrt(E y²), by Jensen", False),
        ("sign(z1)", "1", "E|y| = 1, a closed form or certified integral", True),
        ("z1*z2", "1", "E|y| <= sqrt(E y²), by Jensen", False),
        ("tanh(z1)*tanh(z2)", "0.3942944904", "E|y| <= sqrt(E y²), by Jensen", False),
        ("tanh(z1*z2 + z3*z4*z5)", "1", "E|y| <= sup|y|: exact ranges of the terms of the link", False),
    ],
)
def test_the_mean_size_says_what_it_is(text, size, reason, tight):
    """E z^24 = 23!!; from degree 25 on Jensen's bound √(51!!) stands in."""
    found = label_moments(text).mean_size
    assert (str(found), found.reason, found.tight) == (size, reason, tight)


@pytest.mark.parametrize(
    ("text", "noise", "largest", "reason"),
    [
        ("z1**2", None, "infinite", "a polynomial that is not constant is unbounded"),
        ("tanh(z1)", Noise("gaussian", 1), "infinite", "Gaussian noise is unbounded"),
        ("3*tanh(z1) - 1", Noise("rademacher", "1/2"), "4.5", "exact ranges of the terms of the link"),
        ("tanh(z1)*z2", None, "unknown", "no bound on the link was proved"),
        ("relu(z1)", Noise("rademacher", 1), "infinite", "a power of |z| dominates on a half-line"),
    ],
)
def test_the_largest_label_says_what_it_rests_on(text, noise, largest, reason):
    found = label_moments(Target.from_expression(text, noise=noise or Noise())).largest
    assert (str(found), found.reason) == (largest, reason)

"""Kinks and jumps of links are found where they are."""

import numpy as np
import pytest

from steinlab.numerics.samples.latent_link import LatentLink
from steinlab.theory.targets.target import Target


def test_links_know_their_kinks_and_jumps():
    link = LatentLink.of(Target.from_expression("abs(z1 - 1) + relu(z2) + z1*z2"))
    assert link.kinks == ((1.0,), (0.0,))
    assert np.allclose(link.slopes[0](np.array([[3.0, 2.0], [0.0, 2.0]])), [3.0, 1.0])
    assert LatentLink.of(Target.from_expression("sign(z1)*z1")).slopes is not None
    assert LatentLink.of(Target.from_expression("sign(z1)*z2")).slopes is None
    assert LatentLink.of(Target.from_expression("abs(z1 + z2)")).slopes is None  # not at a fixed value of one latent


@pytest.mark.parametrize(
    ("text", "kinks", "smooth"),
    [
        ("abs(3*z1 - 2) + relu(z1 + 1/4)", ((-1 / 4, 2 / 3),), True),
        ("sign(2*z1 - 1)*(z1 - 1/2)", ((1 / 2,),), True),
        ("sign(z1)*(z1 - 1/2)", ((0.0,),), False),
        ("exp(abs(z1 - 1/2))*z2", ((1 / 2,), ()), True),
        ("abs(z1)*abs(z2 - 1)", ((0.0,), (1.0,)), True),
        ("abs(sqrt(2)*z1 - 1)", ((2**-0.5,),), True),
        ("abs(z1**2 - 1)", ((-1.0, 1.0),), True),
        ("Piecewise((z1, z1 > 1), (1, True))", ((1.0,),), True),
        ("Piecewise((z1, z1 > 1), (0, True))", ((1.0,),), False),
        ("sqrt(abs(z1))", ((),), False),
        ("z1**2*z2", ((), ()), True),
        ("tanh(z1)", ((),), True),
    ],
)
def test_kinks_are_where_the_links_have_them(text, kinks, smooth):
    """Each at its place, whatever the scale of the form; slopes are differences away from them."""
    link = LatentLink.of(Target.from_expression(text))
    assert [tuple(points) for points in link.kinks] == [pytest.approx(points, abs=1e-15) for points in kinks]
    assert (link.slopes is not None) == smooth
    z = np.random.default_rng(0).standard_normal((20, len(kinks)))
    for i, slope in enumerate(link.slopes or ()):
        step = 1e-6 * np.eye(len(kinks))[i]
        np.testing.assert_allclose(slope(z), (link.value(z + step) - link.value(z - step)) / 2e-6, rtol=1e-6, atol=1e-6)


def test_a_callable_may_jump_anywhere():
    link = LatentLink.of(Target.from_callable(lambda z: z[:, 0] * z[:, 1], latent_dimension=2))
    assert (link.slopes, link.kinks) == (None, ((), ()))
    assert link.value(np.array([[3.0, 2.0]])).tolist() == [6]

"""Kinks and jumps of links are found where they are."""

import numpy as np

from steinlab.numerics.samples.latent_link import LatentLink
from steinlab.theory.targets.target import Target


def test_links_know_their_kinks_and_jumps():
    link = LatentLink.of(Target.from_expression("abs(z1 - 1) + relu(z2) + z1*z2"))
    assert link.kinks == ((1.0,), (0.0,))
    assert np.allclose(link.slopes[0](np.array([[3.0, 2.0], [0.0, 2.0]])), [3.0, 1.0])
    assert LatentLink.of(Target.from_expression("sign(z1)*z1")).slopes is not None
    assert LatentLink.of(Target.from_expression("sign(z1)*z2")).slopes is None
    assert LatentLink.of(Target.from_expression("abs(z1 + z2)")).slopes is None  # not at a fixed value of one latent

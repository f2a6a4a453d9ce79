"""Label noise has its law, and a run the noise that is asked for."""

import numpy as np
import pytest

from steinlab.numerics.samples.noise import noise_values, resolve_noise
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Noise, Target

FIGURE_1 = Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)", noise=Noise("rademacher", 1))


def test_noise_has_its_law():
    rng = np.random.default_rng(0)
    signs = noise_values(Noise("rademacher", 3), 10_000, rng)
    assert set(np.unique(signs)) == {-3.0, 3.0}
    assert abs(signs.mean()) < 0.15
    normal = noise_values(Noise("gaussian", 3), 10_000, rng)
    assert abs(normal.std() - 3) < 0.15
    assert not noise_values(Noise(), 5, rng).any()


def test_noise_may_be_a_scale_of_the_targets_kind():
    assert resolve_noise(FIGURE_1, None) == Noise("rademacher", 1)
    assert resolve_noise(FIGURE_1, "0.1") == Noise("rademacher", "1/10")
    assert resolve_noise(Target.from_expression("z1", noise=Noise("gaussian", 1)), 2) == Noise("gaussian", 2)
    assert resolve_noise(Target.from_expression("z1"), 2) == Noise("rademacher", 2)
    assert resolve_noise(FIGURE_1, 0) == resolve_noise(FIGURE_1, Noise()) == Noise()
    with pytest.raises(InputError, match="noise scale is -1"):
        resolve_noise(FIGURE_1, -1)


def test_the_first_draws_of_a_seed_stay():
    assert noise_values(Noise("rademacher", 1), 6, generator(0)).tolist() == [1, -1, -1, -1, -1, -1]
    long, short = (noise_values(Noise("gaussian", 2), n, generator(0)) for n in (9, 4))
    assert long[:4].tolist() == short.tolist()

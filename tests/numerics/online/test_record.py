"""What is recorded of runs: the steps, and the means over seeds."""

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.online.record import checked_steps, log_spaced
from steinlab.numerics.online.trajectories import online_sgd
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

TANH = Target.from_expression("tanh(z1)")


@given(T=st.integers(1, 10**6), count=st.integers(1, 60))
def test_log_spaced_steps_start_at_zero_end_at_T_and_increase(T, count):
    steps = log_spaced(T, count)
    assert steps[0] == 0
    assert steps[-1] == T
    assert all(a < b for a, b in itertools.pairwise(steps))
    assert len(steps) <= count + 2


def test_one_diverged_seed_leaves_the_mean_of_the_others():
    run = online_sgd(TANH, T=5, d=3, m=4, seeds=[0, 1, 2], record=[5], test=0)
    broken = dataclasses.replace(run, diverged_at=np.array([[0], [3], [0]]))
    means, errors, counts = broken.mean_over_seeds(run.norm)
    np.testing.assert_allclose(means[0, 0], (run.norm[0, 0, 0] + run.norm[2, 0, 0]) / 2)
    np.testing.assert_allclose(errors[0, 0], abs(run.norm[0, 0, 0] - run.norm[2, 0, 0]) / 2)
    assert counts.tolist() == [[2]]
    alone = dataclasses.replace(run, diverged_at=np.array([[1], [3], [0]]))
    means, errors, counts = alone.mean_over_seeds(run.norm)
    assert (means[0, 0], counts.tolist()) == (run.norm[2, 0, 0], [[1]])
    assert np.isnan(errors).all()
    names = [f"seed {seed} with λ = {run.recipes[0].weight_decay:g} diverged at step {t}" for seed, t in ((0, 1), (1, 3))]
    assert [sentence.partition(":")[0] for sentence in alone.warnings[-2:]] == names
    assert repr(run) == "OnlineSGDRun(3 seeds, 1 recipes, m = 4, d = 3, T = 5)"


def test_steps_that_are_asked_for_are_sorted_and_within_the_run():
    assert checked_steps("record", [5, 0, 5, 2], 5) == (0, 2, 5)
    assert checked_steps("record", [], 5) == ()
    assert log_spaced(1, 1) == (0, 1)
    for wrong in ((0, 5), (5, 0)):
        with pytest.raises(InputError, match="= 0 is too small"):
            log_spaced(*wrong)
    with pytest.raises(InputError, match="record asks for step 6, which is beyond T = 5"):
        checked_steps("record", [6], 5)
    with pytest.raises(InputError, match="record"):
        checked_steps("record", [-1], 5)

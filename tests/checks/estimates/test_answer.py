"""What is claimed: bounds from one side, verdicts, warnings, sample sizes."""

import math

import numpy as np
import pytest

from steinlab.checks.estimates.answer import Answer
from steinlab.checks.estimates.estimate import estimate
from steinlab.numerics.estimation.facts import measure
from steinlab.numerics.estimation.sample_sizes import needed_for_dimension, needed_for_energy, needed_for_rank
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Verdict

RNG = np.random.default_rng(1)
X = RNG.standard_normal((1500, 6))
FOUND = estimate(X, X[:, 0] * X[:, 1] + RNG.standard_normal(1500))
NOTHING = estimate(X, RNG.standard_normal(1500))


def test_nothing_is_claimed_of_noise():
    assert (NOTHING.rank.lower, NOTHING.dimension.lower, NOTHING.information_exponent.upper) == (0, 0, None)
    assert all(NOTHING.nonzero(k) is Verdict.UNDECIDED for k in (1, 2, 3))
    assert {f.verdict for f in NOTHING.findings} == {Verdict.UNDECIDED}
    assert NOTHING.information_exponent.lower == 1
    assert "1.64 asked for" in NOTHING.rank.reason


def test_reasons_count_directions():
    assert FOUND.rank.reason.startswith("2 directions of H of one half confirmed")
    assert f"the next has {FOUND.facts.rank.test.scores[2]:.1f}" in FOUND.rank.reason
    one = estimate(X, X[:, 0] ** 2 + 0.1 * RNG.standard_normal(1500)).rank.reason
    assert one.startswith("1 direction of H of one half confirmed")


def test_nonzero_is_the_energys_claim():
    assert FOUND.nonzero(2) is Verdict.HOLDS
    assert FOUND.nonzero(3) is Verdict.UNDECIDED


def test_a_full_rank_is_decided():
    found = estimate(X[:, :2], X[:, 0] ** 2 + X[:, 1] ** 2)
    assert (found.rank.value, found.dimension.value) == (2, 2)
    assert "there are no more" in found.rank.reason
    assert found.finding("damian.assumption2").verdict is Verdict.HOLDS
    assert not {fact for fact, *_ in found.outlook} & {"rank", "dimension"}


def test_an_exponent_of_one_is_decided():
    assert estimate(X, X[:, 0] + 0.1 * RNG.standard_normal(1500)).information_exponent.value == 1


def test_the_dimension_is_at_least_the_rank():
    facts = measure(X, X[:, 0] * X[:, 1] + RNG.standard_normal(1500))
    object.__setattr__(facts, "dimension", NOTHING.facts.dimension)
    found = Answer(facts)
    assert (found.dimension.lower, found.dimension.upper) == (2, 6)
    assert "rank H >= 2" in found.dimension.reason
    assert found.subspace is facts.rank


def test_an_unknown_assumption_is_refused_with_those_known():
    with pytest.raises(InputError, match=r"'nothing' is unknown: .*damian\.assumption1"):
        FOUND.finding("nothing")


def test_what_more_samples_would_show():
    facts = [fact for fact, *_ in FOUND.outlook]
    assert facts == ["energies.1", "energies.3", "rank", "dimension"]
    tenth = FOUND.variance.value / 10
    assert FOUND.outlook[0][1] == tenth
    assert FOUND.outlook[2][1] == pytest.approx(math.sqrt(2 * tenth))


@pytest.mark.parametrize(
    ("fact", "known"),
    [
        ("energies.2", lambda v: needed_for_energy(2, 0.3, v, 6)),
        ("energies[3]", lambda v: needed_for_energy(3, 0.3, v, 6)),
        ("energy 1", lambda v: needed_for_energy(1, 0.3, v, 6)),
        ("C_2", lambda v: needed_for_energy(2, 0.3, v, 6)),
        ("C_2 ≠ 0", lambda v: needed_for_energy(2, 0.3, v, 6)),
        ("E_3", lambda v: needed_for_energy(3, 0.3, v, 6)),
        ("information_exponent.2", lambda v: needed_for_energy(2, 0.3, v, 6, shared=True)),
        ("energies", lambda v: needed_for_energy(3, 0.3, v, 6)),
        ("information_exponent", lambda v: needed_for_energy(3, 0.3, v, 6, shared=True)),
        ("rank", lambda v: needed_for_rank(0.3, v, 6)),
        ("dimension", lambda v: needed_for_dimension(0.3, 6)),
        ("mean", lambda v: math.ceil((2.8 / 0.3) ** 2 * v)),
    ],
)
def test_needed(fact, known):
    assert FOUND.needed(fact, 0.3) == known(FOUND.variance.value)


def test_needed_for_the_variance_is_that_of_its_interval():
    n = FOUND.needed("variance", 0.05)
    assert 1.96 * math.sqrt((FOUND.facts.kurtosis - 1) / n) == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize(
    ("fact", "effect", "words"),
    [("energies.4", 1, "'energies.4' is unknown"), ("kappa", 1, "unknown"), ("rank", 0, "effect is 0"), ("rank", True, "effect")],
)
def test_needed_refuses(fact, effect, words):
    with pytest.raises(InputError, match=words):
        FOUND.needed(fact, effect)


def warned(words, **changes):
    facts = measure(X, RNG.standard_normal(1500))
    for name, value in changes.items():
        object.__setattr__(facts, name, value)
    return sum(words in said for said in Answer(facts).warnings)


@pytest.mark.parametrize(
    ("words", "changes", "times"),
    [
        ("heavy tails (kurtosis 12)", {"kurtosis": 12.0}, 1),
        ("heavy tails (kurtosis", {"kurtosis": 10.0}, 0),
        ("heavy tails (kurtosis", {"kurtosis": 12.0, "n": 10_000}, 0),
        ("below 300 samples", {"n": 299}, 1),
        ("below 300 samples", {"n": 300}, 0),
        ("was whitened", {"whitened": True}, 1),
        ("few to whiten with", {"whitened": True}, 0),
        ("few to whiten with", {"whitened": True, "n": 59}, 1),
        ("few to whiten with", {"whitened": True, "n": 60}, 0),
        ("may not be standard normal", {}, 0),
    ],
)
def test_warnings(words, changes, times):
    assert warned(words, **changes) == times


def test_a_small_deviation_is_a_warning_and_a_large_one_an_error():
    y = RNG.standard_normal(40_000)
    Z = RNG.standard_normal((40_000, 6))
    (said,) = estimate(Z + 0.02, y).warnings
    assert "‖E x‖" in said
    with pytest.raises(ValueError, match="clearly not standard normal"):
        estimate(Z + 0.2, y)

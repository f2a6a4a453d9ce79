"""The oracle is correct for every survivor, its counts obey Lemma 2, and correlations agree with theory and Monte Carlo."""

import inspect
from fractions import Fraction
from itertools import pairwise
from math import factorial, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.constructions import csq_adversary
from steinlab.numerics.constructions.csq_adversary import Defeat, Oracle, RidgeClass, gradient_learner
from steinlab.theory.errors import InputError
from steinlab.theory.statements.csq import removed_by_one_query
from steinlab.theory.statements.initial_gradient import initial_gradient
from steinlab.theory.statements.line_sets import devore, kerdock, paley
from steinlab.theory.targets.target import Target


def he(k, x):
    return np.polynomial.hermite_e.hermeval(x, [0] * k + [1])


@pytest.mark.parametrize("link", ["He(4,z1)", "He(2,z1)/2 + He(4,z1)/sqrt(48)", "z1 + He(3,z1)", "He(5,z1) - 2*He(2,z1)"])
def test_gradients_agree_with_the_exact_expansion(link):
    """steinlab.theory.statements.initial_gradient at rational unit vectors, u = e_1."""
    expansion = Target.from_expression(link).expansion
    exact = initial_gradient(expansion)
    coefficients = {k: float(part.coefficient((k,))) * sqrt(factorial(k)) for k, part in expansion.parts.items() if k}
    scale = sqrt(sum(a * a for a in coefficients.values()))
    ridge = RidgeClass(np.eye(3), coefficients)
    for w in ([1, 0, 0], [Fraction(3, 5), Fraction(-4, 5), 0], [Fraction(2, 3), Fraction(1, 3), Fraction(-2, 3)]):
        point = np.array([float(x) for x in w])
        along, radial = ridge.gradient_parts(point)
        ours = along[0] * np.eye(3)[0] + radial[0] * point
        expected = [sqrt(2) * float(x) / scale for x in exact.evaluate(w)]
        assert ours == pytest.approx(expected, abs=1e-12)


def test_gradients_agree_with_monte_carlo():
    rng = np.random.default_rng(11)
    n, d = 400_000, 4
    v, w = (z / np.linalg.norm(z) for z in rng.standard_normal((2, d)))
    x = rng.standard_normal((n, d))
    for k in (2, 3, 4):
        samples = (he(k, x @ v) / sqrt(factorial(k)))[:, None] * sqrt(2) * x * (x @ w >= 0)[:, None]
        along, radial = RidgeClass(np.stack([v, w]), {k: 1.0}).gradient_parts(w)
        error = samples.std(axis=0) / sqrt(n)
        assert (np.abs(samples.mean(axis=0) - (along[0] * v + radial[0] * w)) < 5 * error).all()


def test_queries_have_unit_norm():
    x = np.random.default_rng(2).standard_normal((400_000, 3))
    w = np.array([0.6, 0.0, -0.8])
    squares = (sqrt(2) * x * (x @ w >= 0)[:, None]) ** 2
    assert squares.mean(axis=0) == pytest.approx(np.ones(3), abs=0.02)


def test_odd_degrees_from_three_are_invisible():
    w = np.array([0.6, 0.8])
    for k in (3, 5, 7):
        along, radial = RidgeClass(np.eye(2), {k: 1.0}).gradient_parts(w)
        assert not along.any()
        assert not radial.any()


truths = st.lists(st.lists(st.floats(-1, 1), min_size=6, max_size=6), min_size=1, max_size=8)


@given(truths, st.floats(0.01, 0.9))
def test_every_answer_is_within_tolerance_of_every_survivor(table, tolerance):
    oracle = Oracle(6, tolerance)
    answers, before = [], [6]
    for row in table:
        answers.append(oracle.answer(np.array(row)[oracle.survivors]))
        before.append(len(oracle.survivors))
    assert len(oracle.survivors) >= 1
    for answer, row in zip(answers, table, strict=True):
        assert all(abs(row[s] - answer) <= tolerance + 1e-12 for s in oracle.survivors)
    assert oracle.removed == [a - b for a, b in pairwise(before)]
    removed = set(range(6)) - set(oracle.survivors.tolist())
    for s in removed:  # nobody is removed without a reason
        assert any(abs(row[s] - answer) > tolerance for answer, row in zip(answers, table, strict=True))


def test_zero_is_answered_while_it_can_be():
    oracle = Oracle(4, 0.1)
    assert oracle.answer(np.array([0.5, 0.5, 0.5, 0.05])) == 0
    assert oracle.survivors.tolist() == [3]
    assert oracle.answer(np.array([0.7])) == pytest.approx(0.7)
    assert oracle.answers_not_zero == 1


def test_the_fullest_window_is_kept():
    oracle = Oracle(5, 0.1)
    assert oracle.answer(np.array([0.9, 0.3, 0.45, -0.5, 0.35])) == pytest.approx(0.375)
    assert oracle.survivors.tolist() == [1, 2, 4]


@pytest.mark.parametrize("k", [3, 4])
def test_unit_norm_queries_obey_lemma_2(k):
    """Members, and normalised sums of members, as queries: none removes more than 2/(τ² - ε)."""
    made = kerdock(16)
    ridge = RidgeClass(made.vectors(), {k: 1.0})
    epsilon = Fraction(1, 4) ** k
    rng = np.random.default_rng(k)
    worst = 0
    for tolerance in (0.3, 0.4, 0.6):
        limit = removed_by_one_query(Fraction(tolerance) ** 2, epsilon)
        for count in (1, 2, 3, 5, 8):
            chosen = rng.choice(made.size, count, replace=False)
            sum_products = sum(ridge.inner_products(ridge.vectors[i]) for i in chosen)
            norm = sqrt(sum(sum_products[i] for i in chosen))
            oracle = Oracle(made.size, tolerance)
            oracle.answer(sum_products / norm)
            worst = max(worst, oracle.removed[0])
            assert oracle.removed[0] <= limit
    assert worst >= 5


def test_a_query_of_larger_norm_breaks_the_count():
    """The hypothesis of Lemma 2 that the paper leaves out: scaled by 100, one query removes nearly everything."""
    made = kerdock(16)
    ridge = RidgeClass(made.vectors(), {4: 1.0})
    oracle = Oracle(made.size, 0.3)
    oracle.answer(100 * ridge.inner_products(ridge.vectors[20]))
    assert oracle.removed[0] > removed_by_one_query(Fraction(9, 100), Fraction(1, 256))


@pytest.mark.parametrize("made", [kerdock(64), devore(121, 2), paley(51)], ids=lambda made: made.name)
def test_the_gradient_wins_at_two_and_is_defeated_from_three(made):
    tolerance = 1 / (2 * made.dimension)
    vectors = made.vectors()
    outcomes = {k: gradient_learner(RidgeClass(vectors, {k: 1.0}), tolerance=tolerance, neurons=32, seed=1) for k in (2, 3, 4, 6)}
    assert outcomes[2].won
    assert (outcomes[2].survivors, outcomes[2].loss, outcomes[2].cosine) == (1, 0, pytest.approx(1))
    for k in (3, 4, 6):
        assert not outcomes[k].won
        assert outcomes[k].survivors > 0.9 * made.size
        assert outcomes[k].loss >= 2 - 2 * float(made.coherence) ** k - 1e-9
        assert outcomes[k].queries == 32 * made.dimension
    assert outcomes[3].survivors == made.size
    assert outcomes[4].most_removed <= 2


def test_truthful_answers_reveal_the_truth():
    """The decoding itself is sound: with a tolerance near 0 the learner finds the member even at degree 4."""
    outcome = gradient_learner(RidgeClass(kerdock(16).vectors(), {4: 1.0}), tolerance=1e-7, neurons=16, seed=0)
    assert outcome.won


def test_decoding_weighs_members_with_large_gradients():
    """Random vectors, some close to a neuron: the norm of a prediction counts as well as its product with the answers."""
    vectors = np.random.default_rng(9).standard_normal((60, 3))
    ridge = RidgeClass(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), {2: 1.0})
    for seed in range(5):
        assert gradient_learner(ridge, tolerance=1e-7, neurons=2, seed=seed).won


@pytest.mark.parametrize("seed", range(6))
def test_the_farthest_survivor_is_revealed(seed):
    vectors = np.array([[1, 0], [0, 1], [0.8, 0.6], [-0.6, 0.8]])
    outcome = gradient_learner(RidgeClass(vectors, {3: 1.0}), tolerance=0.99, neurons=2, seed=seed)
    products = (vectors @ vectors[outcome.output]) ** 3
    products[outcome.output] = 2
    assert outcome.truth == np.argmin(products)
    assert outcome.loss == pytest.approx(2 - 2 * products.min())
    assert outcome.cosine == pytest.approx(np.cbrt(products.min()))


def test_a_mixed_target_is_found_through_its_second_degree():
    ridge = RidgeClass(kerdock(64).vectors(), {2: 1.0, 4: 1.0})
    assert gradient_learner(ridge, tolerance=1 / 256, neurons=32, seed=0).won


def test_same_seed_same_outcome():
    ridge = RidgeClass(kerdock(16).vectors(), {4: 1.0})
    runs = [gradient_learner(ridge, tolerance=0.03, neurons=8, seed=s) for s in (3, 3, 4)]
    assert runs[0] == runs[1] != runs[2]


def test_inner_products():
    ridge = RidgeClass(np.array([[1.0, 0.0], [0.6, 0.8]]), {2: 3.0, 3: 4.0})
    assert ridge.inner_products(np.array([1.0, 0.0])) == pytest.approx([1, 0.36 * 0.36 + 0.64 * 0.216])


@pytest.mark.parametrize(
    "call",
    [
        lambda: RidgeClass(np.eye(3)[:1], {2: 1.0}),
        lambda: RidgeClass(2 * np.eye(3), {2: 1.0}),
        lambda: RidgeClass(np.eye(3)[0], {2: 1.0}),
        lambda: RidgeClass(np.eye(3), {0: 1.0}),
        lambda: RidgeClass(np.eye(3), {2: 0.0}),
        lambda: RidgeClass(np.eye(3), {}),
        lambda: RidgeClass(np.eye(3), {2: float("inf")}),
        lambda: Oracle(1, 0.5),
        lambda: Oracle(3, 1.0),
        lambda: Oracle(3, 0.0),
        lambda: gradient_learner(RidgeClass(np.eye(3), {2: 1.0}), tolerance=0.1, neurons=0, seed=0),
        lambda: gradient_learner(RidgeClass(np.eye(3), {2: 1.0}), tolerance=0.1, neurons=10**10, seed=0),
    ],
)
def test_refusals(call):
    with pytest.raises(InputError):
        call()


def test_runs_beyond_ten_thousand_million_correlations_are_refused_with_their_number(monkeypatch):
    ridge = RidgeClass(np.eye(3), {2: 1.0})
    words = r"4 x 3 queries on 3 functions are 3.6e\+01 correlations, more than 4e\+01; give fewer neurons or fewer vectors"
    monkeypatch.setattr(csq_adversary, "MAX_ANSWERS", 35)
    with pytest.raises(InputError, match=words):
        gradient_learner(ridge, tolerance=0.1, neurons=4, seed=0)
    monkeypatch.setattr(csq_adversary, "MAX_ANSWERS", 36)
    asked = []
    monkeypatch.setattr(csq_adversary, "require_memory", lambda *sizes: asked.append(sizes))
    assert gradient_learner(ridge, tolerance=0.1, neurons=4, seed=0).queries == 12
    assert asked == [(8 * (4 * 3 + 4 * 3) + 8 * 9, "a class of 3 functions", "give fewer vectors")]


def test_the_limit_is_some_minutes_of_one_core():
    made = RidgeClass(np.eye(3), {2: 1.0})
    with pytest.raises(InputError, match=r"are 9.0e\+10 correlations, more than 1e\+10"):
        gradient_learner(made, tolerance=0.1, neurons=10**10, seed=0)


def test_what_is_equal_up_to_rounding_is_kept_and_the_first_is_named():
    """A truth that is off by rounding is within the tolerance; two least values that differ by rounding are one."""
    oracle = Oracle(3, 0.1)
    assert oracle.answer(np.array([0.1 + 1e-13, 0.1 + 1e-10, -0.1 - 1e-13])) == 0
    assert oracle.survivors.tolist() == [0, 2]
    oracle = Oracle(3, 0.1)
    assert oracle.answer(np.array([0.3, 0.5 + 1e-13, 0.8])) == pytest.approx(0.4)
    assert oracle.survivors.tolist() == [0, 1]
    assert csq_adversary._first_minimum(np.array([3.0, 1 + 1e-13, 1.0]), 1e-12) == 1
    assert csq_adversary._first_minimum(np.array([3.0, 1 + 1e-11, 1.0]), 1e-12) == 2


def test_who_is_alone_in_surviving_was_right():
    ridge, oracle = RidgeClass(np.array([[1, 0], [0.6, 0.8], [0, 1.0]]), {1: 1.0}), Oracle(3, 0.25)
    oracle.answer(np.array([0.0, 0.2, 0.7]))
    oracle.answer(np.array([0.1, 0.9]))
    alone = csq_adversary._verdict(ridge, oracle, 0)
    assert alone == Defeat(3, 0.25, 2, 1, 1, 0, 0, 0, 0.0, 1.0, True)
    lost = csq_adversary._verdict(ridge, oracle, 1)
    assert (lost.truth, lost.won, lost.loss, lost.cosine) == (0, False, pytest.approx(2 - 2 * 0.6), pytest.approx(0.6))


def test_coefficients_are_scaled_to_unit_norm_and_zeros_dropped():
    assert RidgeClass(np.eye(2), {1: 3.0, 2: 0.0, 3: -4.0}).coefficients == {1: 0.6, 3: -0.8}
    with pytest.raises(InputError, match=r"vectors of shape \(1, 3\): give at least two rows of unit norm"):
        RidgeClass(np.eye(3)[:1], {2: 1.0})
    for shape in ((4,), (2, 2, 1)):
        with pytest.raises(InputError, match="give at least two rows of unit norm"):
            RidgeClass(np.full(shape, 0.5**0.5), {2: 1.0})
    assert RidgeClass(np.eye(2) * (1 + 4e-10), {2: 1.0}).size == 2
    with pytest.raises(InputError, match="unit norm"):
        RidgeClass(np.eye(2) * (1 + 6e-10), {2: 1.0})
    assert Oracle(2, 0.5).survivors.tolist() == [0, 1]


def test_settings_are_given_by_name_and_have_these_defaults():
    assert inspect.getfullargspec(gradient_learner).kwonlyargs == ["tolerance", "neurons", "seed"]

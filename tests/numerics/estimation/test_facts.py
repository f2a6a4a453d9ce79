"""All facts together: refusals, whitening, the seed, progress, and what no order of work may change."""

import numpy as np
import pytest

from steinlab.numerics.estimation.energies import Energy
from steinlab.numerics.estimation.facts import estimated_work, measure
from steinlab.theory.errors import InputError

RNG = np.random.default_rng(2)
X = RNG.standard_normal((1000, 5))
Y = X[:, 0] * X[:, 1] + X[:, 2] + RNG.standard_normal(1000)


def test_facts_of_a_sum_of_a_product_and_a_coordinate():
    found = measure(X, Y)
    assert (found.n, found.d, found.seed, found.whitened, found.entry) == (1000, 5, 0, False, 1)
    assert (found.rank.lower, found.dimension.lower) == (2, 3)
    for k, energy in {1: 1.0, 2: 1.0, 3: 0.0}.items():
        assert found.energies[k].interval[0] <= energy <= found.energies[k].interval[1]
    assert found.variance.interval[0] < 3 < found.variance.interval[1]
    assert found.mean.interval[0] < 0 < found.mean.interval[1]


def test_scale_and_sign_of_the_labels_change_units_only():
    first, second = measure(X, Y), measure(X, 7 - 1e-3 * Y)
    assert second.rank.test.scores == pytest.approx(first.rank.test.scores)
    assert second.dimension.test.scores == pytest.approx(first.dimension.test.scores)
    assert [second.energies[k].value for k in (1, 2, 3)] == pytest.approx([1e-6 * first.energies[k].value for k in (1, 2, 3)])


def test_turning_the_inputs_changes_directions_only():
    turn = np.linalg.qr(RNG.standard_normal((5, 5)))[0]
    first, second = measure(X, Y), measure(X @ turn, Y)
    assert second.rank.test.scores == pytest.approx(first.rank.test.scores)
    assert [second.energies[k].value for k in (1, 2, 3)] == pytest.approx([first.energies[k].value for k in (1, 2, 3)])
    assert abs(second.rank.basis @ turn.T @ first.rank.basis.T) == pytest.approx(np.eye(2), abs=1e-6)


def test_the_seed_decides_the_halves_alone():
    first, second = measure(X, Y), measure(X, Y, seed=1)
    assert measure(X, Y, seed=1).rank.test.scores == second.rank.test.scores
    assert first.rank.test.scores != second.rank.test.scores
    assert first.energies == second.energies


def test_whitened_data_say_what_they_would_have_said():
    mixed = 3 + X @ RNG.standard_normal((5, 5))
    with pytest.raises(InputError, match=r"clearly not standard normal.*whiten"):
        measure(mixed, Y)
    found = measure(mixed, Y, whiten=True)
    assert found.whitened
    assert (found.rank.lower, found.dimension.lower) == (2, 3)


def test_what_whitening_does_not_mend_is_refused():
    with pytest.raises(InputError, match=r"kurtosis.*Whitening does not change"):
        measure(np.sign(X), Y, whiten=True)


@pytest.mark.parametrize(("name", "value"), [("seed", 0.5), ("whiten", 1)])
def test_settings_are_checked(name, value):
    with pytest.raises(InputError, match=name):
        measure(X, Y, **{name: value})


def test_work_beyond_all_bounds_is_refused(monkeypatch):
    monkeypatch.setattr("steinlab.numerics.limits.WORK_LIMIT", 1e5)
    with pytest.raises(InputError, match=r"1000 rows of dimension 5 needs about .*give fewer rows or columns"):
        measure(X, Y)


@pytest.mark.parametrize(("n", "d"), [(1000, 5), (150, 60)])
def test_progress_tells_about_all_of_the_work(n, d):
    told = []
    measure(RNG.standard_normal((n, d)), RNG.standard_normal(n), progress=lambda work, total: told.append((work, total)))
    assert {total for _, total in told} == {estimated_work(n, d)}
    assert 0.9 < sum(work for work, _ in told) / estimated_work(n, d) < 1.1


def test_the_entry_is_the_least_degree_above_its_level(monkeypatch):
    found = measure(X, Y)
    for k in (1, 2, 3):
        found.energies[k] = Energy(2.12, (0, 3), k, 1.0)
    assert found.entry is None
    found.energies[3] = Energy(2.14, (0, 3), 3, 1.0)
    assert found.entry == 3
    found.energies[2] = Energy(9.0, (0, 3), 2, 1.0)
    assert found.entry == 2

"""Tests of normality against SciPy's and exact laws; what is no sample of N(0, I) is noticed and its size told."""

import numpy as np
import pytest
import scipy.stats

from steinlab.numerics.estimation.dataset import DataSet
from steinlab.numerics.estimation.normality import (
    ALARM,
    REFUSAL,
    Deviation,
    _norm_ranks,
    _worst,
    deviations,
    kurtosis_score,
    skewness_score,
)

RNG = np.random.default_rng(0)
D = 6


def of(X):
    return {found.id: found for found in deviations(DataSet.of(X, np.arange(len(X))))}


@pytest.mark.parametrize("n", [20, 57, 5000])
def test_scores_are_those_of_scipy(n):
    X = RNG.exponential(size=(n, 4)) * [1, -1, 1, 1]
    assert skewness_score(scipy.stats.skew(X), n) == pytest.approx(scipy.stats.skewtest(X).statistic)
    assert kurtosis_score(scipy.stats.kurtosis(X), n) == pytest.approx(scipy.stats.kurtosistest(X).statistic)


def test_skewness_and_kurtosis_are_the_largest_of_the_columns():
    X = RNG.standard_normal((300, D)) + 3 * np.eye(D)[1]
    X[:, 2] = RNG.exponential(size=300) - 1
    X[:, 4] = RNG.uniform(-1, 1, 300)
    found = of(X)
    assert found["skewness"].size == pytest.approx(max(abs(scipy.stats.skew(X))))
    assert "column 2 " in found["skewness"].what
    assert found["kurtosis"].size == pytest.approx(max(abs(scipy.stats.kurtosis(X))))
    p = scipy.stats.skewtest(X).pvalue.min() * D
    assert found["skewness"].p == pytest.approx(p, rel=1e-6)
    X[:, 2] *= -1
    assert of(X)["skewness"].what.startswith("-skewness of column 2")


def test_the_mean_is_tested_by_its_exact_law():
    X = RNG.standard_normal((200, D)) + 0.3
    mean = X.mean(axis=0)
    found = of(X)["mean"]
    assert found.p == pytest.approx(scipy.stats.chi2(D).sf(200 * mean @ mean))
    assert found.size == pytest.approx(np.sqrt(mean @ mean - D / 200))


def test_the_covariance_is_tested_by_the_sum_over_pairs():
    X = 1.2 * RNG.standard_normal((70, 3))
    G = (X @ X.T) ** 2 - (X**2).sum(axis=1)[:, None] - (X**2).sum(axis=1)[None, :] + 3
    pairs = (G.sum() - np.trace(G)) / (70 * 69)
    found = of(X)["covariance"]
    assert found.size == pytest.approx(np.sqrt(max(pairs, 0)))
    score = pairs / np.sqrt(8 * 6 / (70 * 69))
    assert found.p == pytest.approx(scipy.stats.chi2(6).sf(6 + score * np.sqrt(12)))


def test_the_radius_is_tested_by_kolmogorovs_distance():
    X = RNG.standard_normal((150, D))
    known = scipy.stats.kstest((X**2).sum(axis=1), scipy.stats.chi2(D).cdf)
    assert (of(X)["radius"].size, of(X)["radius"].p) == pytest.approx((known.statistic, known.pvalue))


@pytest.mark.parametrize("d", [1, 8, 30])
@pytest.mark.parametrize("whiten", [False, True])
def test_p_values_of_normal_inputs_are_uniform_or_larger(d, whiten):
    p = {}
    for seed in range(150):
        rng = np.random.default_rng([d, seed])
        data = DataSet.of(rng.standard_normal((100, d)) @ (np.diag([3.0] * d) if whiten else np.eye(d)), np.arange(100))
        for found in deviations(data.whitened() if whiten else data):
            p.setdefault(found.id, []).append(found.p)
            assert found.small
    assert set(p) == {"skewness", "kurtosis", "radius"} | ({"mean", "covariance"} if not whiten else set())
    for id, values in p.items():
        assert scipy.stats.binom.sf(np.sum(np.array(values) < 0.05), 150, 0.07) > 1e-4, id
        assert np.mean(np.array(values) < 0.6) > 0.2, id


KNOWN = {
    "sphere": (lambda Z: np.sqrt(D) * Z / np.linalg.norm(Z, axis=1)[:, None], {"radius"}),
    "signs": (np.sign, {"kurtosis", "radius"}),
    "shifted": (lambda Z: Z + 0.5 * np.eye(D)[0], {"mean"}),
    "scaled": (lambda Z: 1.2 * Z, {"covariance", "radius"}),
    "correlated": (lambda Z: np.c_[Z[:, 0], 0.6 * Z[:, 0] + 0.8 * Z[:, 1], Z[:, 2:]], {"covariance"}),
    "heavy": (lambda Z: Z * np.exp(0.5 * RNG.standard_normal(Z.shape) - 0.25), {"kurtosis"}),
    "skewed": (lambda Z: np.c_[(Z[:, 0] ** 2 - 1) / np.sqrt(2), Z[:, 1:]], {"skewness", "kurtosis"}),
}


@pytest.mark.parametrize("name", KNOWN)
def test_other_laws_are_refused_by_what_tells_them_apart(name):
    change, told = KNOWN[name]
    found = deviations(DataSet.of(change(RNG.standard_normal((3000, D))), np.arange(3000)))
    assert told <= {deviation.id for deviation in found if not deviation.small}
    assert all(deviation.noticed for deviation in found if not deviation.small)


def test_a_small_shift_is_noticed_and_called_small():
    found = of(RNG.standard_normal((40_000, D)) + 0.02)["mean"]
    assert found.noticed
    assert found.small


def test_radii_of_whitened_samples_are_compared_with_their_own_law():
    """Of 8 rows in dimension 3 one radius each from 4000 samples: the ranks are uniform, and far from those by χ²_3."""
    X = np.random.default_rng(5).standard_normal((4000, 8, 3))
    X -= X.mean(axis=1, keepdims=True)
    inverse = np.linalg.inv(np.einsum("sni,snj->sij", X, X) / 8)
    norms = np.einsum("sni,sij,snj->sn", X, inverse, X)
    ranks = np.array([_norm_ranks(row, 3, True)[0] for row in norms])
    assert scipy.stats.kstest(ranks, "uniform").pvalue > 0.01
    assert scipy.stats.kstest([_norm_ranks(row, 3, False)[0] for row in norms], "uniform").pvalue < 1e-6
    # with no more rows than d + 1 every radius is the same
    assert np.allclose(_norm_ranks(np.full(4, 3.0), 3, True), scipy.stats.chi2(3).cdf(3.0))


@pytest.mark.parametrize(
    ("values", "what"),
    [((0.1, 0.4, -0.3), "excess of column 1"), ((0.1, 0.2, -0.3), "-excess of column 2"), ((0, 0), "excess of column 0")],
)
def test_the_worst_column_is_named_with_its_sign(values, what):
    found = _worst("kurtosis", "excess", np.array(values), 0.5, 0.25)
    assert found == Deviation("kurtosis", f"{what} (counted from 0), the largest", max(map(abs, values)), 0.5, 0.25)


def test_the_sizes_from_which_facts_are_about_something_else():
    found = of(RNG.standard_normal((200, D)))
    assert {id: deviation.limit for id, deviation in found.items()} == {
        "mean": 0.1, "covariance": 0.2, "skewness": 0.5, "kurtosis": 1.0, "radius": 0.1,
    }  # fmt: skip


def test_a_constant_column_is_no_division_by_zero():
    found = of(np.c_[RNG.standard_normal((100, 2)), np.ones(100)])
    assert np.isfinite(found["skewness"].size)
    assert not found["mean"].small


@pytest.mark.parametrize(
    ("size", "p", "small", "noticed"),
    [
        (1, REFUSAL / 2, False, True),
        (1, REFUSAL * 2, True, True),
        (0.1, 0, True, True),
        (1, ALARM / 5, True, False),
        (1, ALARM / 6, True, True),
    ],
)
def test_small_and_noticed(size, p, small, noticed):
    found = Deviation("a", "b", size, 0.1, p)
    assert (found.small, found.noticed) == (small, noticed)

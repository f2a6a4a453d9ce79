"""Judge a user's own numbers: arrays with one entry for each run, no study needed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from steinlab.checks.rates.claims import Bound, PredictedExponent
from steinlab.checks.rates.judging import RateJudgement, judge, judge_crossings
from steinlab.checks.rates.points import Array, Estimand
from steinlab.checks.rates.samples import Direction
from steinlab.checks.rates.tables import chosen, column, grouped, number, same_length, whole_family
from steinlab.theory.errors import InputError


def judge_rate(
    x: ArrayLike,
    values: ArrayLike,
    seeds: Sequence[Hashable] | None = None,
    *,
    predicted: float,
    direction: str = "tight",
    rivals: Sequence[float] = (),
    family: int = 1,
    window: tuple[float, float] | None = None,
    log: bool = False,
    estimand: str = "mean",
    bound: Callable[[Array], Array] | None = None,
) -> RateJudgement:
    """Whether runs contradict or confirm y ∝ x^predicted ("tight"), or at most ("upper") or at least ("lower") that.

    `x`, `values` and `seeds` have one length: the size of each run, what it measured, and its seed. Runs of one seed at
    different x may depend on each other, and the interval allows for that; without `seeds` all runs are independent. `rivals`
    are exponents that a confirmation must exclude; `family` is the number of rates that are judged together, whose false
    contradictions are controlled together (Bonferroni). `log`: the claim hides logarithms. `estimand`: "mean", of the
    arithmetic mean, or "geometric". `bound`: a law with the predicted exponent for large x, to which the runs are compared in
    place of the power.

    The interval is analytic and deterministic: Gamma regression with log link, or least squares on mean logarithms, a variance
    for each x, Student's t with Satterthwaite's degrees of freedom. `verdicts.rules` says what decides. Numerical evidence, of
    a statement about large x, from finite sizes. Raises InputError for arrays that are no such runs.

    >>> x = [10, 10, 10, 100, 100, 100, 1000, 1000, 1000]
    >>> y = [0.31, 0.33, 0.32, 0.1, 0.099, 0.101, 0.032, 0.031, 0.033]
    >>> judge_rate(x, y, predicted=-0.5, rivals=(-0.25, -1)).verdict.value
    'holds'
    """
    claim = _claim(predicted, direction, rivals, window, log, estimand, bound)
    sizes, measured = column("x", x, positive=True), column("values", values)
    return judge(claim, grouped(sizes, measured, seeds), whole_family(family))


def judge_threshold(
    d: ArrayLike,
    n: ArrayLike,
    values: ArrayLike,
    seeds: Sequence[Hashable] | None = None,
    *,
    level: float,
    predicted: float,
    direction: str = "tight",
    rivals: Sequence[float] = (),
    family: int = 1,
    window: tuple[float, float] | None = None,
    log: bool = False,
    estimand: str = "mean",
    bound: Callable[[Array], Array] | None = None,
) -> RateJudgement:
    """The same for n*(d), the n at which the mean of `values` comes down to `level`: n* ∝ d^predicted, at most, or at least.

    `d`, `n`, `values` and `seeds` have one length. Runs of one seed at one d may depend on each other, those at different d are
    independent. The exponent is -b_d/b_n of a regression of log value on log n and log d near the level, with Fieller's interval:
    every run near the level counts, also where its own curve never comes down to it. `window` is of d.

    >>> import numpy as np
    >>> d, n = (a.ravel() for a in np.meshgrid([8.0, 16, 32, 64], [1.0, 2, 4, 8, 16]))
    >>> d, n = np.tile(d, 4), np.tile(n * d, 4)
    >>> noise = np.tile([0.98, 1.02, 1.0, 1.01, 0.99, 1.03, 0.97], 12)[:80]
    >>> judge_threshold(d, n, noise * d / n, level=0.25, predicted=1, rivals=(0.5, 1.5)).verdict.value
    'holds'
    """
    claim = _claim(predicted, direction, rivals, window, log, estimand, bound)
    dimensions, sizes, measured = column("d", d, positive=True), column("n", n, positive=True), column("values", values)
    if not 0 < number("level", level) < np.inf:
        raise InputError(f"level is {level}: expected a positive number")
    same_length(d=dimensions, n=sizes, values=measured, seeds=seeds)
    runs = {}
    for size in np.unique(dimensions):
        rows = np.flatnonzero(dimensions == size)
        labels = None if seeds is None else [seeds[int(row)] for row in rows]
        runs[float(size)] = grouped(sizes[rows], measured[rows], labels)
    return judge_crossings(claim, runs, level, whole_family(family))


def _claim(
    predicted: float,
    direction: str,
    rivals: Sequence[float],
    window: tuple[float, float] | None,
    log: bool,
    estimand: str,
    bound: Callable[[Array], Array] | None,
) -> PredictedExponent:
    if window is not None and not 0 <= window[0] < window[1]:
        raise InputError(f"window is {window[0]:g} to {window[1]:g}: expected a smaller and a larger size")
    return PredictedExponent(
        number("predicted", predicted),
        Direction(chosen("direction", direction, tuple(Direction))),
        tuple(number("rivals", rival) for rival in rivals),
        (0.0, np.inf) if window is None else (float(window[0]), float(window[1])),
        hides_logarithms=bool(log),
        bound=None if bound is None else Bound("the bound", bound),
        estimand=Estimand(chosen("estimand", estimand, tuple(Estimand))),
    )

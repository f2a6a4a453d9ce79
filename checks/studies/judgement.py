"""What the runs of a study say about each of its claims and published numbers; statistics are in `checks/rates`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from steinlab.checks.rates.levels import Difference, PredictedLevel, compare, judge_level
from steinlab.checks.rates.samples import Judgement, Sample
from steinlab.checks.rates.slopes import PredictedExponent, RateJudgement, judge_rate
from steinlab.checks.rates.thresholds import threshold_sample
from steinlab.checks.studies.plan import Run
from steinlab.checks.studies.store import Results
from steinlab.checks.studies.study import Claim, Published, Series, Study, Thresholds
from steinlab.numerics.samples.streams import generator

Found = Mapping[str, float] | str
"""What a run measured, or the message of its failure."""


@dataclass(frozen=True)
class Measured:
    """The runs of a study with what came of each: by series, then by x, one outcome for each replicate in turn."""

    study: Study
    seed: int
    outcomes: Mapping[str, Mapping[int, Sequence[Found]]]

    @classmethod
    def of(cls, study: Study, seed: int, runs: Sequence[Run], results: Results) -> Measured:
        """From the runs that a plan asked for and what is known of their tasks; any order of either gives the same."""
        outcomes: dict[str, dict[int, list[Found]]] = {series.id: {} for series in study.series}
        for run in sorted(runs, key=lambda run: (run.x, run.replicate)):
            key = run.task.key
            outcome = results.finished[key] if key in results.finished else results.failures.get(key, "it did not run")
            outcomes[run.series].setdefault(run.x, []).append(outcome)
        return cls(study, seed, outcomes)

    def samples(self, curve: Series | Thresholds, quantity: str) -> list[Sample]:
        """A quantity at each point of a curve. A curve of thresholds has one quantity, the threshold."""
        if isinstance(curve, Series):
            return [_sample(x, _values(found, quantity)) for x, found in self.outcomes[curve.id].items()]
        runs = [self.outcomes[member] for member in curve.series]
        found = [{size: _values(outcomes, curve.quantity) for size, outcomes in by_size.items()} for by_size in runs]
        return [threshold_sample(x, values, curve.level) for x, values in zip(curve.x, found, strict=True)]

    def rate(self, claim: Claim[PredictedExponent]) -> RateJudgement:
        """The verdict on a predicted exponent. Its bootstrap draws from a stream named after the study and the claim."""
        samples = self.samples(self.study.find(claim.series), claim.quantity)
        return judge_rate(claim.predicted, samples, generator(self.seed, self.study.name, "bootstrap", claim.id))

    def level(self, claim: Claim[PredictedLevel]) -> Judgement:
        """The verdict on a predicted level."""
        return judge_level(claim.predicted, self.samples(self.study.find(claim.series), claim.quantity))

    def differences(self, published: Published) -> dict[str, list[Difference]]:
        """By series: ours minus the published numbers, for the series of the same fixed sizes."""
        curves = [self.study.find(name) for name in published.series]
        alike = [c for c in curves if (c.fixed if isinstance(c, Series) else {}) == published.fixed]
        return {curve.id: compare(published.points, self.samples(curve, published.quantity)) for curve in alike}


def _values(outcomes: Sequence[Found], quantity: str) -> list[float | None]:
    return [None if isinstance(outcome, str) else outcome[quantity] for outcome in outcomes]


def _sample(x: float, values: Sequence[float | None]) -> Sample:
    finished = tuple(value for value in values if value is not None)
    return Sample(x, finished, len(values) - len(finished))

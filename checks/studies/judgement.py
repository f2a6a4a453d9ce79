"""What the runs of a study say about each of its claims and published numbers; statistics are in `checks/rates`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from steinlab.checks.rates.claims import PredictedExponent
from steinlab.checks.rates.judging import RateJudgement, judge, judge_crossings
from steinlab.checks.rates.levels import Difference, PredictedLevel, compare, judge_level
from steinlab.checks.rates.samples import Judgement, Sample
from steinlab.checks.studies.plan import Run
from steinlab.checks.studies.store import Results
from steinlab.checks.studies.study import Claim, Published, Study, Thresholds

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

    def samples(self, series: str, quantity: str) -> list[Sample]:
        """A quantity at each point of a series."""
        return [_sample(x, found, quantity) for x, found in self.outcomes[series].items()]

    def thresholds(self, curve: Thresholds) -> dict[float, list[Sample]]:
        """The runs that a curve of thresholds is made from, for each of its points."""
        return {x: self.samples(member, curve.quantity) for x, member in zip(curve.x, curve.series, strict=True)}

    def rate(self, claim: Claim[PredictedExponent]) -> RateJudgement:
        """The verdict on a predicted exponent, as one of all the rates that the study judges."""
        curve, family = self.study.find(claim.series), len(self.study.rates)
        if isinstance(curve, Thresholds):
            return judge_crossings(claim.predicted, self.thresholds(curve), curve.level, family)
        return judge(claim.predicted, self.samples(curve.id, claim.quantity), family)

    def level(self, claim: Claim[PredictedLevel]) -> Judgement:
        """The verdict on a predicted level."""
        return judge_level(claim.predicted, self.samples(claim.series, claim.quantity))

    def differences(self, published: Published) -> dict[str, list[Difference]]:
        """By series: ours minus the published numbers, for the series of the same fixed sizes."""
        alike = [series for series in self.study.series if series.id in published.series and series.fixed == published.fixed]
        return {series.id: compare(published.points, self.samples(series.id, published.quantity)) for series in alike}


def _sample(x: float, outcomes: Sequence[Found], quantity: str) -> Sample:
    finished = tuple(outcome[quantity] for outcome in outcomes if not isinstance(outcome, str))
    return Sample(x, finished, len(outcomes) - len(finished))

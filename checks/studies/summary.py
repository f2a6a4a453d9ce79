"""What a study found, as one JSON object: a function of the study, the seed and the results, of nothing else."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from steinlab.checks.rates.claims import PredictedExponent, family_confidence
from steinlab.checks.rates.judging import RateJudgement
from steinlab.checks.rates.levels import Difference, PredictedLevel
from steinlab.checks.rates.records import bound_record, needed_record, slope_record
from steinlab.checks.rates.samples import CONFIDENCE, Judgement, Sample
from steinlab.checks.rates.thresholds import crossing
from steinlab.checks.studies.identity import kinds_of, versions
from steinlab.checks.studies.judgement import Measured
from steinlab.checks.studies.kinds.menu import THRESHOLD
from steinlab.checks.studies.neurons import positions
from steinlab.checks.studies.plan import Run
from steinlab.checks.studies.store import Results
from steinlab.checks.studies.study import Claim, Series, Study, Thresholds, thawed
from steinlab.theory.verdicts import Evidence

SCHEMA = "steinlab/rates/1"


@dataclass(frozen=True)
class Request:
    """What the user asked for: enough to write the command that makes the same summary again."""

    study: str
    quick: bool
    overrides: tuple[str, ...]
    seed: int

    @property
    def command(self) -> str:
        """The command line, without the options that cannot change the summary."""
        words = ["steinlab", "rates", self.study, *(["--quick"] if self.quick else []), "--seed", str(self.seed)]
        for override in self.overrides:
            words += ["--set", override]
        return shlex.join(words)


def summarise(study: Study, request: Request, runs: Sequence[Run], results: Results) -> dict[str, Any]:
    """The object written to summary.json (schema "steinlab/rates/1"), from the runs that a plan asked for.

    A point's mean and standard deviation (n - 1 in the denominator) are over the runs that ended well; the others are
    counted in `failed` and listed in `failures`. Numbers are null where there is nothing to compute them from.
    """
    measured = Measured.of(study, request.seed, runs, results)
    return {
        "schema": SCHEMA,
        "study": study.name,
        "settings": {
            "command": request.command,
            "seed": request.seed,
            "quick": request.quick,
            "overrides": list(request.overrides),
            "seeds": study.seeds,
            "confidence": CONFIDENCE,
            "versions": versions(kinds_of(series.method for series in study.series)),
            "study": json.loads(study.document),
        },
        "series": [
            _series_record(series, quantity, measured.samples(series.id, quantity))
            for series in study.series
            for quantity in study.quantities(series)
        ],
        "neurons": {
            series.id: _neurons(measured.outcomes[series.id]) for series in study.series if series.options.get("neurons")
        },
        "thresholds": [_threshold_record(study, curve, measured.thresholds(curve)) for curve in study.thresholds],
        "rates": [_rate_record(study, claim, measured.rate(claim)) for claim in study.rates],
        "levels": [_claim_record(study, claim, measured.level(claim)) for claim in study.levels],
        "published": [
            {
                "id": published.id,
                "label": published.label,
                "source": published.source,
                "series": name,
                "quantity": published.quantity,
                "points": [_difference_record(difference) for difference in differences],
            }
            for published in study.published
            for name, differences in measured.differences(published).items()
        ],
        "failures": [
            {"series": series.id, "x": x, "replicate": replicate, "message": outcome}
            for series in study.series
            for x, outcomes in measured.outcomes[series.id].items()
            for replicate, outcome in enumerate(outcomes)
            if isinstance(outcome, str)
        ],
    }


def _series_record(series: Series, quantity: str, samples: Sequence[Sample]) -> dict[str, Any]:
    return {
        "id": series.id,
        "label": series.label,
        "method": series.method,
        "axis": series.axis,
        "fixed": dict(series.fixed),
        "quantity": quantity,
        "targets": [thawed(target) for target in series.targets],
        "transfer": None if series.transfer is None else thawed(series.transfer),
        "settings": dict(series.settings),
        "options": dict(series.options),
        "points": [_point(sample) for sample in samples],
    }


def _neurons(runs: Mapping[int, Sequence[Mapping[str, float] | str]]) -> dict[str, Any] | None:
    """The neurons of the first replicate at the first size; None where that run failed."""
    first = next(iter(runs.values()))[0]
    return None if isinstance(first, str) else positions(first)


def _threshold_record(study: Study, curve: Thresholds, runs: Mapping[float, Sequence[Sample]]) -> dict[str, Any]:
    first = study.members(curve)[0]
    return {
        "id": curve.id,
        "label": curve.label,
        "method": first.method,
        "axis": curve.axis,
        "fixed": {size: value for size, value in first.fixed.items() if size != curve.axis},
        "quantity": THRESHOLD,
        "of": {"series": list(curve.series), "axis": curve.of, "quantity": curve.quantity, "level": curve.level},
        "points": [_threshold_point(x, along, curve.level) for x, along in runs.items()],
    }


def _threshold_point(x: float, runs: Sequence[Sample], level: float) -> dict[str, Any]:
    """The threshold of the mean over seeds with its interval; all seeds are censored where it lies outside the sizes run."""
    found, seeds = crossing(runs, level), max(len(sample.values) for sample in runs)
    return {
        "x": x,
        "mean": None if found is None else found[0],
        "std": None,
        "interval": None if found is None or not np.isfinite(found[1]).all() else list(found[1]),
        "seeds": 0 if found is None else seeds,
        "failed": max(sample.failures for sample in runs),
        "censored": seeds if found is None else 0,
        "values": [],
    }


def _point(sample: Sample) -> dict[str, Any]:
    values = np.array(sample.values)
    return {
        "x": sample.x,
        "mean": float(values.mean()) if len(values) else None,
        "std": float(values.std(ddof=1)) if len(values) > 1 else None,
        "seeds": len(values),
        "failed": sample.failures,
        "censored": sample.censored,
        "values": list(sample.values),
    }


def _claim_record(study: Study, claim: Claim[PredictedExponent] | Claim[PredictedLevel], judgement: Judgement) -> dict[str, Any]:
    curve, predicted = study.find(claim.series), claim.predicted
    return {
        "id": claim.id,
        "series": curve.id,
        "method": study.method(curve),
        "axis": curve.axis,
        "quantity": claim.quantity,
        "predicted": predicted.predicted,
        "direction": str(predicted.direction),
        "measured": judgement.measured,
        "interval": None if judgement.interval is None or not np.isfinite(judgement.interval).all() else list(judgement.interval),
        "verdict": str(judgement.verdict),
        "evidence": str(Evidence.NUMERICAL),
        "reason": judgement.reason,
        "window": list(predicted.window),
        "minimum_points": predicted.minimum_points,
        "widest_interval": predicted.widest_interval,
        "statement": claim.statement,
        "source": claim.source,
        "does_not_imply": claim.does_not_imply,
    }


def _rate_record(study: Study, claim: Claim[PredictedExponent], judgement: RateJudgement) -> dict[str, Any]:
    family = len(study.rates)
    return _claim_record(study, claim, judgement) | {
        "rivals": list(claim.predicted.rivals),
        "hides_logarithms": claim.predicted.hides_logarithms,
        "estimand": str(claim.predicted.estimand),
        "family": {"rates": family, "confidence": family_confidence(family)},
        "bound": bound_record(claim.predicted, judgement),
        "needed": needed_record(judgement.needed),
        "fit": slope_record(judgement),
    }


def _difference_record(difference: Difference) -> dict[str, Any]:
    return {
        "x": difference.published.x,
        "published": difference.published.mean,
        "published_std": difference.published.std,
        "published_seeds": difference.published.seeds,
        "mean": difference.mean,
        "std": difference.std,
        "seeds": difference.seeds,
        "difference": difference.difference,
        "interval": None if difference.interval is None else list(difference.interval),
        "differs": difference.differs,
    }


def summary_text(summary: Mapping[str, Any]) -> str:
    """The summary as indented JSON, the same bytes for the same object."""
    return json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

"""What a study found, as one JSON object: a function of the study, the seed and the results, of nothing else."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from steinlab.checks.rates.levels import Difference, LevelClaim, compare, judge_level
from steinlab.checks.rates.slopes import CONFIDENCE, Judgement, RateClaim, Sample, judge_rate, slope_record
from steinlab.checks.rates.thresholds import threshold_sample
from steinlab.checks.studies.identity import configuration_key, versions
from steinlab.checks.studies.kinds import THRESHOLD
from steinlab.checks.studies.neurons import positions
from steinlab.checks.studies.study import Series, Study, Thresholds
from steinlab.numerics.samples.streams import generator
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


@dataclass(frozen=True)
class Results:
    """What is known of each task by its key: the numbers it measured, or why its last attempt failed."""

    finished: Mapping[str, Mapping[str, float]]
    failures: Mapping[str, str]


def summarise(study: Study, request: Request, results: Results) -> dict[str, Any]:
    """The object written to summary.json (schema "steinlab/rates/1").

    A point's mean and standard deviation (n - 1 in the denominator) are over the runs that ended well; the others are
    counted in `failed` and listed in `failures`. Numbers are null where there is nothing to compute them from.
    """
    runs = {series.id: _runs(study, series, request.seed, results) for series in study.series}

    def samples(name: str, quantity: str) -> list[Sample]:
        curve = study.find(name)
        if isinstance(curve, Thresholds):
            members = zip(curve.x, curve.series, strict=True)
            return [threshold_sample(x, runs[member], curve.quantity, curve.level) for x, member in members]
        return [_sample(x, outcomes, quantity) for x, outcomes in runs[name].items()]

    def method(name: str) -> str:
        curve = study.find(name)
        return method(curve.series[0]) if isinstance(curve, Thresholds) else curve.method

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
            "versions": versions(),
            "study": json.loads(study.document),
        },
        "series": [
            _series_record(series, quantity, samples(series.id, quantity))
            for series in study.series
            for quantity in study.quantities(series)
        ],
        "neurons": {series.id: _neurons(runs[series.id]) for series in study.series if series.options.get("neurons")},
        "thresholds": [_threshold_record(study, curve, samples(curve.id, THRESHOLD)) for curve in study.thresholds],
        "rates": [
            _rate_record(
                claim,
                study.find(claim.series),
                method(claim.series),
                judge_rate(
                    claim,
                    samples(claim.series, claim.quantity),
                    generator(request.seed, study.name, "bootstrap", claim.id),
                ),
            )
            for claim in study.rates
        ],
        "levels": [
            _claim_record(
                claim, study.find(claim.series), method(claim.series), judge_level(claim, samples(claim.series, claim.quantity))
            )
            for claim in study.levels
        ],
        "published": [
            {
                "id": published.id,
                "label": published.label,
                "source": published.source,
                "series": name,
                "quantity": published.quantity,
                "points": [_difference_record(d) for d in compare(published.points, samples(name, published.quantity))],
            }
            for published in study.published
            for name in published.series
            if _fixed(study.find(name)) == published.fixed
        ],
        "failures": [
            {"series": series.id, "x": x, "replicate": replicate, "message": outcome}
            for series in study.series
            for x, outcomes in runs[series.id].items()
            for replicate, outcome in enumerate(outcomes)
            if isinstance(outcome, str)
        ],
    }


def _runs(study: Study, series: Series, seed: int, results: Results) -> dict[int, list[Mapping[str, float] | str]]:
    """By x, for each replicate in turn: what it measured, or the message of its failure."""
    runs: dict[int, list[Mapping[str, float] | str]] = {x: [] for x in series.x}
    for (x, _), task in sorted(study.tasks(series, seed).items()):
        key = configuration_key(task.configuration)
        runs[x].append(results.finished[key] if key in results.finished else results.failures.get(key, "it did not run"))
    return runs


def _sample(x: float, outcomes: Sequence[Mapping[str, float] | str], quantity: str) -> Sample:
    values = tuple(outcome[quantity] for outcome in outcomes if not isinstance(outcome, str))
    return Sample(x, values, len(outcomes) - len(values))


def _series_record(series: Series, quantity: str, samples: Sequence[Sample]) -> dict[str, Any]:
    return {
        "id": series.id,
        "label": series.label,
        "method": series.method,
        "axis": series.axis,
        "fixed": dict(series.fixed),
        "quantity": quantity,
        "targets": [_plain(target) for target in series.targets],
        "transfer": None if series.transfer is None else _plain(series.transfer),
        "settings": dict(series.settings),
        "options": dict(series.options),
        "points": [_point(sample) for sample in samples],
    }


def _neurons(runs: Mapping[int, Sequence[Mapping[str, float] | str]]) -> dict[str, Any] | None:
    """The neurons of the first replicate at the first size; None where that run failed."""
    first = next(iter(runs.values()))[0]
    return None if isinstance(first, str) else positions(first)


def _threshold_record(study: Study, curve: Thresholds, samples: Sequence[Sample]) -> dict[str, Any]:
    first = study.find(curve.series[0])
    assert isinstance(first, Series), "thresholds are made from series"
    return {
        "id": curve.id,
        "label": curve.label,
        "method": first.method,
        "axis": curve.axis,
        "fixed": {size: value for size, value in first.fixed.items() if size != curve.axis},
        "quantity": THRESHOLD,
        "of": {"series": list(curve.series), "axis": curve.of, "quantity": curve.quantity, "level": curve.level},
        "points": [_point(sample) for sample in samples],
    }


def _fixed(curve: Series | Thresholds) -> Mapping[str, int]:
    return curve.fixed if isinstance(curve, Series) else {}


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


def _claim_record(
    claim: RateClaim | LevelClaim, series: Series | Thresholds, method: str, judgement: Judgement
) -> dict[str, Any]:
    return {
        "id": claim.id,
        "series": series.id,
        "method": method,
        "axis": series.axis,
        "quantity": claim.quantity,
        "predicted": claim.predicted,
        "direction": str(claim.direction),
        "measured": judgement.measured,
        "interval": None if judgement.interval is None else list(judgement.interval),
        "verdict": str(judgement.verdict),
        "evidence": str(Evidence.NUMERICAL),
        "reason": judgement.reason,
        "window": list(claim.window),
        "minimum_points": claim.minimum_points,
        "widest_interval": claim.widest_interval,
        "statement": claim.statement,
        "source": claim.source,
        "does_not_imply": claim.does_not_imply,
    }


def _rate_record(claim: RateClaim, series: Series | Thresholds, method: str, judgement: Judgement) -> dict[str, Any]:
    return _claim_record(claim, series, method, judgement) | {
        "rivals": list(claim.rivals),
        "hides_logarithms": claim.hides_logarithms,
        "fit": None if judgement.slope is None else slope_record(judgement.slope),
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


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def summary_text(summary: Mapping[str, Any]) -> str:
    """The summary as indented JSON, the same bytes for the same object."""
    return json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def plain_report(study: Study, summary: Mapping[str, Any]) -> str:
    """A few lines for the terminal: each verdict with its numbers and reason, and where published numbers differ."""
    lines = [f"{study.title}"]
    for kind, name in (("rates", "exponent"), ("levels", "level")):
        for record in summary[kind]:
            sign = {"upper": "<=", "lower": ">=", "tight": "="}[record["direction"]]
            lines += [
                f"  {record['verdict']:<10}{record['id']}: {study.find(record['series']).label}",
                f"            {record['quantity']} {name} {sign} {record['predicted']:g}; measured {_measured(record)}",
                f"            {record['reason']}",
            ]
    for record in summary["published"]:
        judged = [point for point in record["points"] if point["differs"] is not None]
        if judged:
            count = sum(point["differs"] for point in judged)
            largest = max(judged, key=lambda point: _log_ratio(point["mean"], point["published"]))
            lines.append(
                f"  {record['label']} against {study.find(record['series']).label}: differs at {count} of {len(judged)} points"
                f" (most at x = {largest['x']:g}: {largest['mean']:.3g} against {largest['published']:.3g})"
            )
    if summary["failures"]:
        first = summary["failures"][0]
        lines.append(
            f"  {len(summary['failures'])} runs failed; the first, {first['series']} at x = {first['x']}: {first['message']}"
        )
    return "\n".join(lines)


def _log_ratio(ours: float, theirs: float) -> float:
    """|log(ours/theirs)| of the sizes; infinite where just one of them is zero."""
    if abs(ours) == abs(theirs):
        return 0.0
    return abs(math.log(abs(ours / theirs))) if ours and theirs else math.inf


def _measured(record: Mapping[str, Any]) -> str:
    if record["measured"] is None:
        return "nothing"
    low, high = record["interval"]
    return f"{record['measured']:.3f} [{low:.3f}, {high:.3f}]"

"""All kinds of runs, and what a study can ask of them by name."""

from __future__ import annotations

from steinlab.checks.studies.kinds.calibration import CALIBRATION
from steinlab.checks.studies.kinds.estimation import ESTIMATION
from steinlab.checks.studies.kinds.online import ONLINE
from steinlab.checks.studies.kinds.training import TRAINING

KINDS = (TRAINING, ONLINE, ESTIMATION, CALIBRATION)
METHODS = {method: kind for kind in KINDS for method in kind.methods}
THRESHOLD = "threshold"
"""The quantity of a curve of thresholds, which is made from runs and measured by none."""
QUANTITIES = {name: words for kind in KINDS for name, words in kind.quantities.items()} | {
    THRESHOLD: "least size at which the level is reached"
}

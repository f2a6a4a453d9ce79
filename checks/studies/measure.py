"""One task of a study: make the run that its configuration asks for and return the numbers that were measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from steinlab.checks.studies.kinds.menu import METHODS
from steinlab.theory.targets.target import Target


def measure(configuration: Mapping[str, Any]) -> dict[str, float]:
    """Make the run of a configuration, with the seed that the configuration hashes to, and return what it measured.

    The numbers are the quantities that a study may ask for, with the Monte Carlo standard errors of the risks over the test
    points (0 for a squared risk in closed form) and what else is worth keeping of a run. Raises InputError if the configuration
    cannot be run, or diverges.
    """
    target = Target.from_mapping(configuration["target"]) if "target" in configuration else None
    return METHODS[configuration["method"]].measure(configuration, target)

"""Runs that failed, were censored or are too few decide nothing, and say so."""

import pytest

from steinlab.checks.rates.samples import MINIMUM_SEEDS, Sample


@pytest.mark.parametrize(
    ("sample", "flaw"),
    [
        (Sample(10, (1.0,) * MINIMUM_SEEDS), None),
        (Sample(10, (1.0,) * 8, failures=1, censored=1), "1 of 9 runs at x = 10 failed"),
        (Sample(0.5, (1.0,) * 8, censored=2), "2 of 10 thresholds at x = 0.5 lie outside the sizes that were run"),
        (Sample(1e6, (1.0,) * 2), "2 runs at x = 1e+06: 3 are needed"),
        (Sample(10, ()), "0 runs at x = 10: 3 are needed"),
    ],
)
def test_a_flaw_is_named_with_its_size(sample, flaw):
    assert sample.flaw == flaw

"""Configurations as text keep every value, and their seeds ignore the order of fields."""

import json

from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.studies.configuration import canonical_json, configuration_seed

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
configurations = st.dictionaries(st.text(), scalars | st.lists(scalars, max_size=3), max_size=5)


@given(configurations)
def test_canonical_json_keeps_every_value(configuration):
    assert json.loads(canonical_json(configuration)) == configuration


@given(configurations, st.randoms(use_true_random=False))
def test_seeds_ignore_the_order_of_fields(configuration, random):
    shuffled = list(configuration.items())
    random.shuffle(shuffled)
    assert configuration_seed(dict(shuffled)) == configuration_seed(configuration)


@given(configurations)
def test_seeds_fit_in_63_bits(configuration):
    assert 0 <= configuration_seed(configuration) < 2**63

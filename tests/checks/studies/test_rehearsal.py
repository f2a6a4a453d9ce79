"""A wrong setting is refused before the sweep."""

import pytest
from small_studies import changed

from steinlab.checks.studies.reading.parse import parse_study
from steinlab.checks.studies.rehearsal import rehearse
from steinlab.theory.errors import InputError


def test_a_setting_that_cannot_be_trained_is_refused_before_the_sweep():
    with pytest.raises(InputError, match=r"series\.one: step_rule"):
        rehearse(parse_study(changed("series/one/settings", {"step_rule": "fast"})))
    with pytest.raises(InputError, match=r"series\.one: d = 2 is too small"):
        rehearse(parse_study(changed("targets/even/link", "z1*z2*z3")))


def test_a_quantity_that_a_run_does_not_measure_is_refused():
    document = changed("series/one/settings", {})
    document["series"]["one"] |= {"target": "even", "method": "online-sgd", "axis": "T", "settings": {}}
    document["rates"], document["levels"], document["published"] = {}, {}, {}
    document["series"]["one"] |= {"fixed": {"d": 2, "m": 4}}
    document["figures"]["risk"] |= {"quantity": "gap"}
    del document["defaults"]["holdout"]
    document["series"]["two"]["holdout"] = 20
    with pytest.raises(InputError, match=r"series\.one has no gap with these settings: ask for another quantity"):
        rehearse(parse_study(document))

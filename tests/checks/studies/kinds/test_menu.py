"""Every method belongs to one kind of run, whose quantities, settings and costs a study can ask for."""

import pytest

from steinlab.checks.studies.kinds.menu import KINDS, METHODS, QUANTITIES, THRESHOLD


def test_every_method_has_one_kind_and_every_quantity_words():
    assert len(METHODS) == sum(len(kind.methods) for kind in KINDS)
    assert set(QUANTITIES) == {THRESHOLD}.union(*(kind.quantities for kind in KINDS))
    assert all(QUANTITIES.values())


@pytest.mark.parametrize("method", sorted(METHODS))
def test_more_samples_cost_more(method):
    kind = METHODS[method]
    sizes = dict.fromkeys(kind.sizes, 10) | dict.fromkeys(kind.options, 10)
    assert kind.cost(method, sizes | {kind.sizes[0]: 20}) > kind.cost(method, sizes) > 0
    assert all(isinstance(value, bool | int | float | str | None) for value in kind.settings(method).values())

"""Pictures: what is filled, where the bound stands, what is said to those who cannot see them."""

import numpy as np
import pytest

from steinlab.checks.estimates import pictures
from steinlab.checks.estimates.estimate import estimate

RNG = np.random.default_rng(1)
X = RNG.standard_normal((1500, 6))
FOUND = estimate(X, X[:, 0] * X[:, 1] + RNG.standard_normal(1500))


@pytest.fixture
def drawn(monkeypatch):
    kept = {}

    def keep(canvas, name, title, description):
        kept.update(axes=canvas.axes[0], name=name, title=title, description=description)
        return "<svg>"

    monkeypatch.setattr(pictures, "inline", keep)

    def draw(function, found=FOUND):
        assert function(found) == "<svg>"
        return kept

    return draw


def test_energies_have_their_intervals_and_the_claimed_one_is_filled(drawn):
    kept = drawn(pictures.energies)
    lines = kept["axes"].lines
    bars = [line for line in lines if len(line.get_xdata()) == 2 and line.get_xdata()[0] == line.get_xdata()[1]]
    assert [tuple(bar.get_ydata()) for bar in bars] == [FOUND.energies[k].interval for k in (1, 2, 3)]
    marks = [line for line in lines if len(line.get_xdata()) == 1]
    assert [mark.get_markerfacecolor() == "none" for mark in marks] == [True, False, True]
    assert [mark.get_ydata()[0] for mark in marks] == [max(FOUND.energies[k].value, 0) for k in (1, 2, 3)]
    assert f"degree 2: {FOUND.energies[2].value:.3g}" in kept["description"]


def test_eigenvalues_are_grouped_by_what_was_tested(drawn):
    kept = drawn(pictures.eigenvalues)
    groups = {line.get_label(): list(line.get_ydata()) for line in kept["axes"].lines}
    sizes = [abs(value) for value in FOUND.facts.rank.values]
    assert groups["claimed: confirmed by the other half"] == sizes[:2]
    assert groups["tested, not confirmed"] == sizes[2:3]
    assert groups["not tested"] == sizes[3:]
    assert set(groups["bound on eigenvalue 3 of H"]) == {FOUND.facts.rank.further}
    assert kept["description"].endswith("; 2 claimed")


def test_nothing_is_bounded_where_nothing_is_left(drawn):
    kept = drawn(pictures.eigenvalues, estimate(X[:, :2], X[:, 0] ** 2 + X[:, 1] ** 2))
    assert {line.get_label() for line in kept["axes"].lines} == {"claimed: confirmed by the other half"}


def test_alignment_is_drawn_for_both_tests(drawn):
    kept = drawn(pictures.alignment)
    curves = {line.get_label(): list(line.get_ydata()) for line in kept["axes"].lines}
    assert curves["H"] == list(FOUND.facts.rank.test.overlap)
    assert curves["bounded weights"] == list(FOUND.facts.dimension.test.overlap)
    filled = [line for line in kept["axes"].lines if line.get_markerfacecolor() != "none"]
    assert [len(line.get_ydata()) for line in filled] == [FOUND.rank.lower, FOUND.facts.dimension.lower]


@pytest.mark.parametrize("function", [pictures.energies, pictures.eigenvalues, pictures.alignment])
def test_each_is_one_element_with_words(function):
    svg = function(FOUND)
    assert svg.startswith("<svg")
    assert svg == function(FOUND)
    assert "<desc" in svg

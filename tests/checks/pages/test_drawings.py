"""Drawings as inline SVG: self-contained, of the same bytes each time, in the colours of the page."""

import re

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

from steinlab.checks.pages.drawings import MARKERS, dress, inline, parameters, style


def drawn(name="a", title="Title", logarithmic=False):
    with rc_context(parameters(name)):
        canvas = Figure(figsize=(3, 2))
        axes = canvas.subplots()
        for i in range(len(MARKERS) + 1):
            axes.plot([1, 10_000], [1 + i, 2 + i], **style(i))
        if logarithmic:
            axes.set_xscale("log")
        dress(axes)
        return inline(canvas, name, title, "What it says")


def test_the_same_bytes_and_ids_of_its_own():
    assert drawn() == drawn()
    first, second = (set(re.findall(r'\bid="([^"]*)"', drawn(name))) for name in ("a", "b"))
    assert first
    assert not first & second
    assert all(name.startswith("a-") for name in first)
    assert set(re.findall(r'href="#([^"]*)"', drawn())) <= first


def test_colours_are_those_of_the_page():
    svg = drawn()
    assert {f"var(--series-{i})" for i in range(len(MARKERS))} <= set(re.findall(r"var\(--series-\d\)", svg))
    assert "currentColor" in svg
    assert "var(--faint)" in svg
    assert not re.search("#0a0b|#010203|#040506", svg)


def test_title_and_description_are_escaped():
    svg = drawn(title="a < b")
    assert "a &lt; b</title>" in svg
    assert '<desc id="a-text">What it says</desc>' in svg
    assert svg.count('role="img"') == 1


@pytest.mark.parametrize(("power", "text"), [(4, "10⁴"), (1, "10")])
def test_powers_of_ten_are_written_out(power, text):
    assert f">{text}<" in drawn(logarithmic=True), np.power(10, power)

"""Numbers of a page, and its style sheet."""

from steinlab.checks.pages.words import interval, number, size, style_sheet


def test_numbers_have_true_minus_signs_and_three_digits():
    assert number(-1234.5) == "−1.23e+03"
    assert number(0) == "0"
    assert interval([-1, 2.00049]) == "[−1, 2]"
    assert interval(None) == number(None) == "–"


def test_sizes_have_thin_spaces():
    assert size(999) == "999"
    assert size(1234567).split("\N{NARROW NO-BREAK SPACE}") == ["1", "234", "567"]


def test_the_style_sheet_knows_the_colours_of_drawings_in_light_and_dark():
    css = style_sheet()
    assert all(css.count(f"--series-{i}:") == 2 for i in range(8))
    assert "url(" not in css

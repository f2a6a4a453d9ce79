"""Figures as inline SVG: colours left to the page, ids of its own, a description in words."""

from small_studies import summary_of

from steinlab.checks.studies.reading.load import load_study
from steinlab.checks.studies.report.figures import draw, panels


def test_a_figure_is_one_element_with_its_own_ids_and_the_colours_of_the_page():
    study = load_study("damian-figure-1", quick=True)
    summary = summary_of(study)
    for figure in study.figures:
        svg = draw(figure, summary)
        assert svg.startswith("<svg")
        assert svg.rstrip().endswith("</svg>")
        assert svg.count('role="img"') == 1
        assert f'id="figure-{figure.id}-text"' in svg
        assert "var(--series-" in svg
        assert "#0a0b" not in svg
        assert "All numbers are in the table below." in svg
        assert svg == draw(figure, summary)


def test_the_first_and_the_last_step_are_among_the_panels():
    assert panels([0]) == [0]
    assert panels(list(range(25))) == [0, 3, 6, 24]

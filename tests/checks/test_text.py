"""Aligned columns, the last of which wraps within the width of a terminal."""

from steinlab.checks.text import WIDTH, table


def test_columns_are_aligned_and_the_last_one_wraps():
    text = table(["name", "meaning"], [["a", "short"], ["longer", "word " * 40]])
    lines = text.splitlines()
    assert lines[0] == "  name    meaning"
    assert set(lines[1].strip()) == {"-"}
    assert lines[2] == "  a       short"
    assert len(lines) >= 5
    assert all(line.startswith(" " * 10) for line in lines[4:])
    assert max(map(len, lines)) <= WIDTH


def test_without_a_header_there_is_no_rule():
    assert table(None, [["a", "b"], ["cc", ""]]) == "  a   b\n  cc"

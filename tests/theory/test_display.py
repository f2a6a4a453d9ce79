"""Tables for notebooks: whatever stands in them is text and no markup."""

from steinlab.theory.display import html_table


def test_names_and_values_are_escaped():
    text = html_table("a < b", [("<i>", "x & y"), ("matrix", [["1", "<2>"], (3, 4)])])
    assert text.startswith("<table><caption>a &lt; b</caption>")
    assert "<i>" not in text
    assert "x &amp; y" in text
    assert "<td>&lt;2&gt;</td></tr><tr><td>3</td>" in text


def test_a_string_is_a_value_and_no_table():
    assert html_table("c", [("n", "ab")]).count("<table>") == 1

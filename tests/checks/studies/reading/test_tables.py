"""Tables whose keys are taken one by one: what nobody took is refused, and so is what is not expected."""

import pytest

from steinlab.checks.studies.reading.tables import Table, is_name, merged, shown, unknown_key
from steinlab.theory.errors import InputError


def test_what_nobody_took_is_refused_with_the_nearest_key():
    table = Table({"seeds": 3, "sedes": 4}, "top")
    assert table.integer("seeds", 1) == 3
    with pytest.raises(InputError, match=r"unknown key top\.sedes: did you mean 'seeds'"):
        table.finish()
    assert table.everything() == {"seeds": 3, "sedes": 4}
    table.finish()


@pytest.mark.parametrize(
    ("take", "value", "message"),
    [
        (lambda t: t.integer("k", 2), 1, "k is 1: expected a whole number, at least 2"),
        (lambda t: t.integer("k", 0), True, "k is True: expected a whole number"),
        (lambda t: t.number("k"), float("inf"), "k is inf: expected a finite number"),
        (lambda t: t.text("k"), " ", "k is ' ': expected text"),
        (lambda t: t.boolean("k"), 1, "k is 1: expected true or false"),
        (lambda t: t.choice("k", ("a", "b")), "c", "k is 'c': expected one of 'a', 'b'"),
        (lambda t: t.choices("k", ("a",)), [], r"k is \[\]: expected a list of names"),
        (lambda t: t.increasing("k"), [2, 1], r"k is \[2, 1\]: expected an increasing list"),
        (lambda t: t.window("k"), [0, 1], r"k is \[0, 1\]: expected a pair"),
        (lambda t: t.tables("k"), {"A B": {}}, r"k\.A B is a bad name"),
        (lambda t: t.table("k"), [], r"k is \[\]: expected a table"),
    ],
)
def test_what_is_not_expected_is_refused_with_its_path(take, value, message):
    with pytest.raises(InputError, match=f"inner.{message}"):
        take(Table({"k": value}, "inner"))
    with pytest.raises(InputError, match=r"^k is missing: expected"):
        take(Table({}, ""))


def test_changes_are_merged_table_by_table():
    assert merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 3}, "d": [2, 3]}) == {"a": {"b": 3, "c": 2}, "d": [2, 3]}


def test_messages_stay_short():
    assert len(shown("x" * 1000)) == 80
    assert unknown_key("a.b", "b", ["xyz", "uvw"]) == "unknown key a.b: expected one of xyz, uvw"
    assert [is_name(text) for text in ("a-1", "A", "a--b", "")] == [True, False, False, False]

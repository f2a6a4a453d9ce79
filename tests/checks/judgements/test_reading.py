"""Runs from CSV files: any order of columns, and what is wrong in one line with its place."""

import pytest

from steinlab.checks.judgements.reading import read_runs
from steinlab.theory.errors import InputError


def write(tmp_path, text):
    path = tmp_path / "runs.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "x,seed,value\n1,a,2\n3,b,-4\n",
        "value, x ,seed\n2,1,a\n\n-4,3,b",
        "\ufeffx,seed,value\r\n1,a,2\r\n3,b,-4\r\n",
        "x;seed;value;note\n1;a;2;\n3;b;-4;hm\n",
        "x\tseed\tvalue\n1\ta\t2\n3\tb\t-4\n",
        'x,seed,value\n"1","a","2"\n3,b,-4e0\n',
    ],
)
def test_columns_are_found_by_name(tmp_path, text):
    runs = read_runs(write(tmp_path, text), ("x",))
    assert (runs.sizes, runs.values, runs.seeds) == ({"x": [1, 3]}, [2, -4], ["a", "b"])


def test_the_column_seed_may_be_missing_and_thresholds_have_two_sizes(tmp_path):
    runs = read_runs(write(tmp_path, "d,n,value\n1,2,3\n"), ("d", "n"))
    assert (runs.sizes, runs.values, runs.seeds) == ({"d": [1], "n": [2]}, [3], None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "its first line is nothing; expected a header with x, seed, value"),
        ("1,2,3\n", "its first line is 1, 2, 3; expected a header"),
        ("x,seed\n1,2\n", "its first line is x, seed; expected"),
        ("x,x,seed,value\n1,1,2,3\n", "expected a header"),
        ("x,seed,seed,value\n1,1,2,3\n", "expected a header"),
        ("x,seed,value\n", "a header and no runs"),
        ("x,seed,value\n1,2,3\n1,2\n", "line 3 has 2 cells: expected 3"),
        ("x,seed,value\n1,2,3\n1,2,abc\n", "line 3: value is 'abc', expected a finite number"),
        ("x,seed,value\n1,2,inf\n", "line 2: value is 'inf', expected a finite"),
        ("x,seed,value\n0,2,1\n", "line 2: x is '0', expected a positive"),
        ("x,seed,value\n1_0,2,1\n", "line 2: x is '1_0'"),
        (b"\xff\xfe\x00x", "is no text"),
        ('x,seed,value\n"' + "9" * 200_000 + "\n", "cannot be read as CSV"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        read_runs(write(tmp_path, text), ("x",))
    assert message in str(caught.value)

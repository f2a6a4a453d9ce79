"""Files: both kinds, headers, and each way to be wrong in one clear line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks.estimates.reading import read_data
from steinlab.theory.errors import InputError

X, Y = np.arange(12.0).reshape(4, 3) / 7, np.array([1.0, -2.0, 3.5, 1e-3])
ROWS = [",".join(map(repr, map(float, row))) for row in np.c_[X, Y]]


def written(tmp_path, text, name="data.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "head", ["", "x1,x2,x3,y\n", "0,1,2,y\n", '"a","b","c","d"\n', "\ufeffx1,x2,x3,y\n", "\ufeff", ",0,1,y\n"], ids=repr
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_csv_has_a_header_or_none(tmp_path, head, newline):
    text = (head + "\n".join(ROWS) + "\n").replace("\n", newline)
    found = read_data(written(tmp_path, text))
    assert np.array_equal(found[0], X)
    assert np.array_equal(found[1], Y)


def test_an_npz_has_arrays_named_x_and_y(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, X=X, y=Y, more=X)
    found = read_data(path)
    assert np.array_equal(found[0], X)
    assert np.array_equal(found[1], Y)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2,3\n4,five,6\n", "line 2, column 2 is 'five': give numbers"),
        ("a,b,y\n1,2,3\n\n4,,6\n", "line 4, column 2 is ''"),
        ("1,2,3\n4,5\n", "line 2 has 2 columns where those before have 3"),
        ("1,2,NA\n4,5,6\n", "line 1: 'NA' is neither a number nor part of a header"),
        ("1.5,b,y\n4,5,6\n", "line 1: 'b' is neither"),
        ("1,2,\n4,5,6\n", "line 1: '' is neither"),
        ("1;2;3\n4;5;6\n", "line 2, column 1 is '4;5;6'"),
        ("1\n2\n", "has one column"),
        ("", "has no rows of numbers"),
        ("a,b,y\n", "has no rows of numbers"),
        ("1,2,1_000\n3,4,5\n", "neither a number"),
        (b"\xff\xfe1,2,3\n4,5,6\n", "neither a number nor part of a header"),
    ],
)
def test_a_csv_that_is_none_is_refused(tmp_path, text, words):
    with pytest.raises(InputError) as refusal:
        read_data(written(tmp_path, text))
    assert words in str(refusal.value)
    assert "data.csv" in str(refusal.value)


def test_an_npz_that_is_none_is_refused(tmp_path):
    np.savez(tmp_path / "named.npz", x=X, y=Y)
    np.savez(tmp_path / "pickled.npz", X=np.array([object()]), y=Y)
    with pytest.raises(InputError, match=r"no array 'X' but x, y: use numpy.savez"):
        read_data(tmp_path / "named.npz")
    with pytest.raises(InputError, match=r"pickled objects, which are never loaded"):
        read_data(tmp_path / "pickled.npz")
    with pytest.raises(InputError, match=r"cannot be read as .npz: give numeric arrays"):
        read_data(written(tmp_path, "1,2,3", "text.npz"))
    with pytest.raises(InputError, match=r"give an .npz file with arrays X and y, or a .csv"):
        read_data(written(tmp_path, "{}", "data.json"))
    with pytest.raises(FileNotFoundError):
        read_data(tmp_path / "missing.csv")


@given(cut=st.integers(0, 400), at=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_damaged_npz_is_refused_or_read(tmp_path_factory, cut, at, byte):
    path = tmp_path_factory.mktemp("damaged") / "data.npz"
    np.savez(path, X=X, y=Y)
    whole = bytearray(path.read_bytes())
    whole[at % len(whole)] = byte
    path.write_bytes(whole[: len(whole) - cut])
    try:
        found = read_data(path)
    except InputError as refusal:
        assert "data.npz" in str(refusal)  # noqa: PT017
    else:
        assert all(isinstance(array, np.ndarray) for array in found)


def test_a_file_beyond_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("steinlab.numerics.limits.memory_limit", lambda: 100)
    np.savez(tmp_path / "data.npz", X=X, y=Y)
    for path in (tmp_path / "data.npz", written(tmp_path, "\n".join(ROWS))):
        with pytest.raises(InputError, match=r"needs .* GiB of memory"):
            read_data(path)

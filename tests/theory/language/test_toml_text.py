"""TOML that somebody else wrote is read within bounds, or refused on one line that names it."""

import pytest

from steinlab.theory.errors import InputError
from steinlab.theory.language.toml_text import MAX_BITS, MAX_DEPTH, MAX_FILE_BYTES, read_toml, read_toml_file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "it is not valid TOML"),
        (f"a = {2**MAX_BITS}", "holds an integer of more than 3000 bits"),
        ("a = " + "9" * 5000, "too many digits"),
        ("a = 2021-02-30", "not valid TOML|a date that does not exist"),
        ("a = " + "[" * 60 + "]" * 60, f"nested too deeply: the bound is {MAX_DEPTH}"),
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_toml_or_out_of_bounds_is_refused(text, message):
    with pytest.raises(InputError, match=message) as caught:
        read_toml(text, "it")
    assert "\n" not in str(caught.value)


def test_what_is_within_bounds_is_read():
    deep = "a = " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)  # the document itself is the outermost table
    assert read_toml(deep, "it")["a"] is not None
    with pytest.raises(InputError, match="it is nested too deeply: the bound is 50"):
        read_toml(f"{deep[:4]}[{deep[4:]}]", "it")
    assert read_toml(f"a = {2**MAX_BITS - 1}", "it") == {"a": 2**MAX_BITS - 1}
    assert read_toml("a = 0.10", "it", str) == {"a": "0.10"}


def test_files_are_named_in_messages(tmp_path):
    path = tmp_path / "t.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1")
    assert read_toml_file(path) == {"a": 1}
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"t\.toml is not UTF-8 text"):
        read_toml_file(path)
    path.write_bytes(b"#" * MAX_FILE_BYTES)
    assert read_toml_file(path) == {}
    path.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(InputError, match=r"t\.toml is larger than"):
        read_toml_file(path)
    with pytest.raises(InputError, match=r"cannot read .*null"):
        read_toml_file(tmp_path / "a\0b")
    with pytest.raises(InputError, match="is not a regular file"):
        read_toml_file(tmp_path)
    with pytest.raises(InputError, match=r"cannot read .*missing\.toml: No such file"):
        read_toml_file(tmp_path / "missing.toml")

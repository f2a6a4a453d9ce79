"""Files are replaced in one step; links and what is no file stay what they are."""

import os

import pytest

from steinlab.checks.files import write_atomically


def test_writing_through_a_link_keeps_the_link(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, "text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert pipe.is_fifo()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path, "text")
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


def test_a_file_that_cannot_be_written_is_named_and_no_draft_is_left(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere/out\.json'$"):
        write_atomically(tmp_path / "nowhere/out.json", "text")
    assert list(tmp_path.iterdir()) == []

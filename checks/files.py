"""Files that are written whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Replace the file in one step, so that neither a kill nor a full disk leaves half of it.

    A link keeps pointing where it did, and what is no file, such as /dev/stdout, is written to and not replaced. Raises
    OSError naming `path`.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, "utf-8")
        return
    final = path.resolve()
    draft = final.with_name(final.name + ".draft")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(final)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error

"""Data from files: an .npz with arrays X and y, or a .csv whose last column is y."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import numpy as np

from steinlab.numerics.limits import require_memory
from steinlab.numerics.types import AnyArray
from steinlab.theory.errors import InputError


def read_data(path: Path) -> tuple[AnyArray, AnyArray]:
    """The arrays X and y of a file, unchecked otherwise.

    Raises InputError for another kind of file, or one that does not hold them; OSError where it cannot be read.
    """
    if path.suffix.lower() == ".npz":
        return _npz(path)
    if path.suffix.lower() in (".csv", ".txt"):
        return _csv(path)
    raise InputError(f"{path}: give an .npz file with arrays X and y, or a .csv file whose last column is y")


def _npz(path: Path) -> tuple[AnyArray, AnyArray]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        require_memory(2.0 * size, f"reading {path}", "give fewer rows")
        with np.load(path, allow_pickle=False) as held:
            missing = [name for name in ("X", "y") if name not in held.files]
            if missing:
                raise InputError(
                    f"{path} has no array {missing[0]!r} but {', '.join(held.files) or 'none'}: use numpy.savez(file, X=X, y=y)"
                )
            return held["X"], held["y"]
    except InputError:
        raise
    except (ValueError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        hint = "it holds pickled objects, which are never loaded: " if "pickle" in str(error) else ""
        raise InputError(f"{path} cannot be read as .npz: {hint}give numeric arrays X and y saved by numpy.savez") from None


def _csv(path: Path) -> tuple[AnyArray, AnyArray]:
    require_memory(4.0 * path.stat().st_size, f"reading {path}", "give fewer rows, or an .npz file")
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as lines:
        first = lines.readline()
        header = _is_header(first, path)
        if not header:
            lines.seek(0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # of no data: said below
                table = np.loadtxt(lines, delimiter=",", comments=None, ndmin=2)
        except ValueError:
            raise InputError(f"{path}, {_trouble(path, header)}") from None
    if not table.size:
        raise InputError(f"{path} has no rows of numbers: give rows x_1, ..., x_d, y")
    if table.shape[1] < 2:
        raise InputError(f"{path} has one column: give rows x_1, ..., x_d, y, separated by commas")
    return table[:, :-1], table[:, -1]


def _is_header(line: str, path: Path) -> bool:
    """Whether the first line is names: no cell is a number, or those that are count the columns, 0, 1, ..., as pandas does."""
    cells = [cell.strip().strip('"') for cell in line.split(",")]
    numbers, words = [cell for cell in cells if _is_number(cell)], [cell for cell in cells if not _is_number(cell)]
    if not words or not numbers:
        return bool(words)
    if numbers == [str(i) for i in range(len(numbers))] and cells[-1] == words[-1] != "":
        return True
    raise InputError(f"{path}, line 1: {words[0]!r} is neither a number nor part of a header; give numbers, or names alone")


def _trouble(path: Path, header: bool) -> str:
    """What is wrong with the first line that is not as many numbers as the line before."""
    width = None
    with path.open(encoding="utf-8-sig", errors="replace", newline=None) as lines:
        for number, line in enumerate(lines, 1):
            if (number == 1 and header) or not line.strip():
                continue
            cells = [cell.strip() for cell in line.split(",")]
            for column, cell in enumerate(cells, 1):
                if not _is_number(cell):
                    return f"line {number}, column {column} is {cell!r}: give numbers separated by commas, no cell empty"
            if width is not None and len(cells) != width:
                return f"line {number} has {len(cells)} columns where those before have {width}: give rows of one length"
            width = len(cells)
    return "some cell is no number: give numbers separated by commas"


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell

"""Two-layer networks as targets: f*(z) = Σ_j a_j σ(<w_j, z> + b_j), written out as a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, Vector
from steinlab.theory.exact.numbers import Number
from steinlab.theory.targets.reading import exact, known_keys, rows_of, shown

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MAX_NEURONS = 128
MAX_WEIGHTS = 2_048
"""Most weights of all neurons together."""
MAX_LINK = 400_000
"""Longest link of a network, in characters: doubles that are read exactly take some fifty each."""
MAX_ARRAY_BYTES = 1_000_000
"""Largest .npz file of weights."""
_ARRAYS = {"W": 2, "a": 1, "b": 1}
_U = re.compile(r"\bu\b")


@dataclass(frozen=True)
class Network:
    """Neurons a_j σ(<w_j, z> + b_j): `activation` a function of links by name or an expression in u, `weights` rows w_j.

    Raises InputError for sizes that do not fit, or beyond MAX_NEURONS and MAX_WEIGHTS.

    >>> print(Network.of([[1, 2], [0, -1]], [1, "1/2"], [0, 1], "relu").link)
    relu(z1 + 2*z2) + 1/2*relu(-z2 + 1)
    """

    activation: str
    weights: Matrix
    head: Vector
    biases: Vector

    @staticmethod
    def of(
        weights: Sequence[Sequence[object]] | ArrayLike,
        head: Sequence[object] | ArrayLike | None = None,
        biases: Sequence[object] | ArrayLike | None = None,
        activation: str = "relu",
    ) -> Network:
        """From exact numbers, text such as "sqrt(2)", or arrays, whose doubles are taken as the binary numbers they are."""
        if not isinstance(activation, str) or not activation.strip():
            raise InputError(f"the activation is {shown(activation)}: expected a name such as 'relu', or an expression in u")
        rows = [list(row) for row in _listed(weights, "weights", 2)]
        if not rows or not rows[0] or len({len(row) for row in rows}) != 1:
            raise InputError(
                "weights have no rows, or rows of different lengths: give one row w_j for each neuron, all of one length"
            )
        if len(rows) > MAX_NEURONS or len(rows) * len(rows[0]) > MAX_WEIGHTS:
            raise InputError(
                f"the network has {len(rows)} neurons of {len(rows[0])} weights: the bounds are {MAX_NEURONS} neurons and "
                f"{MAX_WEIGHTS} weights in all"
            )
        matrix = tuple(
            tuple(_number(x, f"weights, neuron {j + 1}, entry {i + 1}") for i, x in enumerate(row)) for j, row in enumerate(rows)
        )
        vectors = []
        for name, values, default in (("head", head, 1), ("biases", biases, 0)):
            listed = [default] * len(rows) if values is None else _listed(values, name, 1)
            if len(listed) != len(rows):
                raise InputError(f"{name} has {len(listed)} numbers for {len(rows)} neurons: give one for each")
            vectors.append(tuple(_number(x, f"{name}, neuron {j + 1}") for j, x in enumerate(listed)))
        return Network(activation.strip(), matrix, *vectors)

    @staticmethod
    def from_table(table: object, where: str, folder: Path) -> Network:
        """The `[network]` table of a target file, which messages call `where`; `file` is looked for beside it, in `folder`."""
        if not isinstance(table, Mapping):
            raise InputError(f"{where} is {shown(table)}: expected a table with activation and weights, or file")
        known_keys(table, {"activation", "weights", "head", "biases", "file"}, where)
        data: dict[str, Any] = {"activation": table.get("activation", "relu")}
        if "file" in table:
            given = [key for key in ("weights", "head", "biases") if key in table]
            if given:
                raise InputError(f"{where} has file and {given[0]}: the file holds the arrays W, a and b, give one of the two")
            return Network.of(**data, **_arrays(table["file"], folder))
        if "weights" not in table:
            raise InputError(f"{where} has no weights: give rows, such as weights = [[1, 2], [1, -1]], or a file")
        return Network.of(rows_of(table["weights"], where, "weights"), table.get("head"), table.get("biases"), **data)

    def beside(self, data: Mapping[str, object]) -> dict[str, object]:
        """The other keys of a target file, with the link that the network is. InputError where another link is given too."""
        if data.get("link", self.link) != self.link:
            raise InputError("there are a link and a network: give one of the two")
        return {key: value for key, value in data.items() if key != "network"} | {"link": self.link}

    @property
    def latents(self) -> int:
        return len(self.weights[0])

    @property
    def link(self) -> str:
        """The sum, in z1, z2, ...; neurons with a_j = 0 are left out."""
        return " + ".join(self.neurons()) or "0"

    def neurons(self) -> Iterator[str]:
        """Each neuron that has a share, in z1, z2, ..."""
        for row, a, b in zip(self.weights, self.head, self.biases, strict=True):
            if a:
                inside = _sum([*((w, f"z{i + 1}") for i, w in enumerate(row)), (b, "")])
                function = _U.sub(f"({inside})", self.activation)
                applied = f"({function})" if function != self.activation else f"{self.activation}({inside})"
                yield applied if a == 1 else f"{_factor(a)}*{applied}"

    def to_mapping(self) -> dict[str, object]:
        """The table that `from_table` reads back; every number is exact text."""
        return {
            "activation": self.activation,
            "weights": [[str(w) for w in row] for row in self.weights],
            "head": [str(a) for a in self.head],
            "biases": [str(b) for b in self.biases],
        }

    def __str__(self) -> str:
        count = len(self.weights)
        return (
            f"{count} neuron{'s' * (count != 1)} {self.activation} of {self.latents} latent variable{'s' * (self.latents != 1)}"
        )


def _number(value: object, what: str) -> Number:
    """A number; a double of an array is the binary number that it is."""
    if type(value).__module__ == "numpy" and isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise InputError(f"{what} is {value}: expected a finite number")
        return Number.of(Fraction(float(value)))
    item = getattr(value, "item", None)
    return exact(item() if callable(item) else value, what)


def _listed(values: Any, what: str, depth: int) -> list[Any]:
    """A list, or an array of this many dimensions as a list of NumPy's scalars or rows."""
    shape = getattr(values, "shape", None)
    if shape is not None:
        if len(shape) != depth:
            raise InputError(f"{what} is an array of shape {shape}: expected {depth} dimension{'s' * (depth > 1)}")
        if getattr(values.dtype, "kind", "") not in "iuf":
            raise InputError(f"{what} is an array of {values.dtype}: expected real numbers")
        wide = values.astype("float64") if values.dtype.kind == "f" else values
        return list(wide)
    if isinstance(values, (str, Mapping)) or not isinstance(values, Sequence):
        raise InputError(f"{what} is {shown(values)}: expected a list")
    if depth == 2 and not all(isinstance(row, Sequence) and not isinstance(row, str) for row in values):
        raise InputError(f"{what} is {shown(values)}: expected a list of rows")
    return list(values)


def _arrays(name: object, folder: Path) -> dict[str, Any]:
    """W, a and b of an .npz file."""
    import zipfile  # an exact target needs neither

    import numpy as np

    if not isinstance(name, str):
        raise InputError(f"network: file is {shown(name)}: expected the path of an .npz file")
    path = folder / name
    try:
        if path.stat().st_size > MAX_ARRAY_BYTES:
            raise InputError(f"{path} is larger than {MAX_ARRAY_BYTES} bytes: is it the file that you mean?")
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > 10 * MAX_ARRAY_BYTES:
                raise InputError(f"{path} unpacks to more than {10 * MAX_ARRAY_BYTES} bytes: is it the file that you mean?")
        with np.load(path, allow_pickle=False) as stored:
            unknown = set(stored.files) - set(_ARRAYS)
            if "W" not in stored.files or unknown:
                raise InputError(
                    f"{path} holds the arrays {', '.join(stored.files) or 'none'}: expected W (m, r), a (m,) and b (m,)"
                )
            found = {key: stored[key] for key in stored.files}
            raw = next((key for key, value in found.items() if not isinstance(value, np.ndarray)), None)
            if raw is not None:
                raise InputError(f"{path}: {raw} is no array: save it with numpy.savez")
    except InputError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise InputError(f"cannot read {path}: {error}") from None
    return {"weights": found["W"], "head": found.get("a"), "biases": found.get("b")}


def _factor(x: Number) -> str:
    text = str(x)
    return f"({text})" if "+" in text[1:] or "-" in text[1:] or text.startswith("-") else text


def _sum(terms: Sequence[tuple[Number, str]]) -> str:
    """Σ x name, a constant where the name is empty; 0 for none."""
    out = ""
    for x, name in terms:
        if not x:
            continue
        negative = x.sign() < 0 and "+" not in str(x)[1:] and "-" not in str(x)[1:]
        size = -x if negative else x
        term = name if name and size == 1 else f"{_factor(size)}*{name}" if name else _factor(size)
        out += (f" {'-' if negative else '+'} " if out else "-" * negative) + term
    return out or "0"

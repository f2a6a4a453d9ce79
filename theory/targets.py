"""Targets f*(x) = g(<u_1, x>, ..., <u_r, x>): a link, directions and label noise, as one immutable value."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from steinlab.theory.display import html_table
from steinlab.theory.errors import InputError
from steinlab.theory.expansion import HermiteExpansion
from steinlab.theory.linear_algebra import Matrix
from steinlab.theory.numbers import Number
from steinlab.theory.parsing import number, parse, polynomial
from steinlab.theory.polynomials import Polynomial

NoiseKind = Literal["rademacher", "gaussian", "none"]
MAX_FILE_BYTES = 1_000_000
"""Largest target file."""
MAX_AMBIENT = 1_000
"""Most columns of `directions`."""
MAX_MAGNITUDE = 150
"""Bound on |log10| of sqrt(E f*²): within it every energy and eigenvalue has a float."""


class _TomlNumber(str):
    """A TOML float kept as the text that was written, so that 0.1 is 1/10."""

    __slots__ = ()


def _exact(value: object, what: str) -> Number:
    if isinstance(value, Number):
        return value
    if isinstance(value, bool):
        raise InputError(f"{what} is {value!r}: expected a number")
    if isinstance(value, (int, Fraction)):
        return Number.of(value)
    if isinstance(value, float):
        value = repr(float(value))  # NumPy's floats are floats with a repr of their own
    if isinstance(value, str):
        try:
            return number(value.replace("_", "") if isinstance(value, _TomlNumber) else value)
        except InputError as error:
            raise InputError(f"{what}: {error}") from None
    raise InputError(f"{what} is {value!r}: expected an exact number such as 1, 1/3, 0.1 or 'sqrt(2)/2'")


def _rows(directions: object) -> list[list[object]]:
    if not isinstance(directions, list) or not all(isinstance(row, list) for row in directions):
        raise InputError(f"directions is {directions!r}: expected a list of rows, such as [[1, 0], [1, 1]]")
    return directions


def _directions(rows: Sequence[Sequence[object]]) -> Matrix:
    if isinstance(rows, str) or not all(hasattr(row, "__len__") and not isinstance(row, str) for row in rows):
        raise InputError(f"directions is {rows!r}: expected a list of rows u_i, such as [[1, 0], [1, 1]]")
    lengths = {len(row) for row in rows}
    if len(lengths) != 1 or lengths == {0}:
        raise InputError(
            f"directions have rows of lengths {[len(row) for row in rows]}: expected one row u_i for each z_i, all of one "
            "length d >= 1"
        )
    if lengths.pop() > MAX_AMBIENT:
        raise InputError(f"directions have more than {MAX_AMBIENT} columns: rotate the target into fewer coordinates")
    return tuple(
        tuple(_exact(x, f"directions, row {i + 1}, column {j + 1}") for j, x in enumerate(row)) for i, row in enumerate(rows)
    )


def _known_keys(data: Mapping[str, object], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}: expected {', '.join(sorted(known))}")


@dataclass(frozen=True, repr=False)
class Noise:
    """Label noise e: uniform on {-s, +s} ("rademacher"), N(0, s²) ("gaussian") or absent ("none"); s is `scale`, Var e = s²."""

    kind: NoiseKind = "none"
    scale: Number = field(default_factory=lambda: Number.of(0))

    def __post_init__(self) -> None:
        if self.kind not in get_args(NoiseKind):
            raise InputError(f"noise kind {self.kind!r} is unknown: use one of {', '.join(get_args(NoiseKind))}")
        object.__setattr__(self, "scale", _exact(self.scale, "the noise scale"))
        if self.scale.sign() < 0:
            raise InputError(f"the noise scale is {self.scale}: expected a number >= 0")
        if self.kind == "none" and self.scale.sign() != 0:
            raise InputError(
                f"noise kind 'none' has scale {self.scale}: leave the scale out, or name the kind 'rademacher' or 'gaussian'"
            )

    def __repr__(self) -> str:
        return f"Noise({self.kind!r}, {str(self.scale)!r})"

    def __str__(self) -> str:
        return "no noise" if self.kind == "none" else f"{self.kind} noise of scale {self.scale}"


@dataclass(frozen=True, repr=False)
class Target:
    """A target f*(x) = g(Ux), x ~ N(0, I_d), with labels y = f*(x) + e.

    `link` is the text of g in z1, ..., zr; `directions` are the rows u_i of U, exact, not necessarily orthonormal or independent
    (None: the first r coordinate axes). Build one with `from_expression`, `from_polynomial` or `load`, which raise InputError for
    anything that is not an exact, non-constant polynomial target.

    >>> target = Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)")
    >>> target.degree, str(target.expansion.second_moment), str(target.expansion.variance)
    (4, '1', '1')
    """

    link: str
    polynomial: Polynomial = field(repr=False)
    directions: Matrix | None = None
    noise: Noise = field(default_factory=Noise)
    name: str | None = None

    def __post_init__(self) -> None:
        if self.directions is not None and len(self.directions) != self.polynomial.variables:
            raise InputError(
                f"directions have {len(self.directions)} rows but the link uses z1..z{self.polynomial.variables}: give one row "
                "u_i for each z_i"
            )
        if not any(k for k in self.expansion.degree_energies if k >= 1):
            raise InputError(f"{self.link!r} does not depend on x: a target must not be constant")
        bound, size = Fraction(10) ** (2 * MAX_MAGNITUDE), self.expansion.second_moment
        if not 1 / bound <= size <= bound:
            raise InputError(
                f"sqrt(E f*²) is not between 1e-{MAX_MAGNITUDE} and 1e{MAX_MAGNITUDE}, where floats are safe: multiply the link "
                "by a constant"
            )

    @staticmethod
    def from_expression(
        text: str,
        directions: Sequence[Sequence[object]] | None = None,
        noise: Noise | None = None,
        name: str | None = None,
    ) -> Target:
        """The target with link `text`. Entries of `directions` are ints, Fractions, Numbers or text such as "sqrt(2)/2"."""
        expression = parse(text)
        link = polynomial(expression)
        if link.is_constant:
            raise InputError(f"{expression.text!r} does not depend on x: use at least one latent variable z1, z2, ...")
        rows = None if directions is None else _directions(directions)
        return Target(expression.text, link, rows, noise or Noise(), name)

    @staticmethod
    def from_polynomial(
        link: Polynomial,
        directions: Sequence[Sequence[object]] | None = None,
        noise: Noise | None = None,
        name: str | None = None,
    ) -> Target:
        """The target with a link that is a Polynomial already."""
        if link.is_constant:
            raise InputError(f"{str(link)!r} does not depend on x: a target must not be constant")
        return Target(str(link), link, None if directions is None else _directions(directions), noise or Noise(), name)

    @staticmethod
    def load(path: str | Path) -> Target:
        """The target in a TOML file: `link`, optional `name`, `directions` (rows) and `[noise]` with `kind` and `scale`."""
        path = Path(path)
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise InputError(f"{path} is larger than {MAX_FILE_BYTES} bytes: is it a target file?")
            data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=_TomlNumber)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{path} is not valid TOML: {error}") from None
        except UnicodeDecodeError:
            raise InputError(f"{path} is not UTF-8 text: write the target file as UTF-8 TOML") from None
        except InputError:
            raise
        except ValueError as error:  # an integer with too many digits, a path with a null byte
            raise InputError(f"cannot read {path}: {error}") from None
        except RecursionError:
            raise InputError(f"{path} is nested too deeply to be a target file") from None
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None
        return Target.from_mapping(data, str(path))

    @staticmethod
    def from_mapping(data: Mapping[str, object], where: str = "target") -> Target:
        """The target described by a mapping with the keys of a target file; `where` names it in messages."""
        _known_keys(data, {"link", "name", "directions", "noise"}, where)
        link, name = data.get("link"), data.get("name")
        if not isinstance(link, str):
            raise InputError(f'{where}: link is {link!r}: expected an expression as text, such as link = "He(2,z1) + z2"')
        if name is not None and (not isinstance(name, str) or isinstance(name, _TomlNumber)):
            raise InputError(f"{where}: name is {name!r}: expected text")
        noise = data.get("noise", {})
        if not isinstance(noise, Mapping):
            raise InputError(f"{where}: noise is {noise!r}: expected a table with kind and scale")
        _known_keys(noise, {"kind", "scale"}, f"{where}: noise")
        directions = data.get("directions")
        try:
            kind = noise.get("kind", "rademacher" if "scale" in noise else "none")
            scale = noise.get("scale", 0 if kind == "none" else 1)
            rows = None if directions is None else _rows(directions)
            return Target.from_expression(link, rows, Noise(kind, _exact(scale, "the noise scale")), name)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None

    @property
    def latent_dimension(self) -> int:
        """r as written: the highest index among z1, z2, ..."""
        return self.polynomial.variables

    @property
    def ambient_dimension(self) -> int:
        """The smallest admissible d: the number of columns of `directions`, r where there are none."""
        return self.latent_dimension if self.directions is None else len(self.directions[0])

    @property
    def degree(self) -> int:
        """p, the degree of f* as a polynomial in x."""
        return self.expansion.degree

    @cached_property
    def expansion(self) -> HermiteExpansion:
        """The exact Hermite expansion."""
        return HermiteExpansion(self.polynomial, self.directions)

    @property
    def effective_dimension(self) -> int:
        """dim S*, at most the latent dimension."""
        return self.expansion.effective_dimension

    def principal_subspace(self) -> Matrix:
        """Rows that span S* in R^d, d the ambient dimension; exact, not orthonormal."""
        return tuple(self.expansion.in_ambient(v) for v in self.expansion.effective_subspace)

    def to_mapping(self) -> dict[str, object]:
        """The target as a mapping that `from_mapping` reads back; every number is exact text."""
        out: dict[str, object] = {"link": self.link}
        if self.directions is not None:
            out["directions"] = [[str(x) for x in row] for row in self.directions]
        out["noise"] = {"kind": self.noise.kind} | ({} if self.noise.kind == "none" else {"scale": str(self.noise.scale)})
        return out

    def __repr__(self) -> str:
        parts = [repr(self.link)]
        if self.directions is not None:
            parts.append(f"directions={[[str(x) for x in row] for row in self.directions]}")
        if self.noise.kind != "none":
            parts.append(f"noise={self.noise!r}")
        if self.name is not None:
            parts.append(f"name={self.name!r}")
        return f"Target({', '.join(parts)})"

    def _repr_html_(self) -> str:
        rows = [
            ("link", self.link),
            ("directions", self.directions or "the first coordinate axes"),
            ("latent dimension", self.latent_dimension),
            ("degree", self.degree),
            ("noise", self.noise),
        ]
        return html_table(self.name or "target", rows)

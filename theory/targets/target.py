"""Targets f*(x) = g(<u_1, x>, ..., <u_r, x>): a link, directions and label noise, as one immutable value.

A `PolynomialTarget` is decided by exact algebra, in this file; a general link is a `LinkTarget`, in `link_target.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from steinlab.theory.display import html_table
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.language.parsing import is_polynomial, number, parse, polynomial
from steinlab.theory.language.toml_text import read_toml_file
from steinlab.theory.targets.polynomial_expansion import HermiteExpansion

NoiseKind = Literal["rademacher", "gaussian", "none"]
MAX_AMBIENT = 1_000
"""Most columns of `directions`."""
MAX_MAGNITUDE = 150
"""Bound on |log10| of sqrt(E f*²): within it every energy and eigenvalue has a float."""
_FAR = 10_000
"""Bound on |log10| of sqrt(E f*²) in a message."""


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
class Target(ABC):
    """A target f*(x) = g(Ux), x ~ N(0, I_d), with labels y = f*(x) + e.

    `link` is the text of g in z1, ..., zr; `directions` are the rows u_i of U, exact, not necessarily orthonormal or independent
    (None: the first r coordinate axes). `from_expression` and `load` return a PolynomialTarget where the link is a polynomial
    and a LinkTarget otherwise; they raise InputError for what is constant, undefined or without finite variance.

    >>> Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)").degree
    4
    >>> Target.from_expression("tanh(z1 + z2)").effective_dimension.value
    1
    """

    link: str
    directions: Matrix | None = None
    noise: Noise = field(default_factory=Noise)
    name: str | None = None

    @staticmethod
    def from_expression(
        text: str,
        directions: Sequence[Sequence[object]] | None = None,
        noise: Noise | None = None,
        name: str | None = None,
    ) -> Target:
        """The target with link `text`. Entries of `directions` are ints, Fractions, Numbers or text such as "sqrt(2)/2"."""
        expression = parse(text)
        rows = None if directions is None or not expression.latents else _directions(directions)
        if is_polynomial(expression):
            return PolynomialTarget(expression.text, rows, noise or Noise(), name, polynomial=polynomial(expression))
        from steinlab.theory.targets.link_target import link_target  # general links take longer to import

        return link_target(expression, rows, noise or Noise(), name)

    @staticmethod
    def from_polynomial(
        link: Polynomial,
        directions: Sequence[Sequence[object]] | None = None,
        noise: Noise | None = None,
        name: str | None = None,
    ) -> PolynomialTarget:
        """The target with a link that is a Polynomial already."""
        rows = None if directions is None else _directions(directions)
        return PolynomialTarget(str(link), rows, noise or Noise(), name, polynomial=link)

    @staticmethod
    def load(path: str | Path) -> Target:
        """The target in a TOML file: `link`, optional `name`, `directions` (rows) and `[noise]` with `kind` and `scale`."""
        path = Path(path)
        return Target.from_mapping(read_toml_file(path, _TomlNumber), str(path))

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
    @abstractmethod
    def latent_dimension(self) -> int:
        """r as written: the highest index among z1, z2, ..."""

    @property
    def degree(self) -> int | None:
        """p, the degree of f* as a polynomial in x; None where it is not one."""
        return None

    @property
    def ambient_dimension(self) -> int:
        """The smallest admissible d: the number of columns of `directions`, r where there are none."""
        return self.latent_dimension if self.directions is None else len(self.directions[0])

    @abstractmethod
    def principal_subspace(self) -> Matrix:
        """Rows that span S* in R^d, d the ambient dimension; exact, not orthonormal."""

    @property
    @abstractmethod
    def moments(self) -> tuple[float, float]:
        """E f* and E f*² as floats; nan where no enclosure is known."""

    def require_a_row_for_each_latent(self) -> None:
        """Raises InputError unless there is one direction u_i for each z_i."""
        if self.directions is not None and len(self.directions) != self.latent_dimension:
            raise InputError(
                f"directions have {len(self.directions)} rows but the link uses z1..z{self.latent_dimension}: give one row "
                "u_i for each z_i"
            )

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
        return f"{type(self).__name__}({', '.join(parts)})"

    def _repr_html_(self) -> str:
        rows = [
            ("link", self.link),
            ("directions", self.directions or "the first coordinate axes"),
            ("latent dimension", self.latent_dimension),
            ("degree", "not a polynomial" if self.degree is None else self.degree),
            ("noise", self.noise),
        ]
        return html_table(self.name or "target", rows)


@dataclass(frozen=True, repr=False)
class PolynomialTarget(Target):
    """A target with a polynomial link: everything about it is decided exactly.

    >>> target = Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)")
    >>> str(target.expansion.second_moment), str(target.expansion.variance)
    ('1', '1')
    """

    polynomial: Polynomial = field(kw_only=True)

    def __post_init__(self) -> None:
        self.require_a_row_for_each_latent()
        if not any(k for k in self.expansion.degree_energies if k >= 1):
            raise constant_target(self.link, self.expansion.mean)
        size = self.expansion.second_moment
        if not Fraction(10) ** (-2 * MAX_MAGNITUDE) <= size <= Fraction(10) ** (2 * MAX_MAGNITUDE):
            digits = bisect_left(range(-_FAR, _FAR), True, key=lambda k: size <= Fraction(10) ** (2 * k)) - _FAR
            raise InputError(
                f"sqrt(E f*²) is about 1e{digits}; floats are safe from 1e-{MAX_MAGNITUDE} to 1e{MAX_MAGNITUDE}: multiply the "
                f"link by a constant, such as 10**{-digits}"
            )

    @property
    def latent_dimension(self) -> int:
        return self.polynomial.variables

    @property
    def degree(self) -> int:
        return self.expansion.degree

    @cached_property
    def expansion(self) -> HermiteExpansion:
        """The exact Hermite expansion."""
        return HermiteExpansion(self.polynomial, self.directions)

    @property
    def effective_dimension(self) -> int:
        """dim S*, at most the latent dimension."""
        return self.expansion.effective_dimension

    @property
    def moments(self) -> tuple[float, float]:
        return float(self.expansion.mean), float(self.expansion.second_moment)

    def principal_subspace(self) -> Matrix:
        return tuple(self.expansion.in_ambient(v) for v in self.expansion.effective_subspace)


def constant_target(link: str, value: object) -> InputError:
    """The refusal of a target that is almost surely constant."""
    return InputError(f"{link!r} does not depend on x, it equals {value} almost surely: a target must vary with z1, z2, ...")


def require_polynomial(target: Target) -> PolynomialTarget:
    """The target itself where it is polynomial; raises InputError for what has a closed form for polynomial targets only."""
    if not isinstance(target, PolynomialTarget):
        raise InputError(f"{target.link!r} is not a polynomial: this closed form exists for polynomial targets only")
    return target

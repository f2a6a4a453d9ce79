"""Targets as text and files, and the engine that each link asks for: its polynomial, or none where it is a general link.

General links are read by modules that take long to import: those of a polynomial never do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.language.polynomial_reader import MAX_DEGREE, number, polynomial
from steinlab.theory.language.spelling import quoted
from steinlab.theory.language.toml_text import read_toml_file
from steinlab.theory.language.trees import Expression, is_polynomial

if TYPE_CHECKING:
    from steinlab.theory.links.ring import Sum

MAX_AMBIENT = 1_000
"""Most columns of `directions`."""


def polynomial_link(expression: Expression, directions: Matrix | None) -> Polynomial | None:
    """The link as a polynomial where its normal form is one, such as relu(z1) - relu(-z1) = z1; None for a general link.

    With directions the form is that in independent latent variables, and so is the polynomial: Max(z1, z2) with u1 = u2 is z1.
    Raises InputError for a link that does not depend on x, and for one of too high a degree.
    """
    if is_polynomial(expression):
        return polynomial(expression)
    from steinlab.theory.integrals.constants import Constant
    from steinlab.theory.language.link_reader import read

    link = read(expression, directions)
    if not link.variables:
        raise constant_target(expression.text, Constant(link))
    if not link.is_polynomial:
        return None
    if link.degree > MAX_DEGREE:
        raise InputError(f"the link has degree {link.degree}; the bound is {MAX_DEGREE}: lower the exponents")
    return _polynomial(link, expression.latents)


def _polynomial(link: Sum, variables: int) -> Polynomial:
    terms: dict[tuple[int, ...], Number] = {}
    for product, c in link.terms.items():
        powers = {atom.index: int(e) for atom, e in product}
        terms[tuple(powers.get(i, 0) for i in range(variables))] = c
    return Polynomial.from_terms(terms, variables)


def shown(value: object) -> str:
    """What was given, for a message: shortened."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def constant_target(link: str, value: object) -> InputError:
    """The refusal of a target that is almost surely constant."""
    return InputError(
        f"{quoted(link)} does not depend on x, it equals {value} almost surely: a target must vary with z1, z2, ..."
    )


@dataclass(frozen=True)
class Written:
    """A target as a file says it: the keys are those that are known, the values are read by those who use them."""

    link: str
    name: str | None
    directions: list[list[object]] | None
    noise_kind: Any
    noise_scale: Any


def written(data: Mapping[str, object], where: str) -> Written:
    """What a mapping with the keys of a target file says; `where` names it in messages."""
    known_keys(data, {"link", "name", "directions", "noise"}, where)
    link, name = data.get("link"), data.get("name")
    if not isinstance(link, str):
        raise InputError(
            f"{where}: link is {shown(link)}: "
            'expected an expression as text, such as link = "He(2,z1) + z2", or a table [network]'
        )
    if name is not None and (not isinstance(name, str) or isinstance(name, _TomlNumber)):
        raise InputError(f"{where}: name is {shown(name)}: expected text")
    noise = data.get("noise", {})
    if not isinstance(noise, Mapping):
        raise InputError(f"{where}: noise is {shown(noise)}: expected a table with kind and scale")
    known_keys(noise, {"kind", "scale"}, f"{where}: noise")
    kind = noise.get("kind", "rademacher" if "scale" in noise else "none")
    scale = noise.get("scale", 0 if kind == "none" else 1)
    directions = data.get("directions")
    return Written(link, name, None if directions is None else rows_of(directions, where), kind, scale)


def read_file(path: Path) -> dict[str, Any]:
    """The mapping in a TOML file, its decimals kept as they are written."""
    return read_toml_file(path, _TomlNumber)


def known_keys(data: Mapping[str, object], known: set[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise InputError(f"{where}: unknown key {shown(key)}: expected {', '.join(sorted(known))}")


def rows_of(rows: object, where: str, what: str = "directions") -> list[list[object]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise InputError(f"{where}: {what} is {shown(rows)}: expected a list of rows, such as [[1, 0], [1, 1]]")
    return rows


class _TomlNumber(str):
    """A TOML float kept as the text that was written, so that 0.1 is 1/10."""

    __slots__ = ()


def direction_matrix(rows: Sequence[Sequence[object]]) -> Matrix:
    """The rows u_i. Raises InputError for rows of different lengths, empty or too long ones, and what is no exact number."""
    if isinstance(rows, str) or not all(hasattr(row, "__len__") and not isinstance(row, str) for row in rows):
        raise InputError(f"directions is {shown(rows)}: expected a list of rows u_i, such as [[1, 0], [1, 1]]")
    lengths = {len(row) for row in rows}
    if len(lengths) != 1 or lengths == {0}:
        raise InputError(
            f"directions have rows of lengths {[len(row) for row in rows]}: expected one row u_i for each z_i, all of one "
            "length d >= 1"
        )
    if lengths.pop() > MAX_AMBIENT:
        raise InputError(f"directions have more than {MAX_AMBIENT} columns: rotate the target into fewer coordinates")
    return tuple(
        tuple(exact(x, f"directions, row {i + 1}, column {j + 1}") for j, x in enumerate(row)) for i, row in enumerate(rows)
    )


def exact(value: object, what: str) -> Number:
    """A number, from what a caller or a file may give for one; `what` names it in messages."""
    if isinstance(value, Number):
        return value
    if isinstance(value, bool):
        raise InputError(f"{what} is {shown(value)}: expected a number")
    if isinstance(value, (int, Fraction)):
        return Number.of(value)
    if isinstance(value, float):
        value = repr(float(value))  # NumPy's floats are floats with a repr of their own
    if isinstance(value, str):
        try:
            return number(value.replace("_", "") if isinstance(value, _TomlNumber) else value)
        except InputError as error:
            raise InputError(f"{what}: {error}") from None
    raise InputError(f"{what} is {shown(value)}: expected an exact number such as 1, 1/3, 0.1 or 'sqrt(2)/2'")

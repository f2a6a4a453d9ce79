"""Targets f*(x) = g(<u_1, x>, ..., <u_r, x>): a link, directions and label noise, as one immutable value.

A `PolynomialTarget` is decided by exact algebra; a `LinkTarget`, with a general link, exactly, by certified balls, or not at all;
a `CallableTarget`, a function without a formula, is seen at points only. Each has its expansion, the engine of all that is said
of it; `reading.py` says which of the first two a text asks for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, get_args

from steinlab.theory.display import html_table
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.polynomials import Polynomial
from steinlab.theory.exact.reals import excludes_zero
from steinlab.theory.expansions.expansion import Expansion
from steinlab.theory.expansions.polynomial_expansion import HermiteExpansion
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.spelling import quoted
from steinlab.theory.language.trees import Expression
from steinlab.theory.targets.network import MAX_LINK, Network
from steinlab.theory.targets.reading import constant_target, direction_matrix, exact, polynomial_link, read_file, written
from steinlab.theory.verdicts import Decided

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from steinlab.theory.callables.sampled import Function
    from steinlab.theory.expansions.callable_expansion import CallableExpansion
    from steinlab.theory.expansions.link_expansion import LinkExpansion

NoiseKind = Literal["rademacher", "gaussian", "none"]
MAX_MAGNITUDE = 150
"""Bound on |log10| of sqrt(E f*²): within it every energy and eigenvalue has a float."""
MOST_LATENTS = 10
"""Most latent variables of a function without a formula."""
_FAR = 10_000
"""Bound on |log10| of sqrt(E f*²) in a message."""


@dataclass(frozen=True, repr=False)
class Noise:
    """Label noise e: uniform on {-s, +s} ("rademacher"), N(0, s²) ("gaussian") or absent ("none"); s is `scale`, Var e = s²."""

    kind: NoiseKind = "none"
    scale: Number = field(default_factory=lambda: Number.of(0))

    def __post_init__(self) -> None:
        if self.kind not in get_args(NoiseKind):
            raise InputError(f"noise kind {self.kind!r} is unknown: use one of {', '.join(get_args(NoiseKind))}")
        object.__setattr__(self, "scale", exact(self.scale, "the noise scale"))
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


def mean_label_power(f: Any, power: int, variance: Any) -> Any:
    """E[(f + e)^power] over symmetric noise e of this variance, in whatever ring f and the variance lie, for the powers 2 and 3.

    f² + σ² and f³ + 3σ²f; E e = E e³ = 0.

    >>> mean_label_power(5, 2, 4), mean_label_power(5, 3, 4)
    (29, 185)
    """
    return f**power + (f * (variance * 3) if power == 3 else variance)


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
    network: Network | None = field(default=None, kw_only=True, compare=False)
    """The neurons of which the link is the sum, where it was given so."""

    @staticmethod
    def from_expression(
        text: str,
        directions: Sequence[Sequence[object]] | None = None,
        noise: Noise | None = None,
        name: str | None = None,
    ) -> Target:
        """The target with link `text`. Entries of `directions` are ints, Fractions, Numbers or text such as "sqrt(2)/2"."""
        return _target(parse(text), directions, noise or Noise(), name, None)

    @staticmethod
    def from_network(
        W: Sequence[Sequence[object]] | ArrayLike,
        a: Sequence[object] | ArrayLike | None = None,
        b: Sequence[object] | ArrayLike | None = None,
        activation: str = "relu",
        directions: Sequence[Sequence[object]] | None = None,
        noise: Noise | None = None,
        name: str | None = None,
    ) -> Target:
        """f*(x) = Σ_j a_j σ(<w_j, z> + b_j), w_j the m rows of W, z_i = <u_i, x>; a defaults to ones, b to zeros.

        Entries are exact as those of `directions`; arrays of doubles are taken as the binary numbers that they are. `activation`
        is a function that links know, by name, or an expression in u.

        >>> Target.from_network([[1, 2], [0, -1]], [1, "1/2"], activation="relu")
        LinkTarget(network of 2 neurons relu of 2 latent variables)
        """
        return _of_network(Network.of(W, a, b, activation), directions, noise or Noise(), name)

    @staticmethod
    def from_polynomial(
        link: Polynomial,
        directions: Sequence[Sequence[object]] | None = None,
        noise: Noise | None = None,
        name: str | None = None,
    ) -> PolynomialTarget:
        """The target with a link that is a Polynomial already."""
        rows = None if directions is None else direction_matrix(directions)
        return PolynomialTarget(str(link), rows, noise or Noise(), name, polynomial=link)

    @staticmethod
    def from_callable(f: object, latent_dimension: int, noise: Noise | None = None, name: str | None = None) -> CallableTarget:
        """f*(x) = f(x_1, ..., x_r) for a function without a formula, r = `latent_dimension` from 1 to 10.

        f takes an array (n, r) to n finite numbers, has `predict` (a regressor of scikit-learn) or is a module of PyTorch. What
        is said of it is numerical: from its values at points, with intervals; "nonzero" where an interval leaves out zero, never
        "zero". Raises InputError for what is no such function, or seems constant.

        >>> import numpy as np
        >>> target = Target.from_callable(lambda Z: np.tanh(Z[:, 0]), latent_dimension=1)
        >>> print(target.expansion.coefficient((1,)), target.effective_dimension.evidence.value)
        0.6057055096 numerical
        """
        return CallableTarget.of(f, latent_dimension, noise or Noise(), name)

    @staticmethod
    def load(path: str | Path) -> Target:
        """The target in a TOML file: `link` or `[network]`, optional `name`, `directions` (rows) and `[noise]`."""
        return Target.from_mapping(read_file(Path(path)), str(path), Path(path).parent)

    @staticmethod
    def from_mapping(data: Mapping[str, object], where: str = "target", folder: Path = Path()) -> Target:
        """The target described by a mapping with the keys of a target file; `where` names it in messages.

        A table `network` (activation, weights, head, biases, or file, a path from `folder`) stands for the link that it is.
        """
        try:
            network = Network.from_table(data["network"], "network", folder) if "network" in data else None
            said = written(data if network is None else network.beside(data), where)
            noise = Noise(said.noise_kind, exact(said.noise_scale, "the noise scale"))
            if network is not None:
                return _of_network(network, said.directions, noise, said.name)
            return Target.from_expression(said.link, said.directions, noise, said.name)
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

    @property
    @abstractmethod
    def expansion(self) -> Expansion:
        """The Hermite expansion: the engine of all that is said of the target."""

    @property
    def effective_dimension(self) -> Decided:
        """dim S*, at most the latent dimension, or the bounds on it that are proved."""
        return self.expansion.effective_dimension

    def principal_subspace(self) -> Matrix:
        """Rows in R^d, d the ambient dimension, that span a space on which f* depends alone; exact, not orthonormal.

        That is S* where the effective dimension is decided and its upper bound theirs.
        """
        return tuple(self.expansion.in_ambient(v) for v in self.expansion.linear_span)

    @property
    def moments(self) -> tuple[float, float]:
        """E f* and E f*² as floats; nan where no enclosure is known."""
        return float(self.expansion.mean), float(self.expansion.second_moment)

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
        if self.network is not None:
            out["network"] = self.network.to_mapping()
        if self.directions is not None:
            out["directions"] = [[str(x) for x in row] for row in self.directions]
        out["noise"] = {"kind": self.noise.kind} | ({} if self.noise.kind == "none" else {"scale": str(self.noise.scale)})
        return out

    def __repr__(self) -> str:
        parts = [repr(self.link) if self.network is None else f"network of {self.network}"]
        if self.directions is not None:
            parts.append(f"directions={[[str(x) for x in row] for row in self.directions]}")
        if self.noise.kind != "none":
            parts.append(f"noise={self.noise!r}")
        if self.name is not None:
            parts.append(f"name={self.name!r}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def _repr_html_(self) -> str:
        rows = [
            ("link", self.link if self.network is None else self.network),
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


@dataclass(frozen=True, repr=False)
class LinkTarget(Target):
    """A target with a general link: what is said of it is exact, certified by balls, or undecided.

    `expression` is the link as parsed; `effort` multiplies every budget of work. Build one with `Target.from_expression`, which
    raises InputError for a link that is undefined on a set of positive measure, has infinite variance, or does not depend on x.
    Kind: see `LinkExpansion`.

    >>> target = Target.from_expression("relu(z1) + exp(z2)", noise=Noise("gaussian", "0.1"))
    >>> str(target.expansion.coefficient((2, 0))), target.effective_dimension.value
    ('sqrt(2)/2*pi**(-1/2)', 2)
    """

    expression: Expression = field(kw_only=True, repr=False)
    effort: int = field(default=1, kw_only=True, compare=False)

    def __post_init__(self) -> None:
        self.require_a_row_for_each_latent()
        _ = self.expansion  # refuses what is not square integrable

    @property
    def latent_dimension(self) -> int:
        return self.expression.latents

    @cached_property
    def expansion(self) -> LinkExpansion:
        """The Hermite expansion, coefficient by coefficient."""
        from steinlab.theory.expansions.link_expansion import LinkExpansion  # takes longer to import than polynomials may

        return LinkExpansion.from_expression(self.expression, self.directions, self.effort)

    @property
    def degree(self) -> int | None:
        return None if self.polynomial_degree is None else self.polynomial_degree.value

    @cached_property
    def polynomial_degree(self) -> Decided | None:
        """The degree with its bounds, for a link that is written as a polynomial with coefficients such as π; else None."""
        from steinlab.theory.expansions.degree import polynomial_degree

        return polynomial_degree(self.expansion.function)


@dataclass(frozen=True, repr=False)
class CallableTarget(Target):
    """A target whose link is a function that is seen at points only: what is said of it is numerical. See `from_callable`.

    `function` takes rows z (n x r) to values (n); `link` is what it is called, and cannot be read back; `effort` multiplies the
    points.
    """

    function: Function = field(kw_only=True, repr=False)
    variables: int = field(kw_only=True)
    effort: int = field(default=1, kw_only=True, compare=False)

    @staticmethod
    def of(f: object, latent_dimension: int, noise: Noise, name: str | None) -> CallableTarget:
        """The target, checked."""
        from steinlab.theory.callables.callables import as_function, name_of  # NumPy takes longer to import than check may

        r = latent_dimension
        if isinstance(r, bool) or not isinstance(r, SupportsIndex) or not 1 <= index(r) <= MOST_LATENTS:
            raise InputError(f"the latent dimension is {r!r}: give a whole number from 1 to {MOST_LATENTS}")
        latents = ", ".join(f"z{i + 1}" for i in range(index(r)))
        return CallableTarget(f"{name_of(f)}({latents})", None, noise, name, function=as_function(f), variables=index(r))

    def __post_init__(self) -> None:
        variance = self.expansion.variance
        if not excludes_zero(variance.enclosure):
            raise InputError(f"{self.link} seems constant: its variance is {variance}, near its mean {self.expansion.mean}")

    @property
    def latent_dimension(self) -> int:
        return self.variables

    def to_mapping(self) -> dict[str, object]:
        """What it is called, and that this is no formula: nothing reads it back."""
        return super().to_mapping() | {"callable": True}

    @property
    def moments(self) -> tuple[float, float]:
        """E f* and E f*², the middles of their intervals."""
        return self.expansion.means.mean[0], self.expansion.means.second_moment[0]

    @cached_property
    def expansion(self) -> CallableExpansion:
        """The Hermite expansion, from values at points."""
        from steinlab.theory.expansions.callable_expansion import CallableExpansion  # SciPy takes longer to import than check may

        return CallableExpansion(self.function, self.variables, self.effort)


def _target(
    expression: Expression,
    directions: Sequence[Sequence[object]] | None,
    noise: Noise,
    name: str | None,
    network: Network | None,
) -> Target:
    rows = None if directions is None or not expression.latents else direction_matrix(directions)
    polynomial = polynomial_link(expression, rows)
    if polynomial is None:
        return LinkTarget(expression.text, rows, noise, name, expression=expression, network=network)
    return PolynomialTarget(expression.text, rows, noise, name, polynomial=polynomial, network=network)


def _of_network(network: Network, directions: Sequence[Sequence[object]] | None, noise: Noise, name: str | None) -> Target:
    if directions is not None and len(directions) != network.latents:
        raise InputError(f"directions have {len(directions)} rows, the neurons {network.latents} weights: give one row for each")
    expression = parse(network.link, MAX_LINK)
    used = directions if directions is None else directions[: expression.latents]  # no neuron sees the others
    return _target(expression, used, noise, name, network)


def require_polynomial(target: Target) -> PolynomialTarget:
    """The target itself where it is polynomial; raises InputError for what has a closed form for polynomial targets only."""
    if not isinstance(target, PolynomialTarget):
        raise InputError(f"{quoted(target.link)} is not a polynomial: this closed form exists for polynomial targets only")
    return target

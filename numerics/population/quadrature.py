"""Gaussian expectations of functions of a few linear forms with kinks: nested quadrature split at the kinks, or sampling."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from steinlab.numerics.population.bases import RANK_TOLERANCE, gram_schmidt
from steinlab.numerics.population.relu_pairs import normal_density
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = ["Forms", "Nodes", "quadrature", "sample"]


# Beyond this radius a standard normal has mass 3e-20: room for polynomial factors.
RADIUS = 9.25


@dataclass(frozen=True)
class Nodes:
    """Points x of R^d and weights: Σ weights f(x) stands for E f(x).

    `values[:, l]` = row_l · x; `coordinates` t (N x q) with x = t @ basis, `basis` q orthonormal rows of R^d.
    """

    values: Array
    weights: Array
    coordinates: Array
    basis: Array


class Forms:
    """Linear forms row_l·x of x ~ N(0, I_d) in coordinates of their span: row_l = Σ_i lower[l, i] basis[i].

    The basis is built from the forms with kinks first, so that a kink is a point of an early coordinate and what depends on the
    later ones is smooth: in that order `lower` is lower triangular.

    Args:
        rows: the forms, (l, d).
        kinks: for each form, the values at which an integrand may have a kink or a jump.
        hold_first: whether row 0 comes first of all, as a rule that holds its value needs.

    Raises:
        InputError: no form, or one list of kinks too few or too many.

    Example:
        >>> forms = Forms(np.array([[2.0, 0.0], [1.0, 1.0], [3.0, 1.0]]), [[], [], []])
        >>> forms.dimension, forms.lower[1].tolist()
        (2, [1.0, 1.0])
    """

    def __init__(self, rows: Array, kinks: Sequence[Sequence[float]], *, hold_first: bool = False) -> None:
        if rows.ndim != 2 or not len(rows) or len(kinks) != len(rows):
            raise InputError(f"rows have shape {rows.shape} with {len(kinks)} lists of kinks; expected one list for each row")
        order = sorted(range(len(rows)), key=lambda index: (not (hold_first and index == 0), not kinks[index]))
        lower, self.basis = gram_schmidt(rows[order])
        self.dimension = len(self.basis)
        self.lower = np.empty_like(lower)
        self.lower[order] = lower
        self.kinks = [list(k) for k in kinks]

    @property
    def panels(self) -> int:
        """The product over coordinates of the number of panels that the kinks cut them into."""
        out = 1
        for i in range(self.dimension):
            out *= 1 + sum(len(self.kinks[row]) for row in self._last(i))
        return out

    def _last(self, i: int) -> list[int]:
        """The rows whose last coordinate is i: their kinks are points of that coordinate, given the ones before."""
        size = np.abs(self.lower)
        scale = np.maximum(size.max(axis=1, initial=0.0), 1e-300)
        return [row for row in range(len(size)) if size[row, i] > RANK_TOLERANCE * scale[row] and not size[row, i + 1 :].any()]

    def finish(self, coordinates: Array, weights: Array) -> Nodes:
        """The nodes with these coordinates."""
        return Nodes(coordinates @ self.lower.T, weights, coordinates, self.basis)


def quadrature(forms: Forms, nodes: int, *, pinned: float | None = None) -> Nodes:
    """A tensor rule: the trapezoidal rule in smooth coordinates, Gauss-Legendre between the kinks in the others.

    Coordinate by coordinate; the kinks of a form are points of the last coordinate that it uses, given the earlier ones. With
    `pinned` the first form is held at that value: the rule is then for E[f(x) | row_0·x = pinned].

    Args:
        forms: the linear forms.
        nodes: points per coordinate and panel.
        pinned: the value of the first form, or None; the forms must then be made with `hold_first`.

    Raises:
        InputError: the first form is zero and pinned.

    Guarantee: numerical. Exponentially accurate where f is analytic between the kinks and forms with kinks are linearly
    independent; of lower order where dependent forms have kinks or f has others.

    Example:
        >>> forms = Forms(np.eye(2), [[0.0], []])
        >>> rule = quadrature(forms, 30)
        >>> float(np.round(rule.weights @ (np.maximum(rule.values[:, 0], 0) * rule.values[:, 1] ** 2), 12))  # 1/√(2π)
        0.398942280401
    """
    coordinates, weights = np.zeros((1, 0)), np.ones(1)
    if pinned is not None:
        if not forms.dimension or forms.lower[0, 0] <= 0:
            raise InputError("the form to be pinned is zero; drop the neuron whose weights are all zero")
        coordinates = np.full((1, 1), pinned / forms.lower[0, 0])
    for i in range(coordinates.shape[1], forms.dimension):
        cuts = [
            ((c - coordinates @ forms.lower[row, :i]) / forms.lower[row, i])[:, None]
            for row in forms._last(i)
            for c in forms.kinks[row]
        ]
        if not cuts:
            points, mass = _trapezoid(nodes)
            new = np.broadcast_to(points, (len(weights), len(points)))
            shares = np.broadcast_to(mass, new.shape)
        else:
            edges = np.clip(np.hstack(cuts), -RADIUS, RADIUS)
            ends = np.full((len(weights), 1), RADIUS)
            edges = np.hstack([-ends, np.sort(edges, axis=1), ends])
            points, mass = _legendre(nodes)
            half = np.diff(edges, axis=1)[:, :, None] / 2
            new = (edges[:, :-1, None] + half * (1 + points)).reshape(len(weights), -1)
            shares = (half * mass).reshape(new.shape) * normal_density(new)
        coordinates = np.hstack([np.repeat(coordinates, new.shape[1], axis=0), new.reshape(-1, 1)])
        weights = (weights[:, None] * shares).reshape(-1)
    return forms.finish(coordinates, weights)


def sample(forms: Forms, draws: int, rng: np.random.Generator, *, pinned: float | None = None) -> Nodes:
    """Independent draws with equal weights, in place of `quadrature`. Guarantee: numerical, unbiased."""
    coordinates = rng.standard_normal((draws, forms.dimension))
    if pinned is not None:
        if not forms.dimension or forms.lower[0, 0] <= 0:
            raise InputError("the form to be pinned is zero; drop the neuron whose weights are all zero")
        coordinates[:, 0] = pinned / forms.lower[0, 0]
    return forms.finish(coordinates, np.full(draws, 1 / draws))


Rule = Callable[[Forms, float | None], Nodes]
"""Nodes for forms, the first one pinned or not."""


@lru_cache(maxsize=64)
def _trapezoid(nodes: int) -> tuple[Array, Array]:
    """Equidistant points: for f analytic in a strip of half-width δ the error falls as e^{-2πδ/h}, h the spacing."""
    points = np.linspace(-RADIUS, RADIUS, nodes)
    mass = normal_density(points)
    return points, mass / mass.sum()


@lru_cache(maxsize=64)
def _legendre(nodes: int) -> tuple[Array, Array]:
    points, mass = np.polynomial.legendre.leggauss(nodes)
    return points, mass

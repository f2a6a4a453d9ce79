"""Targets that are sums of ReLU neurons and an affine function, in floating point: with them a ReLU student has a closed risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steinlab.numerics.samples.link import frame
from steinlab.numerics.types import Array
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.ridges import Ridge
from steinlab.theory.links.ring import Atom, Sum, is_polynomial_form
from steinlab.theory.targets.target import LinkTarget, Target

__all__ = ["ReluSum", "has_relu_form", "relu_sum"]


@dataclass(frozen=True, eq=False)
class ReluSum:
    """f*(x) = α + β·x + Σ_j a_j σ(w_j·x + b_j), σ ReLU, x in R^d: W is m x d, the w_j unit vectors."""

    alpha: float
    beta: Array
    weights: Array
    biases: Array
    head: Array


def has_relu_form(target: Target) -> bool:
    """Whether `relu_sum` gives a sum."""
    return relu_sum(target, target.ambient_dimension) is not None


def relu_sum(target: Target, d: int) -> ReluSum | None:
    """The target as such a sum, by its exact decomposition into functions of one line; None for other targets.

    So |u|, Max(u, v) and leaky ReLUs are sums too. Raises InputError where d is too small for the target.

    >>> found = relu_sum(Target.from_expression("2*relu(3*z1 + 4*z2 - 5) + abs(z1) - 1"), 3)
    >>> found.alpha, found.beta.tolist(), found.weights.tolist(), found.biases.tolist(), found.head.tolist()
    (-1.0, [-1.0, 0.0, 0.0], [[0.6, 0.8, 0.0], [1.0, 0.0, 0.0]], [-1.0, 0.0], [10.0, 2.0])
    """
    if not isinstance(target, LinkTarget):
        return None
    frame(target, d)
    expansion = target.expansion
    ridges = expansion.ridges
    rest = ridges.rest
    if expansion.doubt or not is_polynomial_form(rest) or not rest.is_affine:
        return None
    slopes = [Number.of(0)] * ridges.size
    offset = Number.of(0)
    neurons: list[tuple[Ridge, Number, Number]] = []
    for ridge in ridges.ridges:
        kinks = _kinks(ridge.profile)
        if kinks is None:
            return None
        for t, half in kinks:  # half |x - t| = 2 half σ(x - t) - half (x - t)
            neurons.append((ridge, t, 2 * half))
            offset = offset + half * t
            slopes = [s - half * u for s, u in zip(slopes, ridge.unit, strict=True)]
    for product, c in rest.terms.items():
        if product:
            slopes[product[0][0].index] = slopes[product[0][0].index] + c
        else:
            offset = offset + c
    axes = np.zeros((ridges.size, d))
    axes[:, : target.ambient_dimension] = [[float(x) for x in row] for row in expansion.coordinates]
    units = np.array([[float(x) for x in ridge.unit] for ridge, _, _ in neurons]).reshape(-1, ridges.size)
    return ReluSum(
        float(offset),
        np.array([float(s) for s in slopes]) @ axes,
        units @ axes,
        np.array([float(-t) for _, t, _ in neurons]),
        np.array([float(a) for _, _, a in neurons]),
    )


def _kinks(profile: Sum) -> list[tuple[Number, Number]] | None:
    """(t, c) with the profile Σ c |x - t|; None where it is no such sum."""
    groups: dict[Atom, dict[int, Number]] = {}
    for product, c in profile.terms.items():
        kinks = [atom for atom, _ in product if atom.name == "sign"]
        power = int(sum(e for atom, e in product if atom.is_variable))
        if len(kinks) != 1 or len(product) != 1 + (power > 0) or power > 1 or not kinks[0].argument.is_affine:
            return None
        groups.setdefault(kinks[0], {})[power] = c
    out = []
    for kink, parts in groups.items():
        offset, slope = kink.argument.univariate
        t, c = -offset / slope, parts.get(1, Number.of(0))
        if parts.get(0, Number.of(0)) + c * t:
            return None  # a jump
        out.append((t, c * slope.sign()))
    return out

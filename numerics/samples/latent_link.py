"""The link g of a target on its latent variables: values, slopes, and where it has kinks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.samples.expressions import compile_expression
from steinlab.numerics.samples.link import Link
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import Sum, constant, fix_signs, sign_atoms
from steinlab.theory.targets.target import CallableTarget, LinkTarget, PolynomialTarget, Target

__all__ = ["LatentLink"]


@dataclass(frozen=True)
class LatentLink:
    """g on rows of latent values Z (N x k), its slopes ∂_i g (None where g jumps) and, per latent, the values at its kinks."""

    value: Callable[[Array], Array]
    slopes: tuple[Callable[[Array], Array], ...] | None
    kinks: tuple[tuple[float, ...], ...]

    @staticmethod
    def of(target: Target) -> "LatentLink":
        """The link of a target. Kinks at fixed values of one latent are found; others are left to converge slowly.

        Example:
            >>> link = LatentLink.of(Target.from_expression("relu(z1 - 1/2) + z2**2"))
            >>> link.kinks, link.slopes[1](np.array([[0.0, 3.0]]))
            (((0.5,), ()), array([6.]))
        """
        r = target.latent_dimension
        if isinstance(target, CallableTarget):  # seen at points only: it may jump anywhere
            return LatentLink(target.function, None, ((),) * r)
        value = Link(Target.from_expression(target.link), r)
        if isinstance(target, PolynomialTarget):
            slopes = tuple(_compiled(str(target.polynomial.derivative(i))) for i in range(r))
            return LatentLink(value, slopes, ((),) * r)
        if not isinstance(target, LinkTarget):
            raise InputError(f"the target is {target!r}; expected a polynomial or a general link")
        g = target.expansion.link
        kinks, jumps = _kinks(g, r)
        smooth = None if jumps else tuple(_compiled(str(g.derivative(i))) for i in range(r))
        return LatentLink(value, smooth, kinks)


def _compiled(text: str) -> Callable[[Array], Array]:
    program = compile_expression(parse(text))
    return lambda z: np.zeros(len(z)) + program(np.asarray(z.T))


def _kinks(g: Sum, r: int) -> tuple[tuple[tuple[float, ...], ...], bool]:
    """The kinks of g at fixed values of one latent, latent by latent, and whether g may jump anywhere."""
    found: list[list[float]] = [[] for _ in range(r)]
    jumps = False
    outside = {atom for product in g.terms for atom, _ in product}
    for kink in sign_atoms(g):
        variables = sorted(kink.variables)
        parts = kink.argument.coefficients_in(variables[0]) if kink.argument.is_affine and len(variables) == 1 else None
        slope = None if parts is None else parts[1].number
        offset = None if parts is None else parts.get(0, constant(0)).number
        if slope is None or offset is None or kink not in outside:
            jumps = True  # not known to be continuous
            continue
        point = -offset / slope
        found[variables[0]].append(float(point))
        gap = (fix_signs(g, {kink: 1}) - fix_signs(g, {kink: -1})).substitute({variables[0]: constant(point)})
        jumps = jumps or not gap.is_zero
    return tuple(tuple(sorted(points)) for points in found), jumps

"""What a correlational learner is asked to find: one function seen along unknown directions, by the energy of its degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from steinlab.theory.errors import InputError
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.statements.near_orthogonal import upper_fraction
from steinlab.theory.targets.exponents import information_exponent
from steinlab.theory.targets.target import LinkTarget, PolynomialTarget, Target
from steinlab.theory.verdicts import Evidence

MAX_DEGREE = 100


@dataclass(frozen=True)
class Problem:
    """What is asked about: its energies {k: e_k} (variance 1), its information exponent (a lower bound where that is not
    decided), and its Hermite coefficients where the adversary can run."""

    text: str
    energies: dict[int, Fraction]
    exponent: int
    evidence: Evidence
    directions: int
    coefficients: dict[int, float] | None
    decided: bool = True


def of_degree(k: int) -> Problem:
    """The class He_k(v·x)/√(k!) over unit vectors v. Raises InputError unless 1 <= k <= MAX_DEGREE.

    >>> of_degree(4).energies
    {4: Fraction(1, 1)}
    """
    if not 1 <= k <= MAX_DEGREE:
        raise InputError(f"--degree {k}: give a degree from 1 to {MAX_DEGREE}")
    return Problem(f"He_{k}(v·x)/sqrt({k}!)", {k: Fraction(1)}, k, Evidence.EXACT, 1, {k: 1.0})


def of_target(target: Target) -> Problem:
    """A target seen along unknown directions. Raises InputError if the number of its directions is undecided."""
    if not isinstance(target, PolynomialTarget):
        return _of_link(target)
    expansion = target.expansion
    shares = {k: energy / expansion.variance for k, energy in expansion.degree_energies.items() if k >= 1}
    with working_precision(128):
        energies = {k: share.fraction if share.is_rational else upper_fraction(share.ball()) for k, share in shares.items()}
    coefficients = None
    if target.latent_dimension == 1 and target.directions is None:
        part = {k: float(expansion.symbol.homogeneous_part(k).coefficient((k,))) for k in energies}
        coefficients = {k: c * math.sqrt(math.factorial(k)) for k, c in part.items()}
    exponent = information_exponent(expansion).lower
    return Problem(_unknown(target), energies, exponent, Evidence.EXACT, target.effective_dimension.lower, coefficients)


def _of_link(target: Target) -> Problem:
    """A link that is not polynomial: all its energy may lie in the degree of its information exponent."""
    if not isinstance(target, LinkTarget):
        raise InputError(f"{target.link} is seen at points only: bounds need a target with a formula")
    exponent, directions = information_exponent(target.expansion), target.effective_dimension
    if directions.upper is None:
        raise InputError(f"{target.link}: its number of directions is undecided ({directions.reason})")
    k, decided = exponent.lower, exponent.value is not None
    return Problem(_unknown(target), {k: Fraction(1)}, k, Evidence.CERTIFIED, directions.upper, None, decided)


def _unknown(target: Target) -> str:
    return f"f(x) = {target.link} seen along unknown directions"

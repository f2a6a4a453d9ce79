"""Abbe, Boix-Adserà, Misiakiewicz 2023, Definition 1 and appendix B.2: the leap, and the largest one over orthonormal bases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from steinlab.checks.claims import oracles
from steinlab.checks.claims.claim import AnyClaim, Claim, Fault, Outcome, abbe, equal, every, failed
from steinlab.checks.claims.ridge import Ridge
from steinlab.theory.targets.exponents import coordinate_leap, subspace_leap
from steinlab.theory.verdicts import Evidence

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Leap = Callable[[Ridge], int | None]


@dataclass(frozen=True)
class Printed:
    """A sum of Hermite monomials, or of multilinear ones as on the cube, with the leap that the paper prints for it."""

    f: Ridge
    leap: int


def _sum(*monomials: tuple[int, ...]) -> Ridge:
    size = max(map(len, monomials))
    return Ridge(oracles.from_hermite({alpha + (0,) * (size - len(alpha)): Fraction(1) for alpha in monomials}))


def _examples() -> tuple[Printed, ...]:
    return (
        Printed(_sum((1,), (1, 1), (1, 1, 1), (1, 1, 1, 1)), 1),
        Printed(_sum((1,), (0, 1), (0, 1, 1, 1)), 2),
        Printed(_sum((1,), (1, 1, 1), (0, 1, 1, 1, 1, 1, 1)), 4),
        Printed(_sum((1, 1, 1), (0, 1, 1, 1)), 3),
        Printed(_sum((2,), (0, 2), (0, 0, 2), (3, 0, 8)), 2),
    )


def _families() -> SearchStrategy[Printed]:
    """He_k(z1) and z1···zk of leap k; He_a(z1) + He_a(z1) He_b(z2) + He_a(z1) He_b(z2) He_c(z3) of leap max(a, b, c)."""
    from hypothesis import strategies as st

    orders = st.integers(1, 4)
    powers = st.integers(1, 9).map(lambda k: Printed(_sum((k,)), k))
    products = st.integers(1, 6).map(lambda k: Printed(_sum((1,) * k), k))
    stairs = st.tuples(orders, orders, orders).map(lambda k: Printed(_sum(k[:1], k[:2], k), max(k)))
    return powers | products | stairs


def _coordinate_leap(f: Ridge) -> int | None:
    leap = coordinate_leap(f.expansion)
    return None if leap is None else leap.value


def _check_printed(subject: Leap, case: Printed) -> Outcome:
    actual = subject(case.f)
    return failed("there is no leap") if actual is None else equal("the leap", actual, case.leap)


def _largest_order(f: Ridge) -> int:
    return max(max(alpha) for alpha in oracles.smoothed(f.link, _unit(f.r)))


def _variables(f: Ridge) -> int:
    return max(sum(a > 0 for a in alpha) for alpha in oracles.smoothed(f.link, _unit(f.r)))


def _unit(size: int) -> list[list[Fraction]]:
    return [[Fraction(int(i == j)) for j in range(size)] for i in range(size)]


# -- the isotropic leap of a z1 + b z2 + c z1 z2


@dataclass(frozen=True)
class Tilted:
    a: Fraction
    b: Fraction
    c: Fraction

    @property
    def f(self) -> Ridge:
        return Ridge({(1, 0): self.a, (0, 1): self.b, (1, 1): self.c})

    def leaps(self) -> Iterator[int]:
        """The leap as written, and in the basis along (a, b): in every other one both linear coefficients are nonzero."""
        symbol = oracles.smoothed(self.f.link, _unit(2))
        turned = oracles.substitute(symbol, ((self.a, -self.b), (self.b, self.a)), 2)  # lengths do not matter
        for monomials in (symbol, turned):
            yield oracles.coordinate_leap([alpha for alpha, c in monomials.items() if any(alpha) and c])


def _tilted() -> SearchStrategy[Tilted]:
    from hypothesis import strategies as st

    from steinlab.checks.claims import cases

    c = cases.nonzero_rationals()
    return st.builds(Tilted, c, c, c) | st.builds(lambda a, s, c: Tilted(a, s * a, c), c, st.sampled_from([1, -1]), c)


def _check_isotropic(subject: Leap, case: Tilted) -> Outcome:
    actual, (written, along) = subject(case.f), case.leaps()
    if actual is None:
        return failed("there is no leap")
    return every([equal("the leap as written", written, 1), equal("isoLeap", actual, max(written, along))])


CLAIMS: tuple[AnyClaim, ...] = (
    Claim(
        id="abbe.definition1",
        statement="The leaps printed beside Definition 1, of sums of Hermite monomials and of monomials on the cube",
        hypotheses="the monomials are written in the latent variables; those on the cube are multilinear",
        source=abbe("Definition 1, page 4"),
        direction="identity",
        method="the five printed sums; drawn orders for the three printed families",
        evidence=Evidence.EXACT,
        subject=_coordinate_leap,
        cases=_families,
        check=_check_printed,
        faults=(
            Fault("the degree", lambda f: f.expansion.degree),
            Fault("the largest order of one variable", _largest_order),
            Fault("the number of variables of a monomial", _variables),
        ),
        extremal=_examples,
    ),
    Claim(
        id="abbe.isotropic_leap",
        statement="a z1 + b z2 + c z1 z2 has leap 1, and isoLeap 2 for a² = b², 1 otherwise, which is its subspace leap",
        hypotheses="a, b, c nonzero; a = b = c = 1 is printed in B.2, the others are derived",
        source=abbe("appendix B.2"),
        direction="identity",
        method="drawn coefficients: the leap in the two bases in which a coefficient may vanish, all orders tried",
        evidence=Evidence.EXACT,
        subject=lambda f: subspace_leap(f.expansion).value.value,
        cases=_tilted,
        check=_check_isotropic,
        faults=(
            Fault("the leap as written", _coordinate_leap),
            Fault("the degree", lambda f: f.expansion.degree),
        ),
        extremal=lambda: (Tilted(Fraction(1), Fraction(1), Fraction(1)), Tilted(Fraction(1), Fraction(2), Fraction(1))),
    ),
)

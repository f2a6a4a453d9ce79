"""Integers under roots: pairwise coprime factors that are no perfect powers, with no more factorisation than that needs."""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from flint import fmpz

MAX_FACTORED_BITS = 160
"""Largest integer under a root, in bits, that is factored into primes; of larger ones, small primes alone are split off."""
TRIAL_PRIMES = 3_000
"""So many small primes are tried."""


@lru_cache(maxsize=10_000)
def coprime_powers(n: fmpz) -> tuple[tuple[int, int], ...]:
    """Pairs (b, e) with n = Π b^e > 0, the b > 1 pairwise coprime and no perfect powers: primes, but for one of a large n."""
    if n.bit_length() <= MAX_FACTORED_BITS:
        return tuple((int(p), int(e)) for p, e in n.factor())
    base: dict[int, int] = {}
    for p, e in n.factor(trial_limit=TRIAL_PRIMES):
        b, k = _primitive(int(p))
        base[b] = base.get(b, 0) + int(e) * k
    return tuple(sorted(base.items()))


def coprime_base(integers: list[int]) -> list[int]:
    """Pairwise coprime integers > 1, none a perfect power, of which every given integer is a product of powers."""
    base: list[int] = []
    stack = list(integers)
    while stack:
        x = stack.pop()
        shared = next((b for b in base if gcd(x, b) > 1), None)
        if shared is not None:
            common = gcd(x, shared)
            base.remove(shared)
            stack += [common, x // common, shared // common]
        elif x > 1:
            base.append(_primitive(x)[0])
    return base


def _primitive(n: int) -> tuple[int, int]:
    """(b, k) with n = b^k and k the largest, for n > 1."""
    for k in range(n.bit_length(), 1, -1) if fmpz(n).is_perfect_power() else ():
        root, exact = whole_root(n, k)
        if exact:
            return root, k
    return n, 1


def whole_root(n: int, order: int) -> tuple[int, bool]:
    """The whole part of n^(1/order), and whether that is the root."""
    root = int(fmpz(n).root(order))
    return root, root**order == n


def valuation(x: int, c: int) -> int:
    """The largest e such that c^e divides x."""
    e = 0
    while x % c == 0:
        x //= c
        e += 1
    return e

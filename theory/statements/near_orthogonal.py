"""How many nearly orthogonal unit vectors there are: the exact law of inner products, what it builds, and what limits it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from flint import arb, fmpq, fmpq_poly

from steinlab.theory.errors import InputError
from steinlab.theory.exact.precision import exact_fraction, working_precision

MAX_DIMENSION = 10**9
MAX_ORDER = 12
"""Highest degree, in y = (u·v)², of the polynomials that `levenshtein_size` tries."""
MAX_TAIL_BITS = 90_000
"""A tail below 2^-MAX_TAIL_BITS is refused: it is written out as a fraction, within `MAX_EXPONENT` of exact/precision.py."""
_BITS = 128


# -- the law of one inner product


def inner_product_tail(d: int, cosine: Fraction, r: int = 1) -> Fraction:
    """P(‖UVᵀ‖_op > δ) or more, for independent uniform r-frames U, V of R^d (r orthonormal rows), δ = cosine.

    For r = 1 it is P(|u·v| > δ) = I_{1-δ²}((d-1)/2, 1/2), the law (1 + u·v)/2 ~ Beta((d-1)/2, (d-1)/2), rounded up by less
    than one part in 2^60. For r > 1, an upper bound (derived): one of the r rows has length above δ/√r, and its square
    ~ Beta(r/2, (d-r)/2). Certified upper bound; Damian et al., Lemma 3 (law: section 5). InputError unless 1 <= r < d <= 10^9 and
    0 < δ < 1.

    >>> round(float(inner_product_tail(3, Fraction(1, 4))), 12)  # Archimedes: u·v is uniform on [-1, 1]
    0.75
    """
    if not 1 <= r < d <= MAX_DIMENSION:
        raise InputError(f"d = {d} with {r} direction(s): give {r} < d <= {MAX_DIMENSION}")
    if not 0 < cosine < 1:
        raise InputError(f"cosine {cosine}: give one strictly between 0 and 1")
    bits = _BITS
    while True:
        with working_precision(bits):
            point = 1 - arb(fmpq(cosine.numerator, cosine.denominator)) ** 2 / r
            ball = r * point.beta_lower(arb(d - r) / 2, arb(r) / 2, regularized=True)
            if ball.is_finite() and ball > 0 and ball.rel_accuracy_bits() > 62:
                if ball < arb(2) ** -MAX_TAIL_BITS:
                    break
                return min(upper_fraction(ball), Fraction(1))
        bits *= 2
        if bits > 64 * _BITS:
            break
    raise InputError(f"the tail at d = {d}, cosine {float(cosine):.6g} is too small to enclose; give a smaller cosine")


def sub_gaussian_tail(d: int, cosine: Fraction) -> Fraction:
    """2 exp(-d δ²/2), at least P(|u·v| > δ) for uniform unit vectors u, v of R^d. Certified upper bound, rounded up.

    The bound from which c = 1/4 in Lemma 3 follows (derived). InputError unless d >= 1 and 0 <= δ <= 1.

    >>> round(float(sub_gaussian_tail(8, Fraction(1, 2))), 6)
    0.735759
    """
    if d < 1 or not 0 <= cosine <= 1:
        raise InputError(f"d = {d} and cosine {cosine}: give d >= 1 and a cosine in [0, 1]")
    with working_precision(_BITS):
        exponent = -d * cosine * cosine / 2
        return upper_fraction(2 * arb(fmpq(exponent.numerator, exponent.denominator)).exp())


# -- sizes that exist


def union_bound_size(tail: Fraction) -> int:
    """The largest M with M(M-1)/2 · P < 1: that many random vectors have, with positive probability, no pair beyond δ.

    `tail` is at least P(|u·v| > δ). Exact in P, so a proved lower bound on the largest set; Lemma 3's own argument.

    >>> union_bound_size(Fraction(1, 10))  # 4 · 5/2 = 10 pairs are one too many
    4
    """
    _require_tail(tail)
    pairs = -int(-2 / tail // 1) - 1  # the most ordered pairs: M(M-1) < 2/P
    return (isqrt(4 * pairs + 1) + 1) // 2


def maximal_set_size(tail: Fraction) -> int:
    """⌈1/P⌉: in a set that cannot be extended, the caps {v: |u·v| > δ} around its members cover the sphere.

    `tail` is at least P(|u·v| > δ). A proved lower bound on the largest set (derived), about the square of
    `union_bound_size`: existence only, nothing is drawn.

    >>> maximal_set_size(Fraction(3, 10))
    4
    """
    _require_tail(tail)
    return -int(-1 / tail // 1)


def _require_tail(tail: Fraction) -> None:
    if not 0 < tail <= 1:
        raise InputError(f"a tail probability of {float(tail):.6g}: give one in (0, 1]")


def sign_coherence_bound(d: int, size: int, failure: Fraction) -> Fraction:
    """The least δ = t/d such that `size` independent uniform sign vectors have |u·v| <= δ d pairwise, but for `failure`.

    By the exact binomial law of u·v and a union bound over pairs: P(some |u·v| > t) <= size(size-1)/2 · P(|S_d| > t). Exact;
    upper bound. InputError unless d >= 1, size >= 2 and 0 < failure < 1.

    >>> sign_coherence_bound(4, 2, Fraction(1, 4))  # P(|S_4| > 2) = 1/8
    Fraction(1, 2)
    """
    if d < 1 or size < 2 or not 0 < failure < 1:
        raise InputError(f"d = {d}, {size} vectors, failure {failure}: give d >= 1, at least 2 vectors and 0 < failure < 1")
    allowed = failure * 2**d / (size * (size - 1))
    choose, beyond, minus = 1, 0, 0
    # `beyond` counts the sign patterns with fewer than `minus` minus signs, S > d - 2·minus: less than half of them are allowed
    while beyond + choose <= allowed:
        beyond += choose
        choose = choose * (d - minus) // (minus + 1)
        minus += 1
    return Fraction(d - 2 * minus, d)


# -- what limits any set


def welch_bound(d: int, size: int) -> Fraction:
    """max (u·v)² >= (N - d)/(d (N - 1)) over pairs of any N unit vectors of R^d. Exact lower bound (Welch 1974).

    >>> welch_bound(3, 6)  # six lines through the icosahedron attain it
    Fraction(1, 5)
    """
    if d < 1 or size < 2:
        raise InputError(f"{size} vectors in dimension {d}: give at least 2 vectors and d >= 1")
    return max(Fraction(size - d, d * (size - 1)), Fraction(0))


def levenshtein_size(d: int, coherence_squared: Fraction, order: int = MAX_ORDER) -> Fraction | None:
    """An upper bound on the number of unit vectors of R^d with (u·v)² <= s = coherence_squared pairwise; None if none is found.

    The least f(1)/f_0 over Levenshtein's polynomials f of degree 1..order in y = (u·v)²: odd ones (y-s) K(y,s)², even ones
    y (y-s) K(y,s)². Each is used only after exact rational arithmetic shows that it proves the bound: f <= 0 on [0, s] by its
    form, f_0 = E f > 0, and every coefficient of f in the orthogonal polynomials of y (Gegenbauer polynomials of even degree
    in u·v, which are positive definite) is >= 0. Exact upper bound; Delsarte 1973, Levenshtein 1992. InputError unless d >= 2 and
    0 <= s < 1.

    >>> levenshtein_size(16, Fraction(1, 16))  # nine mutually unbiased bases attain it
    Fraction(144, 1)
    """
    if d < 2 or not 0 <= coherence_squared < 1 or not 1 <= order <= MAX_ORDER:
        raise InputError(
            f"d = {d}, squared coherence {coherence_squared}, order {order}: give d >= 2, 0 <= s < 1, order 1..{MAX_ORDER}"
        )
    s = _fmpq(coherence_squared)
    mean, base, kernels = _families(d)
    best: fmpq | None = None
    for degree in range(1, order + 1):
        f = _levenshtein_polynomial(degree, s, kernels[degree % 2])
        coefficients = [mean(f * p) for p, _ in base[: degree + 1]]
        if coefficients[0] > 0 and all(c * p(1) >= 0 for c, (p, _) in zip(coefficients, base, strict=False)):
            bound = f(1) / coefficients[0]
            best = bound if best is None or bound < best else best
    return None if best is None else Fraction(int(best.p), int(best.q))


def levenshtein_coherence(d: int, size: int, order: int = MAX_ORDER, bits: int = 40) -> Fraction:
    """A lower bound on max (u·v)² over pairs of any `size` unit vectors of R^d: `levenshtein_size` inverted, within 2^-bits.

    Every s returned was shown by `levenshtein_size` to allow fewer than `size` vectors. Exact lower bound; 0 where nothing is
    shown, and never below `welch_bound` by more than 2^-bits. InputError as there.

    >>> float(levenshtein_coherence(16, 144)) > 1/16 - 1e-9
    True
    """
    low, high = welch_bound(d, size), Fraction(1)
    while high - low > Fraction(1, 2**bits):
        middle = (low + high) / 2
        bound = levenshtein_size(d, middle, order)
        if bound is not None and bound < size:
            low = middle
        else:
            high = middle
    return low


def _levenshtein_polynomial(degree: int, s: fmpq, family: list[tuple[fmpq_poly, fmpq]]) -> fmpq_poly:
    """(y-s) K² for odd and y(y-s) K² for even degree, K the kernel at s of the orthogonal family."""
    y = fmpq_poly([0, 1])
    kernel = fmpq_poly([0])
    for p, norm in family[: (degree + 1) // 2]:
        kernel += p * (p(s) / norm)
    return (y - s) * kernel * kernel * (1 if degree % 2 else y)


@lru_cache(maxsize=8)
def _families(d: int) -> tuple[Callable[[fmpq_poly], fmpq], list[tuple[fmpq_poly, fmpq]], list[list[tuple[fmpq_poly, fmpq]]]]:
    """The mean under the law of y = (u·v)² in R^d, its orthogonal polynomials, and those of the law times y(1-y) and 1-y."""
    moments = [fmpq(1)]
    for a in range(2 * MAX_ORDER):
        moments.append(moments[-1] * (2 * a + 1) / (d + 2 * a))
    mean = _mean(moments)
    y = fmpq_poly([0, 1])
    half = (MAX_ORDER - 1) // 2
    kernels = [_orthogonal(_mean(moments, weight), half) for weight in (y * (1 - y), 1 - y)]
    return mean, _orthogonal(mean, MAX_ORDER), kernels


def _mean(moments: list[fmpq], weight: fmpq_poly | None = None) -> Callable[[fmpq_poly], fmpq]:
    def mean(f: fmpq_poly) -> fmpq:
        weighted = f if weight is None else f * weight
        return sum((c * moments[a] for a, c in enumerate(weighted.coeffs())), fmpq(0))

    return mean


def _orthogonal(mean: Callable[[fmpq_poly], fmpq], degree: int) -> list[tuple[fmpq_poly, fmpq]]:
    """The monic orthogonal polynomials of degree 0..degree with their squared norms, positive for a law on an interval."""
    y = fmpq_poly([0, 1])
    out: list[tuple[fmpq_poly, fmpq]] = []
    for k in range(degree + 1):
        p = y**k
        for q, norm in out:
            p -= q * (mean(p * q) / norm)
        out.append((p, mean(p * p)))
    return out


# -- rounding


def _fmpq(x: Fraction) -> fmpq:
    return fmpq(x.numerator, x.denominator)


def upper_fraction(ball: arb) -> Fraction:
    """A rational number at or above everything in the ball. ValueError where the ball is not finite.

    >>> upper_fraction(arb(3) / 4)
    Fraction(3, 4)
    """
    if not ball.is_finite():
        raise ValueError(f"{ball} has no upper end")
    return exact_fraction(ball.upper())


def root_up(x: Fraction) -> Fraction:
    """√x, exactly for the square of a rational number, else rounded up by less than one part in 2^100.

    >>> root_up(Fraction(4, 9))
    Fraction(2, 3)
    """
    if x < 0:
        raise ValueError(f"the root of {x}")
    numerator, denominator = isqrt(x.numerator), isqrt(x.denominator)
    if (numerator**2, denominator**2) == (x.numerator, x.denominator):
        return Fraction(numerator, denominator)
    return Fraction(isqrt(x.numerator * x.denominator << 256) + 1, x.denominator << 128)

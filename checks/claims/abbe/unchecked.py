"""Abbe, Boix-Adserà, Misiakiewicz 2023: the statements without a check, and why."""

from __future__ import annotations

from steinlab.checks.claims.claim import Unchecked, abbe

_ON_THE_CUBE = "targets here are functions of Gaussian inputs; the leap itself is that of multilinear targets"
_TRAINING = "no training method here is layerwise projected SGD, whose step size and dimension grow together"

ROWS = (
    Unchecked(
        "abbe.conjecture2",
        "online SGD reaches risk ε after Ω~(d^max(isoLeap-1, 1)) poly(1/ε) steps, and not before",
        abbe("Conjecture 2, page 5"),
        "a conjecture: studies measure exponents beside it",
    ),
    Unchecked(
        "abbe.theorem8",
        "layerwise projected SGD learns a product of Hermite polynomials of degree D, its first layer in Θ~(d^(D-1)) steps",
        abbe("Theorem 8, Corollary 9"),
        _TRAINING,
    ),
    Unchecked(
        "abbe.theorem10",
        "the same for nested sums of products, D the largest of the D_l",
        abbe("Theorem 10, Corollary 11 (24)"),
        _TRAINING,
    ),
    Unchecked("abbe.theorem19", "phase l lasts Θ~(d^(D_l-1)) steps", abbe("Theorem 19"), _TRAINING),
    Unchecked(
        "abbe.proposition27",
        "on the cube no linear method with fewer than c d^D samples or features learns f* on average over permutations",
        abbe("Proposition 27"),
        _ON_THE_CUBE,
    ),
    Unchecked(
        "abbe.proposition28",
        "no linear method with fewer than c d^D samples or features learns f*(Mx) on average over M",
        abbe("Propositions 4 and 28"),
        "its constants are not stated; the studies of kernels measure the exponent",
    ),
    Unchecked(
        "abbe.proposition30",
        "on the cube the error of n queries of tolerance τ is at least c but with probability C n d^(-leap)/τ²",
        abbe("Proposition 30"),
        _ON_THE_CUBE,
    ),
    Unchecked(
        "abbe.proposition31",
        "the error of n queries of tolerance τ is at least c but with probability C n d^(-isoLeap/2)/τ²",
        abbe("Propositions 5 and 31"),
        "its constants are not stated; for one direction abbe.claim32 bounds what a query sees",
    ),
)
"""In the order of the paper."""

"""Hermite expansions of targets, one engine a kind of target, and what they rest on: ranks, degrees, generative exponents."""

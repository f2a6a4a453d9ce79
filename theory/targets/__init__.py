"""Targets, their Hermite expansions, expected Hessians and exponents."""

"""Exact arithmetic and algebra: numbers, polynomials, matrices, Hermite polynomials, and the heat operator."""

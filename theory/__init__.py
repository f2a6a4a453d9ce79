"""Exact mathematics: targets, Hermite expansions, the expected Hessian, exponents, gradients, predictions."""

"""Drawn two-layer networks, given as arrays, and an oracle of their own: quadrature along neurons and their pairs."""

"""Gaussian expectations of links: closed forms, then certified integrals."""

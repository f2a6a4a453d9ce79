"""Targets as they are read, their expected Hessians and exponents."""

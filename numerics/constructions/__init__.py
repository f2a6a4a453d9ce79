"""Constructions of the papers, run."""

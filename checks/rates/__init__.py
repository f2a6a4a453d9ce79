"""Slopes, thresholds and levels: statistics alone, usable on a user's own numbers."""

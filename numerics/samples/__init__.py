"""Samples of targets, a block at a time, from seeds."""

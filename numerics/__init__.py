"""NumPy training: Gaussian data, two-layer networks, one-step feature learning, kernel baselines."""

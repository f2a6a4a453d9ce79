"""NumPy training: Gaussian data, two-layer networks, one-step feature learning, online SGD, kernel baselines."""

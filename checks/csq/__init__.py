"""Lower bounds for correlational statistical queries: a problem, its bounds, the adversary, the answer."""

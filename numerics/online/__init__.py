"""Online SGD in blocks: step sizes, recipes, trajectories."""

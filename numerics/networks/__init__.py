"""Two-layer networks, their feature maps and activations."""

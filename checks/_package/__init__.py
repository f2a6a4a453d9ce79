"""steinlab: the theory of representation learning in two-layer networks, made executable."""

__version__ = "0.1.0"

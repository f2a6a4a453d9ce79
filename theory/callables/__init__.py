"""Functions that are seen at points only: how they are asked for values, and expectations in floats with estimated errors."""

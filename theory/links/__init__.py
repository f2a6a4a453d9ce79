"""General links: Hermite coefficients as certified balls, zeros with proof."""

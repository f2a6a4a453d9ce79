"""How links behave: growth far out, the two sides of a kink, points where they vanish or are singular, germs next to these."""

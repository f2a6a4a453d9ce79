"""Population quantities in closed form or by quadrature: risks, compression, generalisation."""

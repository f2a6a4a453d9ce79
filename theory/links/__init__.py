"""Links in a normal form, and what is decided about them.

The rules of the normal form ask for signs and zeros of sums, whose proofs multiply sums. So the rules stand above the ring, and
are given to it here, before anything of this package is used.
"""

from steinlab.theory.links import simplification
from steinlab.theory.links.ring import Sum

Sum.rules = simplification

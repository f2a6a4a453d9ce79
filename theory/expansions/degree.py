"""The degree of a link as a polynomial, with proof: coefficients such as tanh(log(2)) - 3/5 may vanish where no form shows it."""

from __future__ import annotations

from steinlab.theory.integrals.constants import Constant
from steinlab.theory.links.ring import Product, Sum, constant, is_polynomial_form
from steinlab.theory.verdicts import Decided, Evidence


def coefficients(g: Sum) -> dict[Product, Constant]:
    """{monomial in the variables: its coefficient}, for a g of that form."""
    parts: dict[Product, Sum] = {}
    for product, c in g.terms.items():
        monomial = tuple((atom, e) for atom, e in product if atom.is_variable)
        rest = tuple((atom, e) for atom, e in product if not atom.is_variable)
        parts[monomial] = parts.get(monomial, constant(0)) + Sum({rest: c})
    return {monomial: Constant(c) for monomial, c in parts.items()}


def polynomial_degree(g: Sum) -> Decided | None:
    """The degree of a sum of products of variables and constants; None where a function of a variable stands in it.

    At most that of the highest monomial whose coefficient is not proved zero, at least that of the highest whose coefficient is
    certified nonzero. Kind: exact where the coefficients are algebraic, else certified.

    >>> from steinlab.theory.links.ring import is_polynomial_form, logarithm, pi, variable
    >>> z = variable(0)
    >>> degree = polynomial_degree(pi() * z**6 + z)
    >>> degree.value, degree.lower, degree.upper
    (6, 6, 6)
    """
    if not is_polynomial_form(g):
        return None
    found = [(int(sum(e for _, e in monomial)), c) for monomial, c in coefficients(g).items()]
    upper = max((k for k, c in found if c.sign != 0), default=0)
    lower = max((k for k, c in found if c.sign), default=0)
    if lower == upper:
        evidence = Evidence.EXACT if g.is_polynomial else Evidence.CERTIFIED
        return Decided(upper, evidence, f"a coefficient of degree {upper} is not zero, and none stands above it", upper, upper)
    doubtful = next(c for k, c in found if k == upper and c.sign is None)
    return Decided(
        None, Evidence.NUMERICAL, f"the coefficient {doubtful.form} of degree {upper} is {doubtful.reason}", lower, upper
    )

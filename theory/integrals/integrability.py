"""Is a link square integrable under the Gaussian? Proved, disproved, or undecided; before anything is computed from it.

A function of one linear form is decided by its germs at every point where a divisor or the argument of a logarithm may vanish,
and at both infinities; so is a function of the length of a vector. In several variables a product is split into factors that
are functions of one linear form each, a Gaussian, and what is bounded: the singular hyperplanes are counted.
"""

from __future__ import annotations

from steinlab.theory.behaviour.growth import is_regular
from steinlab.theory.budget import attempt, priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.arrangements import arrangement, singular_hyperplane
from steinlab.theory.integrals.expectations import expectation, independent
from steinlab.theory.integrals.line import Integrability, Weight, along_the_line, on_a_line
from steinlab.theory.links.ring import (
    Atom,
    Product,
    Sum,
    constant,
    from_atom,
    sign_atoms,
    variable,
)
from steinlab.theory.links.zero_sets import is_nonzero
from steinlab.theory.verdicts import Evidence, Finding, Verdict

DECISION_STEPS = 300_000
"""Steps of work, at cost, for the first question about a target, which is asked before a report opens its purse."""


_REGULAR = Integrability(True, "no divisor or logarithm is singular, and the Gaussian outweighs the growth")


@priced(5_000)
def integrability(u: Sum, p: int = 2) -> Integrability:
    """Whether E|u(z)|^p is finite for z ~ N(0, I). Kind: exact or certified, where it is decided.

    >>> from steinlab.theory.language.link_reader import read
    >>> from steinlab.theory.language.parsing import parse
    >>> [integrability(read(parse(t))).finite for t in ("abs(z1)**(-0.4)", "sqrt(1 + 1/abs(z1))", "exp(z1**2/4)*sin(z1)")]
    [True, False, None]
    """
    try:
        return _decide(u, p)
    except InputError as error:  # outside the fields or sizes that are supported
        return Integrability(None, str(error))


def mean(h: Sum) -> Sum:
    """E[h] by closed forms term by term, or as one integral where terms that are not integrable alone cancel.

    InputError where neither is proved to exist. Kind: exact.

    >>> from steinlab.theory.language.link_reader import read
    >>> from steinlab.theory.language.parsing import parse
    >>> str(mean(read(parse("(1 - cos(z1))/abs(z1)**2.2"))))
    'E[(z1*sign(z1))**(-11/5) - (z1*sign(z1))**(-11/5)*cos(z1)]'
    """
    if terms_integrable(h, 1):
        return expectation(h)
    if len(h.variables) != 1 or not integrability(h, 1).finite:
        raise InputError("the terms of its normal form are not known to be integrable one by one")
    (i,) = h.variables
    u, mirrored = (h.substitute({i: variable(0) * side}) for side in (1, -1))
    if mirrored == -u:
        return constant(0)
    return from_atom(Atom.get("E", min(u, mirrored, key=str)))


def terms_integrable(u: Sum, p: int = 2) -> bool:
    """Whether every term of u alone is proved to have a finite p-th moment."""
    return all(integrability(Sum({product: Number.of(1)}), p).finite for product in u.terms)


def require_square_integrable(u: Sum, effort: int = 1) -> Finding:
    """Whether E u² is finite, where that is proved or undecided. InputError where it is infinite. Kind: exact or certified."""
    found = attempt(
        lambda: integrability(u),
        lambda reason: Integrability(None, reason),
        DECISION_STEPS,
        effort=effort,
        alone=True,
        at_cost=True,
    )
    if found.finite is False:
        raise InputError(f"{u} has infinite variance under the Gaussian: {found.reason}")
    verdict, evidence = (Verdict.HOLDS, Evidence.CERTIFIED) if found.finite else (Verdict.UNDECIDED, Evidence.NUMERICAL)
    return Finding("square_integrable", verdict, evidence, found.reason)


def _decide(u: Sum, p: int) -> Integrability:
    if all(is_regular(product, p) for product in u.terms):
        return _REGULAR
    line = on_a_line(u)
    if line is not None:
        return along_the_line(line[0], p, Weight(line[1]), line[2])
    if len(u.terms) == 1:
        ((product, _),) = u.terms.items()
        found = _product(product, p)
    else:
        found = _by_parts(u, p)
    return singular_hyperplane(u, p) or found if found.finite is None else found


def _by_parts(u: Sum, p: int) -> Integrability:
    """Terms in the same variables together where they are in one variable, else one by one: all finite, or all but one."""
    parts: dict[tuple[frozenset[int], Product], dict[Product, Number]] = {}
    for product, c in u.terms.items():
        variables = frozenset(i for atom, _ in product for i in atom.variables)
        functions = tuple((atom, e) for atom, e in product if not atom.is_variable) if len(variables) > 1 else ()
        parts.setdefault((variables, functions), {})[product] = c
    if len(parts) == 1:
        found = [integrability(Sum({product: Number.of(1)}), p) for product in u.terms]
        finite = all(part.finite for part in found)
        return _REGULAR if finite else next(Integrability(None, part.reason) for part in found if not part.finite)
    found = [integrability(Sum(terms), p) for terms in parts.values()]
    bad = [part for part in found if not part.finite]
    if len(bad) == 1:
        return bad[0]
    return Integrability(None, bad[0].reason) if bad else found[0]


def _product(product: Product, p: int) -> Integrability:
    groups = independent(product)
    if len(groups) > 1:  # the moment is the product of theirs
        found = [integrability(Sum({group: Number.of(1)}), p) for group in groups]
        infinite = next((part for part in found if part.finite is False), None)
        if infinite is not None:
            others = all(
                is_nonzero(Sum({g: Number.of(1)})) for g, part in zip(groups, found, strict=True) if part is not infinite
            )
            return infinite if others else Integrability(None, infinite.reason)
        return next((part for part in found if part.finite is None), found[0])
    return _radial(Sum({product: Number.of(1)}), p) or arrangement(product, p)


def _radial(u: Sum, p: int) -> Integrability | None:
    """A function of the length of z alone, through the law of that length; None for other functions."""
    order = sorted(u.variables)
    arguments = [u, *(kink.argument for kink in sign_atoms(u))]
    first = order[0]
    if any(
        not (variable(first) * v.derivative(i) - variable(i) * v.derivative(first)).is_zero for v in arguments for i in order[1:]
    ):
        return None
    along = u.substitute({i: constant(0) for i in order[1:]} | {first: variable(0)})
    return along_the_line(along, p, Weight(dimension=len(order)), "|z|")

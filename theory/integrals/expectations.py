"""Gaussian expectations of links as exact constants: closed forms, and integrals that stand as symbols.

E[h(z)], z ~ N(0, I), is a Sum without variables. What has no closed form becomes an atom E[...], put into a standard form under
sign changes and permutations of its variables. Equal integrals are therefore one atom and cancel; an integral equal to its own
negative is zero. A Sum without terms is a proof that the expectation vanishes.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations
from itertools import product as cartesian
from math import comb, factorial, prod

from steinlab.theory.budget import priced
from steinlab.theory.errors import InputError
from steinlab.theory.exact.hermite import double_factorial, hermite_coefficients
from steinlab.theory.exact.linear_algebra import Matrix, Vector, dot, kernel
from steinlab.theory.exact.numbers import Number
from steinlab.theory.integrals.by_parts import arcsine_law, integrate_by_parts
from steinlab.theory.integrals.elimination import eliminate
from steinlab.theory.links.coordinates import forms, span
from steinlab.theory.links.functions import FUNCTIONS
from steinlab.theory.links.ring import (
    Atom,
    Product,
    Sum,
    apply,
    constant,
    from_atom,
    pi,
    power,
    product_order,
    sign_atoms,
    substitute,
    variable,
)

MAX_SYMMETRY = 4
"""Most variables of an integral whose sign changes and permutations are all tried."""


def expectation(h: Sum) -> Sum:
    """E[h(z)], z ~ N(0, I), as a Sum without variables. The hypothesis is that every term is integrable. Kind: exact.

    >>> from steinlab.theory.language.link_reader import read
    >>> from steinlab.theory.language.parsing import parse
    >>> for link in ("relu(z1)", "cos(z1)", "exp(-z1**2)", "sin(z1)*z2", "tanh(z1)*z1 - tanh(z2)*z2", "tanh(z1)*z1"):
    ...     print(expectation(read(parse(link))))
    sqrt(2)/2*pi**(-1/2)
    exp(-1/2)
    sqrt(3)/3
    0
    0
    1 - E[tanh(z1)**2]
    """
    out = constant(0)
    for product, c in h.terms.items():
        out = out + _mean(product) * c
    return out


def times_hermite(g: Sum, alpha: Sequence[int]) -> Sum:
    """g He_α."""
    out = g
    for i, k in enumerate(alpha):
        if k:
            factor = constant(0)
            for c in reversed(hermite_coefficients(k)):
                factor = factor * variable(i) + c
            out = out * factor
    return out


def conditional_expectation(h: Sum, over: Sequence[int]) -> Sum:
    """E over the variables in `over` with the others fixed, averaged over sign changes and permutations of `over` first.

    A result without terms proves that the conditional expectation is zero; the other results may keep variables of `over`.
    """
    average = symmetrised(h, over)
    free = set(over)
    alone = {p: c for p, c in average.terms.items() if {i for atom, _ in p for i in atom.variables} <= free}
    rest = Sum({p: c for p, c in average.terms.items() if p not in alone})
    for i in over:
        rest = _eliminate_all(rest, i)
    return expectation(Sum(alone)) + rest


def symmetrised(h: Sum, over: Sequence[int]) -> Sum:
    """The mean of h over the sign changes and permutations of the variables in `over`.

    One sign after the other, then one variable after the other among those before it: 2 v + v²/2 images in place of v! 2^v.
    """
    for i in over:
        h = (h + h.substitute({i: -variable(i)})) * Fraction(1, 2)
    for m, i in enumerate(over):
        total = h
        for j in over[:m]:
            total = total + h.substitute({i: variable(j), j: variable(i)})
        h = total * Fraction(1, m + 1)
    return h


def _eliminate_all(h: Sum, i: int) -> Sum:
    """E over z_{i+1} of the terms that have a closed form; the others are kept."""
    out = constant(0)
    for product, c in h.terms.items():
        depends = any(i in atom.variables for atom, _ in product)
        mean = eliminate(product, i) if depends else None
        out = out + (Sum({product: c}) if mean is None else mean * c)
    return out


@priced(100_000)
def _mean(product: Product) -> Sum:
    """E of a product: by independence, closed forms and rotation, else as an atom."""
    parts = independent(product)
    if len(parts) > 1:
        out = constant(1)
        for part in parts:
            out = out * _mean(part)
            if out.is_zero:
                break
        return out
    variables = sorted({i for atom, _ in product for i in atom.variables})
    if not variables:
        return Sum({product: Number.of(1)})
    for i in reversed(variables):
        reduced = eliminate(product, i)
        if reduced is not None:
            return expectation(reduced)
    if len(variables) == 1:
        lowered = integrate_by_parts(product, variables[0]) or arcsine_law(product, variables[0])
        if lowered is not None:
            return expectation(lowered)
    rotated = radial(product, variables) or _rotate(product, variables) or turned(product, variables)
    return expectation(rotated) if rotated is not None else _standard(product, variables)


def independent(product: Product) -> list[Product]:
    """The factors of a product grouped so that groups share no variable; factors without variables are one group."""
    groups: list[tuple[set[int], list[tuple[Atom, Fraction]]]] = []
    for atom, e in product:
        touched = [g for g in groups if g[0] & atom.variables or (not g[0] and not atom.variables)]
        merged = (set(atom.variables).union(*(g[0] for g in touched)), [f for g in touched for f in g[1]] + [(atom, e)])
        groups = [g for g in groups if g not in touched] + [merged]
    return [tuple(sorted(factors, key=lambda f: f[0].order)) for _, factors in groups]


# -- rotation


def orthonormal(rows: Sequence[Vector]) -> Matrix:
    """Gram and Schmidt's process, exactly. InputError where the square roots need too large a field."""
    out: list[Vector] = []
    for row in rows:
        rest = list(row)
        for unit in out:
            component = dot(unit, row)
            rest = [x - component * y for x, y in zip(rest, unit, strict=True)]
        scale = dot(rest, rest).root(2).inverse()
        out.append(tuple(x * scale for x in rest))
    return tuple(out)


def rotation(first: Matrix, size: int) -> Matrix:
    """An orthonormal basis of R^size that begins with one of the row space of `first`."""
    return orthonormal([*first, *kernel(first, size)])


def _rotate(product: Product, variables: list[int]) -> Sum | None:
    """The product in rotated coordinates in which one variable can be eliminated; None where no rotation helps."""
    functions = [atom for atom, _ in product if not atom.is_variable]
    hard = [atom for atom in functions if not _is_smooth(atom)]
    candidates = [functions, hard, *([atom] for atom in functions if atom.name == "sign")]
    for chosen in candidates:
        basis = span([form for atom in chosen for form in forms(atom.argument)], variables)
        if not chosen or len(basis) >= len(variables) or _is_axes(basis):
            continue
        try:
            rows = rotation(basis, len(variables))
        except InputError:  # square roots outside the fields that are supported
            continue
        # z = Σ_a t_a rows[a]
        images = {}
        for position, i in enumerate(variables):
            image = constant(0)
            for a, row in enumerate(rows):
                image = image + variable(variables[a]) * row[position]
            images[i] = image
        rotated = substitute(product, images)
        if all(any(eliminate(p, i) is not None for i in variables) or len(independent(p)) > 1 for p in rotated.terms):
            return rotated
    return None


def _is_smooth(atom: Atom) -> bool:
    """Whether there is a closed form for a function of a polynomial of this degree."""
    known = 2 if atom.name == "exp" else 1 if atom.name in FUNCTIONS and FUNCTIONS[atom.name].moments is not None else 0
    return atom.argument.is_polynomial and atom.argument.degree <= known


def _is_axes(basis: Matrix) -> bool:
    return all(sum(bool(x) for x in row) == 1 for row in basis)


# -- rotations by an angle that depends on the other variables


def turned(product: Product, variables: Sequence[int]) -> Sum | None:
    """E[product] through one variable less, where the functions depend on z_i + β z_j, β a function of the other variables.

    With ρ² = 1 + β², t = (z_i + β z_j)/ρ and s = (β z_i - z_j)/ρ are independent N(0, 1) given the others. The functions are
    constant in s, hence those at z_i = ρ t, z_j = 0; z_i = (t + β s)/ρ and z_j = (β t - s)/ρ are polynomials in s, whose moments
    are known. Of several pairs the one with the shortest result counts, whatever the names of the variables. None where there is
    no such pair. Kind: exact.

    >>> from steinlab.theory.language.link_reader import read
    >>> from steinlab.theory.language.parsing import parse
    >>> (product,) = read(parse("z3*tanh(z1*z2 + z3)")).terms
    >>> str(turned(product, (0, 1, 2)))
    'E[z1*(1 + z2**2)**(-1/2)*tanh(z1*(1 + z2**2)**(1/2))]'
    """
    if len(variables) < 3:
        return None
    functions = [atom for atom, _ in product if not atom.is_variable]
    found = []
    for i, j in permutations(variables, 2):
        slope = _common_slope([atom for atom in functions if {i, j} & atom.variables], i, j)
        if slope is not None:
            found.append(expectation(_turn(product, i, j, slope)))
    return min(found, key=lambda form: (len(form.terms), min(form.order_text, (-form).order_text)), default=None)


def _turn(product: Product, i: int, j: int, slope: Sum) -> Sum:
    """The product with z_i = (t + β s)/ρ, z_j = (β t - s)/ρ, averaged over s; t takes the place of z_i."""
    powers = {atom.index: int(e) for atom, e in product if atom.is_variable}
    wide = slope * slope + 1
    t, p, q = variable(i), powers.get(i, 0), powers.get(j, 0)
    weight = constant(0)
    for a, b in cartesian(range(p + 1), range(q + 1)):  # s occurs a + b times
        if (a + b) % 2 == 0:
            term = t ** (p + q - a - b) * slope ** (a + q - b)
            weight = weight + term * (comb(p, a) * comb(q, b) * (-1) ** b * double_factorial(a + b - 1))
    rest = Sum({tuple((atom, e) for atom, e in product if not (atom.is_variable and atom.index in (i, j))): Number.of(1)})
    moved = rest.substitute({i: t * power(wide, Fraction(1, 2)), j: constant(0)})
    return moved * weight * power(wide, Fraction(-p - q, 2))


def _common_slope(functions: Sequence[Atom], i: int, j: int) -> Sum | None:
    """β, not a number, with every function, and every kink in it, one of z_{i+1} + β z_{j+1} and the other variables."""
    arguments = [u for atom in functions for u in (atom.argument, *(kink.argument for kink in sign_atoms(atom.argument)))]
    if not arguments:
        return None
    for point in ({i: constant(1), j: constant(0)}, {i: constant(0), j: constant(0)}):
        try:
            along, across = (arguments[0].derivative(v).substitute(point) for v in (i, j))
        except InputError:  # the first function is not smooth there
            continue
        if along.number:
            slope = across * along.number.inverse()
            if slope.number is None and all((u.derivative(j) - slope * u.derivative(i)).is_zero for u in arguments):
                return slope
    return None


# -- radial functions


def radial(product: Product, variables: Sequence[int]) -> Sum | None:
    """A Sum of the same expectation in fewer variables, where the functions depend on some of them through Σ z_i² alone.

    For F of ρ² = Σ_{i in S} z_i², |S| = m and N = Σ a_i, E[F Π z_i^{2a_i}] = E[F ρ^{2N}] Π (2a_i - 1)!!/(m (m+2) ... (m+2N-2)),
    since radius and direction are independent; and E h(ρ) = E[|x|^{m-1} h(|x|)] √(2π)/(2^{m/2} Γ(m/2)) for one x ~ N(0, 1). Odd
    powers give zero. None where no such S is found. Kind: exact.
    """
    functions = [atom for atom, _ in product if not atom.is_variable]
    bases = {i: [j for j in variables if j == i or all(_is_invariant(atom, i, j) for atom in functions)] for i in variables}
    chosen = max(bases.values(), key=len)
    m = len(chosen)
    if m < 2:
        return None
    first = chosen[0]
    powers = {atom.index: int(e) for atom, e in product if atom.is_variable and atom.index in chosen}
    if any(k % 2 for k in powers.values()):
        return constant(0)
    weight: Fraction = Fraction(prod(double_factorial(k - 1) for k in powers.values()))
    total = sum(powers.values())
    for k in range(0, total, 2):
        weight /= m + k
    rest = tuple((atom, e) for atom, e in product if not (atom.is_variable and atom.index in chosen))
    along = substitute(rest, {i: constant(0) for i in chosen if i != first}) * variable(first) ** (total + m - 1)
    if m % 2:  # √(2π)/(2^{m/2} Γ(m/2)) = 1/(m-2)!!
        return along * Fraction(weight, double_factorial(m - 2))
    factor = Number.of(2).root(2) * Fraction(weight, 2 ** (m // 2) * factorial(m // 2 - 1))
    return along * apply("sign", variable(first)) * pi(Fraction(1, 2)) * factor


def _is_invariant(atom: Atom, i: int, j: int) -> bool:
    """Whether rotations of z_{i+1} and z_{j+1} leave a function unchanged: the derivatives along them vanish, of kinks too."""
    arguments = [atom.argument, *(kink.argument for kink in sign_atoms(atom.argument))]
    return all((variable(i) * u.derivative(j) - variable(j) * u.derivative(i)).is_zero for u in arguments)


# -- standard form


def _standard(product: Product, variables: list[int]) -> Sum:
    """± the atom E[...] of the least image of the product under sign changes and permutations; 0 if it is its own negative."""
    size = len(variables)
    orders = permutations(range(size)) if size <= MAX_SYMMETRY else [tuple(range(size))]
    best: tuple[Product, Number] | None = None
    for order in orders:
        for signs in cartesian((1, -1), repeat=size if size <= MAX_SYMMETRY else 0):
            images = {i: variable(j) * s for i, j, s in zip(variables, order, signs or (1,) * size, strict=True)}
            terms = substitute(product, images).terms
            if len(terms) != 1:
                continue
            ((image, c),) = terms.items()
            if best is None or product_order(image) < product_order(best[0]):
                best = (image, c)
            elif image == best[0] and c == -best[1]:
                return constant(0)
    image, c = best if best is not None else (product, Number.of(1))
    return from_atom(Atom.get("E", Sum({image: Number.of(1)}))) * c

"""Independent answers to check the theory against: polynomials as dictionaries of Fractions, and Gaussian moments.

The standard library only, and no formula of the papers: expectations are taken term by term from one-dimensional moments.
A pair (A, B) of Fractions stands for A + B/√(2π).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, permutations, product
from math import prod

Exponents = tuple[int, ...]
Poly = dict[Exponents, Fraction]
Vector = Sequence[Fraction]
HalfMoment = tuple[Fraction, Fraction]

# -- polynomials


def constant(value: Fraction | int, variables: int) -> Poly:
    return {(0,) * variables: Fraction(value)} if value else {}


def linear(coefficients: Vector) -> Poly:
    """Σ c_i x_i."""
    size = len(coefficients)
    return {tuple(int(i == j) for j in range(size)): Fraction(c) for i, c in enumerate(coefficients) if c}


def add(p: Mapping[Exponents, Fraction], q: Mapping[Exponents, Fraction]) -> Poly:
    total = dict(p)
    for alpha, c in q.items():
        total[alpha] = total.get(alpha, Fraction(0)) + c
    return {alpha: c for alpha, c in total.items() if c}


def scale(c: Fraction | int, p: Mapping[Exponents, Fraction]) -> Poly:
    return {alpha: c * b for alpha, b in p.items() if c}


def multiply(p: Mapping[Exponents, Fraction], q: Mapping[Exponents, Fraction]) -> Poly:
    total: Poly = {}
    for alpha, a in p.items():
        for beta, b in q.items():
            gamma = tuple(map(int.__add__, alpha, beta))
            total[gamma] = total.get(gamma, Fraction(0)) + a * b
    return {alpha: c for alpha, c in total.items() if c}


def power(p: Mapping[Exponents, Fraction], exponent: int, variables: int) -> Poly:
    out = constant(1, variables)
    for _ in range(exponent):
        out = multiply(out, p)
    return out


def derivative(p: Mapping[Exponents, Fraction], i: int) -> Poly:
    return {(*a[:i], a[i] - 1, *a[i + 1 :]): a[i] * c for a, c in p.items() if a[i]}


def substitute(p: Mapping[Exponents, Fraction], rows: Sequence[Vector], variables: int) -> Poly:
    """p(U x), the rows of U being linear forms in `variables` variables."""
    forms = [linear(row) for row in rows]
    powers = [[constant(1, variables)] for _ in forms]
    total: Poly = {}
    for alpha, c in p.items():
        term = constant(c, variables)
        for i, exponent in enumerate(alpha):
            while len(powers[i]) <= exponent:
                powers[i].append(multiply(powers[i][-1], forms[i]))
            term = multiply(term, powers[i][exponent])
        total = add(total, term)
    return total


def evaluate(p: Mapping[Exponents, Fraction], point: Vector) -> Fraction:
    return sum((c * prod(map(pow, point, alpha), start=Fraction(1)) for alpha, c in p.items()), Fraction(0))


def dot(u: Vector, v: Vector) -> Fraction:
    return sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0))


def degree(p: Mapping[Exponents, Fraction]) -> int:
    """The total degree; 0 for the zero polynomial."""
    return max(map(sum, p), default=0)


def hermite(k: int) -> Poly:
    """He_k in one variable, by He_{k+1} = x He_k - He_k'."""
    out = constant(1, 1)
    for _ in range(k):
        out = add(multiply({(1,): Fraction(1)}, out), scale(-1, derivative(out, 0)))
    return out


def from_hermite(coefficients: Mapping[Exponents, Fraction]) -> Poly:
    """Σ c_α Π_i He_{α_i}(x_i)."""
    total: Poly = {}
    for alpha, c in coefficients.items():
        term = constant(c, len(alpha))
        for i, k in enumerate(alpha):
            axis = [Fraction(int(i == j)) for j in range(len(alpha))]
            term = multiply(term, substitute(hermite(k), [axis], len(alpha)))
        total = add(total, term)
    return total


# -- Gaussian, spherical and half-line moments


def normal_moment(n: int) -> Fraction:
    """E z^n = (n-1) E z^{n-2}, z ~ N(0, 1)."""
    if n % 2:
        return Fraction(0)
    return Fraction(1) if n == 0 else (n - 1) * normal_moment(n - 2)


def expectation(p: Mapping[Exponents, Fraction]) -> Fraction:
    """E p(x), x ~ N(0, I)."""
    return sum((c * prod(map(normal_moment, alpha), start=Fraction(1)) for alpha, c in p.items()), Fraction(0))


def smoothed(p: Mapping[Exponents, Fraction], root: Sequence[Vector]) -> Poly:
    """v ↦ E p(v + A z), z ~ N(0, I), A = root: expand in (v, z), then take the expectation in z."""
    size, inner = len(root), len(root[0])
    rows = [[*(Fraction(int(i == j)) for j in range(size)), *row] for i, row in enumerate(root)]
    total: Poly = {}
    for alpha, c in substitute(p, rows, size + inner).items():
        total = add(total, {alpha[:size]: expectation({alpha[size:]: c})})
    return total


def pairings(points: Sequence[int]) -> int:
    """Isserlis: E Π w_{i_j} for w ~ N(0, I) counts the perfect matchings of the slots that only join equal indices."""
    if not points:
        return 1
    first, rest = points[0], points[1:]
    return sum(pairings([*rest[:j], *rest[j + 1 :]]) for j, other in enumerate(rest) if other == first)


def half_line_moment(n: int) -> HalfMoment:
    """E[z^n 1{z >= 0}] as (A, B), by parts: the n-th is (n-1) times the (n-2)-th, from 1/2 and 1/√(2π)."""
    if n < 2:
        return (Fraction(1, 2), Fraction(0)) if n == 0 else (Fraction(0), Fraction(1))
    a, b = half_line_moment(n - 2)
    return (n - 1) * a, (n - 1) * b


def householder(w: Vector) -> list[list[Fraction]]:
    """A symmetric orthogonal matrix, exact, whose first column is the unit vector w: it swaps w and e_1."""
    if sum(c * c for c in w) != 1:
        raise ValueError("householder needs a unit vector")
    u = [c - (i == 0) for i, c in enumerate(w)]
    norm = sum(c * c for c in u)
    return [[(i == j) - (2 * a * b / norm if norm else Fraction(0)) for j, b in enumerate(u)] for i, a in enumerate(u)]


def half_space_gradient(f: Mapping[Exponents, Fraction], w: Vector) -> list[HalfMoment]:
    """E[f(x) x 1{w·x >= 0}] for a rational unit w: in the rotated coordinates y the half-space is y_1 >= 0."""
    size = len(w)
    basis = householder(w)
    rotated = substitute(f, basis, size)
    components = []
    for j in range(size):
        a = b = Fraction(0)
        for alpha, c in rotated.items():
            exponents = [e + (i == j) for i, e in enumerate(alpha)]
            half = half_line_moment(exponents[0])
            rest = c * prod(map(normal_moment, exponents[1:]), start=Fraction(1))
            a, b = a + rest * half[0], b + rest * half[1]
        components.append((a, b))
    return [
        (
            sum((basis[i][j] * components[j][0] for j in range(size)), Fraction(0)),
            sum((basis[i][j] * components[j][1] for j in range(size)), Fraction(0)),
        )
        for i in range(size)
    ]


def sphere_moment(alpha: Exponents) -> Fraction:
    """E w^α, w uniform on the unit sphere: the squares are Dirichlet(1/2, ..., 1/2), broken off one stick at a time."""
    if any(a % 2 for a in alpha):
        return Fraction(0)
    if len(alpha) == 1:
        return Fraction(1)
    first, rest = alpha[0] // 2, sum(alpha[1:]) // 2
    half = Fraction(1, 2)
    return beta_moment(half, half * (len(alpha) - 1), first, rest) * sphere_moment(alpha[1:])


def beta_moment(a: Fraction, b: Fraction, m: int, n: int) -> Fraction:
    """E s^m (1-s)^n, s ~ Beta(a, b)."""
    rising = [prod((x + j for j in range(count)), start=Fraction(1)) for x, count in ((a, m), (b, n), (a + b, m + n))]
    return rising[0] * rising[1] / rising[2]


# -- tensors: entries at sorted index tuples, absent means 0


def moment_tensors(f: Mapping[Exponents, Fraction], variables: int, order: int) -> dict[tuple[int, ...], Fraction]:
    """E[∂_{i_1} ... ∂_{i_order} f] at sorted index tuples, by differentiating and taking expectations; zeros left out."""
    derivatives: dict[tuple[int, ...], Poly] = {(): dict(f)}
    for _ in range(order):
        derivatives = {
            (*index, i): derivative(p, i) for index, p in derivatives.items() for i in range(index[-1] if index else 0, variables)
        }
    means = {index: expectation(p) for index, p in derivatives.items()}
    return {index: mean for index, mean in means.items() if mean}


def norm_squared(entries: Mapping[tuple[int, ...], Fraction], variables: int, order: int) -> Fraction:
    """‖T‖_F², over all variables^order entries."""
    every = product(range(variables), repeat=order)
    return sum((entries.get(tuple(sorted(i)), Fraction(0)) ** 2 for i in every), Fraction(0))


def contraction(entries: Mapping[tuple[int, ...], Fraction], variables: int, order: int, k: int) -> list[Poly]:
    """The variables^(order - k) entries of T(w^{⊗k}), each a polynomial in w."""
    out = []
    for free in product(range(variables), repeat=order - k):
        total: Poly = {}
        for bound in product(range(variables), repeat=k):
            t = entries.get(tuple(sorted(free + bound)))
            if t:
                total = add(total, {tuple(bound.count(i) for i in range(variables)): t})
        out.append(total)
    return out


def contraction_second_moment(entries: Mapping[tuple[int, ...], Fraction], variables: int, order: int, k: int) -> Fraction:
    """E‖T(w^{⊗k})‖_F², w ~ N(0, I)."""
    return sum((expectation(multiply(p, p)) for p in contraction(entries, variables, order, k)), Fraction(0))


# -- subspaces, by the definitions


def orthogonalised(vectors: Iterable[Vector], against: Sequence[Vector] = ()) -> list[Vector]:
    """Gram-Schmidt without square roots: an orthogonal basis of what `vectors` add to the orthogonal family `against`."""
    basis: list[Vector] = []
    for vector in vectors:
        rest = list(vector)
        for q in (*against, *basis):
            factor = dot(rest, q) / dot(q, q)
            rest = [a - factor * b for a, b in zip(rest, q, strict=True)]
        if any(rest):
            basis.append(rest)
    return basis


def projector(basis: Sequence[Vector], size: int) -> list[list[Fraction]]:
    """The orthogonal projector on the span of an orthogonal family."""
    return [[sum((q[i] * q[j] / dot(q, q) for q in basis), Fraction(0)) for j in range(size)] for i in range(size)]


def full_tensor(f: Mapping[Exponents, Fraction], variables: int, order: int) -> dict[tuple[int, ...], Fraction]:
    """E ∇^order f with every entry that is not 0, in every order of its indices."""
    entries = moment_tensors(f, variables, order)
    return {p: c for index, c in entries.items() for p in set(permutations(index))}


def apply_to_slot(
    tensor: Mapping[tuple[int, ...], Fraction], slot: int, matrix: Sequence[Vector]
) -> dict[tuple[int, ...], Fraction]:
    total: dict[tuple[int, ...], Fraction] = {}
    for index, c in tensor.items():
        for i, row in enumerate(matrix):
            if row[index[slot]]:
                moved = (*index[:slot], i, *index[slot + 1 :])
                total[moved] = total.get(moved, Fraction(0)) + row[index[slot]] * c
    return {index: c for index, c in total.items() if c}


def first_columns(tensor: Mapping[tuple[int, ...], Fraction], size: int) -> list[Vector]:
    """The vectors along the first index, one for each choice of the others."""
    columns: dict[tuple[int, ...], list[Fraction]] = {}
    for (first, *others), c in tensor.items():
        columns.setdefault(tuple(others), [Fraction(0)] * size)[first] = c
    return list(columns.values())


def relevant_subspace(f: Mapping[Exponents, Fraction], size: int) -> list[Vector]:
    """An orthogonal basis of the span of the first columns of every C_k, k >= 1."""
    orders = range(1, degree(f) + 1)
    return orthogonalised(column for k in orders for column in first_columns(full_tensor(f, size, k), size))


def subspace_leap_steps(f: Mapping[Exponents, Fraction], size: int) -> list[tuple[int, int]]:
    """(k, gained dimension) in turn: k least such that P_{V⊥} on k slots and P_V on the others leaves something of a C_j."""
    tensors = {j: full_tensor(f, size, j) for j in range(1, degree(f) + 1)}
    seen: list[Vector] = []
    steps: list[tuple[int, int]] = []
    while True:
        inside = projector(seen, size)
        outside = [[(i == j) - c for j, c in enumerate(row)] for i, row in enumerate(inside)]
        for k in tensors:
            columns: list[Vector] = []
            for j, tensor in tensors.items():
                if j >= k:
                    for slot in range(j):
                        tensor = apply_to_slot(tensor, slot, outside if slot < k else inside)
                    columns += first_columns(tensor, size)
            gained = orthogonalised(columns, seen)
            if gained:
                steps.append((k, len(gained)))
                seen += gained
                break
        else:
            return steps


def coordinate_leap(monomials: Sequence[Exponents]) -> int:
    """The least, over all orders of the monomials, of the largest degree in coordinates not seen before."""

    def leap(order: Sequence[Exponents]) -> int:
        seen: set[int] = set()
        worst = 0
        for alpha in order:
            worst = max(worst, sum(a for i, a in enumerate(alpha) if i not in seen))
            seen |= {i for i, a in enumerate(alpha) if a}
        return worst

    return min(map(leap, permutations(monomials)))


# -- one variable


def integral_of_relu(weight: Vector, a: int) -> Poly:
    """The polynomial in x equal to ∫_{-1}^{1} weight(b) max(ax + b, 0) db for |x| <= 1 and a in {-1, 1}.

    The integrand vanishes below b = -ax, so the integral runs from there to 1.
    """
    total: Poly = {}
    for n, c in enumerate(weight):
        factors: list[Poly] = [{(1,): Fraction(a)}, {(0,): Fraction(1)}]  # a x b^n, then b^{n+1}
        for m, factor in enumerate(factors, n + 1):
            primitive = add({(0,): Fraction(1, m)}, {(m,): Fraction(-((-a) ** m), m)})
            total = add(total, scale(c, multiply(factor, primitive)))
    return total


def nonnegative_on_interval(p: Vector, low: Fraction, high: Fraction, depth: int = 40) -> bool | None:
    """Whether the polynomial with these coefficients (constant first) is >= 0 on [low, high]; None if undecided at depth.

    Bernstein coefficients bound a polynomial from both sides and meet it at the two ends.
    """
    n = len(p) - 1
    width = high - low
    # q(t) = p(low + t width), then its Bernstein coefficients β_i = Σ_j C(i,j)/C(n,j) q_j, by repeated differences.
    shifted = [Fraction(0)] * (n + 1)
    for c in reversed(p):
        for j in range(n, 0, -1):
            shifted[j] = shifted[j] * low + shifted[j - 1] * width
        shifted[0] = shifted[0] * low + c
    bernstein, binomial = [], 1
    differences = []
    for j, c in enumerate(shifted):
        differences.append(c / binomial)
        binomial = binomial * (n - j) // (j + 1)
    for _ in range(n + 1):
        bernstein.append(differences[0])
        differences = [a + b for a, b in pairwise(differences)]
    if min(bernstein) >= 0:
        return True
    if bernstein[0] < 0 or bernstein[-1] < 0:
        return False
    if depth == 0:
        return None
    middle = (low + high) / 2
    left = nonnegative_on_interval(p, low, middle, depth - 1)
    right = nonnegative_on_interval(p, middle, high, depth - 1)
    if left is False or right is False:
        return False
    return None if left is None or right is None else True

"""The expected Hessian H = E[∇²f*(x)]: what one gradient step sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from flint import arb

from steinlab.theory.budget import PricedProperty, attempt, fact
from steinlab.theory.display import html_table
from steinlab.theory.errors import InputError
from steinlab.theory.exact.linear_algebra import Matrix, kernel, multiply
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.exact.reals import GUARD, ROUGH, Enclosed, Real, excludes_zero
from steinlab.theory.expansions.expansion import Expansion, SymmetricMap
from steinlab.theory.verdicts import Decided, Evidence, Verdict

_BITS = 256
"""Precision at which eigenvalues without an exact form are told from the least of the others."""


class ExpectedHessian:
    """H = E[∇²f*(x)] = C_2, with its rank, eigenvalues, range and κ, on the expansion that any engine gives.

    Vectors are in the coordinates of the expansion (`Expansion.in_ambient` takes them to R^d). What does not fit into its budget
    of work, or is not known, is None or undecided. Kind: exact for polynomials, but for enclosures of eigenvalues; else
    certified, or exact where the entries are. Source: Damian et al. 2022, Assumption 2 and section 1.

    >>> from steinlab.theory.targets.target import Target
    >>> for link in ("z1*z2 + He(3, z3)", "relu(z1)*relu(z2)"):
    ...     h = ExpectedHessian(Target.from_expression(link).expansion)
    ...     print(h.rank.value, h.nondegenerate.value, [str(entry) for entry in h.matrix[0]], h.kappa)
    2 fails ['0', '1', '0'] None
    2 holds ['1/2*pi**(-1)', '1/4'] 3.891828599
    """

    def __init__(self, expansion: Expansion) -> None:
        self.expansion = expansion

    def _repr_html_(self) -> str:
        eigenvalues = "undecided" if self.eigenvalues is None else ", ".join(map(str, self.eigenvalues))
        kappa = (
            self.kappa
            or {
                Verdict.FAILS: "undefined: rank H is less than dim S*",
                Verdict.HOLDS: "undecided: no enclosure of the eigenvalues leaves out zero",
                Verdict.UNDECIDED: "undecided: whether rank H is dim S*",
            }[self.nondegenerate]
        )
        return html_table(
            "expected Hessian",
            [("E[∇²g]", self.matrix), ("rank", self.rank.value), ("eigenvalues", eigenvalues), ("κ", kappa)],
        )

    @property
    def effort(self) -> int:
        return self.expansion.effort

    @PricedProperty
    def _map(self) -> SymmetricMap:
        return self.expansion.hessian()

    @property
    def matrix(self) -> Sequence[Sequence[Real]]:
        """E[∂_i ∂_j f*] in the coordinates that the engine writes it in: the latent variables, or orthonormal ones."""
        return self._map.matrix

    @fact(lambda self, reason: Decided(None, Evidence.NUMERICAL, reason, 0, self.expansion.size))
    def rank(self) -> Decided:
        """rank H, or bounds on it."""
        return self._map.rank

    @property
    def nondegenerate(self) -> Verdict:
        """Assumption 2: rank H = dim S*, so that range(H) = S*.

        FAILS where rank H is proved smaller, UNDECIDED where the bounds do not tell.
        """
        dimension = self.expansion.effective_dimension
        if self.rank.lower == dimension.upper:
            return Verdict.HOLDS
        return Verdict.FAILS if self.rank.upper is not None and self.rank.upper < dimension.lower else Verdict.UNDECIDED

    @fact(lambda _self, _reason: None)
    def eigenvalues(self) -> tuple[Real, ...] | None:
        """The eigenvalues of H on span(u_i), rising, each repeated by its multiplicity; H vanishes on the complement.

        Where rank H is proved and as many enclosures exclude zero, the others are zero.
        """
        bits = next(iter(self._map.accuracies))
        found = tuple(self._map.eigenvalues(bits))
        nonzero = [x.exact.sign() != 0 if x.exact is not None else excludes_zero(x.ball(bits)) for x in found]
        if sum(nonzero) != self.rank.value:
            return found
        return tuple(x if known or x.exact is not None else Enclosed(arb(0)) for x, known in zip(found, nonzero, strict=True))

    @fact(lambda _self, _reason: None)
    def range(self) -> Matrix | None:
        """A basis of range(H), the principal subspace that one gradient step can find, where it is known exactly."""
        return self._map.range

    @fact(lambda _self, _reason: None)
    def invisible(self) -> Matrix | None:
        """A basis of S* ∩ ker H, the directions that f* depends on and H does not see, where it is known exactly."""
        effective = self.expansion.linear_span
        if self.range is None or self.expansion.effective_dimension.value is None:
            return None
        # H is symmetric: its kernel is what is orthogonal to its range
        images = tuple(tuple(self.expansion.inner(seen, v) for v in effective) for seen in self.range)
        return multiply(kernel(images, len(effective)), effective) if effective else ()

    @fact(lambda _self, _reason: None)
    def kappa(self) -> Enclosed | None:
        """κ = ‖H†‖_op/√r for the target scaled to E f*² = 1, r = dim S*, exact too where the numbers in it are simple enough.

        None unless Assumption 2 holds, and where no enclosure is known. κ >= 1/√2, because ‖H‖_F² <= 2 under the scaling
        (derived). Kind: certified; an enclosure to `relative_bits` where the engine reaches them.
        """
        rough = self._rough_kappa  # before what finer ones may spend
        return attempt(lambda: self._kappa(self.expansion.reduced.hessian().accuracies), lambda _: rough)

    @fact(lambda _self, _reason: None)
    def _rough_kappa(self) -> Enclosed | None:
        """κ to the few bits that are had where more exceed the budget."""
        return self._kappa([ROUGH])

    def _kappa(self, accuracies: Iterable[int]) -> Enclosed | None:
        r = self.rank.lower
        if self.nondegenerate is not Verdict.HOLDS or not r:
            return None
        reduced = self.expansion.reduced.hessian()  # of full rank: no eigenvalue is zero
        kappa = None
        for bits in accuracies:
            eigenvalues = reduced.eigenvalues(bits)
            with working_precision(bits + GUARD):
                sizes = [abs(ball) for x in eigenvalues if excludes_zero(ball := x.ball(bits))]
                if len(sizes) != r:  # of the r eigenvalues that are not zero some are not told from it
                    continue
                ball = self.expansion.second_moment.ball(bits).sqrt() / (reduce(arb.min, sizes) * arb(r).sqrt())
            if ball.is_finite():
                kappa = Enclosed(ball, _exact_kappa(self.expansion.second_moment, eigenvalues, r))
                if ball.rel_accuracy_bits() >= reduced.relative_bits:
                    break
        return kappa


def _exact_kappa(second_moment: Real, eigenvalues: Sequence[Real], r: int) -> Number | None:
    """κ as an exact number, where the numbers in it are simple enough."""
    known = [abs(x.exact) for x in eigenvalues if x.exact]
    if second_moment.exact is None or not known:
        return None
    least = min(known)
    with working_precision(_BITS):
        if not all(least.ball() < abs(x.ball(_BITS)) for x in eigenvalues if x.exact is None):
            return None
    try:
        return second_moment.exact.root(2) / (least * Number.of(r).root(2))
    except InputError:
        return None

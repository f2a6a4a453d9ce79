"""What is claimed of a target on the facts from data: bounds, verdicts, warnings, what more samples would show."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property

from steinlab.checks.estimates.findings import Seen, findings
from steinlab.numerics.estimation.directions import Directions
from steinlab.numerics.estimation.energies import DEGREES, Energy
from steinlab.numerics.estimation.facts import Facts
from steinlab.numerics.estimation.intervals import Estimated
from steinlab.numerics.estimation.sample_sizes import needed_for_dimension, needed_for_energy, needed_for_rank
from steinlab.theory.errors import InputError
from steinlab.theory.verdicts import Decided, Evidence, Finding, Verdict

HEAVY, MANY = 10.0, 10_000
"""Kurtosis above which, and rows below which, the upper ends of intervals are too low too often."""
FEW = 300
"""Rows below which intervals of light tails under-cover too."""
PER_COLUMN = 10
"""Rows for each column, below which whitening biases what follows."""
_RATE = "wrong in at most 5% of samples"
_FACT = re.compile(r"(energ(?:y|ies)|E|C|information_exponent|entry)(?:[\s_.\[(]*([123])[\])]?)?(?:\.value)?(?:\s*(?:≠|!=)\s*0)?")


@dataclass(frozen=True, eq=False, repr=False)
class Answer:
    """What the facts mean: every one is numerical, integers are one-sided: `rank.lower`, `information_exponent.upper`."""

    facts: Facts

    @property
    def n(self) -> int:
        return self.facts.n

    @property
    def d(self) -> int:
        return self.facts.d

    @property
    def mean(self) -> Estimated:
        """E y."""
        return self.facts.mean

    @property
    def variance(self) -> Estimated:
        """Var y, the noise with it."""
        return self.facts.variance

    @property
    def energies(self) -> dict[int, Energy]:
        """The energies ‖C_k‖_F²/k! of E[y | x], k = 1, 2, 3."""
        return self.facts.energies

    def nonzero(self, k: int) -> Verdict:
        """C_k ≠ 0: HOLDS, or UNDECIDED; that it is zero is never said."""
        return Verdict.HOLDS if self.energies[k].nonzero else Verdict.UNDECIDED

    @cached_property
    def information_exponent(self) -> Decided:
        """The least k >= 1 with C_k ≠ 0: at most `upper`."""
        entry = self.facts.entry
        if entry is None:
            why = f"none of C_1, C_2, C_3 stands out of {self.n} samples"
            return Decided(None, Evidence.NUMERICAL, why, 1, None)
        score = self.energies[entry].score
        why = f"C_{entry} ≠ 0: its energy is {score:.1f} standard errors above 0 ({_RATE})"
        return Decided(1 if entry == 1 else None, Evidence.NUMERICAL, why, 1, entry)

    @cached_property
    def rank(self) -> Decided:
        """rank H, H = E[∇²f*]: at least `lower`."""
        return _at_least(self.facts.rank, self.d, "direction of H")

    @cached_property
    def dimension(self) -> Decided:
        """dim S*, the number of directions that y depends on: at least `lower`."""
        found = _at_least(self.facts.dimension, self.d, "direction of the moments with bounded weights of y")
        if self.rank.lower <= found.lower:
            return found
        return Decided(self.rank.value, Evidence.NUMERICAL, f"dim S* >= rank H >= {self.rank.lower}", self.rank.lower, self.d)

    @property
    def subspace(self) -> Directions:
        """The directions found, with their alignment: those of the test that claims more of them."""
        facts = self.facts
        return facts.dimension if facts.dimension.lower >= facts.rank.lower else facts.rank

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The theorems' assumptions on the target."""
        low, high = self.mean.interval
        seen = Seen(self.d, self.dimension, self.rank, self.energies[1].nonzero, not low <= 0 <= high)
        return findings(seen)

    def finding(self, id: str) -> Finding:
        """The assumption with this id. InputError for another."""
        for found in self.findings:
            if found.id == id:
                return found
        raise InputError(f"assumption {id!r} is unknown: use one of {', '.join(found.id for found in self.findings)}")

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What makes the rates worse than they are said to be."""
        facts = self.facts
        said = [
            f"X may not be standard normal: {found.what}: {found.size:.2g} (p = {found.p:.1g}); all this supposes that it is"
            for found in facts.normality
            if found.noticed
        ]
        if facts.whitened:
            said.append(
                "X was whitened: directions, energies and H are those of f* in whitened coordinates; mean and covariance of X "
                "can no longer be tested, and are known up to about √(d/n) only"
            )
            if self.n < PER_COLUMN * self.d:
                said.append(
                    f"{self.n} rows for {self.d} columns are few to whiten with: energies are biased; take {PER_COLUMN * self.d}"
                )
        if facts.kurtosis > HEAVY and self.n < MANY:
            said.append(
                f"the labels have heavy tails (kurtosis {facts.kurtosis:.3g}): below {MANY} samples intervals of variance and "
                "energies are too low too often (61% to 92% cover instead of 95%), and too high a rank is claimed in up to 15% "
                "of samples"
            )
        elif self.n < FEW:
            said.append(f"below {FEW} samples 95% intervals of energies may cover 89% only, less with heavy tails")
        return tuple(said)

    def needed(self, fact: str, effect: float) -> int | None:
        """About how many samples would show a fact of this size, in 80% of samples; None beyond 10¹².

        `fact` and what `effect` is: "energies.k", k = 1, 2, 3: ‖C_k‖_F²/k!; "information_exponent.k": the same, for the claim
        that the exponent is at most k; both without k, in whichever degree it is; "rank": |an eigenvalue of H|; "dimension": a
        singular value of the moments with bounded weights, of size 1 or less; "mean": |E y|; "variance": the relative width of
        its interval on either side. Supposes labels of the variance that was estimated. Raises InputError for another fact, or an
        effect that is not positive.
        """
        if isinstance(effect, bool) or not (math.isfinite(effect) and effect > 0):
            raise InputError(f"the effect is {effect}: give a positive number, the size that should be seen")
        variance = self.variance.value
        found = _FACT.fullmatch(fact.strip())
        if found:
            shared = found[1] in ("information_exponent", "entry")
            degrees = DEGREES if found[2] is None else (int(found[2]),)
            sizes = [needed_for_energy(k, effect, variance, self.d, shared=shared) for k in degrees]
            return None if None in sizes else max(n for n in sizes if n is not None)
        if fact == "rank":
            return needed_for_rank(effect, variance, self.d)
        if fact == "dimension":
            return needed_for_dimension(effect, self.d)
        if fact == "mean":
            return math.ceil((2.8 / effect) ** 2 * variance)
        if fact == "variance":
            return math.ceil((1.96 / effect) ** 2 * max(self.facts.kurtosis - 1, 0.0)) or 1
        raise InputError(
            f"the fact {fact!r} is unknown: use energies.k or information_exponent.k with k = 1, 2 or 3, rank, dimension, "
            "mean or variance"
        )

    @cached_property
    def outlook(self) -> tuple[tuple[str, float, str, int | None], ...]:
        """For each fact that is not seen, or not fully: (fact, a stated effect, the effect in words, samples needed)."""
        tenth = self.variance.value / 10
        unseen = [f"energies.{k}" for k in DEGREES if not self.energies[k].nonzero]
        out = [(fact, tenth, "a tenth of Var y", self.needed(fact, tenth)) for fact in unseen]
        if self.rank.value is None:
            eigenvalue = math.sqrt(2 * tenth)
            words = "an eigenvalue of H whose He_2 has a tenth of Var y"
            out.append(("rank", eigenvalue, words, self.needed("rank", eigenvalue)))
        if self.dimension.value is None:
            out.append(("dimension", 0.5, "a further singular value 1/2", self.needed("dimension", 0.5)))
        return tuple(out)


def _at_least(found: Directions, d: int, what: str) -> Decided:
    k, scores, level = found.lower, found.test.scores, found.test.level
    if k == 0:
        why = f"no {what} of one half of the data is confirmed by the other: t = {scores[0]:.1f}, above {level:.2f} asked for"
        return Decided(None, Evidence.NUMERICAL, why, 0, d)
    last = "there are no more" if k == d else f"no more than {k} are looked for"
    if k < len(scores):
        last = f"the next has {scores[k]:.1f}"
    directions = what if k == 1 else what.replace("direction", "directions", 1)
    why = f"{k} {directions} of one half confirmed by the other, t >= {min(scores[:k]):.1f}; {last} ({_RATE})"
    return Decided(k if k == d else None, Evidence.NUMERICAL, why, k, d)

"""Activations as values that carry their constants, and the Hermite coefficients of ReLU: exact numbers a + b/√(2π)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import islice

from steinlab.theory.budget import attempt
from steinlab.theory.errors import InputError
from steinlab.theory.exact.gaussian_numbers import GaussianNumber
from steinlab.theory.exact.hermite import double_factorial
from steinlab.theory.exact.numbers import Number, Scalar
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.ring import Sum, apply, constant, pi, relu, variable
from steinlab.theory.shape.bounds import Bound, exact_number
from steinlab.theory.shape.suprema import derivative_suprema, suprema
from steinlab.theory.verdicts import Evidence, Finding, Verdict

_ARGUMENT = "u"
"""The papers' name for the argument of an activation."""
_ROUGHLY = 200
"""Evaluations for one bound of which only that it is finite is asked."""


def relu_coefficient(k: int) -> GaussianNumber:
    """c_k = E[σ(Z) He_k(Z)], the Hermite coefficient of σ = ReLU: σ = Σ_k (c_k/k!) He_k.

    Statement: c_0 = c_2 = 1/√(2π), c_1 = 1/2, c_{2j} = (-1)^{j-1} (2j-3)!!/√(2π), and 0 for odd k >= 3.
    Raises: ValueError for k < 0. Kind: exact. Source: Damian et al. 2022, section 4 and Appendix A.

    >>> [str(relu_coefficient(k)) for k in range(7)]
    ['1/sqrt(2*pi)', '1/2', '1/sqrt(2*pi)', '0', '-1/sqrt(2*pi)', '0', '3/sqrt(2*pi)']
    """
    if k < 0:
        raise ValueError(f"k is {k}: expected a natural number")
    if k == 1:
        return GaussianNumber(Number.of(Fraction(1, 2)))
    if k % 2:
        return GaussianNumber()
    if k == 0:
        return GaussianNumber(over_sqrt_2pi=Number.of(1))
    return GaussianNumber(over_sqrt_2pi=Number.of((-1) ** (k // 2 - 1) * double_factorial(k - 3)))


@dataclass(frozen=True)
class Activation:
    """An activation z ↦ σ(z - c) with its constants: a value that theorems ask for hypotheses and thresholds.

    `beta0` = sup|σ|, `beta1` = sup|σ'| (the Lipschitz constant), `beta2` = sup|σ''| (the smoothness constant) are `Bound`s: exact
    for the named activations, whose reasons are their proofs; certified for `from_expression`; the user's word for `declared`. A
    shift leaves all three as they are. `function` is the link in z1 (None for declared ones). `kink` is the one point where σ'
    jumps, from 0 to 1, for a (shifted) ReLU; None for any other activation.

    >>> tanh = Activation.of("tanh")
    >>> str(tanh.beta0), str(tanh.beta1), str(tanh.beta2), tanh.is_smooth
    ('1', '1', '4*sqrt(3)/9', True)
    >>> hinge = Activation.of("relu").shifted(Fraction(1, 2))
    >>> hinge.name, str(hinge.beta1), str(hinge.beta2), str(hinge.kink)
    ('relu(z1 - 1/2)', '1', 'infinite', '1/2')
    """

    base: str
    beta0: Bound
    beta1: Bound
    beta2: Bound
    function: Sum | None = field(default=None, repr=False)
    kink: Number | None = None
    shift: Number = field(default_factory=lambda: Number.of(0))

    @staticmethod
    def of(value: Activation | str) -> Activation:
        """An activation as it is; by name (one of ACTIVATIONS); or by an expression in u or z1, such as "sigmoid(u + 1/2)"."""
        if isinstance(value, Activation):
            return value
        if not isinstance(value, str):
            raise InputError(f"the activation is {value!r}: expected a name such as 'relu', an expression in z1 or an Activation")
        if value not in ACTIVATIONS:
            return Activation.from_expression(value)
        function = _one_variable(f"{value}(u)")
        return Activation(value, *ACTIVATIONS[value](), function, _relu_kink(function))

    @staticmethod
    def from_expression(text: str) -> Activation:
        """Any link of one variable the parser accepts, with certified constants; see `lipschitz_constants`.

        The variable is z1, or u for it. Raises: InputError for text that is no link, uses another variable, or uses none.
        """
        try:
            function = _one_variable(text)
        except InputError as error:
            raise InputError(
                f"the activation {text!r} is none of {', '.join(ACTIVATIONS)} and no expression in u: {error}"
            ) from None
        beta0, beta1, beta2 = suprema(function)
        return Activation(text, beta0, beta1, beta2, function, _relu_kink(function))

    @staticmethod
    def declared(name: str, beta0: Scalar | None, beta1: Scalar, beta2: Scalar | None) -> Activation:
        """A user's own activation by its constants, which nothing checks; None for infinite. What rests on them stays undecided.

        Raises: InputError for a constant that is negative or not exact.
        """
        bounds = [Bound.infinite("declared") if b is None else declared_bound(name, b) for b in (beta0, beta1, beta2)]
        return Activation(name, bounds[0], bounds[1], bounds[2])

    @property
    def name(self) -> str:
        """ "tanh", "relu(z1 - 1/2)" and the like."""
        if self.shift.is_zero:
            return self.base
        amount = str(abs(self.shift))
        amount = f"({amount})" if " " in amount else amount
        return f"{self.base}(z1 {'-' if self.shift.sign() > 0 else '+'} {amount})"

    @property
    def is_smooth(self) -> bool:
        """Whether sup|σ''| is finite: the smooth case of Mousavi-Hosseini et al. 2022."""
        return self.beta2.finite is Verdict.HOLDS

    @property
    def is_relu(self) -> bool:
        """Whether this is ReLU, shifted or not."""
        return self.kink is not None

    def shifted(self, c: Scalar | str) -> Activation:
        """z ↦ σ(z - c), c exact (text such as "1/2" is read exactly). The constants do not change; a kink moves by c."""
        amount = exact_number("the shift", c)
        moved = None if self.function is None else self.function.substitute({0: variable(0) - amount})
        kink = None if self.kink is None else self.kink + amount
        return replace(self, function=moved, kink=kink, shift=self.shift + amount)

    def __str__(self) -> str:
        return self.name


def lipschitz_constants(link: str) -> tuple[Bound, Bound, Bound]:
    """Bounds on sup|g|, sup|g'|, sup|g''| of a link of one variable, given as text. Kind: certified.

    Each bound is finite and proved, proved infinite, or unknown with the reason.
    Raises: InputError as `Activation.from_expression`.

    >>> [str(b) for b in lipschitz_constants("Max(-1, Min(1, z1))")]
    ['1.000000001', '1', 'infinite']
    """
    return suprema(_one_variable(link))


def declared_bound(name: str, value: Scalar) -> Bound:
    """A user's constant as a Bound; InputError unless it is exact and not negative."""
    c = exact_number(f"a constant of {name}", value)
    if c.sign() < 0:
        raise InputError(f"a constant of {name} is {c}: a supremum of absolute values is not negative")
    return Bound.of_user(c)


def smooth_with_nonzero_moments(activation: Activation, degree: int, further: int = 0) -> Finding:
    """Assumption 7: σ is D + 3 times differentiable, |σ^(k)| <= K for k <= D + 3, and |μ_k| > 1/K for k <= D, for some K.

    μ_k = E[σ^(k)(G)] = E[σ(G) He_k(G)], G ~ N(0, 1); D is `degree`. With `further` > D the same is asked up to that degree:
    where it holds for D alone the assumption is undecided (a product of degree k is seen through μ_k, which the statement that we
    have does not ask for above D). Undecided where bounds or moments exceed a budget of work. Kind: exact or certified. Source:
    Abbe, Boix-Adserà, Misiakiewicz 2023, Assumption 7.

    >>> smooth_with_nonzero_moments(Activation.of("sigmoid(u + 1/2)"), 2).verdict.value
    'holds'
    >>> smooth_with_nonzero_moments(Activation.of("sigmoid"), 2).reason
    'μ_2 = E[σ He_2] is proved zero: its terms vanish or cancel: symmetry, independence and closed forms of each'
    """
    id, function = "abbe.assumption7", activation.function
    if function is None:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, f"{activation.name} is declared, not checked")
    most, parts = max(degree, further), []
    for steps in (_bounded(activation, function, degree, most), _moments(function, degree, most)):
        part = attempt(partial(_together, id, steps), partial(Finding, id, Verdict.UNDECIDED, Evidence.NUMERICAL))
        if part.verdict is Verdict.FAILS:
            return part
        parts.append(part)
    reason = f"|σ^(k)| is bounded for k <= {most + 3}, and μ_k is not zero for k <= {most}"
    holds = Finding(id, Verdict.HOLDS, Evidence.CERTIFIED, reason)
    return next((part for part in parts if part.verdict is Verdict.UNDECIDED), holds)


def _together(id: str, steps: Iterable[_Step]) -> Finding:
    """FAILS by the first step that does and is asked for, else UNDECIDED by the first that does not hold."""
    doubt = ""
    for reason, verdict, evidence, needed in steps:
        if verdict is Verdict.FAILS and needed:
            return Finding(id, verdict, evidence, reason)
        if verdict is not Verdict.HOLDS:
            doubt = doubt or reason
    if doubt:
        return Finding(id, Verdict.UNDECIDED, Evidence.NUMERICAL, doubt)
    return Finding(id, Verdict.HOLDS, Evidence.CERTIFIED, "")


_Step = tuple[str, Verdict, Evidence, bool]
"""What was decided, how, and whether the assumption asks for it."""


def _bounded(activation: Activation, function: Sum, degree: int, most: int) -> Iterator[_Step]:
    """Whether σ, σ', ... are bounded, one order further, so that the last asked for does not jump; a doubt ends it."""
    named = {0: activation.beta0, 1: activation.beta1, 2: activation.beta2}
    for k, bound in enumerate(islice(derivative_suprema(function, _ROUGHLY), most + 5)):
        known = bound if bound.finite is not Verdict.UNDECIDED else named.get(k, bound)
        size = "infinite" if known.finite is Verdict.FAILS else "unknown"
        yield f"sup|σ^({k})| is {size}: {known.reason}", known.finite, known.evidence, k <= degree + 3
        if known.finite is Verdict.UNDECIDED:
            return


def _moments(function: Sum, degree: int, most: int) -> Iterator[_Step]:
    """Whether μ_0, μ_1, ... are not zero."""
    from steinlab.theory.expansions.link_expansion import LinkExpansion  # the other constants need no integrals

    try:
        expansion = LinkExpansion(function)
    except InputError as error:
        yield str(error), Verdict.UNDECIDED, Evidence.NUMERICAL, True
        return
    for k in range(most + 1):
        moment = expansion.coefficient((k,))
        differs = {Verdict.HOLDS: Verdict.FAILS, Verdict.FAILS: Verdict.HOLDS}.get(moment.is_zero, Verdict.UNDECIDED)
        yield f"μ_{k} = E[σ He_{k}] is {moment.reason}", differs, moment.evidence, k <= degree


def _one_variable(text: str) -> Sum:
    function = read(parse(text, argument=_ARGUMENT))
    if function.variables != {0}:
        used = ", ".join(f"z{i + 1}" for i in sorted(function.variables)) or "no variable"
        raise InputError(f"it depends on {used}: write a function of u alone")
    return function


def _relu_kink(function: Sum) -> Number | None:
    """c where the function is relu(z - c) identically."""
    for atom in {atom for product in function.terms for atom, _ in product if atom.name == "sign"}:
        offset = (atom.argument - variable(0)).number
        if offset is not None and function == relu(variable(0) + offset):
            return -offset
    return None


ACTIVATIONS: dict[str, Callable[[], tuple[Bound, Bound, Bound]]] = {
    "relu": lambda: (
        Bound.infinite("σ(z) = z grows without bound"),
        Bound.exact(1, "σ' is 0 or 1, and σ is continuous"),
        Bound.infinite("σ'' is a point mass at the kink"),
    ),
    "tanh": lambda: (
        Bound.exact(1, "the limits at ±∞"),
        Bound.exact(1, "σ' = 1 - t², t = σ in (-1, 1): largest at t = 0"),
        Bound.exact(
            Number.of(3).root(2) * Fraction(4, 9), "σ'' = -2t(1 - t²), t = σ: critical where 3t² = 1, |σ''| = 4/(3√3) there"
        ),
    ),
    "erf": lambda: (
        Bound.exact(1, "the limits at ±∞"),
        Bound.exact(pi(Fraction(-1, 2)) * 2, "σ' = 2e^{-z²}/√π: largest at z = 0"),
        Bound.exact(
            pi(Fraction(-1, 2)) * apply("exp", constant(Fraction(-1, 2))) * (Number.of(2).root(2) * 2),
            "σ'' = -4z e^{-z²}/√π: critical where 2z² = 1, |σ''| = 2√2/√(πe) there",
        ),
    ),
    "sigmoid": lambda: (
        Bound.exact(1, "the limits 0 and 1"),
        Bound.exact(Fraction(1, 4), "σ' = s(1 - s), s = σ in (0, 1): largest at s = 1/2"),
        Bound.exact(
            Number.of(3).root(2) * Fraction(1, 18), "σ'' = s(1 - s)(1 - 2s), s = σ: critical where 6s² - 6s + 1 = 0, √3/18 there"
        ),
    ),
    "softplus": lambda: (
        Bound.infinite("σ(z) = log(1 + e^z) > z grows without bound"),
        Bound.exact(1, "σ' is the sigmoid, with limits 0 and 1"),
        Bound.exact(Fraction(1, 4), "σ'' = s(1 - s), s the sigmoid: largest at s = 1/2"),
    ),
}
"""The named activations with β_0, β_1, β_2, worked out when they are asked for; what the functions are stands with all others."""

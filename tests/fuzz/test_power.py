"""The power of the fuzzer: old mistakes, put back at run time as behaviour, are found within a stated number of draws."""

import ast
import gc
from copy import copy
from dataclasses import replace
from functools import _lru_cache_wrapper
from itertools import count
from types import SimpleNamespace

import pytest

from fuzz.asking import PRECISIONS, ask
from fuzz.classes import draw
from fuzz.comparison import in_another_order
from fuzz.run import examine
from steinlab.checks.assumptions.link_answers import LinkAnswers
from steinlab.theory.behaviour import growth
from steinlab.theory.budget import Kept
from steinlab.theory.exact.numbers import Number
from steinlab.theory.expansions import degree, link_generative, link_steps
from steinlab.theory.expansions import link_expansion as expansion
from steinlab.theory.expansions import ranks as linear_algebra
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals import constants, integrability
from steinlab.theory.integrals.constants import Constant
from steinlab.theory.language import link_reader as reading
from steinlab.theory.links import one_sign
from steinlab.theory.links.coordinates import independent_latents
from steinlab.theory.links.ring import Sum, apply, constant
from steinlab.theory.shape import monotone as shape
from steinlab.theory.shape import regularity
from steinlab.theory.targets import exponents
from steinlab.theory.targets.network import Network
from steinlab.theory.verdicts import Decided, Evidence

SECONDS = 2
MISTAKES = {}
FORGET = []


def forget():
    """Everything that was worked out, so that nothing which a mistake made is left, and no mistake is hidden."""
    for kept in gc.get_objects():
        if isinstance(kept, Kept):
            kept.clear()
        elif isinstance(kept, _lru_cache_wrapper):
            kept.cache_clear()
    for clear in FORGET:
        clear()


def disagreements(drawn):
    answer = ask(drawn, SECONDS)
    return [] if answer.state == "hung" else examine(drawn, answer)


def order_matters(drawn):
    answers = []
    for precisions in (PRECISIONS, PRECISIONS[::-1]):
        forget()
        answers.append(ask(drawn, SECONDS, precisions))
    return in_another_order(drawn, *answers)


def mistake(*classes, within, look=None):
    """A mistake, the classes of targets made for it, the draws within which it must be found, and how (by the oracle)."""

    def register(plant):
        MISTAKES[plant.__name__] = SimpleNamespace(plant=plant, classes=classes, within=within, look=look or disagreements)
        return plant

    return register


@mistake("dependent-rows", within=6)
def directions_are_put_in_after_reading(patch):
    """Identities that hold almost everywhere in z, used before the directions make an argument vanish."""
    read = reading.read

    def late(expression, directions=None):
        link = read(expression)
        return link if directions is None else link.substitute(dict(enumerate(independent_latents(directions)[1])))

    patch.setattr(reading, "read", late)
    patch.setattr(expansion, "read", late)


@mistake("generative", within=12)
def the_algebraic_factor_is_taken_for_the_whole(patch):
    """exp(-π z²) taken for exp(-z²) where the generative exponent is found."""
    monomial = link_generative._monomial

    def algebraic(u):
        return Sum({tuple((a, e) for a, e in product if a.variables): c for product, c in u.terms.items()})

    def plant(product):
        return monomial(
            tuple(
                next(iter(apply("exp", algebraic(atom.argument)).terms))[0]
                if atom.name == "exp" and atom.variables
                else (atom, e)
                for atom, e in product
            )
        )

    patch.setattr(link_generative, "_monomial", plant)


@mistake("hidden-zeros", within=6)
def the_leading_coefficient_is_not_proved_nonzero(patch):
    def written(g):
        if not all(atom.is_variable or not atom.variables for product in g.terms for atom, _ in product):
            return None
        k = int(max(sum(e for atom, e in product if atom.is_variable) for product in g.terms))
        return Decided(k, Evidence.EXACT, "as it is written", k, k)

    patch.setattr(degree, "polynomial_degree", written)
    patch.setattr(regularity, "polynomial_degree", written)


@mistake("dependent-rows", within=24)
def the_square_of_a_sign_is_one_before_the_directions_are_known(patch):
    """sign(u)² = 1 and sign(u) sign(-u) = -1, by the way they are written, though u = 0."""
    operation = reading._Reader._operation

    def early(self, node):
        match node:
            case ast.BinOp(ast.Call(ast.Name("sign")), ast.Pow(), ast.Constant(2)):
                return constant(1)
            case ast.BinOp(ast.Call(ast.Name("sign"), [u]), ast.Mult(), ast.Call(ast.Name("sign"), [ast.UnaryOp(ast.USub(), v)])):
                return constant(-1) if ast.dump(u) == ast.dump(v) else operation(self, node)
        return operation(self, node)

    patch.setattr(reading._Reader, "_operation", early)


@mistake("singular-factors", within=24)
def singular_factors_are_seen_at_the_top_level_only(patch):
    def at_the_top(product, roots=False):
        return any(atom.name == "base" and atom.variables and e < 0 and len(atom.argument.terms) == 1 for atom, e in product)

    patch.setattr(growth, "may_be_singular", at_the_top)
    decide = integrability._decide

    def by_growth(u, p):
        if not any(at_the_top(product) for product in u.terms):
            return integrability._REGULAR
        return decide(u, p)

    patch.setattr(integrability, "_decide", by_growth)


@mistake("singular-factors", within=24)
def polynomial_growth_ignores_singular_points(patch):
    bounded = growth.polynomial_powers

    def anywhere(u):
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(growth, "may_be_singular", lambda product, roots=False: False)
            return bounded(u)

    patch.setattr(shape, "polynomial_powers", anywhere)
    patch.setattr(regularity, "polynomial_powers", anywhere)


@mistake("digits", within=24)
def midpoints_of_useless_balls_are_printed(patch):
    patch.setattr(constants, "in_words", lambda ball, digits=10: ball.str(digits, radius=False) if ball.is_finite() else None)


@mistake("links", within=12, look=order_matters)
def precision_is_missing_from_the_key_of_a_cache(patch):
    ball, known = Constant.ball, {}
    patch.setattr(Constant, "ball", lambda self, bits=53: known.setdefault(self.form, ball(self, bits)))
    FORGET.append(known.clear)


@mistake("transcendental-coefficients", within=24)
def one_search_is_less_deep_than_the_others(patch):
    """Twelve degrees for the leap, six for the information exponent."""
    search = exponents.information_exponent

    class Shallow(LinkExpansion):
        search_degree = 6
        reduced = property(lambda self: self)

    def shallow(f):
        f = copy(f.reduced)
        f.__class__ = Shallow
        return search(f)

    patch.setattr(LinkAnswers, "information_exponent", property(lambda self: shallow(self.expansion)))


@mistake("cancelling-leads", "zeros-anywhere", within=12)
def a_comparison_of_balls_is_negated(patch):
    """Not x > 0 taken for x <= 0."""

    def sign(ball):
        return None if not ball.is_finite() else 1 if ball > 0 else 0 if ball.is_zero() else -1

    for module in (one_sign, shape, linear_algebra, constants, link_steps):
        patch.setattr(module, "certain_sign", sign)


@mistake("two-layer-networks", within=12)
def a_repeated_neuron_is_counted_once(patch):
    """The neurons gathered by what they print, as if none stood there twice."""
    neurons = Network.neurons
    patch.setattr(Network, "neurons", lambda self: dict.fromkeys(neurons(self)))


@mistake("two-layer-networks", within=12)
def opposite_neurons_are_taken_for_equal(patch):
    """A line has no sign; a neuron on it has."""
    neurons = Network.neurons

    def turned(self):
        def upwards(row):
            return tuple(-w for w in row) if next((w for w in row if w), Number.of(0)).sign() < 0 else row

        return neurons(replace(self, weights=tuple(map(upwards, self.weights))))

    patch.setattr(Network, "neurons", turned)


def draws_until_found(found):
    """How many draws it takes, class by class in turn."""
    forget()
    for index in count():
        for name in found.classes:
            number = index * len(found.classes) + found.classes.index(name) + 1
            if number > found.within:
                return None
            if found.look(draw("power", name, index)):
                return number
    return None


@pytest.mark.parametrize("name", MISTAKES)
def test_the_mistake_is_found(name, monkeypatch):
    found = MISTAKES[name]
    with monkeypatch.context() as patch:
        found.plant(patch)
        number = draws_until_found(found)
    assert number is not None, f"{name}: not found in {found.within} draws of {', '.join(found.classes)}"
    print(f"{name}: found at draw {number} of {found.within}")
    clean = SimpleNamespace(classes=found.classes, within=number, look=found.look)
    assert draws_until_found(clean) is None, f"{name}: the same draws disagree without it"

"""The power of the fuzzer: old mistakes, put back at run time as behaviour, are found within a stated number of draws."""

from itertools import count
from types import SimpleNamespace

import pytest

from fuzz.asking import ask
from fuzz.classes import draw
from fuzz.run import examine
from steinlab.theory.links import expansion, exponents, regularity, targets
from steinlab.theory.links.coordinates import independent_latents
from steinlab.theory.links.expansion import Decided
from steinlab.theory.links.symbolic import Sum, apply
from steinlab.theory.verdicts import Evidence

SECONDS = 2
MISTAKES = {}


def mistake(*classes, within):
    """A mistake, the classes of targets that are made for it, and the number of draws within which it must be found."""

    def register(plant):
        MISTAKES[plant.__name__] = SimpleNamespace(plant=plant, classes=classes, within=within)
        return plant

    return register


@mistake("dependent-rows", within=8)
def directions_are_put_in_after_reading(patch):
    """Identities that hold almost everywhere in z, used before the directions make an argument vanish."""
    read = targets.read

    def late(expression, directions=None):
        link = read(expression)
        return link if directions is None else link.substitute(dict(enumerate(independent_latents(directions)[1])))

    patch.setattr(targets, "read", late)
    patch.setattr(expansion, "read", late)


@mistake("generative", within=12)
def the_algebraic_factor_is_taken_for_the_whole(patch):
    """exp(-π z²) taken for exp(-z²) where the generative exponent is found."""
    monomial = exponents._monomial

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

    patch.setattr(exponents, "_monomial", plant)


@mistake("disguised-zeros", within=16)
def the_leading_coefficient_is_not_proved_nonzero(patch):
    def written(g):
        if not all(atom.is_variable or not atom.variables for product in g.terms for atom, _ in product):
            return None
        k = int(max(sum(e for atom, e in product if atom.is_variable) for product in g.terms))
        return Decided(k, Evidence.EXACT, "as it is written", k, k)

    patch.setattr(targets, "polynomial_degree", written)
    patch.setattr(regularity, "polynomial_degree", written)


def draws_until_found(found):
    """How many draws it takes, class by class in turn."""
    for index in count():
        for name in found.classes:
            number = index * len(found.classes) + found.classes.index(name) + 1
            if number > found.within:
                return None
            drawn = draw("power", name, index)
            answer = ask(drawn, SECONDS)
            if answer.state != "hung" and examine(drawn, answer):
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
    clean = SimpleNamespace(classes=found.classes, within=number)
    assert draws_until_found(clean) is None, f"{name}: the same draws disagree without it"

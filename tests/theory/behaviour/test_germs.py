"""Leading terms next to a point and far out, against the functions themselves, close to it in many digits."""

from dataclasses import FrozenInstanceError, fields
from fractions import Fraction

import mpmath
import pytest

from steinlab.theory.behaviour.germs import LOGARITHMS, ONE, End, UnknownBehaviour, X, compare, constant_sign, germ, raised
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.symbolic import constant, pi

NEAR = mpmath.mpf(10) ** -12
FAR = mpmath.mpf(10) ** 12
NAMES = {name: getattr(mpmath, name) for name in ("exp", "tanh", "cos", "sin", "log", "sqrt", "erf", "sign")} | {"abs": abs}


def value(link, z):
    with mpmath.workdps(60):
        return mpmath.mpf(eval(link, {"__builtins__": {}}, {**NAMES, "z1": z}))


def size(scale, x):
    """A scale where x is large: exp(Σ c m)."""
    if scale in LOGARITHMS:
        for _ in range(LOGARITHMS.index(scale) + 1):
            x = mpmath.log(x)
        return x
    return mpmath.exp(
        sum(mpmath.mpf(c.number.fraction.numerator) / c.number.fraction.denominator * size(m, x) for m, c in scale.powers)
    )


@pytest.mark.parametrize(
    ("link", "end"),
    [
        ("(1 - cos(z1))/abs(z1)**(9/4)", End(constant(0), 1)),
        ("log(abs(z1))*sin(z1)", End(constant(0), -1)),
        ("(z1 - tanh(z1))/z1**2", End(constant(0), 1)),
        ("exp(z1) - 1 - z1", End(constant(0), -1)),
        ("sqrt(1 + z1**2) - abs(z1)", End(None, 1)),
        ("log(1 + z1**4)*z1", End(None, -1)),
        ("sign(z1)*abs(z1)**(1/3) + tanh(z1)", End(None, -1)),
    ],
)
def test_the_leading_term_is_that_of_the_function(link, end):
    scale, c = germ(read(parse(link)), end).leading
    with mpmath.workdps(60):
        z = NEAR * end.side if end.point is not None else FAR * end.side
        x = 1 / NEAR if end.point is not None else FAR
        lead = mpmath.mpf(c.number.fraction.numerator) / c.number.fraction.denominator * size(scale, x)
        assert abs(value(link, z) / lead - 1) < mpmath.mpf("1e-3")


def test_scales_are_ordered_by_size():
    root = X ** constant(Fraction(1, 2))
    assert [compare(a, b) for a, b in ((X, root), (LOGARITHMS[0], root), (LOGARITHMS[1], LOGARITHMS[0]), (X, X))] == [
        1,
        -1,
        -1,
        0,
    ]
    assert compare(X ** (pi() - 3), ONE) == 1


def test_constants_have_certified_signs():
    assert [constant_sign(c) for c in (pi() - 4, pi() - 3, constant(0))] == [-1, 1, 0]


def test_nothing_is_said_of_a_root_of_something_negative():
    with pytest.raises(UnknownBehaviour, match="negative"):
        raised(germ(read(parse("-z1**2")), End(constant(0), 1)), Fraction(1, 2))


@pytest.mark.parametrize("text", ["z1*tanh(z1)", "sqrt(1 + z1**2)"])
def test_a_germ_cannot_be_changed(text):
    for value in (End(None, 1), germ(read(parse(text)), End(None, 1))):
        for field in fields(value):
            with pytest.raises(FrozenInstanceError):
                setattr(value, field.name, None)

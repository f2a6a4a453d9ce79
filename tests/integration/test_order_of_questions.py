"""An answer does not depend on what was asked before, and equal numbers make equal links."""

import multiprocessing
import os
import random
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle

import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.theory.budget import priced
from steinlab.theory.exact.numbers import Number
from steinlab.theory.exact.precision import working_precision
from steinlab.theory.expansions.link_expansion import LinkExpansion
from steinlab.theory.integrals import cubature as boxes
from steinlab.theory.integrals import quadrature
from steinlab.theory.links.ring import Atom, apply, constant, variable
from steinlab.theory.targets.hessian import ExpectedHessian

LINKS = {
    "tanh(z1)": [(1,), (3,)],
    "tanh(z1 + sqrt(2)*z2)": [(1, 1)],
    "log(1 + z1**2)": [(2,), (4,)],
    "tanh(z1*z2)": [(3, 1)],
    "abs(z1*z2 - 1)": [(1, 1)],
    "relu(z1**2 - z2)": [(0, 1)],
    "exp(-(z1**2 - 1)**2)": [(2,)],
    "sqrt(1 + z1**2 + tanh(z2))": [(0, 1)],
    "sign(z1**3 - z1 + 1/7)": [(1,), (2,)],
}
QUESTIONS = [
    (link, alpha, bits)
    for link, alphas in LINKS.items()
    for alpha in alphas
    for bits in ((53, 106) if "z2" in link else (53, 106, 212))
]


def answer(question) -> str:
    """The ball, every bit of it."""
    link, alpha, bits = question
    c = LinkExpansion.from_expression(link).coefficient(alpha)
    ball = c.ball(bits)
    return f"{c.form}: {[x.man_exp() for x in (ball.mid(), ball.rad())] if ball.is_finite() else 'unknown'}"


def answers_of_forks(questions) -> list[str]:
    """Every question in a process of its own, split off from this one before anything was asked."""
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.map(answer, questions, chunksize=1)


def answers_of_one(questions, precisions=(53,)) -> list[str]:
    """Every question in this process, one after the other, each asked at one of FLINT's working precisions in turn."""
    out = []
    for question, bits in zip(questions, cycle(precisions), strict=False):
        with working_precision(bits):
            out.append(answer(question))
    return out


def asked(answers, questions):
    """The answers of a new process, in which no other test has asked anything."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return dict(zip(questions, pool.submit(answers, questions).result(), strict=True))


@pytest.fixture(scope="module")
def fresh():
    return asked(answers_of_forks, QUESTIONS)


def in_an_order(seed):
    draw = random.Random(seed)
    return draw.sample(QUESTIONS, len(QUESTIONS)), [draw.randint(20, 140) for _ in range(7)]


needs_forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="one process a question is slow there")


@needs_forks
@pytest.mark.parametrize("seed", range(2))
def test_questions_after_whatever_ran_before(fresh, seed):
    order, precisions = in_an_order(seed)
    answers = answers_of_one(order, precisions)
    assert dict(zip(order, answers, strict=True)) == fresh


@needs_forks
def test_kappa_does_not_change_a_coefficient(fresh):
    """It asks at a higher working precision, and what it was given is kept for those who ask after it."""
    quadrature.mean_enclosure.cache_clear()
    expansions = [LinkExpansion.from_expression(link) for link in ("tanh(z1*z2)", "log(1 + z1**2)")]
    for e in expansions:
        assert ExpectedHessian(e).kappa is not None
    for question in QUESTIONS:
        if question[0] in ("tanh(z1*z2)", "log(1 + z1**2)"):
            assert answer(question) == fresh[question]


def forget():
    """As if no box had been looked at."""
    for kept in vars(boxes).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()
    boxes._VALUES.clear()


def over_a_box(ends, bits):
    with working_precision(bits + 32):
        integrand = boxes.Integrand(lambda x, _: (x[0] * x[1]).tanh(), (0, 1), 2)
        box = tuple(boxes.edge(low, 2 * low) for low in ends)
        ball = boxes.cubature([boxes.Region(box, 1, integrand)], [1, 0], arb(2) ** -bits, 20_000)
        return ball.mid().man_exp(), ball.str(40)


@given(
    ends=st.lists(st.fractions(0, 3, max_denominator=9), min_size=2, max_size=2),
    before=st.lists(st.integers(20, 140), max_size=2),
)
@settings(max_examples=10, deadline=None)
def test_an_integral_over_a_box_is_that_of_the_first_time(ends, before):
    """At a precision asked for after others, every bit is as if it had been asked for first."""
    forget()
    first = over_a_box(ends, 80)
    forget()
    for bits in before:
        over_a_box(ends, bits)
    assert over_a_box(ends, 80) == first


# -- equal numbers in several forms


def roots(a, b):
    """√a + √b in two forms."""
    return Number.of(a).root(2) + Number.of(b).root(2), (a + b + 2 * Number.of(a * b).root(2)).root(2)


def nested(a, b):
    """√a √(b + √a) and √(ab + a√a), which no sum of square roots of rationals is for most a and b."""
    s = Number.of(a).root(2)
    return s * (b + s).root(2), (a * b + a * s).root(2)


def beside(a, b, c):
    """√a + √b alone and in a field that holds √c and the fourth root of b too."""
    s, wide = Number.of(a).root(2), Number.of(c).root(2) + Number.of(b).root(4)
    return s + Number.of(b).root(2), (Number.of(b).root(2) + wide + s) - wide


plain = st.builds(beside, *[st.integers(2, 30)] * 3)
numbers = st.one_of(
    plain,
    st.builds(roots, st.integers(2, 30), st.integers(2, 30)),
    st.builds(nested, st.sampled_from([2, 3, 5]), st.integers(1, 4)),
)


@given(pair=numbers)
@settings(deadline=None)
def test_equal_numbers_are_equal_as_keys(pair):
    a, b = pair
    assert a == b
    assert hash(a) == hash(b)
    assert a.order_text == b.order_text


@given(pair=numbers, name=st.sampled_from(["tanh", "sin", "exp", "sign"]))
@settings(deadline=None)
def test_links_of_equal_numbers_cancel(pair, name):
    a, b = (variable(0) * x + variable(1) for x in pair)
    assert a == b
    assert hash(a) == hash(b)
    assert a.order_text == b.order_text
    assert (apply(name, a) - apply(name, b)).is_zero
    assert Atom.get("tanh", a) is Atom.get("tanh", b)


@given(pair=plain)
def test_equal_numbers_have_one_text_and_one_ball(pair):
    a, b = pair
    assert str(a) == str(b)
    assert a.canonical == a
    assert a.canonical.field is b.canonical.field
    assert a.canonical.ball().mid().man_exp() == b.canonical.ball().mid().man_exp()


@given(pair=plain, order=st.permutations(range(4)))
def test_what_is_kept_for_a_sum_is_worked_out_of_one_form(pair, order):
    """Whichever of two equal sums comes first: neither their order nor the fields of their numbers matters."""

    @priced(10)
    def seen(u):
        return [(str(p), c, c.field) for p, c in u.terms.items()]

    factors = [variable(0), variable(1), variable(0) * variable(1), apply("tanh", variable(0))]
    u = sum((factors[i] * (pair[0] + i) for i in range(4)), constant(1))
    v = sum((factors[i] * (pair[1] + i) for i in order), constant(1))
    first = seen(u)
    seen.cache_clear()
    assert seen(v) == first
    atom = Atom.get("base", v)
    assert [(str(p), c, c.field) for p, c in atom.argument.terms.items()] == first
    assert Atom.get("base", u) is atom


@given(p=st.fractions(-3, 3, max_denominator=5), q=st.fractions(-3, 3, max_denominator=5))
def test_numbers_that_differ_sort_apart(p, q):
    root = (1 + Number.of(2).root(2)).root(2)
    a, b = root * p + 1, root * q + 1
    assert (constant(a).order_text == constant(b).order_text) is (p == q)


def test_the_links_of_an_attack_cancel():
    g = LinkExpansion.from_expression("tanh(sqrt(5+2*sqrt(6))*z1) - tanh((sqrt(2)+sqrt(3))*z1) + z1 + abs(z1)")
    assert g.function == LinkExpansion.from_expression("z1 + abs(z1)").function

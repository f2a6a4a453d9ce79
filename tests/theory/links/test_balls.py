"""Balls around values of sums, wide ones above all."""

from fractions import Fraction
from itertools import product as cartesian

import pytest
from flint import arb

from steinlab.theory.exact.numbers import working_precision
from steinlab.theory.language.link_reader import read
from steinlab.theory.language.parsing import parse
from steinlab.theory.links.balls import Evaluation, fraction_ball, real_value


@pytest.mark.parametrize("text", ["z1**2 + z1*z2 + z2**2", "z1**3 - 3*z1*z2**2 + z2", "(z1 - z2)**4 + z1*z2"])
@pytest.mark.parametrize("radius", [Fraction(1, 64), Fraction(1, 2**16)])
def test_polynomials_of_several_variables_are_held_on_wide_boxes_and_not_much_widened(text, radius):
    """At every corner, the extreme ones too; and the ball is hardly wider than the gradient times the box."""
    u, centre = read(parse(text)), (Fraction(3), Fraction(2))
    with working_precision(90):
        evaluation = Evaluation(lambda _: (None, None))
        f = evaluation.sum(u)
        ball = real_value(
            evaluation._centred(u, f), [arb(x.numerator, arb(radius.numerator) / radius.denominator) for x in centre]
        )
        for steps in cartesian((-1, 0, 1), repeat=2):
            corner = [fraction_ball(x + radius * s) for x, s in zip(centre, steps, strict=True)]
            assert ball.contains(real_value(f, corner))
        slopes = [abs(float(real_value(evaluation.sum(u.derivative(i)), [arb(3), arb(2)]))) for i in (0, 1)]
        assert float(ball.rad()) <= sum(slopes) * float(radius) * (1 + 20 * float(radius))

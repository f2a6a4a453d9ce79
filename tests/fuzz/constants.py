"""Constants that are easily misread: zeros in disguise, numbers near zero, transcendental ones, one number in two spellings."""

from __future__ import annotations

ZEROS = (
    "sin(pi)",
    "log(2) + log(3) - log(6)",
    "tanh(log(2)) - 3/5",
    "exp(log(3)) - 3",
    "cos(pi) + 1",
    "exp(2*log(2)) - 4",
    "sqrt(5 + 2*sqrt(6)) - sqrt(2) - sqrt(3)",
    "erf(1) + erf(-1)",
    "exp(1)*exp(-1) - 1",
    "log(exp(2)) - 2",
    "2*sigmoid(log(3)) - 3/2",
)
"""Zeros in disguise that a few rules unmask,"""
DEEP_ZEROS = (
    "tanh(1) - (exp(2) - 1)/(exp(2) + 1)",
    "sin(1)**2 + cos(1)**2 - 1",
    "sin(2) - 2*sin(1)*cos(1)",
    "cos(1)**2 - (1 + cos(2))/2",
    "tanh(2) - 2*tanh(1)/(1 + tanh(1)**2)",
    "log(1 + sqrt(2)) + log(sqrt(2) - 1)",
    "tanh(1/2) - 2*sigmoid(1) + 1",
    "exp(sqrt(2))*exp(sqrt(3)) - exp(sqrt(5 + 2*sqrt(6)))",
    "cos(pi/5) - cos(2*pi/5) - 1/2",
    "sin(1)*sin(2) - (cos(1) - cos(3))/2",
)
"""and those that take more of them."""
HIDDEN_ZEROS = (
    "tanh(1) - (exp(2) - 1)/(exp(2) + 1)",
    "tanh(2) - 2*tanh(1)/(1 + tanh(1)**2)",
    "atan(1/2) + atan(1/3) - pi/4",
    "4*atan(1/5) - atan(1/239) - pi/4",
    "sin(pi/7)*sin(2*pi/7)*sin(3*pi/7) - sqrt(7)/8",
)
"""and those that none of them shows."""
NEAR = (
    "pi - 355/113",
    "22/7 - pi",
    "exp(pi*sqrt(163)) - 262537412640768744",
    "exp(pi) - pi - 20",
    "exp(1) - 1457/536",
    "log(2) - 0.69314718055994530941723",
    "pi**2 - 227/23",
    "sqrt(2) - 1.41421356237309504880",
)
TRANSCENDENTAL = ("pi", "exp(1)", "log(2)", "tanh(1)", "sqrt(pi)", "1/pi", "exp(-1)", "2*log(3)", "pi**2/6", "erf(1/2)", "sin(1)")
SAME = (
    ("sqrt(5 + 2*sqrt(6))", "(sqrt(2) + sqrt(3))"),
    ("sqrt(8)", "2*sqrt(2)"),
    ("1/sqrt(2)", "sqrt(2)/2"),
    ("(sqrt(3) + 1)**2", "(4 + 2*sqrt(3))"),
    ("2**(1/2)", "sqrt(2)"),
    ("sqrt(7 - 4*sqrt(3))", "(2 - sqrt(3))"),
    ("1/(1 + sqrt(2))", "(sqrt(2) - 1)"),
    ("8**(1/3)", "2"),
)
"""Algebraic numbers written in two ways."""

"""What to type instead of a name that no expression knows."""

from __future__ import annotations

import re
from collections.abc import Iterable

_VARIABLE = re.compile(r"[A-Za-z]_?0*([1-9][0-9]?)|[A-Za-z]")
_HERMITE = re.compile(r"[Hh](e|erm\w*)?_?([0-9]*)")
_INSTEAD = {
    "maximum": "Max(u, v)",
    "minimum": "Min(u, v)",
    "fabs": "abs(u)",
    "where": "Piecewise((u, z1 > 0), (v, True))",
    "sinh": "(exp(u) - exp(-u))/2",
    "cosh": "(exp(u) + exp(-u))/2",
    "tan": "sin(u)/cos(u)",
    "erfc": "1 - erf(u)",
    "phi": "(1 + erf(u/sqrt(2)))/2 for the normal distribution function",
    "cbrt": "sign(u)*abs(u)**(1/3)",
    "pow": "u**v",
    "square": "u**2",
    "expit": "sigmoid(u)",
    "hardtanh": "Max(-1, Min(u, 1))",
    "log1p": "log(1 + u)",
    "expm1": "exp(u) - 1",
    "log2": "log(u)/log(2)",
    "log10": "log(u)/log(10)",
}
"""For functions that have no name here, in small letters."""
VARIABLES = "variables are z1, z2, ..."


def of_name(name: str, functions: Iterable[str]) -> str:
    """What to write for a name that stands for no value.

    >>> of_name("x_2", ["tanh"]), of_name("tanh", ["tanh"])
    ('variables are z1, z2, ...: write z2', 'tanh is a function: write tanh(...)')
    """
    if name in functions:
        return f"{name} is a function: write {name}(...)"
    if name in ("e", "E"):
        return "write exp(u) for e**u"
    if name.lower() == "pi":
        return "write pi"
    variable = _VARIABLE.fullmatch(name)
    return f"{VARIABLES}: write z{variable[1] or 1}" if variable else VARIABLES


def of_function(name: str, functions: Iterable[str]) -> str:
    """What to write for a function of an unknown name.

    >>> of_function("LeakyReLU", ["leaky_relu", "relu"]), of_function("z1", ["relu"])
    ('write leaky_relu(...)', 'z1 is no function: products are written z1*(...)')
    """
    hermite = _HERMITE.fullmatch(name)
    if re.fullmatch(r"[A-Za-z]_?[0-9]*|pi", name) and not hermite:
        return f"{name} is no function: products are written {name}*(...)"
    plain = name.lower().replace("_", "")
    known = sorted(functions, key=str.lower)
    meant = next((function for function in known if function.lower().replace("_", "") == plain), None)
    if meant is not None:
        return f"write {meant}(...)"
    if hermite:
        return f"{name} is the physicists' polynomial elsewhere: write He({hermite[2] or 'k'}, u), the probabilists'"
    return f"write {_INSTEAD[plain]}" if plain in _INSTEAD else f"known are {', '.join(known)}"

"""What to type instead of a name that no expression knows."""

from __future__ import annotations

import re

from steinlab.theory.language.names import every_name, names

_VARIABLE = re.compile(r"[A-Za-z]_?0*([1-9][0-9]?)|[A-Za-z]")
_HERMITE = re.compile(r"[Hh](e|erm\w*)?_?([0-9]*)")
VARIABLES = "variables are z1, z2, ..."


def of_name(name: str) -> str:
    """What to write for a name that stands for no value.

    >>> of_name("x_2"), of_name("tanh")
    ('variables are z1, z2, ...: write z2', 'tanh is a function: write tanh(...)')
    """
    if name in ("e", "E"):
        return "write exp(u) for e**u"
    if name.lower() == "pi":
        return "write pi"
    variable = _VARIABLE.fullmatch(name)
    if variable:
        return f"{VARIABLES}: write z{variable[1] or 1}"
    return f"{name} is a function: write {name}(...)" if name in every_name() else VARIABLES


def of_function(name: str) -> str:
    """What to write for a function of an unknown name.

    >>> of_function("LeakyReLU"), of_function("z1")
    ('write leaky_relu(...)', 'z1 is no function: products are written z1*(...)')
    """
    hermite = _HERMITE.fullmatch(name)
    if re.fullmatch(r"[A-Za-z]_?[0-9]*|pi", name) and not hermite:
        return f"{name} is no function: products are written {name}*(...)"
    plain = name.lower().replace("_", "")
    table = names()
    known = sorted(every_name(), key=lambda function: (function.lower(), function in table.renamed))  # abs before Abs
    meant = next((function for function in known if function.lower().replace("_", "") == plain), None)
    if meant is not None:
        return f"write {meant}(...)"
    if hermite:
        return f"{name} is the physicists' polynomial elsewhere: write He({hermite[2] or 'k'}, u), the probabilists'"
    instead = table.instead.get(plain)
    return f"known are {', '.join(known)}" if instead is None else f"write {instead}"

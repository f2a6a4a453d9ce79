"""Values of the command line that several commands read alike."""

from __future__ import annotations

import math

from steinlab.theory.errors import InputError


def whole_number(flag: str, text: str) -> int:
    """An integer from text: 10000, 10_000 or 1e4.

    >>> whole_number("-n", "1e4")
    10000
    """
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value == int(value)):
        raise InputError(f"{flag} is {text!r}; give a whole number, such as 10000 or 1e4")
    return int(value)

"""Random numbers: one door, keyed by a seed and labels."""

import hashlib
import json
import operator

import numpy as np

from steinlab.theory.errors import InputError

__all__ = ["generator"]


def generator(seed: int, *labels: str | int) -> np.random.Generator:
    """An independent random stream for each (seed, labels).

    The 128-bit key of a Philox generator is a BLAKE2b hash of the seed and the labels, so a stream depends on what it
    is for (labels) and never on the order, the worker or the time at which it is asked for. The labels 1 and "1" differ.

    Args:
        seed: any integer.
        labels: what the stream is for, e.g. ``"train", "inputs", 3``.

    Raises:
        InputError: the seed is not an integer.

    Example:
        >>> bool(generator(0, "weights").integers(100) == generator(0, "weights").integers(100))
        True
    """
    if isinstance(seed, bool | np.bool_):
        raise InputError(f"seed {seed!r} is not an integer; give a whole number such as 0")
    try:
        number = operator.index(seed)
    except TypeError:
        raise InputError(f"seed {seed!r} is not an integer; give a whole number such as 0") from None
    text = json.dumps([number, *labels])
    key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key))

"""Functions as users hand them over: of arrays, with `predict`, or modules of PyTorch; one way to ask for values."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from steinlab.theory.callables.sampled import Array, Function
from steinlab.theory.errors import InputError


def name_of(f: object) -> str:
    """What a function is called in a report."""
    name = getattr(f, "__name__", type(f).__name__)
    return name if name.isidentifier() else "f"


def as_function(f: object) -> Function:
    """f as a function of rows z (n x r) with values (n).

    `f.predict` where there is one (regressors); a module (`forward` and `parameters`) is called on a tensor of the type of its
    parameters, without gradients; anything else is called on the array. Raises InputError where f is none of them and, when it
    is called, where its values are not n finite real numbers.
    """
    name, call = name_of(f), _caller(f)

    def values(Z: Array) -> Array:
        found = np.asarray(call(Z))
        if found.dtype.kind not in "biuf":
            raise InputError(f"{name} gives values of type {found.dtype}: give a function with real values")
        if found.shape == (len(Z), 1):
            found = found[:, 0]
        if found.shape != (len(Z),):
            raise InputError(
                f"{name} gives values of shape {found.shape} for inputs {Z.shape}: give a function from (n, r) to (n,), such as "
                "lambda Z: numpy.tanh(Z[:, 0])"
            )
        good = np.isfinite(found)
        if not good.all():
            at = int(np.argmin(good))
            raise InputError(f"{name} is {found[at]} at z = ({', '.join(f'{x:.4g}' for x in Z[at])}): its values must be finite")
        return found.astype(np.float64)

    return values


def _caller(f: Any) -> Callable[[Array], Any]:
    if hasattr(f, "predict"):
        return lambda Z: f.predict(Z)
    if not callable(f):
        raise InputError(f"{f!r} is no function: give a callable of arrays (n, r), or an object with predict")
    torch = sys.modules.get("torch")
    if torch is None or not (hasattr(f, "forward") and hasattr(f, "parameters")):
        return lambda Z: f(Z)

    def call(Z: Array) -> Any:
        kind = next((p.dtype for p in f.parameters()), torch.float64)
        with torch.no_grad():
            return f(torch.as_tensor(Z, dtype=kind)).detach().cpu().numpy()

    return call

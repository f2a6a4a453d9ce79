"""Networks (W, a, b, σ) that are drawn: neurons that are repeated, opposite, parallel or zero, and that cancel.

A number is text, exact as it is typed, or a float, the double of an array.
"""

from __future__ import annotations

import json
import random
from typing import Any

from fuzz.drawn import Rows

ACTIVATIONS = ("relu", "relu", "relu", "tanh", "sigmoid", "erf", "gelu", "softplus", "abs", "sign", "exp(-u**2)")
ENTRIES: dict[str, tuple[str, ...]] = {
    "integers": ("0", "1", "1", "-1", "2", "-2", "3"),
    "decimals": ("0", "0.1", "-0.3", "0.75", "1.2", "-2.05"),
    "radicals": ("0", "1", "sqrt(2)", "-sqrt(3)/2", "1/3", "1 + sqrt(2)"),
}
BIASES = ("0", "0", "0", "1", "-1/2", "0.3", "-2", "sqrt(2)")
HEADS = ("1", "1", "1", "-1", "2", "1/2", "-0.7", "sqrt(3)", "0")
DIRECTIONS = ("0", "1", "-1", "3/5", "4/5", "2", "1/2")
KINDS = ("free", "free", "free", "repeated", "opposite", "parallel", "zero", "sum", "cancelling")
"""How a neuron is made of those before it."""
Entry = Any  # str | float


def two_layer_networks(rng: random.Random) -> tuple[str, Rows | None]:
    """One to five neurons of up to three latent variables, and now and then directions that are oblique or dependent."""
    m, r = rng.choice((1, 2, 2, 3, 3, 4, 5)), rng.choice((1, 2, 2, 3, 3))
    arrays = rng.random() < 0.25
    kind = rng.choice(tuple(ENTRIES))

    def entry(choices: tuple[str, ...]) -> Entry:
        return round(rng.gauss(0, 1), rng.choice((1, 2, 17))) if arrays else rng.choice(choices)

    weights: list[list[Entry]] = []
    head: list[Entry] = []
    biases: list[Entry] = []
    for j in range(m):
        row, a, b = [entry(ENTRIES[kind]) for _ in range(r)], entry(HEADS), 0.0 if arrays else rng.choice(BIASES)
        if arrays and rng.random() < 0.5:
            b = entry(BIASES)
        how = rng.choice(KINDS) if j else "free"
        i = rng.randrange(j) if j else 0
        if how in ("repeated", "opposite", "parallel"):
            factor = {"repeated": 1, "opposite": -1, "parallel": rng.choice((2, 3, -2))}[how]
            row = [times(factor, x) for x in weights[i]]
            if rng.random() < 0.6:
                a, b = rng.choice((a, head[i], head[i])), times(factor, biases[i])
        elif how == "zero":
            row = [0.0 if arrays else "0"] * r
        elif how == "sum" and j > 1:
            row = [plus(x, y) for x, y in zip(weights[i], weights[j - 1], strict=True)]
        elif how == "cancelling":  # relu(u) - relu(-u) = u, or with a neuron of its own
            factor = rng.choice((1, -1, -1))
            row, b = [times(factor, x) for x in weights[i]], times(factor, biases[i])
            a = times(rng.choice((-1, -1, 1)), head[i])
        weights.append(row)
        head.append(a)
        biases.append(b)
    if m < 3 and rng.random() < 0.3:  # an even or an odd function
        side = rng.choice((1, 1, -1))
        weights += [[times(-1, x) for x in row] for row in weights]
        head, biases = head + [times(side, a) for a in head], biases * 2
    network = {"activation": rng.choice(ACTIVATIONS), "weights": weights, "head": head, "biases": biases, "arrays": arrays}
    directions = None
    if rng.random() < 0.2:
        d = rng.randint(max(1, r - 1), 3)
        directions = tuple(tuple(rng.choice(DIRECTIONS) for _ in range(d)) for _ in range(r))
    return json.dumps(network), directions


def times(factor: int, x: Entry) -> Entry:
    if not isinstance(x, str):
        return factor * x
    return x if factor == 1 or x == "0" else f"{factor}*({x})"


def plus(x: Entry, y: Entry) -> Entry:
    return f"({x}) + ({y})" if isinstance(x, str) else x + y

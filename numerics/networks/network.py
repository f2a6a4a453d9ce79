"""The two-layer network f(x) = aᵀσ(Wx + b): initialisations, hidden layer, gradient of the loss in W."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from steinlab.numerics.networks.activations import ActivationFunctions, activation_functions, kink_of
from steinlab.numerics.samples.blocks import Blocks
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError

__all__ = [
    "Network",
    "first_layer_gradient",
    "random_layer",
    "require_finite",
    "small_initialisation",
    "symmetric_initialisation",
]


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """f(x) = Σ_j a_j σ(w_j·x + b_j - c); ReLU unless told otherwise, with σ'(0) = 1.

    Attributes:
        weights: W, shape (m, d).
        biases: b, shape (m,).
        head: a, shape (m,).
        activation: σ, a member of `ACTIVATIONS`.
        shift: c.

    Raises:
        InputError: shapes do not agree, or an unknown activation.

    Example:
        >>> network = symmetric_initialisation(4, 2, np.random.default_rng(0))
        >>> network.output(np.ones((1, 2)))
        array([0.])
    """

    weights: Array
    biases: Array
    head: Array
    activation: str = "relu"
    shift: float = 0.0

    def __post_init__(self) -> None:
        weights, biases, head = self.weights, self.biases, self.head
        if weights.ndim != 2 or biases.shape != weights.shape[:1] or head.shape != weights.shape[:1]:
            raise InputError(
                f"weights, biases and head have shapes {weights.shape}, {biases.shape} and {head.shape}; "
                "expected (m, d), (m,), (m,)"
            )
        activation_functions(self.activation, self.shift)

    def __repr__(self) -> str:
        return f"Network({self.activation}, width {self.width}, dimension {self.dimension})"

    @property
    def width(self) -> int:
        """m."""
        return len(self.head)

    @property
    def dimension(self) -> int:
        """d."""
        return int(self.weights.shape[1])

    @property
    def functions(self) -> ActivationFunctions:
        """z ↦ σ(z - c) and its derivatives."""
        return activation_functions(self.activation, self.shift)

    @property
    def kink(self) -> float | None:
        """Where z ↦ σ(z - c) has its kink; None where it is smooth."""
        return kink_of(self.activation, self.shift)

    @property
    def is_relu(self) -> bool:
        """Whether σ is ReLU, shifted or not."""
        return self.kink is not None

    @property
    def kinks(self) -> list[list[float]]:
        """For each neuron the values of w_j·x at which σ has a kink."""
        at = [] if self.kink is None else [self.kink]
        return [[c - float(b) for c in at] for b in self.biases]

    @property
    def is_antisymmetric(self) -> bool:
        """Whether m is even and neurons j and m-1-j share w and b and have opposite a: then f is identically zero."""
        return (
            len(self.head) % 2 == 0
            and np.array_equal(self.head, -self.head[::-1])
            and np.array_equal(self.biases, self.biases[::-1])
            and np.array_equal(self.weights, self.weights[::-1])
        )

    def with_head(self, head: Array) -> "Network":
        """The same hidden layer under another head a."""
        return dataclasses.replace(self, head=head)

    def hidden(self, X: Array) -> Array:
        """σ(Wx + b - c) at the rows of X (n x d): shape (n, m)."""
        values = X @ self.weights.T
        values += self.biases
        if self.kink == 0:
            return np.maximum(values, 0.0, out=values)  # in place: it is the largest array of all
        return np.asarray(self.functions.value(values))

    def output(self, X: Array) -> Array:
        """f at the rows of X (n x d): shape (n,). Exactly zero where pairs of neurons cancel."""
        if self.is_antisymmetric:
            return np.zeros(len(X))
        return np.asarray(self.hidden(X) @ self.head)


def require_finite(network: Network) -> None:
    """Raise InputError where a weight, a bias or the head is NaN or infinite."""
    if not all(np.isfinite(part).all() for part in (network.weights, network.biases, network.head)):
        raise InputError("the network has a weight, bias or head that is NaN or infinite; give finite numbers")


def symmetric_initialisation(m: int, d: int, rng: np.random.Generator, *, random_biases: bool = False) -> Network:
    """Damian et al. (2022), section 2: a_j uniform on {-1, 1}, w_j ~ N(0, I_d/d), b_j = 0, in pairs that cancel.

    Neurons j and m-1-j (counted from 0) share w and b and have opposite a, so the network is zero.

    Args:
        m: width, even.
        d: dimension.
        rng: source of randomness.
        random_biases: draw b_j ~ N(0, 1), shared within pairs, instead of zero (as the authors' code does).

    Raises:
        InputError: m is odd.
    """
    if m % 2:
        raise InputError(f"width {m} is odd; the symmetric initialisation pairs neurons, so take an even width")
    half = m // 2
    head = np.where(rng.random(half) < 0.5, -1.0, 1.0)
    weights = rng.standard_normal((half, d)) / np.sqrt(d)
    biases = rng.standard_normal(half) if random_biases else np.zeros(half)
    return Network(
        np.concatenate([weights, weights[::-1]]),
        np.concatenate([biases, biases[::-1]]),
        np.concatenate([head, -head[::-1]]),
    )


def small_initialisation(m: int, d: int, scale: float, rng: np.random.Generator, *, random_biases: bool = False) -> Network:
    """Independent neurons: a_j uniform on {-1, 1}, w_j ~ N(0, scale² I_d/d), b_j = 0 or scale·N(0, 1).

    The output at initialisation is of size scale·√m, not zero: it enters the residual of the first step, whose
    direction would otherwise not depend on the scale.
    """
    head = np.where(rng.random(m) < 0.5, -1.0, 1.0)
    weights = rng.standard_normal((m, d)) * (scale / np.sqrt(d))
    biases = rng.standard_normal(m) * scale if random_biases else np.zeros(m)
    return Network(weights, biases, head)


def random_layer(m: int, d: int, law: str, bias_scale: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Independent neurons: w_j uniform on the unit sphere (law "sphere") or N(0, I_d/d) ("gaussian"), b_j ~ N(0, bias_scale²).

    Returns:
        W of shape (m, d) and b of shape (m,).
    """
    weights = rng.standard_normal((m, d))
    weights /= np.linalg.norm(weights, axis=1, keepdims=True) if law == "sphere" else np.sqrt(d)
    return weights, bias_scale * rng.standard_normal(m)


def first_layer_gradient(network: Network, blocks: Blocks) -> Array:
    """∇_W L for L = (1/n) Σ (f(x_i) - y_i)², no factor 1/2: shape (m, d).

    Row j is (2/n) a_j Σ_i (f(x_i) - y_i) σ'(w_j·x_i + b_j) x_i. Where pairs of neurons cancel, one of each pair is
    computed and the other has the opposite sign.

    Guarantee: numerical.
    """
    paired = network.is_antisymmetric
    kept = slice(0, len(network.head) // 2) if paired else slice(None)
    weights, biases = network.weights[kept], network.biases[kept]
    total, slope = np.zeros_like(weights), network.functions.slope
    for X, y in blocks:
        residual = network.output(X) - y
        slopes = slope(X @ weights.T + biases)
        total += slopes.T @ (residual[:, None] * X)
    gradient = (2 / blocks.n) * network.head[kept, None] * total
    return np.concatenate([gradient, -gradient[::-1]]) if paired else gradient

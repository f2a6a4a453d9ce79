"""The Stein decomposition ∇_W R = ℋ W + 𝒟 U in numbers, for the named activations and losses and any target.

ℋ = E[ℓ'' (a∘σ')(a∘σ')ᵀ] + diag(a_j E[ℓ' σ''_j]) and 𝒟_ji = a_j E[∂²ℓ/∂ŷ∂y σ'_j ∂_i g], primes of ℓ in ŷ and of σ at w_j·x + b_j.
For ReLU σ'' is a point mass: E[ℓ' σ''_j] is the density of w_j·x + b_j at the kink times E[ℓ' | w_j·x + b_j = kink].

What is integrated over how many directions: for the squared loss pairs (w_j, w_l) and (w_j, U), so at most max(2, k + 1),
whatever the width; for any other loss ŷ couples all neurons, so rank[W; U] <= min(m + k, d), which a budget of nodes bounds;
beyond it draws are used and a standard error is given. Source: derived, in the form of Mousavi-Hosseini et al. (2022).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from steinlab.numerics.checked import check_integer
from steinlab.numerics.networks.losses import LossFunctions
from steinlab.numerics.networks.network import Network, require_finite
from steinlab.numerics.population.bases import basis_of_span
from steinlab.numerics.population.noisy_loss import NoisyLoss
from steinlab.numerics.population.quadrature import Forms, Nodes, Rule, quadrature, sample
from steinlab.numerics.population.relu_pairs import normal_density
from steinlab.numerics.samples.latent_link import LatentLink
from steinlab.numerics.samples.link import frame
from steinlab.numerics.samples.streams import generator
from steinlab.numerics.types import Array
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

__all__ = ["SteinDecomposition", "quadrature_risk", "stein_decomposition"]

FEWEST_NODES = 16
"""Fewest points per coordinate and panel for which quadrature is used at all."""
MOST_NODES = 128
"""Most of them."""
BATCHES = 16
"""Independent batches of draws, from whose spread the standard error comes."""


@dataclass(frozen=True)
class SteinDecomposition:
    """ℋ (`coupling`, m x m), 𝒟 (`drift`, m x k; None where g jumps) and ∇_W R from E[ℓ' a_j σ'_j x] itself (`direct`, m x d).

    `error` is the largest difference of an entry from a coarser rule ("quadrature") or the largest standard error ("sampling").
    """

    coupling: Array
    drift: Array | None
    direct: Array
    weights: Array
    directions: Array
    method: str
    error: float

    @property
    def gradient(self) -> Array:
        """ℋ W + 𝒟 U. Raises: InputError where g jumps: use `perpendicular`, which needs no smoothness of g."""
        if self.drift is None:
            raise InputError("g jumps, so 𝒟 does not exist as an expectation of its slopes; use .perpendicular or .direct")
        return np.asarray(self.coupling @ self.weights + self.drift @ self.directions)

    @property
    def projector(self) -> Array:
        """The orthogonal projector P_⊥ on the complement of the span of the directions, d x d."""
        basis = basis_of_span(self.directions)
        return np.asarray(np.eye(self.weights.shape[1]) - basis.T @ basis)

    @property
    def perpendicular(self) -> Array:
        """ℋ W_⊥, which is (∇_W R)_⊥ whether or not g is smooth."""
        return np.asarray(self.coupling @ self.weights @ self.projector)

    def stationary_point(self, weight_decay: float) -> Array:
        """-(ℋ + λI)⁻¹ 𝒟 U, of rank at most k. Raises: InputError where ℋ + λI is singular or g jumps."""
        if self.drift is None:
            raise InputError("g jumps, so 𝒟 is not known; choose a link that is continuous")
        try:
            shifted = self.coupling + weight_decay * np.eye(len(self.coupling))
            return np.asarray(-np.linalg.solve(shifted, self.drift @ self.directions))
        except np.linalg.LinAlgError:
            raise InputError(f"ℋ + λI is singular at λ = {weight_decay:g}; use a weight decay above the threshold") from None


def stein_decomposition(
    network: Network,
    loss: LossFunctions,
    target: Target,
    *,
    nodes: int | None = None,
    budget: int = 400_000,
    seed: int = 0,
) -> SteinDecomposition:
    """ℋ, 𝒟 and the gradient of R(W) = E ℓ(ŷ, y), y = g(Ux) + e with the target's noise e, at a network.

    Args:
        network: W, b, a and σ.
        loss: ℓ.
        target: polynomial or general; d of the network must be at least its ambient dimension.
        nodes: points per coordinate and panel; None for what the budget allows, at most MOST_NODES.
        budget: most nodes of one rule; where FEWEST_NODES per coordinate and panel exceed it, that many draws are used.
        seed: of the draws.

    Raises:
        InputError: shapes that do not match, numbers out of range, or a ReLU neuron of zero weights with its bias at the kink.

    Guarantee: numerical, with `error` beside it. Smooth activations and ReLU converge exponentially for smooth losses (Huber too
    under Gaussian noise, over which it is averaged in closed form); without it Huber's ℓ'' jumps where |ŷ - y| = δ and the
    error falls as a power of the number of nodes. Logistic labels are used as they are.

    Example:
        >>> from steinlab.numerics.networks.losses import loss_functions
        >>> network = Network(np.array([[1.0, 1.0]]), np.array([0.3]), np.array([0.5]), "tanh")
        >>> at = stein_decomposition(network, loss_functions("squared"), Target.from_expression("z1**3"))
        >>> bool(np.allclose(at.gradient, at.direct, atol=1e-9)), at.method
        (True, 'quadrature')
    """
    problem = _Problem(network, loss, target)
    points = _points(problem.widest(), nodes, budget)
    if points is not None:
        fine, coarse = (problem.evaluate(partial(_pinned_rule, n)) for n in (points, max(2, points * 3 // 4)))
        error = max(float(np.abs(x - y).max()) for x, y in zip(fine, coarse, strict=True) if x is not None and y is not None)
        return problem.result(fine, "quadrature", error)
    draws = max(1, budget // BATCHES)
    batches = []
    for batch in range(BATCHES):
        rng = generator(seed, "stein", batch)
        batches.append(problem.evaluate(partial(_sampled_rule, draws, rng)))
    stacked = [None if parts[0] is None else np.array(parts) for parts in zip(*batches, strict=True)]
    means = tuple(None if s is None else s.mean(axis=0) for s in stacked)
    error = max(float(s.std(axis=0, ddof=1).max()) / np.sqrt(BATCHES) for s in stacked if s is not None)
    return problem.result(means, "sampling", error)


def quadrature_risk(
    network: Network, loss: LossFunctions, target: Target, *, nodes: int | None = None, budget: int = 400_000
) -> float:
    """E ℓ(ŷ, y) by one quadrature over the span of W and U; its derivatives are what `stein_decomposition` gives.

    Raises: InputError where quadrature exceeds the budget or the shapes do not match.
    Guarantee: numerical, as `stein_decomposition`.

    Example:
        >>> from steinlab.numerics.networks.losses import loss_functions
        >>> network = Network(np.array([[1.0]]), np.array([0.0]), np.array([1.0]))
        >>> round(quadrature_risk(network, loss_functions("squared"), Target.from_expression("z1")), 12)  # ½ E min(z, 0)²
        0.25
    """
    problem = _Problem(network, loss, target)
    forms = problem.all_forms()
    points = _points([forms], nodes, budget)
    if points is None:
        raise InputError(
            f"the risk needs {forms.panels} x {FEWEST_NODES}^{forms.dimension} nodes, the budget is {budget}; use fewer neurons"
        )
    at = quadrature(forms, points)
    return float(at.weights @ problem.loss.value(problem.output(at), problem.link.value(at.values[:, network.width :])))


Parts = tuple[Array, Array | None, Array]


class _Problem:
    """A network and a target of one dimension, and the loss averaged over the target's noise."""

    def __init__(self, network: Network, loss: LossFunctions, target: Target) -> None:
        require_finite(network)
        if not network.weights.size:
            raise InputError(f"W has shape {network.weights.shape}; expected (m, d) with m, d >= 1")
        self.network, self.link, self.loss = network, LatentLink.of(target), NoisyLoss(loss, target.noise)
        self.m, self.directions = network.width, frame(target, network.dimension)
        self.sigma = network.functions
        self.is_relu, self.is_squared = network.is_relu, loss.is_squared

    def result(self, parts: "Parts | tuple[Array | None, ...]", method: str, error: float) -> SteinDecomposition:
        coupling, drift, direct = parts
        assert coupling is not None, "ℋ always exists"
        assert direct is not None, "and so does the gradient"
        return SteinDecomposition(coupling, drift, direct, self.network.weights, self.directions, method, error)

    # -- forms

    def forms(self, neurons: Sequence[int], latents: bool, hold_first: bool = False) -> Forms:
        """The forms w_j·x of some neurons, then those of the directions."""
        kinks = self.network.kinks
        rows = [self.network.weights[j] for j in neurons] + (list(self.directions) if latents else [])
        points = [kinks[j] for j in neurons] + ([list(k) for k in self.link.kinks] if latents else [])
        return Forms(np.array(rows), points, hold_first=hold_first)

    def all_forms(self) -> Forms:
        return self.forms(range(self.m), latents=True)

    def widest(self) -> list[Forms]:
        """Forms of the largest rules that are needed."""
        if not self.is_squared:
            return [self.all_forms()]
        pairs = [self.forms([j, (j + 1) % self.m], latents=False) for j in range(self.m)]
        return [*pairs, *(self.forms([j], latents=True) for j in range(self.m))]

    # -- expectations

    def output(self, at: Nodes) -> Array:
        """ŷ at nodes whose first m forms are the neurons'."""
        return np.asarray(self.sigma.value(at.values[:, : self.m] + self.network.biases) @ self.network.head)

    def density(self, j: int) -> float:
        """The density of w_j·x + b_j at the kink."""
        s = float(np.linalg.norm(self.network.weights[j]))
        gap = self.network.shift - float(self.network.biases[j])
        if s == 0:
            if gap == 0:
                raise InputError(f"neuron {j} has zero weights and its bias at the kink; the risk has no gradient there")
            return 0.0
        return float(normal_density(np.array(gap / s))) / s

    def evaluate(self, rule: Rule) -> Parts:
        return self._by_pairs(rule) if self.is_squared else self._jointly(rule)

    def _jointly(self, rule: Rule) -> Parts:
        """All expectations over the span of every neuron and direction."""
        m, a, b = self.m, self.network.head, self.network.biases
        at = rule(self.all_forms(), None)
        z = at.values[:, m:]
        prediction, clean = self.output(at), self.link.value(z)
        first = self.sigma.slope(at.values[:, :m] + b) * a
        slope = self.loss.slope(prediction, clean) * at.weights
        coupling = first.T @ (first * (self.loss.curvature(prediction, clean) * at.weights)[:, None])
        direct = (first * slope[:, None]).T @ at.coordinates @ at.basis
        drift = None
        if self.link.slopes is not None:
            weighted = first * (self.loss.mixed(prediction, clean) * at.weights)[:, None]
            drift = np.stack([weighted.T @ partial_slope(z) for partial_slope in self.link.slopes], axis=1)
        if not self.is_relu:
            second = self.sigma.curvature(at.values[:, :m] + b)
            return coupling + np.diag(a * (slope @ second)), drift, direct
        for j in range(m):
            if (density := self.density(j)) > 0:
                order = [j, *(i for i in range(m) if i != j)]
                held = rule(self.forms(order, latents=True, hold_first=True), self.network.shift - float(b[j]))
                pre = held.values[:, :m] + b[order]
                y = self.sigma.value(pre) @ a[order]
                coupling[j, j] += a[j] * density * float(held.weights @ self.loss.slope(y, self.link.value(held.values[:, m:])))
        return coupling, drift, direct

    def _by_pairs(self, rule: Rule) -> Parts:
        """The squared loss: every expectation is over two neurons, or one neuron and the directions."""
        m, a, b = self.m, self.network.head, self.network.biases
        coupling, direct = np.zeros((m, m)), np.zeros_like(self.network.weights)
        drift = None if self.link.slopes is None else np.zeros((m, len(self.directions)))
        value, slope, bend = self.sigma
        for j in range(m):
            for i in range(m):
                at = rule(self.forms([j, i], latents=False), None)
                h, k = (at.values + b[[j, i]]).T
                first = at.weights * slope(h) * (a[j] * a[i])
                coupling[j, i] += float(first @ slope(k))
                direct[j] += (first * value(k)) @ at.coordinates @ at.basis
                coupling[j, j] += a[j] * a[i] * self._at_second(rule, j, at, bend, partial(self._neuron, i), neuron=i)
            at = rule(self.forms([j], latents=True), None)
            first, z = at.weights * slope(at.values[:, 0] + b[j]) * a[j], at.values[:, 1:]
            direct[j] -= (first * self.link.value(z)) @ at.coordinates @ at.basis
            coupling[j, j] -= a[j] * self._at_second(rule, j, at, bend, self.link.value, neuron=None)
            if drift is not None and self.link.slopes is not None:
                drift[j] = [-float(first @ partial_slope(z)) for partial_slope in self.link.slopes]
        return coupling, drift, direct

    def _neuron(self, i: int, values: Array) -> Array:
        """σ of neuron i from the values of its form."""
        return self.sigma.value(values[:, 0] + self.network.biases[i])

    def _at_second(
        self, rule: Rule, j: int, at: Nodes, bend: Callable[[Array], Array], f: Callable[[Array], Array], neuron: int | None
    ) -> float:
        """E[σ''_j f], f a function of the forms after the first: those of another neuron or of the directions."""
        if not self.is_relu:
            return float((at.weights * bend(at.values[:, 0] + self.network.biases[j])) @ f(at.values[:, 1:]))
        density = self.density(j)
        if density == 0:
            return 0.0
        forms = self.forms([j] if neuron is None else [j, neuron], latents=neuron is None, hold_first=True)
        held = rule(forms, self.network.shift - float(self.network.biases[j]))
        return density * float(held.weights @ f(held.values[:, 1:]))


def _pinned_rule(nodes: int, forms: Forms, pinned: float | None) -> Nodes:
    return quadrature(forms, nodes, pinned=pinned)


def _sampled_rule(draws: int, rng: np.random.Generator, forms: Forms, pinned: float | None) -> Nodes:
    return sample(forms, draws, rng, pinned=pinned)


def _points(rules: Sequence[Forms], nodes: int | None, budget: int) -> int | None:
    """Points per coordinate and panel, None where quadrature is too dear."""
    check_integer("budget", budget, least=BATCHES)
    if nodes is not None:
        return check_integer("nodes", nodes, least=2)
    allowed = min(int((budget / forms.panels) ** (1 / max(1, forms.dimension))) for forms in rules)
    return None if allowed < FEWEST_NODES else min(allowed, MOST_NODES)

"""Time online SGD against plain loops in the same run: python tests/benchmarks/online_sgd.py [--repeats N]

Prints microseconds per seed-step at d = 100, m = 1000, ten seeds at once, for `online_sgd` in single and double precision,
samples and all, beside loops that do one sample at a time: plain NumPy; PyTorch with autograd and torch.optim.SGD; PyTorch with
autograd and the update written in place, which is leaner. And beside the least time in which W can be read and written once a
step at the bandwidth of a copy of arrays beyond the caches. One thread everywhere. The measurements alternate, so that a busy
machine disturbs all alike; ratios are between medians, and between the least times, which it disturbs least.

PyTorch is not a dependency: without it its lines say so. To have it, `pip install torch` in an environment of its own with
steinlab (the CPU build is enough).
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from steinlab.numerics.limits import one_blas_thread
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.recipes import Recipe, recipe_for
from steinlab.numerics.online.trajectories import online_sgd
from steinlab.numerics.samples.gaussian import GaussianData
from steinlab.theory.targets.target import Target

TARGET = Target.from_expression("tanh(z1)")
D, M, SEEDS, STEPS, PLAIN_STEPS = 100, 1000, 10, 8192, 1000
STUDENT = Student()
PRECISIONS = {"single": np.float32, "double": np.float64}


def blocked(recipe: Recipe, precision: str) -> float:
    start = time.perf_counter()
    online_sgd(
        TARGET,
        T=STEPS,
        d=D,
        m=M,
        seeds=range(SEEDS),
        student=STUDENT,
        recipes=recipe,
        record=[STEPS],
        test=0,
        precision=precision,
    )
    return (time.perf_counter() - start) / (SEEDS * STEPS)


def _samples(dtype: type) -> tuple[np.ndarray, np.ndarray]:
    X, y = next(iter(GaussianData(TARGET, PLAIN_STEPS, D, 0)))
    return X.astype(dtype), y.astype(dtype)


def drawn() -> tuple[np.ndarray, ...]:
    network = STUDENT.draw(M, D, 0)
    return network.weights, network.biases, network.head


def plain_numpy(recipe: Recipe, precision: str) -> float:
    dtype = PRECISIONS[precision]
    W, b, a = (part.astype(dtype) for part in drawn())
    start = time.perf_counter()
    for t, (x, y) in enumerate(zip(*_samples(dtype), strict=True)):
        eta = dtype(recipe.steps.sizes(t, t + 1)[0])
        hidden = W @ x + b
        residual = np.clip(a @ np.maximum(hidden, 0) - y, -1, 1)
        W *= 1 - eta * dtype(recipe.weight_decay)
        W -= np.outer(eta * residual * (a * (hidden >= 0)), x)
    return (time.perf_counter() - start) / PLAIN_STEPS


def plain_torch(recipe: Recipe, precision: str, *, optimiser: bool) -> float | None:
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    dtype = PRECISIONS[precision]
    W, b, a = (torch.from_numpy(part.astype(dtype)) for part in drawn())
    X, y = (torch.from_numpy(part) for part in _samples(dtype))
    W.requires_grad_(True)
    loss = torch.nn.HuberLoss()
    sgd = torch.optim.SGD([W], lr=1.0, weight_decay=recipe.weight_decay)
    start = time.perf_counter()
    for t in range(PLAIN_STEPS):
        eta = float(recipe.steps.sizes(t, t + 1)[0])
        if optimiser:
            sgd.param_groups[0]["lr"] = eta
            sgd.zero_grad()
            loss(torch.relu(W @ X[t] + b) @ a, y[t]).backward()
            sgd.step()
            continue
        loss(torch.relu(W @ X[t] + b) @ a, y[t]).backward()
        with torch.no_grad():
            W.mul_(1 - eta * recipe.weight_decay).sub_(W.grad, alpha=eta)
        W.grad = None
    return (time.perf_counter() - start) / PLAIN_STEPS


def bandwidth_bound(precision: str) -> float:
    """Seconds to read and write one W at the speed of a copy too large for any cache."""
    source = np.ones(2**27 // np.dtype(PRECISIONS[precision]).itemsize, PRECISIONS[precision])
    target = np.ones_like(source)
    start = time.perf_counter()
    np.copyto(target, source)
    return (time.perf_counter() - start) * M * D / len(source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    recipe = recipe_for(STUDENT, T=STEPS, d=D, m=M)
    print(f"d = {D}, m = {M}, {SEEDS} seeds at once, ReLU and Huber, one thread; µs per seed-step, median of {repeats}")
    for precision in PRECISIONS:
        subjects: dict[str, Callable[[], float | None]] = {
            "steinlab": lambda p=precision: blocked(recipe, p),
            "plain NumPy": lambda p=precision: plain_numpy(recipe, p),
            "PyTorch, optim.SGD": lambda p=precision: plain_torch(recipe, p, optimiser=True),
            "PyTorch, in place": lambda p=precision: plain_torch(recipe, p, optimiser=False),
            "W read and written": lambda p=precision: bandwidth_bound(p),
        }
        times: dict[str, list[float]] = {name: [] for name in subjects}
        for _ in range(repeats):
            for name, subject in subjects.items():
                seconds = subject()
                if seconds is not None:
                    times[name].append(seconds)
        ours = times["steinlab"]
        print(f"{precision} precision")
        for name, values in times.items():
            if not values:
                print(f"  {name:20} not measured: pip install torch in an environment with steinlab")
                continue
            value, least = statistics.median(values), min(values)
            print(
                f"  {name:20} {value * 1e6:7.1f} µs (least {least * 1e6:6.1f}), {1 / value:7.0f} steps/s, "
                f"{value / statistics.median(ours):5.2f} times steinlab's time (least: {least / min(ours):5.2f})"
            )


if __name__ == "__main__":
    with one_blas_thread():
        main()

"""steinlab: the theory of representation learning in two-layer networks, made executable.

The small public API, loaded on first use:

    Target, Noise                       a target f*(x) = g(<u_1, x>, ..., <u_r, x>) and its label noise
    check                               the assumptions of a theorem for a target, exactly
    estimate                            what data alone say of a target, with intervals and error rates
    OneStepNetwork, RandomFeatures, TangentKernel, TransferredHead, OnlineSGD, SingleIndexSGD
                                        the methods, as estimators for your own arrays
    train, train_online                 one run of a method on a target
    online_sgd                          trajectories of many seeds of online SGD
    judge_rate, judge_threshold         an exponent claimed for your own numbers, y ∝ x^p or n*(d) ∝ d^p

>>> import steinlab
>>> steinlab.check("He(2,z1) + z2**2").verdict.value
'holds'
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steinlab.checks.assumptions.check import check
    from steinlab.checks.estimates.estimate import estimate
    from steinlab.checks.rates.own_numbers import judge_rate, judge_threshold
    from steinlab.numerics.methods.one_step import OneStepNetwork
    from steinlab.numerics.methods.online_sgd import OnlineSGD
    from steinlab.numerics.methods.random_features import RandomFeatures
    from steinlab.numerics.methods.single_index_sgd import SingleIndexSGD
    from steinlab.numerics.methods.tangent_kernel import TangentKernel
    from steinlab.numerics.methods.transfer import TransferredHead
    from steinlab.numerics.online.trajectories import online_sgd
    from steinlab.numerics.online_runs import train_online
    from steinlab.numerics.runs import train
    from steinlab.theory.targets.target import Noise, Target

__version__ = "0.1.0"

__all__ = [
    "Noise",
    "OneStepNetwork",
    "OnlineSGD",
    "RandomFeatures",
    "SingleIndexSGD",
    "TangentKernel",
    "Target",
    "TransferredHead",
    "check",
    "estimate",
    "judge_rate",
    "judge_threshold",
    "online_sgd",
    "train",
    "train_online",
]

_HOMES = {
    "Noise": "steinlab.theory.targets.target",
    "Target": "steinlab.theory.targets.target",
    "check": "steinlab.checks.assumptions.check",
    "estimate": "steinlab.checks.estimates.estimate",
    "judge_rate": "steinlab.checks.rates.own_numbers",
    "judge_threshold": "steinlab.checks.rates.own_numbers",
    "OneStepNetwork": "steinlab.numerics.methods.one_step",
    "RandomFeatures": "steinlab.numerics.methods.random_features",
    "TangentKernel": "steinlab.numerics.methods.tangent_kernel",
    "TransferredHead": "steinlab.numerics.methods.transfer",
    "OnlineSGD": "steinlab.numerics.methods.online_sgd",
    "SingleIndexSGD": "steinlab.numerics.methods.single_index_sgd",
    "online_sgd": "steinlab.numerics.online.trajectories",
    "train": "steinlab.numerics.runs",
    "train_online": "steinlab.numerics.online_runs",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `steinlab check` never waits for NumPy."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'steinlab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

"""steinlab: the theory of representation learning in two-layer networks, made executable.

The small public API, loaded on first use:

    Target, Noise                       a target f*(x) = g(<u_1, x>, ..., <u_r, x>) and its label noise
    check                               the assumptions of a theorem for a target, exactly
    OneStepNetwork, RandomFeatures, TangentKernel, TransferredHead
                                        the methods, as estimators for your own arrays
    train                               one run of a method on a target

>>> import steinlab
>>> steinlab.check("He(2,z1) + z2**2").verdict.value
'holds'
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from steinlab.checks.assumptions import check
    from steinlab.numerics.one_step import OneStepNetwork
    from steinlab.numerics.random_features import RandomFeatures
    from steinlab.numerics.tangent_kernel import TangentKernel
    from steinlab.numerics.training import train
    from steinlab.numerics.transfer import TransferredHead
    from steinlab.theory.targets import Noise, Target

__version__ = "0.1.0"

__all__ = ["Noise", "OneStepNetwork", "RandomFeatures", "TangentKernel", "Target", "TransferredHead", "check", "train"]

_HOMES = {
    "Noise": "steinlab.theory.targets",
    "Target": "steinlab.theory.targets",
    "check": "steinlab.checks.assumptions",
    "OneStepNetwork": "steinlab.numerics.one_step",
    "RandomFeatures": "steinlab.numerics.random_features",
    "TangentKernel": "steinlab.numerics.tangent_kernel",
    "TransferredHead": "steinlab.numerics.transfer",
    "train": "steinlab.numerics.training",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `steinlab check` never waits for NumPy."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'steinlab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

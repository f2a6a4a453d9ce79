"""NumPy training: Gaussian data, two-layer networks, one-step feature learning, kernel baselines."""

from steinlab.numerics.data import ArrayBlocks, Blocks, GaussianData
from steinlab.numerics.one_step import OneStepNetwork
from steinlab.numerics.random_features import RandomFeatures
from steinlab.numerics.ridge import RidgePath
from steinlab.numerics.tangent_kernel import TangentKernel
from steinlab.numerics.training import METHODS, TrainingResult, train
from steinlab.numerics.transfer import TransferredHead

__all__ = [
    "METHODS",
    "ArrayBlocks",
    "Blocks",
    "GaussianData",
    "OneStepNetwork",
    "RandomFeatures",
    "RidgePath",
    "TangentKernel",
    "TrainingResult",
    "TransferredHead",
    "train",
]

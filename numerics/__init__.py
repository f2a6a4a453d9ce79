"""NumPy training: Gaussian data, two-layer networks, one-step feature learning, online SGD, kernel baselines."""

from steinlab.numerics.data import ArrayBlocks, Blocks, GaussianData
from steinlab.numerics.one_step import OneStepNetwork
from steinlab.numerics.online_sgd import OnlineSGD, OnlineSGDRun
from steinlab.numerics.online_training import ONLINE_METHODS, OnlineResult, train_online
from steinlab.numerics.random_features import RandomFeatures
from steinlab.numerics.ridge import RidgePath
from steinlab.numerics.single_index_sgd import SingleIndexSGD
from steinlab.numerics.student import Student
from steinlab.numerics.tangent_kernel import TangentKernel
from steinlab.numerics.training import METHODS, TrainingResult, train
from steinlab.numerics.transfer import TransferredHead

__all__ = [
    "METHODS",
    "ONLINE_METHODS",
    "ArrayBlocks",
    "Blocks",
    "GaussianData",
    "OneStepNetwork",
    "OnlineResult",
    "OnlineSGD",
    "OnlineSGDRun",
    "RandomFeatures",
    "RidgePath",
    "SingleIndexSGD",
    "Student",
    "TangentKernel",
    "TrainingResult",
    "TransferredHead",
    "train",
    "train_online",
]

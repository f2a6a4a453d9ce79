"""NumPy training: Gaussian data, two-layer networks, one-step feature learning, online SGD, kernel baselines."""

from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.methods.online_sgd import ONLINE_METHODS, OnlineResult, train_online
from steinlab.numerics.methods.random_features import RandomFeatures
from steinlab.numerics.methods.ridge_head import RidgePath
from steinlab.numerics.methods.single_index_sgd import SingleIndexSGD
from steinlab.numerics.methods.tangent_kernel import TangentKernel
from steinlab.numerics.methods.transfer import TransferredHead
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.trajectories import OnlineSGD, OnlineSGDRun
from steinlab.numerics.runs import METHODS, TrainingResult, train
from steinlab.numerics.samples.blocks import ArrayBlocks, Blocks, GaussianData

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

"""NumPy training: Gaussian data, two-layer networks, one-step feature learning, online SGD, kernel baselines."""

from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.methods.online_sgd import OnlineSGD
from steinlab.numerics.methods.random_features import RandomFeatures
from steinlab.numerics.methods.ridge_head import RidgePath
from steinlab.numerics.methods.single_index_sgd import SingleIndexSGD
from steinlab.numerics.methods.tangent_kernel import TangentKernel
from steinlab.numerics.methods.transfer import TransferredHead
from steinlab.numerics.networks.student import Student
from steinlab.numerics.online.record import OnlineSGDRun
from steinlab.numerics.online_runs import ONLINE_METHODS, train_online
from steinlab.numerics.results import OnlineResult, TrainingResult
from steinlab.numerics.runs import METHODS, train
from steinlab.numerics.samples.blocks import ArrayBlocks, Blocks
from steinlab.numerics.samples.gaussian import GaussianData

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

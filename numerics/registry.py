"""The training methods by name, one line each: what `train`, the command line, the studies and Python offer."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from steinlab.theory.errors import InputError

if TYPE_CHECKING:
    from steinlab.numerics.methods.regressor import Regressor

__all__ = ["METHODS", "Method", "make_estimator", "method_settings", "methods"]


class Method(NamedTuple):
    """A method: its module, its estimator there, and whether it is online (T samples, each seen once, and no holdout)."""

    module: str
    estimator: str
    online: bool = False


# By the names of modules, which are imported when a method is used: a menu of names should not wait for NumPy.
METHODS = {
    "one-step": Method("steinlab.numerics.methods.one_step", "OneStepNetwork"),
    "random-features": Method("steinlab.numerics.methods.random_features", "RandomFeatures"),
    "tangent-kernel": Method("steinlab.numerics.methods.tangent_kernel", "TangentKernel"),
    "online-sgd": Method("steinlab.numerics.methods.online_sgd", "OnlineSGD", online=True),
    "single-index-sgd": Method("steinlab.numerics.methods.single_index_sgd", "SingleIndexSGD", online=True),
}

# Settings of the estimators that follow from what a run is asked for.
_GIVEN = ("random_state", "validation_fraction", "width")


def method_settings(method: str) -> dict[str, Any]:
    """The settings of a method that a run accepts, with their defaults.

    Raises:
        InputError: the method is unknown.

    Example:
        >>> method_settings("random-features")["weight_law"]
        'sphere'
    """
    parameters = inspect.signature(_estimator_class(method)).parameters
    return {name: parameter.default for name, parameter in parameters.items() if name not in _GIVEN}


def make_estimator(method: str, *, width: int, random_state: int = 0, settings: Mapping[str, Any] | None = None) -> Regressor:
    """The estimator of a method, not fitted; its settings are checked when it is.

    Raises:
        InputError: the method is unknown, or has no setting of that name.
    """
    known, settings = method_settings(method), settings or {}
    for name in settings:
        if name not in known:
            raise InputError(f"{method} has no setting {name!r}; it has {', '.join(known)}")
    estimator: Regressor = _estimator_class(method)(width=width, random_state=random_state, **settings)
    return estimator


def methods(*, online: bool) -> tuple[str, ...]:
    """The names of the methods that are online, or of those that are not.

    Example:
        >>> methods(online=True)
        ('online-sgd', 'single-index-sgd')
    """
    return tuple(name for name, method in METHODS.items() if method.online == online)


def _estimator_class(method: str) -> Any:
    if method not in METHODS:
        raise InputError(f"method = {method!r} is unknown; choose from {', '.join(METHODS)}")
    return getattr(importlib.import_module(METHODS[method].module), METHODS[method].estimator)

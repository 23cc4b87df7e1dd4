"""Deltarule trains small neural networks over HTTP: `from deltarule import Client` is where a program begins."""

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deltarule.client import Client
    from deltarule.client.estimators import DeltaruleClassifier, DeltaruleRegressor

__all__ = ["Client", "DeltaruleClassifier", "DeltaruleRegressor"]

HOMES = MappingProxyType(
    {
        "Client": "deltarule.client",
        "DeltaruleClassifier": "deltarule.client.estimators",
        "DeltaruleRegressor": "deltarule.client.estimators",
    }
)


def __getattr__(name: str) -> object:
    """The client, loaded when it is asked for: service and worker import this package too and need no HTTP client."""
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

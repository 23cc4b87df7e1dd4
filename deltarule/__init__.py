"""Deltarule trains small neural networks over HTTP: `from deltarule import Client` is where a program begins."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deltarule.client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> object:
    """The client, loaded when it is asked for: service and worker import this package too and need no HTTP client."""
    if name == "Client":
        return import_module("deltarule.client").Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

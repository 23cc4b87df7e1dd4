"""Which engine trains here: the compiled one where Numba and SciPy are installed, else plain NumPy."""

from importlib import import_module
from importlib.util import find_spec

from deltarule.backprop.engine import EngineMaker
from deltarule.backprop.numpy_engine import NumpyEngine

_NEEDED = ("numba", "scipy")


def best_engine() -> EngineMaker:
    """The fastest engine that can be had; only this call imports Numba, and only where it is installed."""
    if any(find_spec(name) is None for name in _NEEDED):
        return NumpyEngine
    maker: EngineMaker = import_module("deltarule.backprop.compiled").CompiledEngine
    return maker

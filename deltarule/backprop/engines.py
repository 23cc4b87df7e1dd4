"""Which engine trains here: the compiled one where Numba and SciPy are installed, else plain NumPy."""

from importlib import import_module
from importlib.util import find_spec

from deltarule.backprop.engine import EngineMaker
from deltarule.backprop.numpy_engine import NumpyEngine

_NEEDED = ("numba", "scipy")
_COMPILED = "deltarule.backprop.compiled"


def make_ready() -> None:
    """Does beforehand what would keep the first training waiting: kernels are read from disk, or compiled.

    Compiling takes about half a minute, once for a version of the kernels and a kind of processor, and one process does
    it for all that start at once; reading takes less than two seconds.
    """
    if _can_compile():
        import_module(_COMPILED).prepare()


def best_engine() -> EngineMaker:
    """The fastest engine that can be had; only this call imports Numba, and only where it is installed."""
    if not _can_compile():
        return NumpyEngine
    maker: EngineMaker = import_module(_COMPILED).CompiledEngine
    return maker


def _can_compile() -> bool:
    return all(find_spec(name) is not None for name in _NEEDED)

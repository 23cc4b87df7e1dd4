"""Of SciPy, Numba needs the two modules that lead to BLAS and LAPACK; the package around them takes longer than Numba.

Its own start looks at the whole of NumPy, tests and Fortran tools included, which is an eighth of a worker's start.
"""

import sys
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path

PACKAGE = "scipy.linalg"
MODULES = ("cython_blas", "cython_lapack")


def load_blas() -> None:
    """Load them by themselves. Whoever imports the package later gets all of it, and the same two modules in it."""
    for module in MODULES:
        # Another SciPy may have them need the package; Numba then imports it as it always does.
        with suppress(Exception):
            _load(f"{PACKAGE}.{module}")


def _load(name: str) -> None:
    scipy = find_spec("scipy")
    if name in sys.modules or scipy is None or scipy.origin is None:
        return
    found = PathFinder.find_spec(name, [str(Path(scipy.origin).with_name("linalg"))])
    if found is None or found.loader is None:
        return
    module = sys.modules[name] = module_from_spec(found)
    try:
        found.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise

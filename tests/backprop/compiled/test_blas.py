"""SciPy's way to BLAS is loaded without the package around it."""

import subprocess
import sys

import pytest

from deltarule.backprop.compiled import blas

PROGRAM = """
import sys
from deltarule.backprop.compiled.blas import load_blas
load_blas()
alone = sys.modules["scipy.linalg.cython_blas"]
assert "scipy.linalg" not in sys.modules
from scipy.linalg import cython_blas, solve
assert cython_blas is alone
print(solve([[2.0]], [1.0])[0])
"""


def test_whoever_wants_the_package_later_gets_it() -> None:
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "0.5"


def test_a_module_that_needs_its_package_is_left_to_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "MODULES", ("_decomp", "no_such_module"))
    monkeypatch.setattr(blas, "PACKAGE", "scipy.linalg_of_another_kind")
    blas.load_blas()
    assert "scipy.linalg_of_another_kind._decomp" not in sys.modules

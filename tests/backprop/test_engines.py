import subprocess
import sys

import pytest

from deltarule.backprop import engines
from deltarule.backprop.compiled.engine import CompiledEngine
from deltarule.backprop.numpy_engine import NumpyEngine


def test_the_compiled_engine_where_numba_is_installed() -> None:
    assert engines.best_engine() is CompiledEngine


@pytest.mark.parametrize("missing", ["numba", "scipy"])
def test_plain_numpy_where_something_is_missing(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == missing else object())
    assert engines.best_engine() is NumpyEngine


def test_nothing_imports_numba_before_an_engine_is_chosen() -> None:
    code = "import sys; import deltarule.backprop.trainer, deltarule.backprop.engines; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

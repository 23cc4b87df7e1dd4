"""A worker's start loads what trains, and nothing that only could."""

import subprocess
import sys

import pytest

from worker.sparing import sparing

ABSENT = ("cffi", "numpy.f2py", "psycopg", "rich", "scipy.linalg", "unittest", "yaml")
PROGRAM = f"""
import sys
from worker.sparing import sparing
with sparing():
    from worker.app import create_app
    from deltarule.backprop.engines import make_ready
    make_ready()
print([name for name in {ABSENT} if name in sys.modules])
"""


def test_what_is_unused_is_not_found_in_the_block_and_is_there_after_it() -> None:
    with sparing(("antigravity", "json")):
        with pytest.raises(ImportError):
            import antigravity  # noqa: F401, PLC0415
        import json  # noqa: PLC0415

        assert json.loads("1") == 1
    assert "antigravity" not in sys.modules


def test_a_worker_that_is_ready_has_loaded_none_of_it() -> None:
    answer = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"

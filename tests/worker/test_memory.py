"""Memory is limited for one process and for good: each case runs in a process of its own."""

import subprocess
import sys

import pytest

from worker import memory
from worker.memory import EXTRA_BYTES, allowance, limit_memory

MEBIBYTE = 1024 * 1024
PROBE = """
import sys, numpy
from worker.memory import limit_memory
limit_memory(int(sys.argv[1]))
try:
    numpy.ones(int(sys.argv[2]), numpy.uint8)
except MemoryError:
    print("refused")
else:
    print("given")
print(numpy.ones(1000).sum())
"""


def probe(limit: int, wanted: int) -> list[str]:
    command = [sys.executable, "-c", PROBE, str(limit), str(wanted)]
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_what_fits_is_given() -> None:
    assert probe(256 * MEBIBYTE, 128 * MEBIBYTE) == ["given", "1000.0"]


def test_what_does_not_fit_is_a_memory_error_and_the_process_lives_on() -> None:
    assert probe(128 * MEBIBYTE, 256 * MEBIBYTE) == ["refused", "1000.0"]


def test_normal_jobs_have_more_than_they_are_estimated_to_need() -> None:
    assert allowance(100, None) == 200 + EXTRA_BYTES
    assert allowance(100, 7) == 7


def test_where_the_system_does_not_tell_nothing_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "STATUS", memory.Path("/nowhere"))
    monkeypatch.setattr("resource.setrlimit", pytest.fail)
    limit_memory(1)

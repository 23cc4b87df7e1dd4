"""Where compiled code is kept."""

import fcntl
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from deltarule.backprop.compiled.compiling import alone, cache_folder


def test_the_folder_that_was_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    folder = cache_folder()
    assert folder is not None
    assert folder.parent == tmp_path


def test_a_folder_that_anybody_may_write_to_is_not_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    first = cache_folder()
    assert first is not None
    first.chmod(0o777)
    assert cache_folder() != first


def test_the_next_best_folder_where_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    folder = cache_folder()
    assert folder is not None
    assert folder.is_relative_to(tmp_path / "home")


def test_what_is_compiled_is_found_again() -> None:
    """The kernels have been prepared by now; another process reads them, and compiles nothing."""
    code = (
        "from deltarule.backprop.compiled import prepare, training; prepare(); "
        "stats = training.train.stats; print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["2", "0"]


def test_of_several_processes_one_compiles_and_the_others_wait(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    folder = cache_folder()
    assert folder is not None
    with (folder / "compiling.lock").open("w") as lock:
        with alone(), pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

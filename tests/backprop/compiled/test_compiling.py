"""Where compiled code is kept."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numba
import pytest

from deltarule.backprop.compiled import compiling
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


def test_of_what_is_kept_only_the_machine_code_is_long() -> None:
    """Beside it are the names of the function and of its two wrappers, and none of the instructions it came from."""
    code = (
        "from deltarule.backprop.compiled import prepare, training; prepare(); "
        "kept = [each.library._shared_module for each in training.train.overloads.values()]; "
        "print(*[sum(1 for _ in module.functions) for module in kept])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["3", "3"]


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[IO[str]]:
    """The file that another process of this installation locks while it compiles."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    with alone():
        (path,) = tmp_path.glob("*/*.lock")
    with path.open("w") as file:
        yield file


def is_taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(lock, fcntl.LOCK_UN)
    return False


def test_of_several_processes_one_compiles_and_the_others_wait(lock: IO[str]) -> None:
    with alone():
        assert is_taken(lock)
    assert not is_taken(lock)


def test_a_process_comes_in_as_soon_as_the_other_is_done(lock: IO[str], monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl.flock(lock, fcntl.LOCK_EX)
    monkeypatch.setattr("time.sleep", lambda _: fcntl.flock(lock, fcntl.LOCK_UN))
    with alone():
        assert is_taken(lock)


def test_who_compiles_without_end_keeps_nobody_from_it(lock: IO[str]) -> None:
    fcntl.flock(lock, fcntl.LOCK_EX)
    with alone(patience=0), Path(lock.name).open("w") as third:
        assert is_taken(third)  # by the one that was there first


def test_another_installation_with_the_same_kernels_has_a_lock_of_its_own(
    lock: IO[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl.flock(lock, fcntl.LOCK_EX)
    monkeypatch.setattr(compiling, "SOURCES", Path("/elsewhere"))
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waits for another installation"))
    with alone():
        assert len({*Path(lock.name).parent.glob("*.lock")}) == 2

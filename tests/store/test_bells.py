"""A bell that rings is heard at once, and one that cannot ring does no harm."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deltarule.store.bells import Bell, ring_all

FOREVER_SECONDS = 3600.0


def test_a_ring_ends_the_wait(tmp_path: Path) -> None:
    bells = [Bell(tmp_path / "bells") for _ in range(2)]
    with ThreadPoolExecutor() as waiting:
        heard = [waiting.submit(bell.wait, FOREVER_SECONDS) for bell in bells]
        ring_all(tmp_path / "bells")
        for each in heard:
            each.result(timeout=60)


def test_rings_before_the_wait_are_heard_in_it_once(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    for _ in range(3):
        ring_all(tmp_path)
    bell.wait(FOREVER_SECONDS)
    bell.wait(0.0)
    with pytest.raises(BlockingIOError):
        os.read(bell._pipe or 0, 1)


def test_a_bell_that_is_taken_down_leaves_nothing(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    bell.close()
    bell.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_worker_leaves_is_taken_down_by_the_next_ring(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "orphan")
    ring_all(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_bell_full_of_rings_keeps_nobody_waiting(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    [name] = [path.name for path in tmp_path.iterdir()]
    with (tmp_path / name).open("wb", buffering=0) as pipe:
        os.set_blocking(pipe.fileno(), False)
        while pipe.write(bytes(4096)):
            pass
    ring_all(tmp_path)
    bell.wait(FOREVER_SECONDS)


def test_where_no_bell_can_hang_the_wait_only_ends_by_itself(tmp_path: Path) -> None:
    (tmp_path / "bells").write_bytes(b"a file, where the folder should be")
    bell = Bell(tmp_path / "bells")
    bell.wait(0.0)
    ring_all(tmp_path / "bells")
    bell.close()

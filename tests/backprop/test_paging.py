import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from deltarule.backprop.paging import begins_mapping, expect, forget, mapping_of, stretches

NUMBERS = 500_000


@pytest.fixture
def mapped(tmp_path: Path) -> Iterator[np.ndarray]:
    """Numbers in a file that is mapped into memory."""
    path = tmp_path / "numbers"
    np.arange(NUMBERS, dtype=np.float64).tofile(path)
    with path.open("rb") as file:
        yield np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.float64)


def resident(values: np.ndarray) -> int:
    """KiB of the mapping of an array that are in this process's memory."""
    first = f"{values.ctypes.data:x}-"
    lines = Path("/proc/self/smaps").read_text().splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(first))
    return next(int(line.split()[1]) for line in lines[begin:] if line.startswith("Rss:"))


def test_pages_are_let_go_and_read_again(mapped: np.ndarray) -> None:
    assert mapped.sum() == NUMBERS * (NUMBERS - 1) / 2
    assert resident(mapped) >= mapped.nbytes // 1024
    forget(mapped[: NUMBERS // 2], None)
    assert resident(mapped) <= mapped.nbytes // 1024 // 2 + 64
    forget(mapped)
    assert resident(mapped) == 0
    expect(mapped[10:])
    assert mapped.sum() == NUMBERS * (NUMBERS - 1) / 2


def test_ordinary_memory_is_left_alone() -> None:
    values = np.arange(NUMBERS, dtype=np.float64)
    forget(values, values[10:20], np.empty(0))
    expect(values)
    assert values.sum() == NUMBERS * (NUMBERS - 1) / 2


def test_an_array_knows_the_file_that_it_looks_into(mapped: np.ndarray) -> None:
    assert mapping_of(mapped) is not None
    assert mapping_of(mapped.reshape(-1, 10)[3:]) is mapping_of(mapped)
    assert mapping_of(mapped.copy()) is None
    assert begins_mapping(mapped.reshape(-1, 10))
    assert not begins_mapping(mapped[1:])
    assert not begins_mapping(mapped[::2])
    assert not begins_mapping(mapped.copy())


def test_stretches_come_to_all_rows() -> None:
    assert [(one.start, one.stop) for one in stretches(7, 3)] == [(0, 3), (3, 6), (6, 7)]
    assert list(stretches(0, 3)) == []

"""Samples may lie in a file that is mapped into memory: what has been read is let go, so that it never piles up.

The system reads pages of such a file when they are looked at, and keeps them for as long as it likes. These are hints
to it, and change no number; arrays that lie in ordinary memory are left alone.
"""

import mmap
from collections.abc import Iterator

import numpy as np

from deltarule.backprop.numerics import Array

AROUND = 1 << 21
"""Bytes that the system may map around a page that is looked at: those that it keeps together."""


def mapping_of(values: Array) -> mmap.mmap | None:
    """The mapped file that an array looks into; None where it lies in ordinary memory."""
    base: object = values
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    return base if isinstance(base, mmap.mmap) else None


def begins_mapping(values: Array) -> bool:
    """Whether an array is contiguous, and begins where a mapped file does."""
    mapping = mapping_of(values)
    if mapping is None or not values.flags.c_contiguous:
        return False
    return bool(values.ctypes.data == np.frombuffer(mapping, np.uint8).ctypes.data)


def forget(*arrays: Array | None) -> None:
    """Lets the pages go that these contiguous arrays lie in; they are read again when they are looked at."""
    for values in arrays:
        _advise(values, mmap.MADV_DONTNEED, AROUND)


def expect(*arrays: Array | None) -> None:
    """Has the pages read that these contiguous arrays lie in, without waiting for it."""
    for values in arrays:
        _advise(values, mmap.MADV_WILLNEED, 0)


def stretches(rows: int, at_once: int) -> Iterator[slice]:
    """So many rows, so many at once."""
    for start in range(0, rows, at_once):
        yield slice(start, min(start + at_once, rows))


def _advise(values: Array | None, advice: int, margin: int) -> None:
    mapping = None if values is None or not values.size else mapping_of(values)
    if values is None or mapping is None:
        return
    first = values.ctypes.data - np.frombuffer(mapping, np.uint8).ctypes.data
    start = max(0, first - margin) // mmap.PAGESIZE * mmap.PAGESIZE
    mapping.madvise(advice, start, min(len(mapping), first + values.nbytes + margin) - start)

"""Pages of a mapped file are read ahead and let go between two batches, as `deltarule.backprop.paging` has it.

Letting go of memory that is no mapped file would empty it: the plan says where the samples are one.
"""

import mmap
from typing import Any

import numpy as np
from numba import types

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.plan import Data
from deltarule.backprop.numerics import Array
from deltarule.backprop.paging import AROUND

_madvise: Any = types.ExternalFunction("madvise", types.int32(types.uintp, types.uintp, types.int32))
_PAGE = 1 << 16
"""As many bytes as the largest pages have, so that a multiple of it begins one on every machine."""

_FORGET, _EXPECT = mmap.MADV_DONTNEED, mmap.MADV_WILLNEED


@kernel
def forget(data: Data, first: int, stop: int) -> None:
    """Lets the pages of these rows go, and those that the system mapped around them."""
    _advise(data.inputs, first, stop, _FORGET, AROUND)
    _advise(data.targets, first, stop, _FORGET, AROUND)
    _advise(data.weights, first, stop, _FORGET, AROUND)


@kernel
def expect(data: Data, first: int, stop: int) -> None:
    """Has the pages of these rows read, without waiting for it."""
    _advise(data.inputs, first, stop, _EXPECT, 0)
    _advise(data.targets, first, stop, _EXPECT, 0)
    _advise(data.weights, first, stop, _EXPECT, 0)


@kernel
def _advise(values: Array, first: int, stop: int, advice: int, margin: int) -> None:
    if values.size == 0:
        return
    row = values.size // values.shape[0] * values.itemsize
    # Counted from the array's own beginning, which begins a page.
    start = max(0, first * row - margin) // _PAGE * _PAGE
    end = min(values.shape[0], stop) * row + margin
    end = min(values.size * values.itemsize, end)
    _madvise(np.uint64(values.ctypes.data + start), np.uint64(end - start), np.int32(advice))

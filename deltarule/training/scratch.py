"""What a run keeps on disk lies in files without a name: however the run ends, they are gone with it."""

import errno
import io
import math
import mmap
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import polars
from numpy.typing import DTypeLike, NDArray

from deltarule.backprop.samples import Samples
from deltarule.training.errors import ScratchError
from deltarule.training.tables.folder import scratch_folder

Values = NDArray[Any]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def check_room(needed: int) -> None:
    """Refuses a run that will keep so many bytes on disk, before the first of them is written.

    Raises:
        ScratchError: there is less room.
    """
    free = shutil.disk_usage(scratch_folder()).free
    if needed > free:
        raise _too_little(f"needs {_mebibytes(needed)} of it, and {_mebibytes(free)} are free")


class Spool:
    """Frames, written one after the other, and read again in their order as often as needed."""

    def __init__(self) -> None:
        self._file = _unnamed()
        self._ends = [0]

    def add(self, frame: polars.DataFrame) -> None:
        """Appends a frame.

        Raises:
            ScratchError: the disk is full.
        """
        with _watched():
            self._file.seek(self._ends[-1])
            frame.write_ipc_stream(self._file)
            self._file.flush()
        self._ends.append(self._file.tell())

    def __iter__(self) -> Iterator[polars.DataFrame]:
        """The frames from the first on."""
        for start, end in zip(self._ends, self._ends[1:], strict=False):
            self._file.seek(start)
            yield polars.read_ipc_stream(io.BytesIO(self._file.read(end - start)))

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class SampleFile:
    """Room on disk for samples, taken and filled within a `with` block; `samples` then maps it into memory.

    Args:
        rows: how many samples there will be.
        inputs, targets: columns of each.
        weighted: whether they have weights.
        dtype: of all of them.

    Raises:
        ScratchError: the disk has too little room.
    """

    def __init__(self, rows: int, inputs: int, targets: int, weighted: bool, dtype: DTypeLike) -> None:
        self._shapes: list[tuple[int, ...]] = [(rows, inputs), (rows, targets), *([(rows,)] if weighted else [])]
        self._dtype = np.dtype(dtype)
        self._files = [_unnamed() for _ in self._shapes]

    def __enter__(self) -> "SampleFile":
        try:
            self._allocate()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()

    def _allocate(self) -> None:
        for file, shape in zip(self._files, self._shapes, strict=True):
            with _watched():
                _allocate(file.fileno(), self._dtype.itemsize * math.prod(shape))

    def add(self, inputs: Values, targets: Values, weights: Values | None) -> None:
        """Appends samples, of the dtype or to be rounded to it."""
        for file, values in zip(self._files, (inputs, targets, weights), strict=False):
            if values is not None and len(values):
                file.write(np.ascontiguousarray(values, self._dtype).data)

    def samples(self) -> Samples:
        """All samples, ready for an engine; the bytes last as long as their arrays do."""
        arrays = [self._mapped(file, shape) for file, shape in zip(self._files, self._shapes, strict=True)]
        inputs, targets, *weights = arrays
        return Samples(inputs, targets, weights[0] if weights else None, ready=True)

    def _mapped(self, file: IO[bytes], shape: tuple[int, ...]) -> Values:
        file.flush()
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return np.frombuffer(mapping, self._dtype).reshape(shape)


def _unnamed() -> IO[bytes]:
    """A file that only its descriptor leads to."""
    return tempfile.TemporaryFile(dir=scratch_folder())


def _allocate(descriptor: int, size: int) -> None:
    """Room that nobody else can take: writing, or looking at, a page without any would end the process."""
    allocate = getattr(os, "posix_fallocate", None)
    if allocate is None:
        os.truncate(descriptor, size)
    else:
        allocate(descriptor, 0, size)


@contextmanager
def _watched() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _too_little("is full") from error
        raise


def _too_little(why: str) -> ScratchError:
    return ScratchError(
        f"There is too little disk space for this run: data that does not fit in memory is kept on disk while it is "
        f"trained on, and the disk {why}. Train on fewer rows or columns, or have TMPDIR name a folder with more room."
    )


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"

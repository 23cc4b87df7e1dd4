"""An NPZ file is believed in nothing: its size, members and headers are checked before an array is read.

The archive says how large it becomes, each header says how large its array is, and both have to agree; no pickle is
ever opened, nothing is unpacked to disk. See the format's description in NumPy's `numpy.lib.format`.
"""

import struct
import sys
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from math import prod
from typing import Any, BinaryIO
from zipfile import ZipFile, ZipInfo

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from deltarule.training.errors import DataError
from deltarule.training.tables.chunk import chunk_rows
from deltarule.training.tables.source import Source, opened
from deltarule.training.tables.survey import check_size
from deltarule.training.tables.values import counted, shown

WHOLE_LIMIT = 1 << 28
"""Bytes of both arrays, unpacked, where they lie column by column and have to be read as a whole."""

MEMBERS_LIMIT = 64
"""Members of an archive that are looked at, to say which of them should not be there."""

RATIO_LIMIT = 500
"""An archive of more than `RATIO_FREE` bytes may unpack to so many times its size; real data never does."""

RATIO_FREE = 1 << 24

HEADER_LIMIT = 1 << 16
"""Bytes in which the header of an array must end."""

_DAMAGED = (
    ValueError,
    EOFError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    MemoryError,
    OverflowError,
    tokenize.TokenError,
    SyntaxError,
    RuntimeError,
    zlib.error,
    struct.error,
    Warning,
)
"""What the readers of zip and npy raise where bytes are not what they should be; a RuntimeError is an encrypted member,
an endless nesting or a compression from the future."""

Block = tuple[NDArray[Any], NDArray[Any]]
"""Inputs and targets of some rows."""

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_CENTRAL_DIRECTORY = b"PK\x01\x02"
_NUMBERS = "biuf"
_DIMENSIONS = {"inputs": (2,), "targets": (1, 2)}


@dataclass(frozen=True, slots=True)
class _Header:
    """What an array says of itself."""

    name: str
    shape: tuple[int, ...]
    by_columns: bool
    dtype: np.dtype[Any]
    size: int
    member: ZipInfo


def dimensions(source: Source, limit: int) -> int:
    """How many dimensions the targets of an NPZ file have, 1 or 2, once its headers are checked.

    Args:
        source: of the archive.
        limit: bytes that the table may come to.

    Raises:
        DataError: no archive, other members than `inputs` and `targets`, arrays of objects, headers that do not fit
            what follows them, too large.
    """
    with _checked(source, limit) as (_, _, targets):
        return len(targets.shape)


def blocks(source: Source, limit: int) -> Iterator[Block]:
    """The arrays of an NPZ file, some rows at a time: inputs (n × d, numbers), targets (n, numbers or texts, or n × k).

    Raises:
        DataError: as from `dimensions`, or what follows a header is not what it says.
    """
    with _checked(source, limit) as (archive, inputs, targets):
        rows = chunk_rows(inputs.shape[1] + prod(targets.shape[1:]))
        if inputs.by_columns or targets.by_columns:
            _check_whole(inputs, targets)
            whole = _array(archive, inputs), _array(archive, targets)
            for start in range(0, len(whole[0]), rows):
                yield whole[0][start : start + rows], whole[1][start : start + rows]
        else:
            yield from zip(_parts(archive, inputs, rows), _parts(archive, targets, rows), strict=True)


@contextmanager
def _checked(source: Source, limit: int) -> Iterator[tuple[ZipFile, _Header, _Header]]:
    with opened(source) as stream, _translated("The file"):
        _check_members(stream)
        with ZipFile(stream) as archive:
            inputs, targets = _headers(archive)
            _check_table(inputs, targets, limit)
            yield archive, inputs, targets


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise DataError(f"{what} is no readable NPZ archive: {error or type(error).__name__}.") from error


def _check_members(stream: BinaryIO) -> None:
    """Counts the entries of the archive's directory without parsing them: a directory of millions takes gigabytes."""
    count, tail = 0, b""
    while block := stream.read(1 << 20):
        count += (tail + block).count(_CENTRAL_DIRECTORY)
        tail = (tail + block)[1 - len(_CENTRAL_DIRECTORY) :]
    stream.seek(0)
    if count > MEMBERS_LIMIT:
        raise DataError(f"The archive has more than {MEMBERS_LIMIT} members; it must have two, inputs and targets.")


def _headers(archive: ZipFile) -> tuple[_Header, _Header]:
    members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
    for name in members.keys() - _DIMENSIONS.keys():
        raise DataError(f"The archive holds {shown(name)}; it must hold the arrays inputs and targets, and no others.")
    for name in _DIMENSIONS.keys() - members.keys():
        raise DataError(f"The archive holds no array {name}; it must hold the arrays inputs and targets.")
    if len(archive.infolist()) > len(members):
        raise DataError("The archive holds an array twice; it must hold the arrays inputs and targets once.")
    _check_sizes(archive.infolist())
    return _header(archive, "inputs", members["inputs"]), _header(archive, "targets", members["targets"])


def _check_sizes(members: list[ZipInfo]) -> None:
    unpacked = sum(info.file_size for info in members)
    packed = sum(info.compress_size for info in members)
    if unpacked > max(RATIO_FREE, RATIO_LIMIT * packed):
        raise DataError(
            f"The archive unpacks to more than {RATIO_LIMIT} times its size; send real data, or save it plain."
        )


def _header(archive: ZipFile, name: str, member: ZipInfo) -> _Header:
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise DataError(f"The array {name} is packed in an unusual way; save it with numpy.savez_compressed.")
    with _translated(f"The array {name}"), archive.open(member) as stream:
        start = BytesIO(stream.read(HEADER_LIMIT))
        version = npy.read_magic(start)
        if version not in _HEADERS:
            raise DataError(f"The array {name} has the npy format {version[0]}.{version[1]}; 1.0 and 2.0 are read.")
        shape, by_columns, dtype = _HEADERS[version](start)
        header = _Header(name, tuple(map(int, shape)), by_columns, dtype, start.tell(), member)
        _check_header(header, payload=member.file_size - start.tell())
    return header


def _check_header(header: _Header, payload: int) -> None:
    kinds = _NUMBERS + ("U" if header.name == "targets" and len(header.shape) == 1 else "")
    if header.dtype.kind not in kinds or not header.dtype.itemsize:
        raise DataError(
            f"The array {header.name} has the type {shown(header.dtype)}; it must hold numbers"
            f"{' or texts (str)' if 'U' in kinds else ''}. Objects are never read."
        )
    if len(header.shape) not in _DIMENSIONS[header.name] or min(header.shape) < 1:
        wanted = "rows × columns" if header.name == "inputs" else "rows, or rows × outputs"
        raise DataError(f"The array {header.name} has the shape {shown(header.shape)}; it must be {wanted}.")
    if prod(header.shape) * header.dtype.itemsize != payload:
        raise DataError(
            f"The array {header.name} of shape {shown(header.shape)} and type {shown(header.dtype)} takes "
            f"{prod(header.shape) * header.dtype.itemsize} bytes, but the archive holds {payload} for it."
        )


def _check_table(inputs: _Header, targets: _Header, limit: int) -> None:
    rows, columns = inputs.shape
    if targets.shape[0] != rows:
        raise DataError(f"There are {counted(rows, 'row')} of inputs, but {targets.shape[0]} of targets.")
    check_size(rows, columns + prod(targets.shape[1:]), limit)


def _check_whole(inputs: _Header, targets: _Header) -> None:
    unpacked = inputs.member.file_size + targets.member.file_size
    if unpacked > WHOLE_LIMIT:
        raise DataError(
            f"The arrays take {unpacked} bytes, and lie column by column; so they may take {WHOLE_LIMIT} at most. "
            "Save them row by row, with numpy.ascontiguousarray."
        )


def _array(archive: ZipFile, header: _Header) -> NDArray[Any]:
    with _translated(f"The array {header.name}"), archive.open(header.member) as stream:
        array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
        # The checksum of a member is only compared once its end is reached.
        stream.read(1)
    _check_characters(array, header)
    return array


def _parts(archive: ZipFile, header: _Header, rows: int) -> Iterator[NDArray[Any]]:
    """An array that lies row by row, so many rows at a time."""
    total, width = header.shape[0], prod(header.shape[1:])
    with _translated(f"The array {header.name}"), archive.open(header.member) as stream:
        stream.read(header.size)
        for start in range(0, total, rows):
            shape = (min(rows, total - start), *header.shape[1:])
            part = np.frombuffer(stream.read(shape[0] * width * header.dtype.itemsize), header.dtype).reshape(shape)
            _check_characters(part, header)
            yield part
        stream.read(1)


def _check_characters(array: NDArray[Any], header: _Header) -> None:
    if array.dtype.kind == "U" and array.view(f"{array.dtype.byteorder}u4").max() > sys.maxunicode:
        raise DataError(f"The array {header.name} holds texts with characters that do not exist.")

"""A state as bytes and back, exact to the last bit: NumPy arrays and JSON, guarded by a digest, never pickle."""

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import asdict, fields
from typing import NamedTuple

import numpy as np

from deltarule.backprop.engine import Problem
from deltarule.backprop.errors import StateError
from deltarule.backprop.numerics import Array
from deltarule.backprop.paging import forget, stretches
from deltarule.backprop.samples import Samples
from deltarule.backprop.state import Progress, State

HEADER = b"deltarule training state 1\n"
DIGEST_BYTES = hashlib.sha256().digest_size

CHECKED_AT_ONCE = 1 << 22
"""Bytes of the data that are read at a time."""

ARRAYS = tuple(one.name for one in fields(State) if one.name != "progress")


def fingerprint(problem: Problem) -> str:
    """What a state belongs to: the definition and the data. Another one gives another text, as far as anyone meets."""
    described = hashlib.sha256(problem.definition.model_dump_json().encode())
    described.update(f"{problem.layout.inputs} {_checksums(problem.training)} ".encode())
    described.update(f"{_checksums(problem.validation) if problem.validation else None}".encode())
    return described.hexdigest()


class Written(NamedTuple):
    """A state that was written down, and the `Engine.version` that it comes from; None where it was not noted."""

    state: State
    version: str | None


def to_bytes(state: State, belongs_to: str, version: str) -> bytes:
    """The state, written down; `belongs_to` is the `fingerprint` of its problem, `version` that of the engine."""
    file = io.BytesIO()
    text = json.dumps({"belongs_to": belongs_to, "version": version, "progress": asdict(state.progress)})
    described = {"description": np.frombuffer(text.encode(), np.uint8)}
    np.savez(file, allow_pickle=False, **{name: getattr(state, name) for name in ARRAYS}, **described)
    body = file.getvalue()
    return HEADER + hashlib.sha256(body).digest() + body


def from_bytes(written: bytes, belongs_to: str) -> Written:
    """The state again.

    Raises:
        StateError: the bytes are damaged, of another version, or of another definition or other data.
    """
    body = _checked_body(written)
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as archive:
            description = json.loads(archive["description"].tobytes())
            arrays = {name: archive[name] for name in ARRAYS}
        state = State(**arrays, progress=Progress(**description["progress"]))
    except (KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise StateError("This training state can't be read: it was not written by this version.") from error
    if description["belongs_to"] != belongs_to:
        raise StateError("This training state belongs to another definition or to other data.")
    return Written(state, description.get("version"))


def _checked_body(written: bytes) -> bytes:
    if not written.startswith(HEADER):
        raise StateError("These bytes are no training state of this version.")
    digest, body = written[len(HEADER) :][:DIGEST_BYTES], written[len(HEADER) + DIGEST_BYTES :]
    if hashlib.sha256(body).digest() != digest:
        raise StateError("This training state is damaged: its digest does not fit its content.")
    return body


def _checksums(samples: Samples) -> list[tuple[tuple[int, ...], int]]:
    arrays = [one for one in (samples.inputs, samples.targets, samples.weights) if one is not None]
    return [(array.shape, _checksum(array)) for array in arrays]


def _checksum(array: Array) -> int:
    """CRC-32 of the bytes, which may lie in a file."""
    checksum = 0
    for rows in stretches(len(array), max(1, CHECKED_AT_ONCE * len(array) // max(1, array.nbytes))):
        checksum = zlib.crc32(array[rows].data.cast("B"), checksum)
        forget(array[rows])
    return checksum

"""From what a user holds, a file, a frame, arrays or columns in memory, to a body with its media type."""

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from deltarule.client.arrays import is_array, npz_of
from deltarule.client.errors import InvalidInput
from deltarule.client.frames import MISSING, assembled, frame_of, is_frame, series_of
from deltarule.client.pairing import Arrays, Table, paired

MEDIA_TYPES = MappingProxyType(
    {
        ".csv": "text/csv",
        ".tsv": "text/csv",
        ".txt": "text/csv",
        ".parquet": "application/vnd.apache.parquet",
        ".npz": "application/x-npz",
        ".json": "application/json",
        ".ndjson": "application/x-ndjson",
        ".jsonl": "application/x-ndjson",
    }
)

PARQUET = MEDIA_TYPES[".parquet"]
NPZ = MEDIA_TYPES[".npz"]
JSON = MEDIA_TYPES[".json"]

SMALL_CELLS = 100_000
"""So many cells are sent as JSON: the service unpacks Parquet in a process of its own, which takes half a second."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A table ready to be sent."""

    name: str | None
    media_type: str
    content: bytes | Path


def upload_of(table: Table | Arrays) -> Upload:
    """The body that carries this table; NaN and None are missing values, numbers keep every bit.

    Raises:
        InvalidInput: for a file that is not there or of a kind unknown, and for values that no table can hold.
    """
    if isinstance(table, tuple):
        return upload_of(paired(table, None)[0])
    if isinstance(table, Arrays):
        return Upload(None, NPZ, npz_of(table.inputs, table.targets))
    if isinstance(table, Mapping):
        return _of_columns(table)
    if is_frame(table):
        return _of_frame(table)
    if isinstance(table, str | Path):
        return _of_file(Path(table))
    raise InvalidInput(
        f"A {type(table).__name__} is no table.", "Give a file, a frame, a dict of columns, or inputs with targets."
    )


def written(path: Path, content: bytes) -> Path:
    """The same path, with this content in it.

    Raises:
        InvalidInput: if nothing can be written there.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.", f"The folder is {Path.cwd()}.") from error
    return path


def _of_file(given: Path) -> Upload:
    path = readable(given)
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise InvalidInput(
            f"{path} is no table that the service reads: its name ends in {path.suffix or 'nothing'}.",
            f"It reads {', '.join(MEDIA_TYPES)}.",
        )
    return Upload(path.stem, media_type, path)


def _of_frame(table: object) -> Upload:
    frame = frame_of(table)
    if frame.height * frame.width <= SMALL_CELLS:
        return Upload(None, JSON, _json({"columns": frame.to_dict(as_series=False)}))
    file = io.BytesIO()
    frame.write_parquet(file)
    return Upload(None, PARQUET, file.getvalue())


def _of_columns(table: Mapping[str, Any]) -> Upload:
    if set(table) == {"inputs", "targets"}:
        if is_array(table["inputs"]) or is_array(table["targets"]):
            return Upload(None, NPZ, npz_of(table["inputs"], table["targets"]))
        return Upload(None, JSON, _json(table))
    columns = table["columns"] if isinstance(table.get("columns"), Mapping) else table
    if any(hasattr(values, "dtype") for values in columns.values()):
        return _of_frame(assembled([series_of(str(name), values) for name, values in columns.items()]))
    return Upload(None, JSON, _json({"columns": columns}))


def readable(path: Path) -> Path:
    """The same path, if a file that can be read is there.

    Raises:
        InvalidInput: if not.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise InvalidInput(f"{path} cannot be read: {reason}.", f"The folder is {Path.cwd()}.") from error
    return path


def _json(document: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(_plain(document), allow_nan=False).encode()
    except ValueError as error:
        raise InvalidInput("The data holds infinity, from which nothing can be learnt.", MISSING) from error
    except TypeError as error:
        raise InvalidInput(f"The data cannot be written as JSON: {error}.", "Give lists, arrays or series.") from error


def _plain(value: object) -> object:
    """The value as JSON has it: NaN is null, arrays and series are lists (NumPy and pandas say `tolist`)."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    for name in ("tolist", "to_list"):
        if hasattr(value, name):
            return _plain(getattr(value, name)())
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"a {type(value).__name__} is neither a number, a text, a list nor an array")

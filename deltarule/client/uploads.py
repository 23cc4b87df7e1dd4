"""From what a user holds, a file or columns in memory, to a body with its media type."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from deltarule.client.errors import InvalidInput

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

Table = str | Path | Mapping[str, Any]
"""A file, or columns by name (lists, arrays or series), or `{"inputs": ..., "targets": ...}`."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A table ready to be sent."""

    name: str | None
    media_type: str
    content: bytes | Path


def upload_of(table: Table) -> Upload:
    """The body that carries this table.

    Raises:
        InvalidInput: for a file that is not there or of a kind unknown, and for values that JSON cannot carry.
    """
    if isinstance(table, Mapping):
        return Upload(None, "application/json", _json(table))
    path = readable(Path(table))
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise InvalidInput(
            f"{path} is no table that the service reads: its name ends in {path.suffix or 'nothing'}.",
            f"It reads {', '.join(MEDIA_TYPES)}.",
        )
    return Upload(path.stem, media_type, path)


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


def _json(table: Mapping[str, Any]) -> bytes:
    arrays = "columns" in table or {"inputs", "targets"} <= table.keys()
    document = dict(table) if arrays else {"columns": dict(table)}
    try:
        return json.dumps(document, allow_nan=False, default=_plain).encode()
    except ValueError as error:
        raise InvalidInput(
            "The data holds NaN or infinity, which JSON has no words for.", "Write None instead."
        ) from error
    except TypeError as error:
        raise InvalidInput(f"The data cannot be written as JSON: {error}.", "Give lists, arrays or series.") from error


def _plain(value: object) -> object:
    """Arrays and series as lists: NumPy and pandas say `tolist`, polars `to_list`; this client imports none of them."""
    for name in ("tolist", "to_list"):
        if hasattr(value, name):
            return getattr(value, name)()
    raise TypeError(f"a {type(value).__name__} is neither a number, a text, a list nor an array")

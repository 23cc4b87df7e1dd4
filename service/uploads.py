"""A file on its way in: from the socket to the blobs in pieces, counted, gone without a trace when it is refused."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType
from typing import IO, cast

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, LengthRequired, UnsupportedMediaType
from werkzeug.formparser import MultiPartParser

from deltarule.store.blobs import Blobs, Upload
from deltarule.store.quotas import Allowance
from deltarule.training.tables import Format

PIECE_BYTES = 256 * 1024
FORM_BYTES = 64 * 1024
"""More than what a form puts around its one file."""
MULTIPART = "multipart/form-data"
UNTOLD = frozenset({"", "application/octet-stream"})
FORMATS: MappingProxyType[str, Format] = MappingProxyType(
    {
        "text/csv": "csv",
        "application/vnd.apache.parquet": "parquet",
        "application/x-npz": "npz",
        "application/json": "json",
        "application/x-ndjson": "ndjson",
    }
)
SUFFIXES: MappingProxyType[str, Format] = MappingProxyType(
    {
        ".csv": "csv",
        ".tsv": "csv",
        ".txt": "csv",
        ".parquet": "parquet",
        ".npz": "npz",
        ".json": "json",
        ".ndjson": "ndjson",
        ".jsonl": "ndjson",
    }
)
MEDIA_TYPES = MappingProxyType({name: media_type for media_type, name in FORMATS.items()})
TAKEN = f"{', '.join(FORMATS)} or {MULTIPART} with the table as `file`"


@dataclass(slots=True)
class Received:
    """A file that lies in the blobs; `name` is what its sender called it."""

    key: str
    size: int
    sha256: str
    format: Format
    name: str | None


@contextmanager
def received(asked: Request, blobs: Blobs, allowance: Allowance, release: Callable[[str], None]) -> Iterator[Received]:
    """The file that a request carries, raw or as the part `file` of a form; `release` is told its key afterwards.

    Raises:
        UnsupportedMediaType: for a format that is not read here.
        BadRequest: for a body that is empty or a form without a file.
        RequestEntityTooLarge: for more bytes than `request.max_content_length`, counted while they come.
        LimitReached: for more bytes than the allowance, before they come where their number is told.
    """
    arrived = _from_form(asked, blobs, allowance) if asked.mimetype == MULTIPART else _raw(asked, blobs, allowance)
    try:
        if arrived.size == 0:
            raise BadRequest("The body is empty; it must be a table.")
        yield arrived
    finally:
        release(arrived.key)


def refuse_without_length(asked: Request) -> None:
    """Refuse a request that says neither how long its body is nor that it comes in chunks; raises LengthRequired."""
    if asked.content_length is None and "Transfer-Encoding" not in asked.headers:
        raise LengthRequired("Send the file with its Content-Length, or in chunks.")


def _refuse_early(asked: Request, allowance: Allowance, around: int = 0) -> None:
    """Refuse what says itself that it is too much, `around` bytes of it being no part of the file."""
    told = asked.content_length or 0
    if told <= (asked.max_content_length or told):  # what is over that limit is refused for good
        allowance.refuse(max(0, told - around))


def _raw(asked: Request, blobs: Blobs, allowance: Allowance) -> Received:
    format = FORMATS.get(asked.mimetype)  # noqa: A001 -- the contract's word
    if format is None:
        raise UnsupportedMediaType(f"A dataset comes as {TAKEN}, not as {asked.mimetype or 'a body without a type'}.")
    _refuse_early(asked, allowance)
    with blobs.writer() as upload:
        sink = _Sink(upload, allowance)
        while piece := asked.stream.read(PIECE_BYTES):
            sink.write(piece)
    return Received(upload.key, upload.size, upload.sha256, format, None)


def _from_form(asked: Request, blobs: Blobs, allowance: Allowance) -> Received:
    """The part `file` of a form. Werkzeug's parser reads the form; what it takes for a temporary file is the blob."""
    _refuse_early(asked, allowance, FORM_BYTES)
    with ExitStack() as stack:
        parts = _Parts(blobs, allowance, stack)
        part = _only_file(asked, parts)
        format = _format(part)  # noqa: A001 -- the contract's word
        upload = parts.upload
    name = PurePath(part.filename or "").name or None
    return Received(upload.key, upload.size, upload.sha256, format, PurePath(name).stem if name else None)


class _Parts:
    """Gives Werkzeug's parser a blob to write the one file of a form into."""

    def __init__(self, blobs: Blobs, allowance: Allowance, stack: ExitStack) -> None:
        self._blobs = blobs
        self._allowance = allowance
        self._stack = stack
        self._upload: Upload | None = None

    def stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self._upload is not None:
            raise BadRequest("The form carries more than one file; send one at a time, as the part `file`.")
        self._upload = self._stack.enter_context(self._blobs.writer())
        return cast("IO[bytes]", _Sink(self._upload, self._allowance))

    @property
    def upload(self) -> Upload:
        """What was written; there is one as soon as the parser has found a file."""
        assert self._upload is not None  # noqa: S101 -- for the type checker
        return self._upload


class _Sink:
    """An upload that stops at the allowance, as the parser wants it.

    It writes, and goes back to the start when it is done, where nobody reads.
    """

    def __init__(self, upload: Upload, allowance: Allowance) -> None:
        self._upload = upload
        self._allowance = allowance

    def write(self, piece: bytes) -> None:
        self._allowance.refuse(self._upload.size + len(piece))
        self._upload.write(piece)

    def seek(self, _: int) -> int:
        return 0


def _only_file(asked: Request, parts: _Parts) -> FileStorage:
    boundary = asked.mimetype_params.get("boundary", "").encode("ascii", "ignore")
    if not boundary:
        raise BadRequest("The form's Content-Type has no boundary.")
    parser = MultiPartParser(parts.stream, asked.max_form_memory_size, max_form_parts=asked.max_form_parts)
    try:
        fields, files = parser.parse(asked.stream, boundary, asked.content_length)
    except ValueError as error:
        raise BadRequest(f"The form cannot be read: {error}.") from error
    if fields or list(files) != ["file"]:
        raise BadRequest("The form must have one part, a file named `file`; a name for it goes into `?name=`.")
    return files["file"]


def _format(part: FileStorage) -> Format:
    media_type = (part.mimetype or "").lower()
    suffix = PurePath(part.filename or "").suffix.lower()
    format = SUFFIXES.get(suffix) if media_type in UNTOLD else FORMATS.get(media_type)  # noqa: A001
    if format is None:
        raise UnsupportedMediaType(
            f"The file is {media_type or 'of no type'} by its part and {suffix or 'of no kind'} by its name; "
            f"a dataset is {', '.join(FORMATS)}."
        )
    return format

"""The bytes of datasets in S3-compatible storage: a file becomes an object whole or not at all, and a file again.

What is written waits in the folder for temporary files (`TMPDIR`) until it is complete; it then goes out in parts, so
that memory holds a few of them at most. An upload that is cut off there by the end of the process leaves parts behind
that no list shows: give the bucket a lifecycle rule that ends unfinished multipart uploads.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from deltarule.store.blobs import LocalUpload, translated_storage
from deltarule.store.errors import NotFound, SettingsError, Unavailable
from deltarule.store.identifiers import is_id, new_id

if TYPE_CHECKING:  # these are of type checkers only
    from obstore.store import ClientConfig, RetryConfig, S3Config

PART_BYTES = 8 * 1024 * 1024
PARTS_AT_ONCE = 4
PIECE_BYTES = 4 * 1024 * 1024
AWAY = "The storage of the datasets does not answer, or refuses its keys; try again in a moment."
RETRIES: "RetryConfig" = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=5),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=1), "base": 2},
}
"""A storage that is away is told soon: whoever waits for it comes back by itself."""
TIMES: "ClientConfig" = {"connect_timeout": "3s", "timeout": "60s"}


class S3Blobs:
    """Blobs as objects of one bucket, named by their keys under a prefix.

    Raises SettingsError where that cannot be; that the storage answers is only seen when it is used.
    """

    def __init__(self, bucket: str, prefix: str, options: Mapping[str, str]) -> None:
        plain = options.get("endpoint", "").startswith("http://")
        try:
            self._store = S3Store(
                bucket,
                prefix=prefix or None,
                config=cast("S3Config", dict(options)),
                client_options={**TIMES, "allow_http": plain},
                retry_config=RETRIES,
            )
        except (BaseError, ValueError) as error:
            raise SettingsError("DELTARULE_STORAGE_URL and its settings describe no S3 storage.") from error

    @contextmanager
    def writer(self) -> Iterator[LocalUpload]:
        """A new blob, which is there once the block ends without an error and was never there otherwise."""
        with _temporary() as file:
            upload = LocalUpload(new_id(), file)
            yield upload
            with translated_storage():
                file.flush()
            with _reached(upload.key):
                obstore.put(
                    self._store, upload.key, Path(file.name), chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
                )

    def open(self, key: str) -> BinaryIO:
        """The bytes, to be read in pieces; raises NotFound or Unavailable."""
        _check(key)
        with _reached(key):
            return cast("BinaryIO", _Pieces(self._store, key))

    @contextmanager
    def local(self, key: str, size: int) -> Iterator[Path]:
        """A copy of the bytes in a temporary file; raises NotFound unless they are `size`, StorageFull, Unavailable."""
        _check(key)
        with _reached(key):
            pieces = _Pieces(self._store, key)
        if pieces.size != size:
            structlog.get_logger().error("an object is not what was stored", key=key, bytes=pieces.size, stored=size)
            raise NotFound("blob", key)
        with _temporary() as file:
            while piece := pieces.read(PIECE_BYTES):
                with translated_storage():
                    file.write(piece)
            with translated_storage():
                file.flush()
            yield Path(file.name)

    def delete(self, key: str) -> None:
        """Remove a blob; harmless when there is none."""
        if is_id(key):
            with _reached(key):
                obstore.delete(self._store, key)

    def keys(self, older_than_seconds: float) -> Iterator[str]:
        """The keys of all blobs that are older."""
        newest = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        with _reached(""):
            for page in obstore.list(self._store):
                yield from (found["path"] for found in page if found["last_modified"] < newest and is_id(found["path"]))

    def ping(self) -> None:
        """Raise Unavailable when the bucket cannot be looked into."""
        with _reached(""):
            # Of a prefix that nothing has, so that the answer is short however much there is.
            obstore.list_with_delimiter(self._store, "nothing")


class _Pieces:
    """An object as a file that is read piece by piece, each of them one request."""

    def __init__(self, store: S3Store, key: str) -> None:
        self._key = key
        self._file = obstore.open_reader(store, key, buffer_size=PIECE_BYTES)
        self.size = self._file.size

    def read(self, size: int = -1) -> bytes:
        with _reached(self._key):
            return bytes(self._file.read(size if size >= 0 else None))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with _reached(self._key):
            return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "_Pieces":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _temporary() -> BinaryIO:
    """A file that is gone once it is closed."""
    with translated_storage():
        return cast("BinaryIO", NamedTemporaryFile(prefix="deltarule-"))


def _check(key: str) -> None:
    if not is_id(key):
        raise NotFound("blob", key)


@contextmanager
def _reached(key: str) -> Iterator[None]:
    """Tell an object that is not there from a storage that is not; the words of either stay in the log."""
    try:
        yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise Unavailable(AWAY) from error
        raise NotFound("blob", key) from error
    except (BaseError, OSError, ValueError) as error:
        raise Unavailable(AWAY) from error

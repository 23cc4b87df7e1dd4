"""The bytes of datasets, beside the database: written once, whole or not at all."""

import errno
import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from deltarule.store.errors import NotFound, SettingsError, StorageFull, Unavailable
from deltarule.store.identifiers import is_id, new_id


class Upload(Protocol):
    """A blob while it is written; `key`, `size` and `sha256` are those of what was written so far."""

    key: str
    size: int

    @property
    def sha256(self) -> str:
        """The hexadecimal SHA-256 of the bytes so far."""

    def write(self, chunk: bytes) -> None:
        """Append bytes; raises StorageFull or Unavailable."""


class Blobs(Protocol):
    """Where bytes lie, by key."""

    def __hash__(self) -> int:
        """That of this storage itself, so that what was read from it can be kept by it."""

    def writer(self) -> AbstractContextManager[Upload]:
        """A new blob, which is there once the block ends without an error and was never there otherwise."""

    def open(self, key: str) -> BinaryIO:
        """The bytes, to be read in pieces; raises NotFound."""

    def local(self, key: str, size: int) -> AbstractContextManager[Path]:
        """A local file with the bytes, for readers that want one, such as polars; it may be gone after the block.

        `size` of them were written, and no more are fetched. Raises NotFound, StorageFull or Unavailable.
        """

    def delete(self, key: str) -> None:
        """Remove a blob; harmless when there is none."""

    def keys(self, older_than_seconds: float) -> Iterator[str]:
        """The keys of all blobs that are older."""

    def ping(self) -> None:
        """Raise Unavailable when nothing can be written."""


def open_blobs(storage_url: str, options: Mapping[str, str] = MappingProxyType({})) -> Blobs:
    """The blobs at this URL, a folder or an S3 bucket; raises SettingsError when there can be none.

    `options` are those of S3: `endpoint`, `region`, `access_key_id`, `secret_access_key`.
    """
    parts = urlsplit(storage_url)
    if parts.scheme == "s3" and parts.netloc:
        from deltarule.store.objects import S3Blobs  # noqa: PLC0415 -- a large library, which a folder needs not

        return S3Blobs(parts.netloc, unquote(parts.path).strip("/"), options)
    if parts.scheme != "file" or parts.netloc or not parts.path.startswith("/"):
        raise SettingsError("DELTARULE_STORAGE_URL must begin with file:/// and an absolute path, or with s3://bucket.")
    return LocalBlobs(Path(unquote(parts.path)))


class LocalUpload:
    """A blob on its way into a folder."""

    def __init__(self, key: str, file: BinaryIO) -> None:
        self.key = key
        self.size = 0
        self._file = file
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hexadecimal SHA-256 of the bytes so far."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Append bytes; raises StorageFull or Unavailable."""
        with translated_storage():
            self._file.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)


class LocalBlobs:
    """Blobs as files of one folder, named by their keys; the folder is made if it is not there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unfinished = folder / "unfinished"
        try:
            self._unfinished.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"DELTARULE_STORAGE_URL: {folder} cannot be made: {error.strerror}.") from error
        for path in (folder, self._unfinished):
            if not os.access(path, os.W_OK):
                raise SettingsError(f"DELTARULE_STORAGE_URL: {path} is not writable by this user.")

    @contextmanager
    def writer(self) -> Iterator[LocalUpload]:
        """A new blob, which is there once the block ends without an error and was never there otherwise."""
        key = new_id()
        unfinished = self._unfinished / key
        try:
            with translated_storage():
                file = unfinished.open("xb")
            with file:
                yield LocalUpload(key, file)
                with translated_storage():
                    file.flush()
                    os.fsync(file.fileno())
            with translated_storage():
                unfinished.rename(self._folder / key)
                _sync_folder(self._folder)
        finally:
            with suppress(OSError):  # what cannot be removed now is removed by `keys` later
                unfinished.unlink()

    def open(self, key: str) -> BinaryIO:
        """The bytes, to be read in pieces; raises NotFound."""
        return self.path(key).open("rb")

    @contextmanager
    def local(self, key: str, size: int) -> Iterator[Path]:
        """The file itself; raises NotFound."""
        yield self.path(key)

    def path(self, key: str) -> Path:
        """The file itself; raises NotFound, or Unavailable where the whole folder is away or not mounted."""
        path = self._folder / key
        if not is_id(key):
            raise NotFound("blob", key)
        with translated_storage():
            try:
                path.stat()
            except FileNotFoundError as error:
                # Made at the first start, so that an empty mount point is not taken for an empty storage.
                self._unfinished.stat()
                raise NotFound("blob", key) from error
        return path

    def delete(self, key: str) -> None:
        """Remove a blob; harmless when there is none."""
        if is_id(key):
            with translated_storage():
                (self._folder / key).unlink(missing_ok=True)

    def keys(self, older_than_seconds: float) -> Iterator[str]:
        """The keys of all blobs that are older, and on the way the end of uploads that were cut off so long ago."""
        oldest = time.time() - older_than_seconds
        with translated_storage():
            for path in _older(self._unfinished, oldest):
                path.unlink(missing_ok=True)
            yield from (path.name for path in _older(self._folder, oldest) if is_id(path.name))

    def ping(self) -> None:
        """Raise Unavailable when nothing can be written."""
        if not os.access(self._unfinished, os.W_OK):
            raise Unavailable("The folder of the datasets cannot be written.")


def _older(folder: Path, oldest: float) -> Iterator[Path]:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # it was just finished or deleted
            if path.is_file() and path.stat().st_mtime < oldest:
                yield path


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, as the bytes do already."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def translated_storage() -> Iterator[None]:
    """Raise what files raise as StorageFull or Unavailable, with the cause attached."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("There is no room left for datasets.") from error
        raise Unavailable("The bytes of datasets cannot be reached just now.") from error

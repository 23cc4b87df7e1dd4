import errno
import os
from pathlib import Path
from typing import Never

import pytest

from deltarule.store.blobs import LocalBlobs, open_blobs
from deltarule.store.errors import NotFound, SettingsError, StorageFull, Unavailable
from deltarule.store.identifiers import new_id


def put(blobs: LocalBlobs, *chunks: bytes) -> str:
    with blobs.writer() as upload:
        for chunk in chunks:
            upload.write(chunk)
    return upload.key


def files(blobs: LocalBlobs, tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file())


def age(path: Path, seconds: float) -> None:
    moment = path.stat().st_mtime - seconds
    os.utime(path, (moment, moment))


def test_a_cut_upload_was_never_there(blobs: LocalBlobs, tmp_path: Path) -> None:
    def cut() -> None:
        with blobs.writer() as upload:
            upload.write(b"one")
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        cut()
    assert files(blobs, tmp_path) == []


@pytest.mark.parametrize("key", ["", ".", "../secret", "unfinished", "/etc/passwd", "x\0"])
def test_a_key_is_no_path(blobs: LocalBlobs, tmp_path: Path, key: str) -> None:
    (tmp_path / "secret").write_text("secret")
    with pytest.raises(NotFound):
        blobs.path(key)
    blobs.delete(key)
    assert (tmp_path / "secret").exists()


def test_old_blobs_are_listed_and_old_remains_of_uploads_deleted(blobs: LocalBlobs, tmp_path: Path) -> None:
    old, fresh = put(blobs, b"old"), put(blobs, b"fresh")
    remains, living = (tmp_path / "blobs" / "unfinished" / new_id() for _ in range(2))
    for path in (remains, living):
        path.write_bytes(b"half")
    for path in (remains, blobs.path(old)):
        age(path, 7200)
    (tmp_path / "blobs" / "note").write_text("somebody else's")
    age(tmp_path / "blobs" / "note", 7200)
    assert list(blobs.keys(3600)) == [old]
    assert files(blobs, tmp_path) == sorted([old, fresh, living.name, "note"])


def test_the_url_names_a_folder_which_is_made(tmp_path: Path) -> None:
    blobs = open_blobs(f"file://{tmp_path}/with%20space/blobs")
    with blobs.writer() as upload:
        upload.write(b"one")
    assert (tmp_path / "with space" / "blobs" / upload.key).read_bytes() == b"one"
    blobs.ping()


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///prefix", "http://bucket", "file://host/path", "file:relative", "/plain", ""]
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="DELTARULE_STORAGE_URL"):
        open_blobs(url)


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"DELTARULE_STORAGE_URL: .*/file/blobs cannot be made: Not a directory"):
        LocalBlobs(tmp_path / "file" / "blobs")


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write anywhere, so that only the answer can be changed.
    monkeypatch.setattr(os, "access", lambda path, mode: False)


@pytest.mark.usefixtures("unwritable")
def test_an_unwritable_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not writable"):
        LocalBlobs(tmp_path / "blobs")


def test_a_folder_that_became_unwritable_is_not_ready(blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs.ping()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(Unavailable):
        blobs.ping()


@pytest.mark.parametrize(
    ("number", "error"), [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EIO, Unavailable)]
)
def test_a_disk_that_fails_leaves_nothing(
    blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    def fail(descriptor: int) -> Never:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(error):
        put(blobs, b"one")
    assert files(blobs, tmp_path) == []


def test_a_folder_that_went_away_is_unavailable(blobs: LocalBlobs, tmp_path: Path) -> None:
    (tmp_path / "blobs" / "unfinished").rmdir()
    with pytest.raises(Unavailable):
        put(blobs, b"one")
    with pytest.raises(Unavailable):
        list(blobs.keys(0))


def test_a_storage_that_is_away_is_told_from_bytes_that_are_gone(tmp_path: Path) -> None:
    folder = tmp_path / "mounted"
    blobs = LocalBlobs(folder)
    with blobs.writer() as upload:
        upload.write(b"bytes")
    assert blobs.path(upload.key).read_bytes() == b"bytes"
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        blobs.path(upload.key)
    folder.mkdir()
    with pytest.raises(Unavailable):
        blobs.path(upload.key)
    folder.rmdir()
    (tmp_path / "elsewhere").rename(folder)
    blobs.delete(upload.key)
    with pytest.raises(NotFound):
        blobs.path(upload.key)

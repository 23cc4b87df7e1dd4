"""What every storage does, a folder and a bucket alike."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deltarule.store.blobs import Blobs, LocalBlobs, open_blobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.errors import NotFound
from deltarule.store.identifiers import new_id
from tests.servers import Server
from tests.store.making import CSV, OWNER, STRANGER, new_dataset

LARGE = bytes(range(256)) * 4096 * 20
"""More than one part of a multipart upload."""


def s3_options(server: Server) -> dict[str, str]:
    return {"endpoint": server.url, "region": "us-east-1", "access_key_id": "me", "secret_access_key": "secret"}


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Blobs]:
    """An empty storage of either kind, which leaves no temporary file behind."""
    made: Blobs = LocalBlobs(tmp_path / "blobs")
    if request.param == "s3":
        bucket = request.getfixturevalue("bucket")
        made = open_blobs(f"s3://{bucket}/some/prefix", s3_options(request.getfixturevalue("s3")))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    yield made
    assert list((tmp_path / "temporary").iterdir()) == []


def put(blobs: Blobs, *chunks: bytes) -> str:
    with blobs.writer() as upload:
        for chunk in chunks:
            upload.write(chunk)
    return upload.key


def test_what_is_written_in_pieces_is_read(blobs: Blobs) -> None:
    with blobs.writer() as upload:
        assert upload.size == 0
        upload.write(b"one")
        upload.write(b"")
        upload.write(b"two")
        assert upload.size == 6
        assert upload.sha256 == hashlib.sha256(b"onetwo").hexdigest()
    with blobs.open(upload.key) as file:
        assert file.read(4) == b"onet"
        assert file.read() == b"wo"
    with blobs.local(upload.key, 6) as path:
        assert path.read_bytes() == b"onetwo"


def test_a_large_blob_is_read_from_anywhere(blobs: Blobs) -> None:
    key = put(blobs, LARGE[:1_000_000], LARGE[1_000_000:])
    with blobs.open(key) as file:
        assert file.seekable()
        assert file.seek(9_999_999) == file.tell() == 9_999_999
        assert file.read(5) == LARGE[9_999_999:10_000_004]
    with blobs.local(key, len(LARGE)) as path:
        assert path.read_bytes() == LARGE


def test_nothing_is_there_before_the_end(blobs: Blobs) -> None:
    with blobs.writer() as upload:
        upload.write(b"one")
        with pytest.raises(NotFound):
            blobs.open(upload.key)
    blobs.open(upload.key).close()


def test_a_cut_upload_was_never_there(blobs: Blobs) -> None:
    def cut() -> None:
        with blobs.writer() as upload:
            upload.write(b"one")
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        cut()
    assert list(blobs.keys(-60)) == []


def test_deleting_is_harmless_when_there_is_none(blobs: Blobs) -> None:
    key = put(blobs, b"one")
    blobs.delete(key)
    blobs.delete(key)
    for gone in (key, new_id()):
        with pytest.raises(NotFound):
            blobs.open(gone)
        with pytest.raises(NotFound), blobs.local(gone, 3):
            pass


@pytest.mark.parametrize("key", ["", ".", "../secret", "unfinished", "/etc/passwd", "x\0"])
def test_a_key_is_no_path(blobs: Blobs, key: str) -> None:
    with pytest.raises(NotFound):
        blobs.open(key)
    with pytest.raises(NotFound), blobs.local(key, 1):
        pass
    blobs.delete(key)


def test_old_blobs_are_listed(blobs: Blobs) -> None:
    keys = {put(blobs, b"one"), put(blobs, b"two")}
    assert set(blobs.keys(-60)) == keys
    assert set(blobs.keys(3600)) == set()


def test_a_storage_that_works_is_ready(blobs: Blobs) -> None:
    blobs.ping()


def test_datasets_share_bytes_and_leave_none_behind(database: Database, blobs: Blobs) -> None:
    datasets = Datasets(database, blobs)
    one, other = datasets.add(OWNER, new_dataset(blobs)), datasets.add(STRANGER, new_dataset(blobs))
    assert list(blobs.keys(-60)) == [one.blob_key]
    datasets.remove(OWNER, one.id)
    with blobs.local(other.blob_key, other.bytes) as path:
        assert path.read_bytes() == CSV
    datasets.remove(STRANGER, other.id)
    assert list(blobs.keys(-60)) == []
    abandoned = new_dataset(blobs)
    assert datasets.tidy(-60) == 1
    with pytest.raises(NotFound):
        blobs.open(abandoned.blob_key)

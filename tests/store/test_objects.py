"""What a bucket does that a folder cannot: it lies elsewhere, and may be away."""

from pathlib import Path

import pytest

from deltarule.store.blobs import Blobs, open_blobs
from deltarule.store.errors import NotFound, Unavailable
from deltarule.store.identifiers import new_id
from tests import servers
from tests.store.test_storages import put, s3_options


def away() -> Blobs:
    options = {"endpoint": f"http://127.0.0.1:{servers.free_port()}", "access_key_id": "me", "secret_access_key": "s"}
    return open_blobs("s3://bucket/prefix", options)


def write(blobs: Blobs) -> None:
    put(blobs, b"one")


def fetch(blobs: Blobs) -> None:
    with blobs.local(new_id(), 3):
        pass


USES = {
    "write": write,
    "open": lambda blobs: blobs.open(new_id()),
    "local": fetch,
    "delete": lambda blobs: blobs.delete(new_id()),
    "keys": lambda blobs: list(blobs.keys(0)),
    "ping": lambda blobs: blobs.ping(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_storage_that_is_away_is_unavailable(use: object) -> None:
    with pytest.raises(Unavailable, match="does not answer") as raised:
        use(away())  # type: ignore[operator]
    assert "127.0.0.1" not in str(raised.value)


@pytest.mark.parametrize("use", ["write", "keys", "ping"])
def test_a_bucket_that_is_not_there_is_unavailable(s3: servers.Server, use: str) -> None:
    with pytest.raises(Unavailable):
        USES[use](open_blobs("s3://no-such-bucket", s3_options(s3)))


def test_no_more_is_fetched_than_was_written(s3: servers.Server, bucket: str) -> None:
    blobs = open_blobs(f"s3://{bucket}", s3_options(s3))
    key = put(blobs, b"one")
    with pytest.raises(NotFound), blobs.local(key, 2):
        pass


def test_two_prefixes_of_a_bucket_are_two_storages(s3: servers.Server, bucket: str) -> None:
    one, other = (open_blobs(f"s3://{bucket}/{prefix}", s3_options(s3)) for prefix in ("one", "other/deep"))
    key = put(one, b"one")
    assert list(one.keys(-60)) == [key]
    assert list(other.keys(-60)) == []
    with pytest.raises(NotFound):
        other.open(key)


def test_the_usual_variables_are_read_too(
    s3: servers.Server, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "me")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    blobs = open_blobs(f"s3://{bucket}", {"endpoint": s3.url})
    with blobs.open(put(blobs, b"one")) as file:
        assert file.read() == b"one"

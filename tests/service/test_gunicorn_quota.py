"""What one key may keep, over real connections: nothing is received that cannot be kept."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deltarule.store.settings import Settings
from tests.service.test_gunicorn import served
from tests.stack import free_port

QUOTA = 100_000
LINES = b"1,2\n" * 1000
HEAD = b"POST /v1/datasets HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"


@pytest.fixture(scope="module")
def settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("service")
    shutil.copy(sqlite_template, folder / "deltarule.sqlite3")
    settings = Settings(data=folder, dataset_bytes_per_owner=QUOTA, port=free_port())
    with served(settings, folder / "service.log"):
        yield settings


@pytest.fixture
def http(settings: Settings) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=70) as client:
        yield client


@pytest.fixture
def connection(settings: Settings) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", settings.port), timeout=30) as connection:
        yield connection


def kept(settings: Settings) -> list[Path]:
    assert settings.data
    return [path for path in (settings.data / "blobs").rglob("*") if path.is_file()]


def test_a_length_that_cannot_fit_is_refused_before_anything_is_sent(
    settings: Settings, connection: socket.socket
) -> None:
    connection.sendall(HEAD + b"Content-Length: 100000000\r\n\r\n")
    said = b""
    while b"\r\n\r\n{" not in said:
        piece = connection.recv(65536)
        assert piece, said
        said += piece
    # A server may say before that the body may come.
    answer = said.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"\r\nRetry-After: " in answer
    assert b"application/problem+json" in answer
    assert kept(settings) == []


def test_chunks_are_refused_when_they_are_too_many_and_the_connection_lives_on(
    settings: Settings, http: httpx.Client
) -> None:
    headers = {"Content-Type": "text/csv"}
    table = [b"a,b\n", *[LINES] * 24]
    refused = http.post("/v1/datasets", content=iter([*table, *[LINES] * 200]), headers=headers)
    assert (refused.status_code, refused.json()["status"]) == (429, 429)
    assert kept(settings) == []
    assert http.post("/v1/datasets", content=iter(table), headers=headers).status_code == 201
    assert len(kept(settings)) == 1

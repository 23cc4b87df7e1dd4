"""The service as it is served: real sockets, real processes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from deltarule.store.database import Database
from deltarule.store.jobs import Jobs
from deltarule.store.settings import Settings
from service.problems import Problem
from tests.service.routes.test_jobs import INLINE
from tests.stack import free_port, wait_until_ready

CSV = b"length,colour\n" + b"".join(b"%d,red\n" % number for number in range(1000))
LIMIT = 200_000


@contextmanager
def served(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The service as a process of its own, once it is ready."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:service.gunicorn", "--preload"]
    command += ["--bind", f"127.0.0.1:{settings.port}"]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=os.environ | settings.environment(), stdout=output, stderr=output) as process,
    ):
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{settings.port}") as client:
                wait_until_ready(client, process, log)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.fixture(scope="module")
def settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("service")
    shutil.copy(sqlite_template, folder / "deltarule.sqlite3")
    return Settings(data=folder, dataset_limit_bytes=LIMIT, body_limit_bytes=20_000, port=free_port())


@pytest.fixture(scope="module")
def log(settings: Settings) -> Path:
    assert settings.data
    return settings.data / "service.log"


@pytest.fixture(scope="module")
def process(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One service for all tests of this module that let it live."""
    with served(settings, log) as process:
        yield process


@pytest.fixture
def http(process: subprocess.Popen[bytes], settings: Settings) -> Iterator[httpx.Client]:
    assert process.poll() is None
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=70) as client:
        yield client


def raw(port: int, request: bytes) -> bytes:
    """What the server says to these bytes until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        said = b""
        while chunk := connection.recv(65536):
            said += chunk
    return said


def test_a_conversation(http: httpx.Client) -> None:
    uploaded = http.post("/v1/datasets", content=iter([CSV[:500], CSV[500:]]), headers={"Content-Type": "text/csv"})
    assert uploaded.status_code == 201
    assert uploaded.json()["bytes"] == len(CSV)
    assert http.get(uploaded.json()["links"]["content"]).content == CSV
    job = http.post("/v1/jobs", json=INLINE)
    assert job.status_code == 202
    assert http.get(job.headers["Location"]).json()["status"] == "queued"
    assert http.post(job.json()["links"]["cancel"]).json()["status"] == "cancelled"
    assert http.delete(job.headers["Location"]).status_code == 204
    assert http.get("/openapi.json").json()["paths"]
    assert "Deltarule" in http.get("/").text
    assert {answer.headers["Server"] for answer in (uploaded, job)} == {"deltarule"}


def test_a_form_is_streamed(http: httpx.Client) -> None:
    answer = http.post("/v1/datasets", files={"file": ("table.csv", CSV, "text/csv")})
    assert answer.json()["rows"] == 1000


def test_what_is_too_large_is_refused_with_and_without_its_length(http: httpx.Client, settings: Settings) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(LIMIT // len(CSV) + 2):
            yield CSV

    assert settings.data
    before = {path for path in (settings.data / "blobs").rglob("*") if path.is_file()}
    headers = {"Content-Type": "text/csv"}
    assert http.post("/v1/datasets", content=endless(), headers=headers).status_code == 413
    assert http.post("/v1/datasets", content=b"a" * (LIMIT + 1), headers=headers).status_code == 413
    assert http.post("/v1/jobs", json={"name": "x" * 30_000}).status_code == 413
    assert {path for path in (settings.data / "blobs").rglob("*") if path.is_file()} == before
    assert http.get("/healthz").status_code == 200


def test_a_connection_lives_on_after_a_body_that_nobody_read(http: httpx.Client) -> None:
    with httpx.Client(base_url=http.base_url, limits=httpx.Limits(max_connections=1)) as one:
        for body in (b"x" * 1_000_000, iter([b"x" * 1_000_000])):
            assert one.post("/v1/nothing", content=body).status_code == 404
            assert one.get("/healthz").status_code == 200


def test_a_body_must_say_where_it_ends(process: subprocess.Popen[bytes], settings: Settings) -> None:
    assert process.poll() is None
    head = b"POST /v1/datasets HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nConnection: close\r\n\r\n"
    said = raw(settings.port, head + b"a,b\n1,2\n")
    assert said.startswith(b"HTTP/1.1 411 ")
    assert b"application/problem+json" in said


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/datasets HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 99\r\n\r\na,b\n",
        b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    ],
)
def test_broken_http_breaks_nothing(
    process: subprocess.Popen[bytes], settings: Settings, request_: bytes, http: httpx.Client
) -> None:
    said = raw(settings.port, request_)
    assert said == b"" or said.startswith(b"HTTP/1.1 4")
    assert b"Traceback" not in said
    assert b"text/html" not in said
    assert http.get("/healthz").status_code == 200
    assert process.poll() is None


def test_an_address_may_be_long_and_not_endless(http: httpx.Client) -> None:
    assert http.get("/healthz", params={"x": "y" * 8000}).status_code == 422
    refused = http.get("/healthz", params={"x": "y" * 9000})
    assert refused.status_code == 414
    assert Problem.model_validate(refused.json()).status == 414
    assert "414" in http.get("/openapi.json").json()["paths"]["/healthz"]["get"]["responses"]


def test_nobody_may_say_under_which_path_they_ask(http: httpx.Client) -> None:
    assert http.get("/nothing", headers={"Path-Info": "/healthz", "Script-Name": "/nothing"}).status_code == 404


def test_waiting_hears_of_what_another_process_did(http: httpx.Client, settings: Settings) -> None:
    job = http.post("/v1/jobs", json=INLINE).json()
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(http.get(job["links"]["self"], params={"wait": 60})))
    waiting.start()
    database = Database(settings.database_url)
    Jobs(database).cancel(None, job["id"])
    database.close()
    waiting.join(30)
    assert answers[0].json()["status"] == "cancelled"


def test_who_waits_does_not_keep_it_from_ending(settings: Settings, tmp_path: Path) -> None:
    # What is only looked at is told at this level.
    settings = settings.model_copy(update={"port": free_port(), "log_level": "debug"})
    log, answers = tmp_path / "service.log", list[int]()
    url = f"http://127.0.0.1:{settings.port}"
    with served(settings, log) as process, httpx.Client(base_url=url, timeout=70) as http:
        job = http.post("/v1/jobs", json=INLINE).json()["links"]["self"]

        def wait() -> None:
            # One request after another on one connection: once the first is answered, the second is on its way.
            http.get(job)
            answers.append(http.get(job, params={"wait": 60}).status_code)

        waiting = threading.Thread(target=wait)
        waiting.start()
        while log.read_text().count(f"path={job}") < 1:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        waiting.join(15)
    assert answers == [200]


def test_requests_are_logged_as_they_are_set_to_be(http: httpx.Client, log: Path) -> None:
    answer = http.get("/v1/jobs/nothing")
    lines = log.read_text()
    assert answer.headers["X-Request-Id"] in lines
    assert "path=/v1/jobs/nothing" in lines


def test_logs_may_be_json(settings: Settings) -> None:
    program = (
        "from service.gunicorn import on_starting; import structlog; on_starting(None);"
        "structlog.get_logger().info('hello', path='/x')"
    )
    environment = os.environ | settings.environment() | {"DELTARULE_LOG_FORMAT": "json"}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert json.loads(ended.stderr)["path"] == "/x"

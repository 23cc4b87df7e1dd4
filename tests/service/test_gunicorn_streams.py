"""Event streams as they are served: real sockets, real processes."""

import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from deltarule.store.settings import Settings
from service.streams import MOST_STREAMS
from tests.service.following import Event, events_of
from tests.service.routes.test_jobs import INLINE
from tests.service.test_gunicorn import raw, served
from tests.stack import free_port
from tests.store.making import LEASE_SECONDS, new_model, report

WORKERS = 2


@pytest.fixture(scope="module")
def settings(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("streams")
    shutil.copy(sqlite_template, folder / "deltarule.sqlite3")
    return Settings(data=folder, port=free_port())


@pytest.fixture(scope="module")
def process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    assert settings.data
    with served(settings, settings.data / "service.log") as process:
        yield process


@pytest.fixture
def http(process: subprocess.Popen[bytes], settings: Settings) -> Iterator[httpx.Client]:
    assert process.poll() is None
    with httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=60) as client:
        yield client


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url, durable=False)
    yield database
    database.close()


def arriving(response: httpx.Response) -> Iterator[Event]:
    """The events of an open stream, each as it comes."""
    text = ""
    for piece in response.iter_text():
        *whole, text = (text + piece).split("\n\n")
        for block in whole:
            yield from events_of(block)


def test_epochs_arrive_as_they_are_written_and_every_process_can_go_on(
    http: httpx.Client, database: Database, settings: Settings
) -> None:
    """A client that leaves after every event, and asks whichever process answers, hears each epoch once."""
    job = http.post("/v1/jobs", json=INLINE).raise_for_status().json()
    attempts = Attempts(database)
    claim = attempts.claim(job["id"], "the test", LEASE_SECONDS)
    assert claim is not None
    heard: list[Event] = []

    def listen() -> None:
        headers = {"Connection": "close"}
        while not heard or heard[-1].name != "end":
            url = f"http://127.0.0.1:{settings.port}{job['links']['events']}"
            with httpx.stream("GET", url, headers=headers, timeout=60) as response:
                heard.append(next(arriving(response)))
                headers["Last-Event-ID"] = heard[-1].id

    listening = threading.Thread(target=listen)
    listening.start()
    for number in (1, 3, 5):
        attempts.record(claim.lease, report(number, number + 1), lease_seconds=LEASE_SECONDS)
    attempts.succeed(claim.lease, report(7, 7), stop_reason="epochs_done", model=new_model())
    listening.join(60)
    assert [event.data["epoch"] for event in heard if event.name == "epoch"] == list(range(1, 8))
    assert [event.data["to"] for event in heard if event.name == "status"] == ["queued", "running", "succeeded"]
    assert heard[-1].data["status"] == "succeeded"


def test_clients_that_leave_make_room_for_others(http: httpx.Client, settings: Settings) -> None:
    """More clients than there are places in all processes together: each left before the next two came."""
    job = http.post("/v1/jobs", json=INLINE).raise_for_status().json()
    path = job["links"]["events"].encode()
    for _ in range(WORKERS * MOST_STREAMS + 10):
        # Its end of the connection is closed as soon as it has asked; the stream ends when that is noticed.
        said = raw(settings.port, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 200 ")
        assert said.endswith(b"0\r\n\r\n")
    assert http.get("/healthz").status_code == 200


def test_too_many_streams_leave_room_for_everything_else(http: httpx.Client, settings: Settings) -> None:
    job = http.post("/v1/jobs", json=INLINE).raise_for_status().json()
    url = f"http://127.0.0.1:{settings.port}"
    limits = httpx.Limits(max_connections=None)
    refused: list[httpx.Response] = []
    with httpx.Client(base_url=url, timeout=60, limits=limits) as many:
        streams = []
        while not refused:
            stream = many.send(many.build_request("GET", job["links"]["events"]), stream=True)
            (streams if stream.status_code == 200 else refused).append(stream)
        assert MOST_STREAMS <= len(streams) <= WORKERS * MOST_STREAMS
        assert refused[0].status_code == 503
        assert int(refused[0].headers["Retry-After"]) > 0
        assert http.get(job["links"]["self"]).json()["status"] == "queued"
        http.post(job["links"]["cancel"])
        for stream in streams:
            assert [event.name for event in arriving(stream)] == ["status", "status", "end"]


def test_streams_do_not_keep_it_from_ending(settings: Settings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"port": free_port()})
    url = f"http://127.0.0.1:{settings.port}"
    with served(settings, tmp_path / "service.log") as process, httpx.Client(base_url=url, timeout=60) as http:
        job = http.post("/v1/jobs", json=INLINE).json()
        with http.stream("GET", job["links"]["events"]) as response:
            events = arriving(response)
            assert next(events).name == "status"
            process.send_signal(signal.SIGTERM)
            # The server's impatience would tear the stream, and this raise an error.
            assert list(events) == []
        assert process.wait(15) == 0

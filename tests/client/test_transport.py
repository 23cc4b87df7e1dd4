from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from deltarule.client import NotFound, Refused, Unreachable
from deltarule.client.settings import ClientSettings
from deltarule.client.transport import FIRST_PATIENCE, LONGEST_PAUSE, PATIENCE, Request, Transport

Handler = Callable[[httpx.Request], httpx.Response]
Answers = Iterator[httpx.Response | Exception]


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return sum(self.pauses)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def transport_of(handler: Handler, clock: Clock, api_key: str | None = None) -> Transport:
    settings = ClientSettings.read("http://service.test", api_key)
    return Transport(settings, transport=httpx.MockTransport(handler), sleep=clock.sleep, clock=clock)


def answering(*outcomes: httpx.Response | Exception) -> tuple[Handler, list[httpx.Request]]:
    """A service that gives these answers one after the other, and the requests that it saw."""
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        outcome = outcomes[min(len(seen), len(outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return handler, seen


REFUSED = httpx.ConnectError("refused")
BROKEN = httpx.RemoteProtocolError("Server disconnected without sending a response.")
BUSY = httpx.Response(503, json={"title": "Unavailable", "detail": "The database is starting."})


@pytest.mark.parametrize(
    "failure", [REFUSED, BROKEN, httpx.ReadError("reset"), BUSY, httpx.Response(502, text="<html>")]
)
def test_what_may_pass_is_tried_again_with_the_same_body_and_key(failure: httpx.Response | Exception) -> None:
    handler, seen = answering(failure, failure, httpx.Response(201, json={}))
    clock = Clock()
    request = Request("POST", "/v1/jobs", content=b"{}", headers={"Idempotency-Key": "once"})
    assert transport_of(handler, clock).send(request).status_code == 201
    assert [(each.content, each.headers["Idempotency-Key"]) for each in seen] == [(b"{}", "once")] * 3
    assert len(clock.pauses) == 2


def test_a_file_is_sent_from_its_beginning_each_time(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n1,2\n")
    handler, seen = answering(BROKEN, httpx.Response(201, json={}))
    transport_of(handler, Clock()).send(Request("POST", "/v1/datasets", content=path))
    assert [request.content for request in seen] == [b"a,b\n1,2\n"] * 2
    assert seen[0].headers["Content-Length"] == "8"


def test_a_service_that_never_answered_is_given_up_after_a_second() -> None:
    handler, seen = answering(REFUSED)
    clock = Clock()
    with pytest.raises(Unreachable, match=r"No Deltarule service answers at http://service\.test") as error:
        transport_of(handler, clock).send(Request("GET", "/v1/jobs"))
    assert "deltarule up" in str(error.value.hint)
    assert len(seen) > 2
    assert 0 < clock() <= FIRST_PATIENCE


def test_a_service_that_has_answered_is_waited_for_longer() -> None:
    handler, _ = answering(httpx.Response(200, json={}), REFUSED)
    clock = Clock()
    transport = transport_of(handler, clock)
    transport.send(Request("GET", "/v1/jobs"))
    with pytest.raises(Unreachable):
        transport.send(Request("GET", "/v1/jobs"))
    assert PATIENCE / 2 < clock() <= PATIENCE
    assert max(clock.pauses) <= LONGEST_PAUSE
    assert clock.pauses[0] < clock.pauses[4]


def test_retry_after_is_honoured() -> None:
    busy = httpx.Response(429, json={"title": "Too Many Requests"}, headers={"Retry-After": "1"})
    handler, _ = answering(httpx.Response(200, json={}), busy, httpx.Response(200, json={}))
    clock = Clock()
    transport = transport_of(handler, clock)
    transport.send(Request("GET", "/v1/jobs"))
    transport.send(Request("GET", "/v1/jobs"))
    assert clock.pauses == [1.0]


def test_retry_after_may_be_a_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    busy = httpx.Response(503, json={"title": "Unavailable"}, headers={"Retry-After": moment})
    handler, _ = answering(httpx.Response(200, json={}), busy, httpx.Response(200, json={}))
    clock = Clock()
    transport = transport_of(handler, clock)
    transport.send(Request("GET", "/v1/jobs"))
    transport.send(Request("GET", "/v1/jobs"))
    assert 10 < clock() <= 20


@pytest.mark.parametrize("value", ["soon", "", "-1", "Wed, 99 Foo"])
def test_a_retry_after_that_says_nothing_is_ignored(value: str) -> None:
    busy = httpx.Response(503, json={"title": "Unavailable"}, headers={"Retry-After": value})
    handler, _ = answering(busy, httpx.Response(200, json={}))
    clock = Clock()
    transport_of(handler, clock).send(Request("GET", "/v1/jobs"))
    assert clock() < 1


def test_longer_than_patience_is_not_waited_but_said() -> None:
    busy = httpx.Response(503, json={"title": "Unavailable", "detail": "Ending."}, headers={"Retry-After": "3600"})
    handler, seen = answering(busy)
    clock = Clock()
    with pytest.raises(Unreachable, match="Ending") as error:
        transport_of(handler, clock).send(Request("GET", "/v1/jobs"))
    assert error.value.hint == "Try again in 3600 s."
    assert len(seen) == 1
    assert not clock.pauses


def test_a_refusal_is_not_tried_again() -> None:
    handler, seen = answering(httpx.Response(422, json={"title": "Unprocessable Content", "detail": "No."}))
    with pytest.raises(Refused):
        transport_of(handler, Clock()).send(Request("POST", "/v1/jobs", content=b"{}"))
    assert len(seen) == 1


@pytest.mark.parametrize(("key", "header"), [("dr_secret", "Bearer dr_secret"), (None, None)])
def test_the_key_goes_into_the_authorization_header(
    key: str | None, header: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DELTARULE_API_KEY", raising=False)
    handler, seen = answering(httpx.Response(200, json={}))
    transport_of(handler, Clock(), key).send(Request("GET", "/v1/jobs"))
    assert seen[0].headers.get("Authorization") == header


GONE = httpx.Response(404, json={"title": "Not Found", "detail": "There is no such job."})


def test_what_an_unheard_try_has_removed_is_removed() -> None:
    handler, seen = answering(BROKEN, GONE)
    assert transport_of(handler, Clock()).send(Request("DELETE", "/v1/jobs/1")).status_code == 404
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("method", "outcomes"), [("DELETE", [GONE]), ("DELETE", [BUSY, GONE]), ("GET", [BROKEN, GONE])]
)
def test_what_never_was_there_is_not_found(method: str, outcomes: list[httpx.Response | Exception]) -> None:
    handler, _ = answering(*outcomes)
    with pytest.raises(NotFound):
        transport_of(handler, Clock()).send(Request(method, "/v1/jobs/1"))

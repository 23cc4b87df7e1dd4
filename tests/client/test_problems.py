import httpx
import pytest

from deltarule.client import ClientError, NotFound, Refused, ServiceFault, Unauthorized, UnexpectedAnswer, Unreachable
from deltarule.client.errors import Fault
from deltarule.client.problems import not_reached, read_problem
from deltarule.client.settings import ClientSettings

SETTINGS = ClientSettings.read("http://service.test")


def problem(status: int, **more: object) -> ClientError:
    body = {"type": "about:blank", "title": "Title", "status": status, "detail": "A sentence.", **more}
    return read_problem(httpx.Response(status, json=body), SETTINGS)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Refused),
        (401, Unauthorized),
        (404, NotFound),
        (409, Refused),
        (413, Refused),
        (422, Refused),
        (429, Refused),
        (500, ServiceFault),
        (503, Unreachable),
    ],
)
def test_each_status_is_its_own_error_in_the_services_words(status: int, kind: type[ClientError]) -> None:
    error = problem(status)
    assert type(error) is kind
    assert error.sentence == "A sentence."


def test_every_fault_is_kept_with_its_place() -> None:
    faults = [{"pointer": "/target", "detail": "Not there."}, {"pointer": "/name", "detail": "Too long."}]
    error = problem(422, errors=faults)
    assert isinstance(error, Refused)
    assert error.status == 422
    assert error.faults == (Fault("/target", "Not there."), Fault("/name", "Too long."))


def test_a_problem_without_detail_speaks_with_its_title() -> None:
    assert problem(500, detail=None).sentence == "Title."


def test_a_missing_key_says_where_keys_come_from() -> None:
    hint = problem(401).hint or ""
    assert "DELTARULE_API_KEY" in hint
    assert "deltarule keys add" in hint


@pytest.mark.parametrize("body", [b"<html>nginx</html>", b"", b"[]", b'{"error": "x"}', b"\xff"])
def test_an_answer_that_is_no_problem_document_is_not_of_a_deltarule_service(body: bytes) -> None:
    error = read_problem(httpx.Response(404, content=body), SETTINGS)
    assert type(error) is UnexpectedAnswer
    assert "status 404" in error.sentence


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_proxy_without_a_service_behind_it_means_unreachable(status: int) -> None:
    assert type(read_problem(httpx.Response(status, content=b"<html>"), SETTINGS)) is Unreachable


def test_a_redirect_is_not_followed_but_said() -> None:
    assert type(read_problem(httpx.Response(301, headers={"Location": "/login"}), SETTINGS)) is UnexpectedAnswer


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("x"), "No Deltarule service answers"),
        (httpx.ConnectTimeout("x"), "No Deltarule service answers"),
        (httpx.ReadTimeout("x"), "did not answer in time"),
        (httpx.RemoteProtocolError("x"), "broke before the answer was complete"),
    ],
)
def test_how_it_was_not_reached_is_told_apart(error: httpx.TransportError, words: str) -> None:
    assert words in not_reached(SETTINGS, error).sentence

import httpx
import pytest

from deltarule.client import Client, UnexpectedAnswer


def client_of(*answers: httpx.Response) -> tuple[Client, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answers[len(seen) - 1]

    return Client("http://service.test", transport=httpx.MockTransport(handler)), seen


@pytest.mark.parametrize("body", [b"<html>", b"", b"[1]", b'"text"', b"\xff\xfe"])
def test_an_answer_that_is_no_json_object_is_not_of_a_deltarule_service(body: bytes) -> None:
    client, _ = client_of(httpx.Response(200, content=body))
    with client, pytest.raises(UnexpectedAnswer, match="is not a Deltarule service of this version"):
        client.job("one")


def test_an_answer_with_a_field_missing_names_it() -> None:
    client, _ = client_of(httpx.Response(200, json={"id": "one"}))
    with client, pytest.raises(UnexpectedAnswer, match="name of its answer is wrong"):
        client.dataset("one")


def test_a_page_is_followed_by_what_its_next_says() -> None:
    client, seen = client_of(
        httpx.Response(200, json={"items": [], "next": "/v1/datasets?cursor=a%2Fb&limit=7"}),
        httpx.Response(200, json={"items": [], "next": None}),
    )
    with client:
        assert list(client.datasets()) == []
    assert dict(seen[0].url.params) == {"limit": "200"}
    assert dict(seen[1].url.params) == {"cursor": "a/b", "limit": "7"}


def test_no_more_is_asked_for_than_is_wanted() -> None:
    client, seen = client_of(httpx.Response(200, json={"items": [], "next": None}))
    with client:
        assert list(client.jobs(limit=5, status="failed")) == []
    assert dict(seen[0].url.params) == {"limit": "5", "status": "failed"}

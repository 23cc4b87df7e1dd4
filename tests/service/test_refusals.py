import json
import socket

import pytest

from service.problems import SENTENCES, Problem
from service.refusals import document, write_problem


def said(status: int, reason: str, message: str) -> tuple[dict[str, str], dict[str, object]]:
    """The header and the body that a client reads."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        write_problem(ours, status, reason, message)
        ours.close()
        text = b"".join(iter(lambda: theirs.recv(65536), b"")).decode()
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    assert first == f"HTTP/1.1 {status} {reason}"
    header = dict(line.split(": ", 1) for line in lines)
    assert int(header["Content-Length"]) == len(body.encode())
    document: dict[str, object] = json.loads(body)
    return header, document


def test_what_the_server_refuses_is_a_problem() -> None:
    header, body = said(431, "Request Header Fields Too Large", "Error parsing headers: '<b>ä</b>'")
    assert header["Content-Type"] == "application/problem+json"
    assert header["Connection"] == "close"
    assert header["X-Content-Type-Options"] == "nosniff"
    assert header["X-Request-Id"]
    assert Problem.model_validate(body).status == 431
    assert "Error parsing headers: '<b>ä</b>'" in str(body["detail"])


@pytest.mark.parametrize("message", ["", "x" * 10_000])
def test_it_says_something_and_not_too_much(message: str) -> None:
    assert 40 < len(document(400, "Bad Request", message).detail) <= 300


def test_what_went_wrong_inside_is_not_told() -> None:
    assert document(500, "Internal Server Error", "secret").detail == SENTENCES[500]

import io

import pytest
from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from service.bodies import LIMIT_BYTES, Body, drain, watch_body, whole


class Torn(io.RawIOBase):
    """A stream that breaks after its first bytes."""

    def __init__(self) -> None:
        self.began = False

    def read(self, size: int = -1) -> bytes:
        if self.began:
            raise ValueError("InvalidChunkSize: a detail of the server")
        self.began = True
        return b"a,b\n"[:size]


def test_a_torn_body_is_a_malformed_request() -> None:
    body = Body(Torn())
    assert body.read(4) == b"a,b\n"
    with pytest.raises(BadRequest) as caught:
        body.read(4)
    assert "InvalidChunkSize" not in str(caught.value.description)


@pytest.mark.parametrize(
    ("stream", "length", "terminated", "left"),
    [
        (io.BytesIO(b"x" * 200_000), 200_000, True, 0),
        (io.BytesIO(b"x" * 200_000), None, True, 0),
        (io.BytesIO(b"x" * 200_000), LIMIT_BYTES + 1, True, 200_000),
        (io.BytesIO(b"x" * 200_000), 200_000, False, 200_000),
    ],
)
def test_what_nobody_read_is_read_as_far_as_it_is_not_too_long(
    stream: io.BytesIO, length: int | None, terminated: bool, left: int
) -> None:
    environ = {"wsgi.input": stream} | ({"wsgi.input_terminated": True} if terminated else {})
    environ |= {} if length is None else {"CONTENT_LENGTH": str(length)}
    with Flask(__name__).test_request_context("/", method="POST", environ_overrides=environ):
        watch_body()
        response = Response("done")
        assert drain(response) is response
    assert len(stream.read()) == left


def test_a_torn_rest_changes_no_answer() -> None:
    environ = {"wsgi.input": Torn(), "wsgi.input_terminated": True}
    with Flask(__name__).test_request_context("/", method="POST", environ_overrides=environ):
        watch_body()
        assert drain(Response("done")).status_code == 200


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("size", [8, 9])
def test_a_body_over_the_limit_is_refused_and_never_cut(told: bool, size: int) -> None:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 8
    length = {"CONTENT_LENGTH": str(size)} if told else {"HTTP_TRANSFER_ENCODING": "chunked"}
    stream = {"wsgi.input": io.BytesIO(b"x" * size), "wsgi.input_terminated": True, **length}
    with app.test_request_context("/", method="POST", environ_overrides=stream):
        if size == 8:
            assert whole(request) == b"x" * 8
        else:
            with pytest.raises(RequestEntityTooLarge):
                whole(request)

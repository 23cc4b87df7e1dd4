"""A body may break off or be torn, which is its sender's fault; and one that nobody read is still in the way."""

from typing import IO

from flask import Request, Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

LIMIT_BYTES = 16 * 1024 * 1024
"""Of a body with more than this left, the server gives up the connection instead of reading it."""
PIECE_BYTES = 64 * 1024


class Body:
    """A request's body, of which every way to fail is that of a malformed request."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; raises BadRequest."""
        try:
            return self._stream.read(size)
        except Exception as error:
            # Servers raise what they like where chunks are torn or the connection ends.
            raise BadRequest("The body cannot be read to its end: it breaks off, or its chunks are torn.") from error


def watch_body() -> None:
    """Before a request: whatever its body does, it is answered; raises UnsupportedMediaType for a packed one."""
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        raise UnsupportedMediaType(f"Bodies are taken as they are, not packed with {encoding[:32]!r}.")
    request.environ["wsgi.input"] = Body(request.environ["wsgi.input"])


def whole(asked: Request) -> bytes:
    """The body in full; raises BadRequest, and RequestEntityTooLarge also where it comes in chunks."""
    content = asked.get_data()
    # Of a body that does not say its length, the framework drops what is over the limit without a word.
    at_limit = asked.content_length is None and len(content) == asked.max_content_length
    if at_limit and asked.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge
    return content


def drain(response: Response) -> Response:
    """The same answer, after the rest of the body, because the next request comes after it on the same connection."""
    if "wsgi.input_terminated" in request.environ and (request.content_length or 0) <= LIMIT_BYTES:
        stream, left = request.environ["wsgi.input"], LIMIT_BYTES
        try:
            while left > 0 and (piece := stream.read(PIECE_BYTES)):
                left -= len(piece)
        except BadRequest:
            return response  # the server closes a connection that it cannot make sense of
    return response

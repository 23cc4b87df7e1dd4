"""What the HTTP server refuses before the app has seen it is a problem document too, with an id that the log has."""

import socket
from http import HTTPStatus

import structlog
from gunicorn import util  # type: ignore[import-untyped]

from deltarule.store.identifiers import new_id
from service.logs import HEADER
from service.problems import MEDIA_TYPE, SENTENCES, Problem

LONGEST_DETAIL = 300
HEAD = """\
HTTP/1.1 {status} {reason}\r
Connection: close\r
Content-Type: {media_type}\r
Content-Length: {length}\r
X-Content-Type-Options: nosniff\r
Cache-Control: no-store\r
{header}: {request_id}\r
\r
"""


def write_problem(connection: socket.socket, status: int, reason: str, message: str) -> None:
    """Answer a request that is not HTTP as this server takes it; in place of gunicorn's page of HTML."""
    request_id = new_id()
    structlog.get_logger().info("request refused by the server", request_id=request_id, status=status)
    body = document(status, reason, message).model_dump_json(exclude_none=True).encode()
    head = HEAD.format(
        status=status,
        reason=reason,
        media_type=MEDIA_TYPE,
        length=len(body),
        header=HEADER,
        request_id=request_id,
    )
    util.write_nonblock(connection, head.encode("latin-1") + body)


def document(status: int, reason: str, message: str) -> Problem:
    """The problem; which path it concerns is not known, because the request could not be read."""
    detail = f"The request is not HTTP that this server takes: {message or reason}"[:LONGEST_DETAIL]
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        detail = SENTENCES[status]
    return Problem(title=reason, status=status, detail=detail, instance="")

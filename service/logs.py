"""One line for each request, under an id that the answer carries too."""

import re
import time

import structlog
from apiflask import APIFlask
from flask import Response, g, request

from deltarule.store.identifiers import new_id

HEADER = "X-Request-Id"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
QUIET = frozenset({"/healthz", "/readyz"})


def log_requests(app: APIFlask) -> None:
    """Give each request an id and log it with what it was answered."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if GIVEN_ID.fullmatch(given) else new_id()
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers[HEADER] = g.request_id
    write = structlog.get_logger().debug if request.path in QUIET else structlog.get_logger().info
    write(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.began) * 1000, 1),
        client=request.remote_addr,
    )
    return response

"""One line for each request, under an id that the answer carries too."""

import re
import sys
import time

import structlog
from apiflask import APIFlask
from flask import Response, g, request

from deltarule.store.identifiers import new_id
from deltarule.store.settings import Settings

HEADER = "X-Request-Id"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
QUIET = frozenset({"/healthz", "/readyz"})


def configure_logs(settings: Settings) -> None:
    """Write logs as JSON lines or for people, as the settings have it; for the whole process."""
    people = settings.log_format == "people"
    form = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(() if people else (structlog.processors.dict_tracebacks,)),
            form,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


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

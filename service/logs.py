"""One line for each request, under an id that the answer carries too.

A person at a terminal reads of what was changed, went wrong or took long; that somebody looked at something, as an open
dashboard does each second, is told at the level `debug`. Lines for machines are all of them.
"""

import re
import time
from functools import partial
from http import HTTPStatus

import structlog
from apiflask import APIFlask
from flask import Response, g, request

from deltarule.store.identifiers import new_id

HEADER = "X-Request-Id"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
QUIET = frozenset({"/healthz", "/readyz"})
LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
CALLBACKS = "dashboard.update"
SLOW_MILLISECONDS = 1000


def log_requests(app: APIFlask, *, for_people: bool) -> None:
    """Give each request an id and log it with what it was answered; `for_people`: not what was only looked at."""
    app.before_request(_begin)
    app.after_request(partial(_end, for_people=for_people))


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if GIVEN_ID.fullmatch(given) else new_id()
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response, *, for_people: bool) -> Response:
    response.headers[HEADER] = g.request_id
    milliseconds = round((time.perf_counter() - g.began) * 1000, 1)
    logger = structlog.get_logger()
    write = logger.debug if _is_everyday(response, milliseconds, for_people=for_people) else logger.info
    write(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        milliseconds=milliseconds,
        client=request.remote_addr,
    )
    return response


def _is_everyday(response: Response, milliseconds: float, *, for_people: bool) -> bool:
    """Whether nobody wants to read of it."""
    if request.path in QUIET:
        return True
    if not for_people or response.status_code >= HTTPStatus.BAD_REQUEST:
        return False
    if milliseconds > SLOW_MILLISECONDS and "wait" not in request.args:
        return False
    return request.method in LOOKING or (request.endpoint == CALLBACKS and not _is_click())


def _is_click() -> bool:
    """Whether a callback of the dashboard was asked for by a button, and not by its clock or by what is written."""
    asked = request.get_json(silent=True)
    changed = asked.get("changedPropIds") if isinstance(asked, dict) else None
    return any(str(name).endswith(".n_clicks") for name in changed or ())

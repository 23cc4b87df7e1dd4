"""Pages of other origins may use the API only where its operator names them; without a name there is no CORS at all."""

from collections.abc import Callable

from apiflask import APIFlask
from flask import Response, request

METHODS = "GET, HEAD, POST, DELETE"
TAKEN = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Last-Event-ID, Range, "
    "X-Request-Id"
)
SHOWN = (
    "Accept-Ranges, Content-Disposition, Content-Range, ETag, Idempotency-Replayed, Location, Retry-After, X-Request-Id"
)
KEPT_SECONDS = "600"
"""How long a browser may remember what it was allowed."""


def allow_origins(app: APIFlask, allowed: frozenset[str]) -> None:
    """Let pages of exactly these origins ask; they need a key as everybody does, and send no cookies."""
    if allowed:
        # Before authentication, because a browser asks for leave without a key.
        app.before_request(_permission(allowed))
        app.after_request(_told(allowed))


def _permission(allowed: frozenset[str]) -> Callable[[], Response | None]:
    def permit() -> Response | None:
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if not asks or request.headers.get("Origin") not in allowed:
            return None
        answer = Response(status=204)
        answer.headers["Access-Control-Allow-Methods"] = METHODS
        answer.headers["Access-Control-Allow-Headers"] = TAKEN
        answer.headers["Access-Control-Max-Age"] = KEPT_SECONDS
        return answer

    return permit


def _told(allowed: frozenset[str]) -> Callable[[Response], Response]:
    def tell(response: Response) -> Response:
        response.headers.add("Vary", "Origin")
        origin = request.headers.get("Origin")
        if origin in allowed:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = SHOWN
        return response

    return tell

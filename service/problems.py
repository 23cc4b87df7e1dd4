"""Every error leaves as a problem document (RFC 9457), and one table says which exception is which status."""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from types import MappingProxyType

import structlog
from apiflask import APIFlask
from flask import Response, request
from pydantic import BaseModel, Field
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import RoutingException

from deltarule.backprop.errors import DefinitionError, Fault, NotFiniteError, SamplesError
from deltarule.store import errors as store
from deltarule.training.errors import DataError, MalformedError, SpecError
from service.errors import HEADER, QUERY, Invalid

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
LATER = frozenset({429, 503})

STATUSES: Mapping[type[Exception], int] = MappingProxyType(
    {
        store.NotFound: 404,
        store.Conflict: 409,
        store.LimitReached: 429,
        store.IdempotencyMismatch: 422,
        store.Refused: 422,
        store.Unavailable: 503,
        DataError: 422,
        MalformedError: 400,
        DefinitionError: 422,
        NotFiniteError: 422,
        SamplesError: 422,
        SpecError: 422,
    }
)
"""The library's errors whose words are meant for users; any other exception is a 500 that says nothing of itself."""

SENTENCES: Mapping[int, str] = MappingProxyType(
    {
        404: "There is nothing at this address; /openapi.json lists what there is.",
        405: "This address does not take this method; the Allow header lists those it takes.",
        500: "Something went wrong inside the service; its log tells more under this answer's X-Request-Id.",
        503: "The service is not ready; try again in a moment.",
    }
)
"""What is said where nobody said anything better."""


class FaultDocument(BaseModel):
    """One thing that is wrong, and where."""

    pointer: str = Field(
        description="JSON Pointer (RFC 6901) into the body; `/query/...` is a query parameter, `/header/...` a header.",
        examples=["/training/batch_size"],
    )
    detail: str = Field(description="What is wrong and what to change.")


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(default="about:blank", description="Always `about:blank`: the status says it.")
    title: str = Field(description="The status in words.")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What is wrong and what to do, in a sentence.")
    instance: str = Field(description="The path of the request.")
    errors: list[FaultDocument] | None = Field(default=None, description="With status 422: every fault found.")


def register_problems(app: APIFlask) -> None:
    """Answer every exception, of ours, of the library's and of nobody's, as a problem."""
    app.register_error_handler(HTTPException, _http_error)
    for kind in STATUSES:
        app.register_error_handler(kind, _library_error)
    app.register_error_handler(Exception, _unexpected)


def problem(
    status: int, detail: str, faults: tuple[Fault, ...] = (), headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    """The answer that says what is wrong; 429 and 503 also say when to come back."""
    document = Problem(
        title=HTTP_STATUS_CODES.get(status, "Error"),
        status=status,
        detail=detail,
        instance=request.path,
        errors=[FaultDocument(pointer=fault.pointer, detail=fault.detail) for fault in faults] or None,
    )
    answer = Response(document.model_dump_json(exclude_none=True), status, headers, mimetype=MEDIA_TYPE)
    if status in LATER:
        answer.headers.setdefault("Retry-After", str(RETRY_SECONDS))
    return answer


def _http_error(error: HTTPException) -> Response | HTTPException:
    if isinstance(error, RoutingException) or error.code is None:
        return error
    headers = {name: value for name, value in error.get_headers(request.environ) if name != "Content-Type"}
    faults = error.faults if isinstance(error, Invalid) else ()
    return problem(error.code, _sentence(error, error.code), faults, headers)


def _sentence(error: HTTPException, status: int) -> str:
    """The words of whoever raised it, else ours, else the library's."""
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return f"The body is larger than the {request.max_content_length} bytes that this address takes."
    if error.description and error.description != type(error).description:
        return error.description
    return SENTENCES.get(status) or error.description or error.name


def _library_error(error: Exception) -> Response:
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        structlog.get_logger().warning("unavailable", reason=str(error), cause=repr(error.__cause__))
    faults = _faults(error) if status == HTTPStatus.UNPROCESSABLE_ENTITY else ()
    invalid = Invalid(faults) if faults else None
    headers = {"Retry-After": str(ceil(error.retry_seconds))} if isinstance(error, store.LimitReached) else {}
    return problem(status, str(invalid.description) if invalid else str(error), faults, headers)


def _faults(error: Exception) -> tuple[Fault, ...]:
    if isinstance(error, SpecError | DefinitionError):
        return error.faults
    if isinstance(error, store.InvalidCursor):
        return (Fault(f"{QUERY}cursor", str(error)),)
    if isinstance(error, store.IdempotencyMismatch):
        return (Fault(f"{HEADER}Idempotency-Key", str(error)),)
    if isinstance(error, DataError):
        return error.faults
    return (Fault("", str(error)),)


def _unexpected(error: Exception) -> Response:
    structlog.get_logger().error("unexpected exception", exc_info=error)
    return problem(500, SENTENCES[500])

"""An answer that is not good, put into words: who said no, why, and what to do next."""

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from deltarule.client.errors import (
    ClientError,
    Fault,
    NotFound,
    Refused,
    ServiceFault,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)
from deltarule.client.settings import API_KEY, URL, ClientSettings

START = f"Start one with `deltarule up`, or set {URL} to the address of one that runs."
ANOTHER = f"Look whether {URL} or --url is right."


class _Fault(BaseModel):
    pointer: str = ""
    detail: str


class Problem(BaseModel):
    """A problem document (RFC 9457) with this service's `errors`."""

    model_config = ConfigDict(frozen=True)

    title: str
    detail: str | None = None
    errors: tuple[_Fault, ...] = ()

    @property
    def sentence(self) -> str:
        """What is wrong, as a sentence."""
        return self.detail or f"{self.title.rstrip('.')}."


def not_reached(settings: ClientSettings, error: httpx.TransportError) -> Unreachable:
    """Nobody answered, or not in time, or not to the end."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return Unreachable(f"No Deltarule service answers at {settings.url}.", START)
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(f"The service at {settings.url} did not answer in time.", "It may be busy; try again.")
    return Unreachable(f"The connection to {settings.url} broke before the answer was complete.", START)


def read_problem(response: httpx.Response, settings: ClientSettings) -> ClientError:
    """The error that this response means to whoever asked."""
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return _no_problem_document(response, settings)
    return _error(response, problem)


def _error(response: httpx.Response, problem: Problem) -> ClientError:
    status, sentence = response.status_code, problem.sentence
    faults = tuple(Fault(fault.pointer, fault.detail) for fault in problem.errors)
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        return Unreachable(sentence, _later(response))
    if response.is_server_error:
        return ServiceFault(sentence, "The fault is in the service, not in what was asked; its log tells more.")
    if status == httpx.codes.UNAUTHORIZED:
        return Unauthorized(status, sentence, f"Set {API_KEY} to a key that `deltarule keys add` made.", faults)
    if status == httpx.codes.NOT_FOUND:
        return NotFound(status, sentence, None, faults)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Refused(status, sentence, _later(response), faults)
    return Refused(status, sentence, None, faults)


def _no_problem_document(response: httpx.Response, settings: ClientSettings) -> ClientError:
    if response.status_code in (httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT):
        return Unreachable(f"The service behind {settings.url} is not ready (status {response.status_code}).", START)
    return unexpected(settings, f"it answered with status {response.status_code}")


def unexpected(settings: ClientSettings, what: str) -> UnexpectedAnswer:
    """What answers at the address does not speak the contract."""
    return UnexpectedAnswer(
        f"What answers at {settings.url} is not a Deltarule service of this version: {what}.", ANOTHER
    )


def _later(response: httpx.Response) -> str:
    after = response.headers.get("Retry-After", "")
    return f"Try again in {after} s." if after.isdecimal() else "Try again in a moment."

"""One request, sent until it is answered or patience ends.

Every request of this client may be sent twice: it reads, it computes, it asks for an end that stays an end, or it
creates under an `Idempotency-Key`, which makes the second one harmless.
"""

import random
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from pathlib import Path

import httpx

from deltarule.client.problems import not_reached, read_problem
from deltarule.client.settings import ClientSettings

PASSING = frozenset({429, 502, 503, 504})
"""Statuses that may be another one in a moment."""
FIRST_PATIENCE = 1.0
"""Seconds to try a service that has never answered: most likely it is not running, and the user should hear so."""
PATIENCE = 30.0
"""Seconds to try a service that has answered before: most likely it is starting again."""
SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request as data. A `Path` as content is streamed from the file, anew for each try."""

    method: str
    path: str
    parameters: Mapping[str, str | float] = field(default_factory=dict)
    content: bytes | Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    answer_seconds: float = 60.0


class Transport:
    """Sends requests over one pool of connections, and answers only what went well."""

    def __init__(
        self,
        settings: ClientSettings,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._sleep = sleep
        self._clock = clock
        self._answered = False
        self._http = httpx.Client(
            base_url=settings.url,
            headers={"Authorization": f"Bearer {settings.api_key}"} if settings.api_key else {},
            transport=transport,
            trust_env=not settings.is_loopback,
        )

    def close(self) -> None:
        """Close the connections; the transport is of no use after it."""
        self._http.close()

    def send(self, request: Request) -> httpx.Response:
        """The answer, if its status is below 400.

        Tries again with growing pauses while the connection breaks or the service asks to come back later
        (429, 502, 503, 504; `Retry-After` is honoured), for a second at first contact and for half a minute later.

        Raises:
            Unreachable, UnexpectedAnswer, ServiceFault, Refused, Unauthorized, NotFound: as their names say.
        """
        lost = False
        deadline = self._clock() + (PATIENCE if self._answered else FIRST_PATIENCE)
        for attempt in count():
            outcome = self._try(request)
            if isinstance(outcome, httpx.Response) and outcome.status_code not in PASSING:
                return outcome if lost and _is_gone(request, outcome) else _good(outcome, self.settings)
            lost = lost or isinstance(outcome, httpx.TransportError)
            pause = _pause(attempt, outcome)
            if self._clock() + pause > deadline:
                break
            self._sleep(pause)
        if isinstance(outcome, httpx.Response):
            return _good(outcome, self.settings)
        raise not_reached(self.settings, outcome) from outcome

    def _try(self, request: Request) -> httpx.Response | httpx.TransportError:
        with ExitStack() as stack:
            content = request.content
            body = stack.enter_context(content.open("rb")) if isinstance(content, Path) else content
            try:
                response = self._http.request(
                    request.method,
                    request.path,
                    params=dict(request.parameters) or None,
                    content=body,
                    headers=request.headers,
                    timeout=httpx.Timeout(30, connect=5, read=request.answer_seconds),
                )
            except httpx.TransportError as error:
                return error
        self._answered = True
        return response


def _is_gone(request: Request, answer: httpx.Response) -> bool:
    """Whether this answers that what was to be removed is not there: an earlier try may have removed it unheard."""
    return request.method == "DELETE" and answer.status_code == httpx.codes.NOT_FOUND


def _good(response: httpx.Response, settings: ClientSettings) -> httpx.Response:
    if response.is_success:
        return response
    raise read_problem(response, settings)


def _pause(attempt: int, outcome: httpx.Response | httpx.TransportError) -> float:
    """Seconds to wait: doubling from a tenth, half of it by chance so that clients do not come back in step.

    The chance follows M. Brooker, Exponential Backoff and Jitter, 2015 ("equal jitter").
    """
    longest = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2.0 ** min(attempt, 16))
    chance = random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards nothing
    asked = outcome.headers.get("Retry-After") if isinstance(outcome, httpx.Response) else None
    return max(chance, _seconds(asked)) if asked else chance


def _seconds(retry_after: str) -> float:
    """Seconds that a `Retry-After` asks for (RFC 9110, section 10.2.3: a number of seconds, or a date)."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0

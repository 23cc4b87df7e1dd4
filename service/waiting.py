"""Answering only when there is news: a request waits for its job, but never too many at once and never past the end."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from werkzeug.exceptions import TooManyRequests

Seen = TypeVar("Seen")


def never() -> bool:
    """Whether the process is about to end, for one that is not told."""
    return False


@dataclass(slots=True)
class Waiting:
    """The requests of one process that wait. Each holds a thread, so that there may be `most` of them.

    `ending` tells whether the process is about to end; who waits is then answered with what there is.
    """

    pause_seconds: float
    most: int = 48
    ending: Callable[[], bool] = never
    _places: threading.BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = threading.BoundedSemaphore(self.most)

    def until_other(self, than: Seen, look: Callable[[], Seen], seconds: float) -> None:
        """Return when `look` sees something other than `than`, or `seconds` later; raises TooManyRequests."""
        if not self._places.acquire(blocking=False):
            raise TooManyRequests("Too many requests wait already; ask without `wait`, or later.", retry_after=1)
        try:
            end = time.monotonic() + seconds
            while look() == than and (left := end - time.monotonic()) > 0 and not self.ending():
                time.sleep(min(self.pause_seconds, left))
        finally:
            self._places.release()

"""Some work cannot look up while it is done, such as one batch of a wide network: meanwhile a thread keeps the lease.

It does so only while the work may still be well. Work that takes far longer than it ever did hangs, and a process that
hangs is better ended: its job goes on elsewhere.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Self

from deltarule.store.leases import PREPARING_SECONDS

LONGEST_SECONDS = PREPARING_SECONDS
LOOK_SECONDS = 1.0
"""The longest between two calls of `renew`, which is also where somebody is heard who asks to cancel."""
PATIENCE = 20
"""How many times as long as the mean step so far a step may take."""


class Keeper:
    """Calls `renew` while a step or a preparation lasts long, every `seconds`, a second at most, until it is False.

    A step may last `stall_seconds`, or `PATIENCE` times as long as the mean step so far if that is longer; then
    `give_up` is called, once. Both are called in a thread of the keeper's own and must not raise.
    """

    def __init__(
        self,
        renew: Callable[[], bool],
        seconds: float,
        stall_seconds: float,
        give_up: Callable[[], None] = lambda: None,
    ) -> None:
        self._renew, self._give_up = renew, give_up
        self._seconds, self._stall_seconds = min(seconds, LOOK_SECONDS), stall_seconds
        self._busy: tuple[float, float] | None = None
        self._steps, self._spent = 0, 0.0
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @contextmanager
    def step(self) -> Iterator[None]:
        """A step of the training."""
        mean = self._spent / self._steps if self._steps else 0.0
        began = time.monotonic()
        with self._lasting(max(self._stall_seconds, PATIENCE * mean)):
            yield
        self._steps, self._spent = self._steps + 1, self._spent + time.monotonic() - began

    @contextmanager
    def preparation(self) -> Iterator[None]:
        """What comes before the first step or after the last."""
        with self._lasting(LONGEST_SECONDS):
            yield

    @contextmanager
    def _lasting(self, longest: float) -> Iterator[None]:
        self._busy = (time.monotonic(), longest)
        try:
            yield
        finally:
            self._busy = None

    def _keep(self) -> None:
        renewing = True
        while not self._ended.wait(self._seconds):
            busy = self._busy
            if busy is None:
                continue
            lasted = time.monotonic() - busy[0]
            if lasted >= busy[1]:
                return self._give_up()
            if renewing and lasted >= self._seconds:
                renewing = self._renew()
        return None

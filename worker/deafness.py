"""A worker may stop to hear messages, as when its broker dropped the connection without a word: then it starts anew."""

import time
from collections.abc import Callable

from deltarule.store.database import Database
from deltarule.store.sweeping import still_waiting

DEAF = "the worker is idle and hears no message: it ends, to be started again"
DEAF_SECONDS = 60.0
"""A worker that is idle, and has not heard its own ring for so long, hears nothing."""


class Deafness:
    """Notices that messages which this worker has sent are not heard by anybody, although it is idle itself.

    `idle_since` answers when the worker last heard a message, by `clock`; None while it has a job. `leave` is called
    when it is deaf.
    """

    def __init__(
        self,
        database: Database,
        idle_since: Callable[[], float | None],
        leave: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._idle_since, self._leave, self._clock = idle_since, leave, clock
        self._rung: dict[str, float] = {}

    def rung(self, job_id: str) -> None:
        """A message for this job went out now."""
        self._rung.setdefault(job_id, self._clock())

    def look(self) -> None:
        """Leave, if a message that went out long ago is still unheard; raises Unavailable."""
        idle_since = self._idle_since()
        if idle_since is None:
            self._rung.clear()
            return
        # What was rung for before the last message that was heard stands in the queue as it should.
        self._rung = {job_id: at for job_id, at in self._rung.items() if at > idle_since}
        unheard = [job_id for job_id, at in self._rung.items() if self._clock() - at >= DEAF_SECONDS]
        if not unheard:
            return
        waiting = still_waiting(self._database, unheard)
        for job_id in set(unheard) - set(waiting):
            del self._rung[job_id]
        if waiting:
            self._rung.clear()
            self._leave()

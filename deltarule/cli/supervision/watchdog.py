"""A process that hangs does not say so: it is known by the signs of life that it no longer gives."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

STARTING_SECONDS = 900.0
"""How long a process may take until it gives the first sign: where the training loop must be compiled, minutes."""


class Watchdog:
    """Watches one process, from its start, by the file that it touches; `clock` answers seconds.

    What counts is that the file changes while this process looks on, and not the time that is written on it: clocks of
    machines are set, and machines sleep.
    """

    def __init__(self, pulse: Path, seconds: float, clock: Callable[[], float]) -> None:
        self._pulse, self._seconds, self._clock = pulse, seconds, clock
        self._seen, self._since = _touched(pulse), clock()
        self._beats = False

    def hangs(self) -> bool:
        """Whether it has given no sign of life for so long; to be asked every few seconds."""
        touched = _touched(self._pulse)
        if touched != self._seen:
            self._seen, self._since, self._beats = touched, self._clock(), True
        patience = self._seconds if self._beats else max(self._seconds, STARTING_SECONDS)
        return self._clock() - self._since > patience


def _touched(file: Path) -> int | None:
    """When the file was touched, in nanoseconds; None where there is none."""
    with suppress(OSError):
        return file.lstat().st_mtime_ns
    return None

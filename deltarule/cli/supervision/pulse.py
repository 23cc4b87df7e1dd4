"""A worker that is well says so again and again, in a file: whoever looks after it can see that without asking it."""

import os
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

BEAT_SECONDS = 1.0
SILENT_SECONDS = 60.0
"""A worker that was not heard of for so long is stuck; one step of a very large network may take a while."""


def folder(temporary: Path | None = None) -> Path:
    """Where this user's workers leave their pulse on this machine, in its folder for temporary files or another one."""
    return (temporary or Path(tempfile.gettempdir())) / f"deltarule-{os.getuid()}"


class Pulse:
    """The beats of the worker of this name; `clock` answers seconds."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = folder() / name
        self._clock = clock
        self._next = clock()

    def beat(self) -> None:
        """Say that all is well; costs nothing when it was said a moment ago, and is never worth an error."""
        if self._clock() < self._next:
            return
        self._next = self._clock() + BEAT_SECONDS
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, exist_ok=True)
            self._file.touch()


def silent(names: Iterable[str], temporary: Path | None = None) -> list[str]:
    """Those of these workers that were not heard of for a minute, or never; `temporary` as for `folder`."""
    return [name for name in names if not _heard(folder(temporary) / name)]


def _heard(file: Path) -> bool:
    try:
        return time.time() - file.stat().st_mtime < SILENT_SECONDS
    except OSError:
        return False

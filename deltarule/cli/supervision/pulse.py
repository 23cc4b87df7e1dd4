"""A worker that is well says so again and again, in a file: whoever looks after it can see that without asking it."""

import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from deltarule.cli.failures import CommandError

ELSEWHERE = "Remove it, or name another folder for temporary files in TMPDIR."
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
BEAT_SECONDS = 1.0
SILENT_SECONDS = 60.0
"""A worker that was not heard of for so long is stuck; one step of a very large network may take a while."""


def folder(temporary: Path | None = None) -> Path:
    """Where this user's workers leave their pulse on this machine, in its folder for temporary files or another one."""
    return (temporary or Path(tempfile.gettempdir())) / f"deltarule-{os.getuid()}"


def own_folder(temporary: Path | None = None) -> Path:
    """The same folder, made if it is not there; raises CommandError where it is not this user's alone.

    In a folder of temporary files anybody may have made one of its name, or a link to somewhere else, and could keep a
    hanging worker alive or have files touched.
    """
    own = folder(temporary)
    try:
        own.mkdir(mode=0o700, exist_ok=True)
        found = own.lstat()
    except OSError as error:
        raise CommandError(f"The folder {own} cannot be made: {error.strerror}.", ELSEWHERE) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & OTHERS_WRITE:
        raise CommandError(f"The folder {own} is not this user's alone.", ELSEWHERE)
    return own


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

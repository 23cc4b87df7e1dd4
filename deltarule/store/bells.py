"""Whoever waits for a message hangs up a bell, and whoever leaves one rings them all: a hint, never the message itself.

A bell that is not heard costs a moment only, because who waits looks now and then by itself.
"""

import errno
import os
import select
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

MOST_RINGS = 65_536
"""Rings taken off a bell at once; a pipe holds no more of them."""


class Bell:
    """The bell of one who waits: a named pipe in `folder`; where there can be none, it never rings."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / uuid4().hex
        self._pipe: int | None = None
        with suppress(OSError):
            self._hang()

    def wait(self, seconds: float) -> None:
        """Return when the bell rings or has rung since the last time, or so many seconds later."""
        if self._pipe is None:
            time.sleep(seconds)
            return
        ears = select.poll()
        ears.register(self._pipe, select.POLLIN)
        if ears.poll(seconds * 1000):
            os.read(self._pipe, MOST_RINGS)

    def close(self) -> None:
        """Take the bell down."""
        if self._pipe is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._pipe)
            self._pipe = None

    def _hang(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        hidden = self._path.with_name(f".{self._path.name}")
        os.mkfifo(hidden, 0o600)
        # For writing too: a pipe that nobody has open for writing would seem to ring without an end.
        self._pipe = os.open(hidden, os.O_RDWR | os.O_NONBLOCK)
        # Only now may others see it, because they take down what nobody listens to.
        hidden.rename(self._path)


def ring_all(folder: Path) -> None:
    """Ring every bell in the folder, and take down those whose owner is gone; never waits, and raises nothing."""
    with suppress(OSError):
        for path in folder.iterdir():
            if not path.name.startswith("."):
                _ring(path)


def _ring(path: Path) -> None:
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:  # nobody has it open: its owner was killed
            path.unlink(missing_ok=True)
        return
    with suppress(BlockingIOError):  # full of rings that are not heard yet
        os.write(pipe, b"!")
    os.close(pipe)

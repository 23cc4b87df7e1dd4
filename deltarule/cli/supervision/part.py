"""One child process and all that it starts: it lives in a session of its own, and dies with its parent."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl(2)."""
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 3.0
"""A process that lived so long had started; whatever ended it then need not end it again."""


@dataclass(frozen=True, slots=True)
class Part:
    """A process to be kept running: its command, its whole environment, its folder, and descriptors it inherits.

    A `late` one is started only when the others are ready, so that they need not share the processors with it before.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None = None
    descriptors: tuple[int, ...] = ()
    late: bool = False


class Child:
    """A part while it is watched over; `start_at` is when it was or will be started, by the `clock`, in seconds."""

    def __init__(self, part: Part, clock: Callable[[], float]) -> None:
        self.part = part
        self.start_at = clock()
        self._clock = clock
        self._pause = FIRST_PAUSE_SECONDS
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started, and its end was not noticed yet."""
        return self._process is not None

    def start(self) -> None:
        """Start the process; raises OSError when that is impossible."""
        self.start_at = self._clock()
        self._process = subprocess.Popen(  # noqa: S603 -- the command is our own
            self.part.command,
            env=self.part.environment,
            cwd=self.part.folder,
            pass_fds=self.part.descriptors,
            stdin=subprocess.DEVNULL,
            # What the parent prints is meant for its caller; children log, to stderr.
            stdout=subprocess.DEVNULL,
            # Ctrl-C then reaches the parent alone, which ends its children in order.
            start_new_session=True,
            preexec_fn=_die_with_parent(),  # noqa: PLW1509 -- the parent has one thread
        )

    def ask_to_end(self) -> None:
        """Send SIGTERM to the process; what it started is its own business."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End the process and everything in its session, now."""
        if self._process is not None:
            _kill_session(self._process.pid)
            self._process.wait()

    def ended(self) -> int | None:
        """The exit code, once, when the process has ended; whatever it left behind is killed. A signal is negative."""
        code = self._process.poll() if self._process else None
        if self._process is not None and code is not None:
            _kill_session(self._process.pid)
            self._process = None
        return code

    def rest(self) -> float:
        """Put off the next start by a pause, in seconds, that grows while the process keeps dying."""
        steady = self._clock() - self.start_at > STEADY_SECONDS
        pause = FIRST_PAUSE_SECONDS if steady else self._pause
        self._pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        self.start_at = self._clock() + pause
        return pause


def _kill_session(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _die_with_parent() -> Callable[[], None] | None:
    """What a child does first, so that it ends even when its parent is killed and can tell nobody; Linux only."""
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def prepare() -> None:
        prctl(DIE_WITH_PARENT, signal.SIGTERM)
        if os.getppid() != parent:  # it was killed just before
            os._exit(1)

    return prepare

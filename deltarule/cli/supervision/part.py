"""One child process and all that it starts: it lives in a session of its own, and dies with its parent."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path

from deltarule.cli.supervision.identity import Identity, named
from deltarule.cli.supervision.watchdog import Watchdog
from deltarule.store.losses import STALLED, Loss, of_exit

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
    One with a `pulse` touches that file again and again, and hangs when it has not for `stall_seconds`.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None = None
    descriptors: tuple[int, ...] = ()
    late: bool = False
    pulse: Path | None = None
    stall_seconds: float = inf


@dataclass(frozen=True, slots=True)
class Death:
    """The end of a process: which one, its exit code (a signal is negative), and that in words."""

    identity: Identity
    code: int
    loss: Loss


class Child:
    """A part while it is watched over; `start_at` is when it was or will be started, by the `clock`, in seconds."""

    def __init__(self, part: Part, clock: Callable[[], float]) -> None:
        self.part = part
        self.start_at = clock()
        self._clock = clock
        self._pause = FIRST_PAUSE_SECONDS
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: Identity | None = None
        self._watchdog: Watchdog | None = None
        self._hung = False

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
        self._identity = Identity.of(named(self.part.name), self._process.pid)
        self._hung = False
        if self.part.pulse is not None:
            self._watchdog = Watchdog(self.part.pulse, self.part.stall_seconds, self._clock)

    def ask_to_end(self) -> None:
        """Send SIGTERM to the process; what it started is its own business."""
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        """End the process and everything in its session, now."""
        if self._process is not None:
            _kill_session(self._process.pid)
            self._process.wait()

    def end_if_hung(self) -> bool:
        """End the process, and everything in its session, if it shows no sign of life; whether that was so."""
        if self._process is None or self._watchdog is None or not self._watchdog.hangs():
            return False
        self._hung = True
        _kill_session(self._process.pid)
        self._process.wait()
        return True

    def ended(self) -> Death | None:
        """How the process has ended, told once; whatever it left behind is killed."""
        code = self._process.poll() if self._process else None
        if self._process is None or self._identity is None or code is None:
            return None
        _kill_session(self._process.pid)
        self._process = None
        return Death(self._identity, code, STALLED if self._hung else of_exit(code))

    def rest(self, *, worked: bool = False) -> float:
        """Put off the next start by a pause, in seconds, that grows while the process keeps dying.

        `worked`: whether it had begun to work, so that its start was not what ended it.
        """
        steady = worked or self._clock() - self.start_at > STEADY_SECONDS
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

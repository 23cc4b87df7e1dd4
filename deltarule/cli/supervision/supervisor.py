"""Watches over processes: what dies is started again, and a signal to the parent ends them all in time."""

import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import structlog

from deltarule.cli.supervision.part import Child, Death, Part

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PROBE_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 60.0
LATE_SECONDS = 30.0
"""How long late parts wait for the others to be ready."""
LOOK_SECONDS = 2.0
"""How often processes are looked at that may hang."""


class StartError(Exception):
    """A part ended before all was ready: it would end the same way again."""


@dataclass(slots=True)
class Chore:
    """Something small to be done again and again; it must neither raise nor take long."""

    seconds: float
    do: Callable[[], None]
    due_at: float = 0.0


class Supervisor:
    """Keeps parts running until a signal ends them, and then gives them `grace_seconds` until they are killed.

    `ready` is asked again and again until it says yes, and then `announce` is called, once; until then the end of one
    part is the end of all (StartError). `mourn` is told of every process that has ended, and whether all are being
    ended; it answers whether the process had been at work, and must neither raise nor take long. Only for the main
    thread of a process that has no other: signals and children belong to threads.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        grace_seconds: float,
        ready: Callable[[], bool] = lambda: True,
        announce: Callable[[], None] = lambda: None,
        chores: Sequence[Chore] = (),
        mourn: Callable[[Death, bool], bool] = lambda *_: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._children = [Child(part, clock) for part in parts]
        self._grace = grace_seconds
        self._is_ready, self._announce = ready, announce
        self._chores = [*chores, Chore(LOOK_SECONDS, self._end_hung)]
        self._mourn = mourn
        self._clock = clock
        self._ready = False
        self._late_at = clock() + LATE_SECONDS
        self._end_by: float | None = None

    def run(self) -> None:
        """Start everything and watch, until SIGTERM, SIGINT or SIGHUP; a second signal ends the grace too.

        Nothing of it runs any more when this returns or raises. Raises StartError, or OSError for a command that cannot
        be run.
        """
        with self._woken_by_signals() as sleep:
            try:
                while self._end_by is None:
                    self._start_due()
                    self._become_ready()
                    self._do_chores()
                    sleep(self._until_next())
                    self._notice_ended()
            finally:
                self._end_all(sleep)

    def _start_due(self) -> None:
        # What keeps the first from being ready may well spare the others.
        late_too = self._ready or self._clock() >= self._late_at
        for child in self._children:
            awaited = late_too or not child.part.late
            if awaited and not child.running and child.start_at <= self._clock():
                self._start(child)

    def _start(self, child: Child) -> None:
        try:
            child.start()
        except OSError as error:
            if not self._ready:
                raise
            # Such as too many processes: it may pass, and what runs is not to suffer from it.
            pause = child.rest()
            structlog.get_logger().warning(
                "a process cannot be started", part=child.part.name, reason=str(error), pause_seconds=pause
            )

    def _become_ready(self) -> None:
        if not self._ready and self._is_ready():
            self._ready = True
            self._announce()

    def _do_chores(self) -> None:
        for chore in self._chores:
            if chore.due_at <= self._clock():
                chore.do()
                chore.due_at = self._clock() + chore.seconds

    def _until_next(self) -> float:
        if not self._ready:
            return PROBE_SECONDS
        starts = [child.start_at for child in self._children if not child.running]
        moments = [*starts, *(chore.due_at for chore in self._chores)]
        return max(0.0, min([moment - self._clock() for moment in moments] or [LONGEST_WAIT_SECONDS]))

    def _end_hung(self) -> None:
        for child in self._children:
            if child.end_if_hung():
                structlog.get_logger().error("a process showed no sign of life and was ended", part=child.part.name)

    def _notice_ended(self) -> None:
        for child in self._children:
            death = child.ended()
            if death is None:
                continue
            worked = self._mourn(death, self._end_by is not None)
            # Who was killed did not fail to start; it may succeed the next time.
            if self._end_by is None and not self._ready and death.code >= 0:
                raise StartError(f"The {child.part.name} could not start: it {death.loss.words}; see above.")
            if self._end_by is None:
                self._tell(child, death, worked=worked)

    def _tell(self, child: Child, death: Death, *, worked: bool) -> None:
        structlog.get_logger().warning(
            "a process ended and is started again",
            part=child.part.name,
            how=death.loss.words,
            pause_seconds=child.rest(worked=worked),
        )

    def _end_all(self, sleep: Callable[[float], None]) -> None:
        self._end_by = self._end_by or self._clock() + self._grace
        for child in self._children:
            child.ask_to_end()
        while self._any_running() and self._clock() < self._end_by:
            sleep(self._end_by - self._clock())
        for child in self._children:
            child.kill()
        self._notice_ended()

    def _any_running(self) -> bool:
        self._notice_ended()
        return any(child.running for child in self._children)

    def _on_ending(self, number: int, frame: FrameType | None) -> None:
        again = self._end_by is not None
        self._end_by = self._clock() + (0.0 if again else self._grace)

    @contextmanager
    def _woken_by_signals(self) -> Iterator[Callable[[float], None]]:
        """A sleep of at most so many seconds that every signal, also a child's end, cuts short."""
        woken, wakes = socket.socketpair()
        wakes.setblocking(False)
        # What is ignored stays so: `nohup` means that the terminal's end is not ours.
        heeded = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
        handlers = {number: signal.signal(number, self._on_ending) for number in heeded}
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        before = signal.set_wakeup_fd(wakes.fileno())

        def sleep(seconds: float) -> None:
            woken.settimeout(max(seconds, 0.001))
            try:
                woken.recv(4096)
            except TimeoutError:
                return

        try:
            yield sleep
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            woken.close()
            wakes.close()

"""The common course of most storms: calm runs first, then many jobs while things break, then the comparison."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from deltarule.store.states import Status
from tests.storm.ledger import Outcome, all_ended, counted, read, violations
from tests.storm.report import Result
from tests.storm.stack import LOOK_SECONDS, Ground, Stack, until
from tests.storm.work import Submitter, percentile, specs, upload

LEAST_PATIENCE_SECONDS = 300.0
ENDLESS = 1_000_000


@dataclass
class Campaign:
    """A stack, the jobs that it is given, and what each of them must come to."""

    stack: Stack
    specs: list[dict[str, Any]]
    references: dict[int, Outcome]
    submitter: Submitter
    chance: random.Random = field(default_factory=random.Random)

    @classmethod
    def begin(cls, stack: Stack, ground: Ground, epochs: int) -> "Campaign":
        """Run each distinct job once, undisturbed."""
        chosen = specs(upload(stack), ground.distinct, epochs)
        calm = Submitter(stack)
        calm.submit_all(enumerate(chosen))
        until(lambda: all_ended(stack.database), "the undisturbed runs", LEAST_PATIENCE_SECONDS)
        found = read(stack.database, calm.accepted)
        references = {number: found[job_id] for job_id, number in calm.accepted.items()}
        assert all(outcome.status is Status.SUCCEEDED for outcome in references.values()), references
        assert len({outcome.result for outcome in references.values()}) == ground.distinct, "distinct jobs must differ"
        return cls(stack, chosen, references, Submitter(stack), random.Random(ground.seed))  # noqa: S311 -- repeatable

    def submit(self, jobs: int, pause: Callable[[], object] = lambda: None) -> None:
        """Post so many jobs, each distinct one in turn."""
        self.submitter.submit_all(((n % len(self.specs), self.specs[n % len(self.specs)]) for n in range(jobs)), pause)

    def until_ended(self, patience_seconds: float = LEAST_PATIENCE_SECONDS) -> bool:
        """Keep the service running until no job is left, or nothing has ended for so long; whether none is left."""
        last, at = counted(self.stack.database), time.monotonic()
        while not all_ended(self.stack.database):
            self.stack.keep()
            now = counted(self.stack.database)
            last, at = (now, time.monotonic()) if now != last else (last, at)
            if time.monotonic() - at > patience_seconds:
                return False
            Event().wait(LOOK_SECONDS)
        return True

    def judge(self, result: Result) -> dict[str, Outcome]:
        """Compare every accepted job with its undisturbed twin, and count."""
        accepted = self.submitter.accepted
        found = read(self.stack.database, accepted)
        result.blame(*self.submitter.faults, *violations(accepted, found, self.references))
        result.count(
            accepted=len(accepted),
            lost=len(set(accepted) - set(found)),
            ended_once=sum(1 for outcome in found.values() if outcome.ends == 1),
            equal_to_the_undisturbed_run=sum(
                1 for job_id, outcome in found.items() if outcome.result == self.references[accepted[job_id]].result
            ),
            history_rows=sum(len(outcome.epochs) for outcome in found.values()),
            disturbed_jobs=sum(1 for outcome in found.values() if len(outcome.moves) > 3),
            most_attempts=max((outcome.attempt for outcome in found.values()), default=0),
            submissions_answered=dict(self.submitter.statuses),
            submissions_cut_off=self.submitter.broken,
            submission_p99_seconds=round(percentile(self.submitter.seconds, 0.99), 3),
        )
        return found


class Disturber(Thread):
    """Does something every so many seconds, `times` times at most, in a thread of its own."""

    def __init__(self, act: Callable[[], object], every: float, times: int) -> None:
        super().__init__(daemon=True)
        self._act, self._every, self._times = act, every, times
        self._ending = Event()
        self.error: Exception | None = None

    def run(self) -> None:
        """Disturb until `end`."""
        for _ in range(self._times):
            if self._ending.wait(self._every):
                return
            try:
                self._act()
            except Exception as error:  # told to the main thread, which would otherwise hear nothing
                self.error = error
                return

    def end(self) -> None:
        """Disturb no more; raises what the disturbing itself has met."""
        self._ending.set()
        self.join()
        if self.error is not None:
            raise self.error


@contextmanager
def disturbed(act: Callable[[], object], every: float, times: int = ENDLESS) -> Iterator[None]:
    """Something bad happens every so many seconds while the block runs, `times` times at most.

    A machine that is slow enough gets nothing done between two of them: who must end there gives a number.
    """
    disturber = Disturber(act, every, times)
    disturber.start()
    try:
        yield
    finally:
        disturber.end()


def in_background(work: Callable[[], None]) -> threading.Thread:
    """Work that goes on beside the storm."""
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread

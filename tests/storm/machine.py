"""Storm 6: everything that users, workers, the sweeper and time can do to jobs, in any order, beside a plain account.

The machine and the account are those of the store's own tests; here they run for longer, are looked at in the very
last moment of a lease, and must find out every mutant.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import literal, select

from deltarule.store import leases
from deltarule.store.clock import Moment
from deltarule.store.database import Database
from deltarule.store.schema import upgrade
from deltarule.store.states import HELD
from deltarule.store.tables import JobRow
from tests.servers import postgresql
from tests.store.test_life import Life, Worker
from tests.storm.injection.sitecustomize import MUTANTS
from tests.storm.mutants import mutated
from tests.storm.report import Result
from tests.storm.stack import Ground

MOST_JOBS = 3
"""More would only dilute what happens to each."""


LOOK_EVERY = 4
"""Steps between two looks at all rows, which cost more than the steps; what is wrong stays wrong until then."""


class ExactLife(Life):
    """The store's machine on few jobs, with the moment at which a lease is exactly over: it still holds then."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.steps = 0

    @invariant()
    def every_row_is_as_it_should_be(self) -> None:
        self.steps += 1
        if self.steps % LOOK_EVERY == 0:
            super().every_row_is_as_it_should_be()

    @invariant()
    def every_move_is_allowed_and_the_last_is_the_state(self) -> None:
        if self.steps % LOOK_EVERY == 1:
            super().every_move_is_allowed_and_the_last_is_the_state()

    @invariant()
    def only_jobs_that_may_go_on_have_a_checkpoint(self) -> None:
        if self.steps % LOOK_EVERY == 2:
            super().only_jobs_that_may_go_on_have_a_checkpoint()

    @precondition(lambda self: len(self.expected) < MOST_JOBS)
    @rule(target=Life.jobs)
    def submit(self) -> str:
        return super().submit()

    @rule(target=Life.workers, job_id=Life.jobs)
    def claim_what_was_abandoned(self, job_id: str) -> Worker:
        self.time_passes(job_id=job_id)
        return self.claim(job_id=job_id)

    @rule(job_id=Life.jobs)
    def claim_at_the_last_moment(self, job_id: str) -> None:
        with self._at_the_end_of(job_id) as held:
            if held:
                assert self.attempts.claim(job_id, "too early", 60.0) is None

    @rule(job_id=Life.jobs)
    def sweep_at_the_last_moment(self, job_id: str) -> None:
        with self._at_the_end_of(job_id) as held:
            if held:
                self.sweep()

    @contextmanager
    def _at_the_end_of(self, job_id: str) -> Iterator[bool]:
        """The moment at which this job's lease ends, for the account too; False when nobody holds the job."""
        ends = self._lease_ends()
        if job_id not in ends:
            yield False
            return
        before = {each: self.expected[each].expired for each in ends}
        for each, end in ends.items():
            self.expected[each].expired = end < ends[job_id]
        moment = literal(ends[job_id], Moment())
        with patch.object(leases, "now", lambda: moment):
            yield True
        for each, expired in before.items():
            self.expected[each].expired = expired

    def _lease_ends(self) -> dict[str, datetime]:
        with self.database.read() as session:
            held = select(JobRow.id, JobRow.lease_expires_at).where(JobRow.status.in_(HELD))
            return {job_id: end for job_id, end in session.execute(held) if end is not None}


def check(database: Database, examples: int, steps: int, chosen: int) -> None:
    """Run the machine; raises with the shortest story of what went wrong."""
    run_state_machine_as_test(
        seed(chosen)(partial(ExactLife, database)),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            # A mutant must be found, not explained.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def catches(database: Database, mutant: str, examples: int, steps: int, chosen: int) -> bool:
    """Whether the machine finds out that this guard was taken away."""
    try:
        with mutated(mutant):
            check(database, examples, steps, chosen)
    except AssertionError:
        # Nothing else: a mutant that makes the machine stumble was not found out by what it promises.
        return True
    return False


def storm(ground: Ground, *, examples: int = 100, steps: int = 50) -> Result:
    """So many stories of so many steps on the real store, and every mutant on the same."""
    result = Result(
        "6. state machine", f"{ground.database}, seed {ground.seed}", {"examples": examples, "steps": steps}
    )
    with _empty(ground.database) as database:
        check(database, examples, steps, ground.seed)
        for mutant in MUTANTS:
            caught = catches(database, mutant, examples, steps, ground.seed)
            result.count(**{f"mutant {mutant!r} is caught": caught})
            result.require(caught, f"the mutant {mutant!r} was not noticed")
    return result.ended()


@contextmanager
def _empty(kind: str) -> Iterator[Database]:
    """A database of this kind with its tables, and nothing in them."""
    if kind == "postgresql":
        with postgresql() as server:
            yield from _opened(server.url)
        return
    folder = Path(tempfile.mkdtemp(prefix="deltarule-storm-"))
    try:
        yield from _opened(f"sqlite:///{folder / 'deltarule.sqlite3'}")
    finally:
        shutil.rmtree(folder)


def _opened(url: str) -> Iterator[Database]:
    upgrade(url)
    database = Database(url, durable=False)
    yield database
    database.close()

"""What is reported when, on a clock that the test turns."""

from dataclasses import replace

from deltarule.store.blobs import LocalBlobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.models import Models
from deltarule.store.records import HistoryRow
from deltarule.training.run import Run
from tests.worker.making import submit
from worker.journal import CHECKPOINT_SHARE, HASTE, OUTAGE_SECONDS, Journal
from worker.preparation import Preparation

PLAN = {"training": {"epochs": 40, "batch_size": 8, "seed": 3, "early_stopping": None}}


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def made(database: Database, blobs: LocalBlobs) -> Run:
    return Preparation(Datasets(database, blobs), Models(database), blobs)(submit(database, blobs, **PLAN))


def advanced(run: Run, journal: Journal, epochs: int) -> None:
    """Train until so many epochs are complete."""
    while journal.epoch < epochs and not run.finished:
        journal.add(run.advance(0.0))


def test_the_first_epoch_is_due_at_once_and_the_next_after_a_second(database: Database, blobs: LocalBlobs) -> None:
    clock, run = Clock(), made(database, blobs)
    journal = Journal((), 10, 5, clock)
    assert not journal.due
    advanced(run, journal, 1)
    assert journal.due
    report = journal.report(run)
    assert [row.epoch for row in report.epochs] == [1]
    journal.written(report)
    advanced(run, journal, 2)
    assert not journal.due
    clock.now += 1
    assert journal.due
    assert [row.epoch for row in journal.report(run).epochs] == [2]


def test_what_was_not_written_is_reported_again(database: Database, blobs: LocalBlobs) -> None:
    clock, run = Clock(), made(database, blobs)
    journal = Journal((), 10, 5, clock)
    advanced(run, journal, 3)
    assert [row.epoch for row in journal.report(run).epochs] == [1, 2, 3]
    assert not journal.due
    journal.put_off()
    clock.now += 1
    assert not journal.due, "a database that is away is not asked all the time"
    clock.now += OUTAGE_SECONDS
    assert journal.due
    advanced(run, journal, 5)
    written = journal.report(run)
    assert [row.epoch for row in written.epochs] == [1, 2, 3, 4, 5]
    advanced(run, journal, 6)
    journal.written(written)
    assert [row.epoch for row in journal.rest().epochs] == [6]


def test_a_run_that_has_nothing_to_tell_is_still_reported(database: Database, blobs: LocalBlobs) -> None:
    clock = Clock()
    journal = Journal((), 10, 5, clock)
    clock.now += 1
    assert journal.due
    run = made(database, blobs)
    report = journal.report(run)
    assert (report.epochs, report.progress, report.checkpoint) == ((), None, None)
    assert report.engine == run.engine


def test_checkpoints_come_by_time_and_fit_the_epochs_beside_them(database: Database, blobs: LocalBlobs) -> None:
    clock, run = Clock(), made(database, blobs)
    journal = Journal((), 10, 5, clock)
    advanced(run, journal, 4)
    assert journal.report(run).checkpoint is None
    clock.now += 10
    first = journal.report(run).checkpoint
    assert first is not None
    assert first.epoch == 4
    assert journal.report(run).checkpoint is None
    advanced(run, journal, 5)
    clock.now += 10
    second = journal.report(run).checkpoint
    assert second is not None
    assert second.step > first.step > 0
    again = made(database, blobs)
    again.restore(second.state)
    assert again.advance(0.0).epoch in (5, 6)


def test_after_an_attempt_without_a_checkpoint_the_next_makes_its_first_much_sooner_and_then_slows_down(
    database: Database, blobs: LocalBlobs
) -> None:
    clock, run = Clock(), made(database, blobs)
    journal = Journal((), 10, 5, clock, hasty=True)
    clock.now += 3
    journal.begin()
    advanced(run, journal, 1)
    assert journal.report(run).checkpoint is None, "what reading the data took is no training"
    pauses = []
    while len(pauses) < 10:
        last = clock.now
        while not (journal.due and journal.report(run).checkpoint):
            clock.now += 10 / HASTE
        pauses.append((clock.now - last) * HASTE / 10)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 64, 64, 64]


def test_while_the_database_is_away_it_is_not_asked_more_often_in_haste(database: Database, blobs: LocalBlobs) -> None:
    clock, run = Clock(), made(database, blobs)
    journal = Journal((), 10, 5, clock, hasty=True)
    advanced(run, journal, 1)
    journal.report(run)
    journal.put_off()
    clock.now += OUTAGE_SECONDS - 0.1
    assert not journal.due


def test_checkpoints_more_often_than_once_a_second_are_made_as_often(database: Database, blobs: LocalBlobs) -> None:
    clock, run = Clock(), made(database, blobs)
    journal = Journal((), 0.25, 5, clock)
    for _ in range(3):
        assert not journal.due
        clock.now += 0.25
        assert journal.due
        assert journal.report(run).checkpoint is not None


def test_a_checkpoint_that_takes_long_is_made_seldom(database: Database, blobs: LocalBlobs) -> None:
    clock, run = Clock(), made(database, blobs)

    class Slow:
        """The run, but its state takes three seconds to write."""

        def __getattr__(self, name: str) -> object:
            return getattr(run, name)

        def state(self) -> bytes:
            clock.now += 3
            return run.state()

    journal, slow = Journal((), 10, 5, clock), Slow()
    clock.now += 10
    assert journal.report(slow).checkpoint is not None  # type: ignore[arg-type]
    clock.now += 3 / CHECKPOINT_SHARE - 0.1
    assert journal.report(slow).checkpoint is None  # type: ignore[arg-type]
    clock.now += 0.2
    assert journal.report(slow).checkpoint is not None  # type: ignore[arg-type]


def test_a_checkpoint_can_be_asked_for_and_refused(database: Database, blobs: LocalBlobs) -> None:
    clock, run = Clock(), made(database, blobs)
    journal = Journal((), 10, 5, clock)
    assert journal.report(run, checkpoint=True).checkpoint is not None
    clock.now += 100
    assert journal.report(run, checkpoint=False).checkpoint is None


def test_warnings_are_told_once_and_those_of_the_job_stay(database: Database, blobs: LocalBlobs) -> None:
    run = made(database, blobs)
    journal = Journal(("said before", *run.warnings), 10, 5, Clock())
    assert journal.report(run).warnings == ("said before", *run.warnings)


def test_a_short_heartbeat_is_kept_also_while_the_database_is_away(database: Database, blobs: LocalBlobs) -> None:
    clock, run = Clock(), made(database, blobs)
    journal = Journal((), 10, 0.2, clock)
    for _ in range(3):
        assert not journal.due
        clock.now += 0.2
        assert journal.due
        journal.report(run)
    journal.put_off()
    clock.now += 0.2
    assert journal.due


def test_a_run_that_goes_on_is_as_far_as_its_checkpoint_before_it_has_moved(
    database: Database, blobs: LocalBlobs
) -> None:
    clock, run, again = Clock(), made(database, blobs), made(database, blobs)
    journal, resumed = Journal((), 10, 5, clock), Journal((), 10, 5, clock)
    advanced(run, journal, 4)
    first = journal.report(run, checkpoint=True).checkpoint
    assert first is not None
    resumed.resume(again, first)
    second = resumed.report(again, checkpoint=True).checkpoint
    assert second is not None
    assert (second.epoch, second.step) == (first.epoch, first.step) == (4, first.step)
    assert first.step > 0


def thinned(run: Run, journal: Journal, epochs: int) -> dict[int, HistoryRow]:
    """Train until so many epochs are complete, writing after each; what was written, without the seconds."""
    rows: dict[int, HistoryRow] = {}
    while journal.epoch < epochs and not run.finished:
        advanced(run, journal, journal.epoch + 1)
        report = journal.report(run, checkpoint=False if run.finished else None)
        journal.written(report)
        rows |= {row.epoch: replace(row, seconds=0.0) for row in report.epochs}
    return rows


def test_a_thinned_history_is_the_same_through_an_interruption(database: Database, blobs: LocalBlobs) -> None:
    clock, run, again = Clock(), made(database, blobs), made(database, blobs)
    undisturbed = thinned(made(database, blobs), Journal((), 10, 5, clock, every=16), 40)
    assert {1, 16, 32, 40} < undisturbed.keys() | {0}
    best = min(undisturbed.values(), key=lambda row: row.validation_loss or row.training_loss or 0.0).epoch
    assert undisturbed.keys() == {1, 16, 32, 40, best}
    journal, resumed = Journal((), 10, 5, clock, every=16), Journal((), 10, 5, clock, every=16)
    rows = thinned(run, journal, 19)
    checkpoint = journal.report(run, checkpoint=True).checkpoint
    assert checkpoint is not None
    resumed.resume(again, checkpoint)
    assert rows | thinned(again, resumed, 40) == undisturbed


def test_the_best_epoch_is_remembered_from_before_an_interruption(database: Database, blobs: LocalBlobs) -> None:
    clock, run, again = Clock(), made(database, blobs), made(database, blobs)
    journal, resumed = Journal((), 10, 5, clock, every=1024), Journal((), 10, 5, clock, every=1024)
    advanced(run, journal, 5)
    checkpoint = journal.report(run, checkpoint=True).checkpoint
    assert checkpoint is not None
    resumed.resume(again, checkpoint)
    assert resumed.rest().epochs == ()
    known = [row for row in journal.rest(ending=True).epochs if row.epoch > 1]
    assert known
    assert list(resumed.rest(ending=True).epochs) == known

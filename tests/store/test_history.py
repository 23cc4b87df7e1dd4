"""However many epochs a report has, the database is asked as often, and each number is what it was."""

from dataclasses import replace
from math import inf, nan

import pytest

from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from deltarule.store.history import write_history
from deltarule.store.jobs import Jobs
from deltarule.store.records import HistoryRow
from tests.statements import statements
from tests.store.making import LEASE_SECONDS, claimed, epoch, job, report


def written(database: Database, rows: list[HistoryRow]) -> tuple[HistoryRow, ...]:
    job_id = claimed(database).job.id
    with database.write() as session:
        write_history(session, job_id, rows)
    return Jobs(database).history(None, job_id)


def test_numbers_are_kept_to_the_bit(database: Database) -> None:
    rows = [replace(epoch(1 + n), training_loss=1 / (n + 3), gradient_norm=(n / 7, n * 1e-300)) for n in range(1000)]
    assert written(database, rows) == tuple(rows)


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_numbers_that_are_not_finite_are_none(database: Database, number: float) -> None:
    row = replace(epoch(1), training_loss=number, gradient_norm=(number, 1.0), metrics={"a": number})
    assert written(database, [row]) == (
        replace(row, training_loss=None, gradient_norm=(None, 1.0), metrics={"a": None}),
    )


def test_texts_are_kept_whatever_they_hold(database: Database) -> None:
    row = replace(
        epoch(1), metrics={"a\\tb": 1.0, "tab\there": 2.0, "line\nbreak": 3.0, r"\N": 4.0, "\\.": 5.0, "ü": 6.0}
    )
    assert written(database, [row, replace(row, epoch=2)]) == (row, replace(row, epoch=2))


def test_nothing_is_written_of_no_epochs(database: Database) -> None:
    with statements() as asked:
        assert written(database, []) == ()
    assert not [each for each in asked if each.startswith(("INSERT INTO history", "DELETE FROM history"))]


def test_epochs_that_are_there_are_replaced_and_those_between_them_are_not(database: Database) -> None:
    job_id = claimed(database).job.id
    first = [epoch(number) for number in range(1, 8)]
    again = [replace(epoch(number), training_loss=0.25) for number in (2, 6, 9)]
    for rows in (first, again):
        with database.write() as session:
            write_history(session, job_id, rows)
    expected = {row.epoch: row for row in (*first, *again)}
    assert Jobs(database).history(None, job_id) == tuple(expected[number] for number in sorted(expected))


def test_a_report_asks_the_database_as_often_for_many_epochs_as_for_one(database: Database) -> None:
    attempts, claim = Attempts(database), claimed(database)
    with statements() as one:
        attempts.record(claim.lease, report(1, 1), lease_seconds=LEASE_SECONDS)
    with statements() as many:
        attempts.record(claim.lease, report(2, 900), lease_seconds=LEASE_SECONDS)
    assert len(one) == len(many) == 2


def test_a_first_claim_looks_for_nothing_that_an_earlier_attempt_could_have_left(database: Database) -> None:
    waiting = job(database).id
    with statements() as asked:
        assert Attempts(database).claim(waiting, "worker", LEASE_SECONDS) is not None
    assert len(asked) == 3


def test_small_curves_are_read_in_steps_and_by_their_owner_only(database: Database) -> None:
    claim = claimed(database)
    rows = [replace(epoch(n), training_loss=float(n), validation_loss=n / 2 if n > 4 else None) for n in range(1, 8)]
    with database.write() as session:
        write_history(session, claim.job.id, rows)
    jobs = Jobs(database)
    assert jobs.losses(None, {claim.job.id: 1}) == {claim.job.id: (1.0, 2.0, 3.0, 4.0, 2.5, 3.0, 3.5)}
    assert jobs.losses(None, {claim.job.id: 3}) == {claim.job.id: (1.0, 3.0, 3.0)}
    assert jobs.losses("somebody else", {claim.job.id: 1}) == {}
    assert jobs.losses(None, {}) == {}

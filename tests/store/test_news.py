import pytest

from deltarule.store import news
from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from deltarule.store.errors import NotFound
from deltarule.store.jobs import Jobs
from deltarule.store.news import Seen, news_of
from tests.store.making import EXPIRED, LEASE_SECONDS, OWNER, STRANGER, UNKNOWN, claimed, epoch, job, new_model, report


def test_everything_is_new_at_first(database: Database) -> None:
    made = job(database, OWNER)
    found = news_of(database, OWNER, made.id, Seen())
    assert [move.target for move in found.moves] == ["queued"]
    assert found.epochs == ()
    assert not found.more
    assert not found.ended


def test_only_what_was_not_seen_is_news(database: Database) -> None:
    claim = claimed(database)
    attempts = Attempts(database)
    attempts.record(claim.lease, report(1, 3), lease_seconds=LEASE_SECONDS)
    found = news_of(database, None, claim.job.id, Seen(1, 2))
    assert [move.target for move in found.moves] == ["running"]
    assert [row.epoch for row in found.epochs] == [3]
    attempts.succeed(claim.lease, report(4, 4), stop_reason="epochs_done", model=new_model())
    found = news_of(database, None, claim.job.id, Seen(2, 3))
    assert [move.target for move in found.moves] == ["succeeded"]
    assert found.epochs == (epoch(4),)
    assert found.ended
    assert news_of(database, None, claim.job.id, Seen(3, 4)).epochs == ()


def test_a_long_history_comes_in_pieces(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "MOST_EPOCHS", 2)
    claim = claimed(database)
    Attempts(database).record(claim.lease, report(1, 4), lease_seconds=LEASE_SECONDS)
    first = news_of(database, None, claim.job.id, Seen())
    assert ([row.epoch for row in first.epochs], first.more) == ([1, 2], True)
    second = news_of(database, None, claim.job.id, Seen(2, 2))
    assert ([row.epoch for row in second.epochs], second.more) == ([3, 4], False)


def test_epochs_that_a_second_worker_writes_again_are_not_new(database: Database) -> None:
    claim = claimed(database, lease_seconds=EXPIRED)
    attempts = Attempts(database)
    attempts.record(claim.lease, report(1, 3), lease_seconds=EXPIRED)
    second = attempts.claim(claim.job.id, "worker-2", LEASE_SECONDS)
    assert second is not None
    attempts.record(second.lease, report(1, 2), lease_seconds=LEASE_SECONDS)
    assert news_of(database, None, claim.job.id, Seen(2, 3)).epochs == ()
    attempts.record(second.lease, report(3, 4), lease_seconds=LEASE_SECONDS)
    found = news_of(database, None, claim.job.id, Seen(2, 3))
    assert [row.epoch for row in found.epochs] == [4]
    assert [move.target for move in found.moves] == ["queued", "running"]


@pytest.mark.parametrize("identifier", [UNKNOWN, "no id at all"])
def test_there_is_no_news_of_no_job(database: Database, identifier: str) -> None:
    with pytest.raises(NotFound):
        news_of(database, None, identifier, Seen())


def test_strangers_hear_nothing(database: Database) -> None:
    made = job(database, OWNER)
    with pytest.raises(NotFound):
        news_of(database, STRANGER, made.id, Seen())
    Jobs(database).remove(OWNER, made.id)
    with pytest.raises(NotFound):
        news_of(database, OWNER, made.id, Seen())

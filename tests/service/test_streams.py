import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.exceptions import ServiceUnavailable

from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from deltarule.store.errors import Unavailable
from deltarule.store.jobs import Jobs
from deltarule.store.news import News, Seen, news_of
from service import gunicorn
from service.events import HEARTBEAT, RETRY, Place
from service.streams import Followed, Reader, Streams
from service.waiting import Waiting
from tests.service.following import events_of
from tests.store.making import LEASE_SECONDS, claimed, new_model, report

QUICK = 0.001
NOTHING = News((), (), more=False, ended=False)


@pytest.fixture
def streams() -> Streams:
    return Streams(pause_seconds=QUICK)


def followed(database: Database, job_id: str) -> Followed:
    return Followed(
        (None, job_id),
        lambda seen: news_of(database, None, job_id, seen),
        lambda: Jobs(database).get(None, job_id),
    )


def silent() -> Followed:
    """A job of which there never is any news."""

    def describe() -> Any:  # noqa: ANN401 -- it is never asked for
        raise AssertionError

    return Followed((None, "silent"), lambda _: NOTHING, describe)


def test_a_job_is_followed_from_its_beginning_to_its_end(database: Database, streams: Streams) -> None:
    claim, attempts = claimed(database), Attempts(database)
    job = followed(database, claim.job.id)
    stream = streams.open(job, Place())
    pieces: Iterator[bytes] = iter(stream)
    assert next(pieces) == RETRY
    assert [event.name for event in events_of(next(pieces).decode())] == ["status", "status"]
    attempts.record(claim.lease, report(1, 2), lease_seconds=LEASE_SECONDS)
    assert [event.id for event in events_of(next(pieces).decode())] == ["2.1", "2.2"]
    attempts.succeed(claim.lease, report(3, 3), stop_reason="epochs_done", model=new_model())
    epoch, status, end = events_of(next(pieces).decode())
    assert (epoch.id, status.id, end.id) == ("2.3", "3.3", "3.3.end")
    assert end.data["status"] == status.data["to"] == "succeeded"
    assert end.data["model_id"]
    assert list(pieces) == []


def test_an_ended_job_is_told_from_anywhere(
    database: Database, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deltarule.store.news.MOST_EPOCHS", 3)
    claim = claimed(database)
    Attempts(database).succeed(claim.lease, report(1, 8), stop_reason="epochs_done", model=new_model())
    job = followed(database, claim.job.id)
    whole = events_of(b"".join(streams.open(job, Place())).decode())
    assert [event.data["epoch"] for event in whole if event.name == "epoch"] == list(range(1, 9))
    assert whole[-1].name == "end"
    for number, event in enumerate(whole[:-1]):
        assert events_of(b"".join(streams.open(job, Place.after(event.id))).decode()) == whole[number + 1 :]


def test_where_nothing_happens_a_comment_says_so(streams: Streams) -> None:
    streams.heartbeat_seconds = QUICK
    pieces = iter(streams.open(silent(), Place()))
    assert [next(pieces) for _ in range(3)] == [RETRY, HEARTBEAT, HEARTBEAT]


def test_it_ends_in_time_and_comes_back(streams: Streams) -> None:
    streams.longest_seconds = 0.01
    assert list(streams.open(silent(), Place())) == [RETRY]


def test_however_short_its_time_it_tells_what_there_is(database: Database, streams: Streams) -> None:
    streams.longest_seconds = 0
    claim = claimed(database)
    told = b"".join(streams.open(followed(database, claim.job.id), Place())).decode()
    assert [event.id for event in events_of(told)] == ["1.0", "2.0"]


def test_it_ends_with_the_process_and_with_its_client(streams: Streams) -> None:
    assert list(streams.open(silent(), Place(), gone=lambda: True)) == [RETRY]
    streams.ending = lambda: True
    assert list(streams.open(silent(), Place())) == [RETRY]


def test_a_removed_job_and_a_lost_database_end_it_quietly(database: Database, streams: Streams) -> None:
    claim = claimed(database)
    Attempts(database).cancelled(claim.lease)
    job = followed(database, claim.job.id)

    def away(_: Seen) -> News:
        raise Unavailable

    assert list(streams.open(replace(job, name=(None, "other"), look=away), Place())) == [RETRY]
    Attempts(database).fail(claim.lease, stop_reason="diverged", error={})
    Jobs(database).remove(None, claim.job.id)
    assert list(streams.open(job, Place())) == [RETRY]


def test_there_are_never_too_many(streams: Streams) -> None:
    streams.most = 2
    first, second = streams.open(silent(), Place()), streams.open(replace(silent(), name=(None, "other")), Place())
    with pytest.raises(ServiceUnavailable) as caught:
        streams.open(silent(), Place())
    assert caught.value.retry_after
    for _ in range(2):
        first.close()
    third = streams.open(silent(), Place())
    with pytest.raises(ServiceUnavailable):
        streams.open(silent(), Place())
    for stream in (second, third):
        stream.close()
    assert not streams._readers


def test_who_waits_and_who_follows_leave_threads_for_the_others() -> None:
    assert Waiting(1).most + Streams(1).most + 16 <= gunicorn.threads


def test_streams_that_are_equally_far_share_what_was_read() -> None:
    looks: list[Seen] = []

    def look(seen: Seen) -> News:
        looks.append(seen)
        return NOTHING

    reader = Reader(look, fresh_seconds=60)
    threads = [threading.Thread(target=reader.news, args=(Seen(1, 5),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert looks == [Seen(1, 5)]
    reader.news(Seen(1, 6))
    assert looks == [Seen(1, 5), Seen(1, 6)]
    assert Reader(look, fresh_seconds=0).news(Seen()) is Reader(look, fresh_seconds=0).news(Seen()) is NOTHING
    assert len(looks) == 4

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from deltarule.store.clock import from_now
from deltarule.store.database import Database
from deltarule.store.errors import IdempotencyMismatch, Replayed
from deltarule.store.idempotency import KEPT_SECONDS, Answers
from deltarule.store.identifiers import new_id
from deltarule.store.jobs import Jobs
from deltarule.store.records import Answer, Idempotency, Job
from deltarule.store.sweeping import sweep
from deltarule.store.tables import IdempotencyRow
from tests.store.making import OWNER

SHA256, OTHER = "1" * 64, "2" * 64


def answer(job: Job) -> Answer:
    return Answer(202, f"/v1/jobs/{job.id}", f'{{"id": "{job.id}"}}')


def submit(database: Database, key: str = "key", sha256: str = SHA256, owner: str | None = None) -> Answer:
    """What the request is answered with, whether now or before."""
    try:
        return answer(Jobs(database).add(owner, name=None, spec={}, idempotency=Idempotency(key, sha256, answer)))
    except Replayed as replayed:
        return replayed.answer


def count(database: Database, owner: str | None = None) -> int:
    return len(Jobs(database).page(owner, 200).items)


def grow_older(database: Database, seconds: float) -> None:
    with database.write() as session:
        session.execute(update(IdempotencyRow).values(created_at=from_now(-seconds)))


def keys(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(IdempotencyRow.key)))


@pytest.mark.parametrize("owner", [None, OWNER])
def test_the_first_answer_is_given_again(database: Database, owner: str | None) -> None:
    first = submit(database, owner=owner)
    assert submit(database, owner=owner) == first
    assert Answers(database).find(owner, "key", SHA256) == first
    assert count(database, owner) == 1


def test_even_when_the_job_is_gone(database: Database) -> None:
    first = submit(database)
    Jobs(database).remove(None, Jobs(database).page(None).items[0].id)
    assert submit(database) == first
    assert count(database) == 0


def test_another_request_with_the_same_key_is_refused(database: Database) -> None:
    submit(database)
    with pytest.raises(IdempotencyMismatch):
        submit(database, sha256=OTHER)
    with pytest.raises(IdempotencyMismatch):
        Answers(database).find(None, "key", OTHER)
    assert count(database) == 1


def test_owners_share_no_keys(database: Database) -> None:
    other = new_id()
    answers = {submit(database, owner=owner).body for owner in (None, other)}
    assert len(answers) == 2
    assert Answers(database).find(new_id(), "key", SHA256) is None


def test_a_new_key_is_not_found(database: Database) -> None:
    assert Answers(database).find(None, "new", SHA256) is None


def test_what_failed_is_not_remembered(database: Database) -> None:
    def fail(job: Job) -> Answer:
        raise RuntimeError(job.id)

    with pytest.raises(RuntimeError):
        Jobs(database).add(None, name=None, spec={}, idempotency=Idempotency("key", SHA256, fail))
    assert count(database) == 0
    submit(database, sha256=OTHER)
    assert count(database) == 1


@pytest.mark.parametrize("bodies", [[SHA256], [SHA256, OTHER]])
def test_many_at_once_make_one(database: Database, bodies: list[str]) -> None:
    def one(number: int) -> Answer | None:
        try:
            return submit(database, sha256=bodies[number % len(bodies)])
        except IdempotencyMismatch:
            return None

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(one, range(50)))
    assert count(database) == 1
    assert len({given for given in answers if given is not None}) == 1
    assert sum(given is None for given in answers) == 50 - 50 // len(bodies)


def test_an_answer_is_kept_for_two_days(database: Database) -> None:
    first = submit(database)
    grow_older(database, KEPT_SECONDS - 60)
    sweep(database)
    assert submit(database) == first
    grow_older(database, KEPT_SECONDS + 60)
    assert Answers(database).find(None, "key", OTHER) is None
    assert submit(database, sha256=OTHER) != first
    assert count(database) == 2


def test_the_sweep_forgets_old_answers_and_no_others(database: Database) -> None:
    submit(database, "old")
    grow_older(database, KEPT_SECONDS + 60)
    submit(database, "new")
    sweep(database)
    assert keys(database) == ["new"]

import pytest

from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from deltarule.store.errors import InUse, InvalidCursor, NotFound
from deltarule.store.jobs import Jobs
from deltarule.store.models import Models
from deltarule.store.records import Model
from tests.store.making import LEASE_SECONDS, OWNER, STRANGER, UNKNOWN, job, new_model


@pytest.fixture
def models(database: Database) -> Models:
    return Models(database)


def trained(database: Database, owner: str | None = None, content: bytes = b"weights") -> Model:
    """The model of a job that has just been done."""
    made = job(database, owner, name="penguins")
    attempts = Attempts(database)
    claim = attempts.claim(made.id, "worker", LEASE_SECONDS)
    assert claim is not None
    attempts.succeed(claim.lease, stop_reason="epochs_done", model=new_model(content))
    identifier = Jobs(database).get(owner, made.id).model_id
    assert identifier is not None
    return Models(database).get(owner, identifier)


def test_a_model_is_what_the_worker_handed_over(database: Database, models: Models) -> None:
    content = bytes(range(256)) * 5000
    model, new = trained(database, content=content), new_model(content)
    assert model.name == "penguins"
    assert model.bytes == len(content)
    for name in ("task", "parameters", "sha256", "description", "metrics"):
        assert getattr(model, name) == getattr(new, name)
    assert models.content(None, model.id) == content


@pytest.mark.parametrize(("owner", "stranger"), [(None, STRANGER), (OWNER, None), (OWNER, STRANGER)])
def test_strangers_find_nothing(database: Database, models: Models, owner: str | None, stranger: str | None) -> None:
    model = trained(database, owner)
    for ask in (models.get, models.content, models.remove):
        with pytest.raises(NotFound):
            ask(stranger, model.id)
    assert models.page(stranger).items == ()
    assert models.page(owner).items == (model,)


@pytest.mark.parametrize("identifier", ["", "1", "\0", UNKNOWN])
def test_what_is_not_there_is_not_found(models: Models, identifier: str) -> None:
    for ask in (models.get, models.content, models.remove):
        with pytest.raises(NotFound) as raised:
            ask(None, identifier)
        assert raised.value.kind == "model"


def test_pages(database: Database, models: Models) -> None:
    made = [trained(database) for _ in range(3)]
    first = models.page(None, 2)
    assert list(first.items) == [made[2], made[1]]
    assert models.page(None, 2, first.next).items == (made[0],)
    with pytest.raises(InvalidCursor):
        models.page(None, 2, "x")


def test_removing_a_model_leaves_its_job(database: Database, models: Models) -> None:
    model = trained(database)
    models.remove(None, model.id)
    with pytest.raises(NotFound):
        models.get(None, model.id)
    assert model.job_id is not None
    assert Jobs(database).get(None, model.job_id).model_id is None


def test_removing_a_job_leaves_its_model(database: Database, models: Models) -> None:
    model = trained(database)
    assert model.job_id is not None
    Jobs(database).remove(None, model.job_id)
    assert models.get(None, model.id).job_id is None
    assert models.content(None, model.id) == b"weights"


def test_a_model_that_a_job_goes_on_from_stays_until_the_job_ends(database: Database, models: Models) -> None:
    model, jobs = trained(database), Jobs(database)
    waiting = jobs.add(None, name=None, spec={}, continued_model_id=model.id)
    with pytest.raises(InUse, match=waiting.id):
        models.remove(None, model.id)
    jobs.cancel(None, waiting.id)
    models.remove(None, model.id)
    assert jobs.get(None, waiting.id).continued_model_id == model.id

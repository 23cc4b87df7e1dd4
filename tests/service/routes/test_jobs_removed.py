"""What is left of a job that was removed, and which jobs cannot be; and that lists skip nothing while jobs go."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from deltarule.store.attempts import Attempts
from deltarule.store.tables import CheckpointRow, HistoryEntry, JobRow, TransitionRow
from service.services import Services
from tests.service.routes.test_jobs import INLINE
from tests.store.making import LEASE_SECONDS, report


def rows(services: Services) -> dict[str, int]:
    """How many rows of each kind there are."""
    with services.database.read() as session:
        return {
            table.__tablename__: session.scalars(select(func.count()).select_from(table)).one()
            for table in (JobRow, HistoryEntry, CheckpointRow, TransitionRow)
        }


def test_a_job_that_a_worker_has_cannot_be_removed_and_then_nothing_of_it_stays(
    client: FlaskClient, services: Services
) -> None:
    job = client.post("/v1/jobs", json=INLINE).json
    claim = Attempts(services.database).claim(job["id"], "the test", LEASE_SECONDS)
    assert claim is not None
    Attempts(services.database).record(claim.lease, report(1, 3, checkpoint=True), lease_seconds=LEASE_SECONDS)
    for status in ("running", "cancelling"):
        response = client.delete(job["links"]["self"])
        assert response.status_code == 409
        assert status in response.json["detail"]
        client.post(job["links"]["cancel"])
    assert rows(services) == {"jobs": 1, "history": 3, "checkpoints": 1, "transitions": 3}
    Attempts(services.database).cancelled(claim.lease)
    assert client.delete(job["links"]["self"]).status_code == 204
    assert set(rows(services).values()) == {0}
    for path in (job["links"]["self"], job["links"]["history"], job["links"]["events"]):
        assert client.get(path).status_code == 404
    assert client.get(job["links"]["dataset"]).status_code == 200


def test_a_list_goes_on_although_jobs_come_and_go(client: FlaskClient) -> None:
    made = [
        client.post("/v1/jobs", json={**INLINE, "name": None if number % 2 else "a & b"}).json for number in range(7)
    ]
    path, seen = "/v1/jobs?limit=2&status=queued", []
    while path:
        page: dict[str, Any] = client.get(path).json
        seen += [job["id"] for job in page["items"]]
        client.delete(page["items"][-1]["links"]["self"])
        client.post("/v1/jobs", json=INLINE)
        path = page["next"]
    assert seen == [job["id"] for job in reversed(made)]
    named = client.get("/v1/jobs", query_string={"name": "a & b", "limit": 1}).json
    assert named["items"][0]["name"] == "a & b"
    assert "name=a+%26+b" in named["next"]
    assert client.get("/v1/jobs?status=succeeded").json == {"items": [], "next": None}

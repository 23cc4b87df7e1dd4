"""Is it alive, and can it work: for whoever watches the service from outside."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import Field
from werkzeug.exceptions import ServiceUnavailable

from deltarule.store.errors import SchemaOutdated
from service.authentication import METRICS
from service.metrics import MEDIA_TYPE
from service.negotiation import answers
from service.schemas.answer import Answer
from service.services import services

METRICS_EXAMPLE = """\
# HELP deltarule_jobs Jobs that are kept, by status.
# TYPE deltarule_jobs gauge
deltarule_jobs{status="queued"} 3.0
"""
AS_TEXT: dict[str | int, Any] = {
    200: {
        "description": "Figures in the text format of Prometheus.",
        "content": {"text/plain": {"schema": {"type": "string"}, "example": METRICS_EXAMPLE}},
    }
}
blueprint = APIBlueprint("health", __name__, tag="Health")


class Alive(Answer):
    """The process answers."""

    status: str = Field(default="alive", examples=["alive"])


class Ready(Answer):
    """What the service needs answers too."""

    status: str = Field(default="ready", examples=["ready"])


@blueprint.get("/healthz")
@blueprint.output(Alive)
def alive() -> Alive:
    """Say that the process is alive."""
    return Alive()


@blueprint.get("/readyz")
@blueprint.output(Ready)
@blueprint.doc(responses={503: "Database, storage or broker cannot be used; `detail` says which."})
def ready() -> Ready:
    """Say whether database, storage and broker can be used."""
    if not services().database.schema_is_current():
        raise SchemaOutdated
    services().blobs.ping()
    if not services().doorbell.reaches_broker():
        raise ServiceUnavailable("The broker does not answer. Jobs are taken nevertheless, and start once it is back.")
    return Ready()


@blueprint.get(METRICS)
@answers("text/plain")
@blueprint.doc(responses=AS_TEXT)
def metrics() -> Response:
    """Give the service in figures, for Prometheus: requests, queue, jobs, durations, rates, lost workers.

    Of all owners together; with any valid key, or, where there is none, from the same machine.
    """
    return Response(services().metrics.text(), content_type=MEDIA_TYPE)

"""Is it alive, and can it work: for whoever watches the service from outside."""

from apiflask import APIBlueprint
from pydantic import Field
from werkzeug.exceptions import ServiceUnavailable

from deltarule.store.errors import SchemaOutdated
from service.schemas.answer import Answer
from service.services import services

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

"""A job followed as it goes: Server-Sent Events for programs and browsers."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from deltarule.store.news import news_of
from service.authentication import owner
from service.connections import watched
from service.events import LAST_EVENT_ID, MEDIA_TYPE, Place
from service.negotiation import answers
from service.schemas.answer import no_content
from service.services import services
from service.streams import Followed

blueprint = APIBlueprint("events", __name__, url_prefix="/v1/jobs", tag="Jobs")

EXAMPLE = """\
retry: 2000

event: status
id: 1.0
data: {"when":"2026-01-05T09:30:00.120Z","from":null,"to":"queued","attempt":0,"why":"submitted"}

event: epoch
id: 2.1
data: {"epoch":1,"training_loss":0.69,"validation_loss":0.71,"learning_rate":0.005,"seconds":0.01,"gradient_norm":[0.4]}

event: end
id: 3.60.end
data: {"id":"019f...","status":"succeeded","model_id":"019f..."}

"""
RESPONSES: dict[str | int, Any] = {
    200: {
        "description": "Events, until the job has ended, or until it is time to come back with `Last-Event-ID`.",
        # Of no type: to some readers of this document it is one text, to others it is each event by itself.
        "content": {
            MEDIA_TYPE: {"schema": {"description": "Events, as the HTML standard writes them."}, "example": EXAMPLE}
        },
    },
    204: {"description": "`Last-Event-ID` is that of the job's `end`: nothing follows, do not come back."},
    503: "Too many event streams are open already, or the database is not reachable just now.",
}


@blueprint.get("/<id:job_id>/events")
@answers(MEDIA_TYPE)
@blueprint.doc(responses=RESPONSES)
def job_events(job_id: str) -> Response:
    """Follow a job by Server-Sent Events: `status`, `epoch` and, at last, `end`, which carries the job.

    A stream that breaks off goes on, without an epoch lost or doubled, when its last id is sent as `Last-Event-ID`;
    browsers do so by themselves. Where nothing happens, a comment comes every 15 seconds. Of more than 10,000 planned
    epochs only those come that are kept; the best one, which is settled at the end, is in the history.
    """
    place = Place.after(request.headers.get(LAST_EVENT_ID))
    followed = _followed(owner(), job_id)
    followed.describe()
    if place.ended:
        return no_content()
    stream = services().streams.open(followed, place, watched(request))
    # Proxies that gather answers before they pass them on are asked not to.
    return Response(stream, mimetype=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})


def _followed(mine: str | None, job_id: str) -> Followed:
    database, jobs = services().database, services().jobs
    return Followed(
        name=(mine, job_id),
        look=lambda seen: news_of(database, mine, job_id, seen),
        describe=lambda: jobs.get(mine, job_id),
    )

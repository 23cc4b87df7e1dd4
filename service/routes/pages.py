"""The pages for people: where to start, and what the API takes; plain HTML, no scripts, nothing from elsewhere."""

from typing import Any

from apiflask import APIBlueprint
from flask import current_app, render_template, request
from werkzeug.exceptions import Unauthorized

from deltarule.store.records import Job
from service.authentication import owner_of
from service.documentation import Entry, entries
from service.negotiation import answers
from service.services import services

blueprint = APIBlueprint("pages", __name__, enable_openapi=False)

HTML = "text/html"
LATEST = 10


@blueprint.get("/")
@answers(HTML)
def start() -> str:
    """What this service is, how to talk to it, and the latest jobs of whoever may see them."""
    return render_template("start.html", jobs=_latest_jobs(), url=request.host_url.rstrip("/"))


@blueprint.get("/docs")
@answers(HTML)
def documentation() -> str:
    """The OpenAPI document for people."""
    document = _document()
    groups: dict[str, list[Entry]] = {tag["name"]: [] for tag in document["tags"]}
    for entry in entries(document):
        groups[entry.tag].append(entry)
    return render_template("docs.html", info=document["info"], groups=groups)


def _latest_jobs() -> tuple[Job, ...] | None:
    """The latest jobs; None for those who may not see them: a browser that opens a page sends no key."""
    try:
        owner = owner_of(request, services().keys)
    except Unauthorized:
        return None
    return services().jobs.page(owner, LATEST).items


def _document() -> dict[str, Any]:
    document: dict[str, Any] = current_app._get_spec("json")  # type: ignore[attr-defined]
    return document

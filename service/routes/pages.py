"""The page that tells people what the API takes; plain HTML, no scripts, nothing from elsewhere."""

from typing import Any

from apiflask import APIBlueprint
from flask import current_app, render_template

from service.documentation import Entry, entries
from service.negotiation import answers

blueprint = APIBlueprint("pages", __name__, enable_openapi=False)

HTML = "text/html"


@blueprint.get("/docs")
@answers(HTML)
def documentation() -> str:
    """The OpenAPI document for people."""
    document = _document()
    groups: dict[str, list[Entry]] = {tag["name"]: [] for tag in document["tags"]}
    for entry in entries(document):
        groups[entry.tag].append(entry)
    return render_template("docs.html", info=document["info"], groups=groups)


def _document() -> dict[str, Any]:
    document: dict[str, Any] = current_app._get_spec("json")  # type: ignore[attr-defined]
    return document

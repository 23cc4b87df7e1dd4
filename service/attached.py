"""Examples of bodies that are no text: a JSON document cannot hold them, so it names where they lie on this service."""

from typing import Any


def attached(name: str, summary: str) -> dict[str, Any]:
    """What a media type of the OpenAPI document says of the file `name` in `static/examples`."""
    return {"examples": {"file": {"summary": summary, "externalValue": f"/static/examples/{name}"}}}

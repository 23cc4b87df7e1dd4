"""Event streams, read as the specification says (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import json
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One event."""

    name: str
    id: str
    data: Any


def events_of(text: str) -> list[Event]:
    """The events in a stream; comments and the retry time are none."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append(Event(fields["event"], fields["id"], json.loads(fields["data"])))
    return found

"""A job's life as Server-Sent Events: whoever breaks off goes on where they were, at any process of the service.

An event's id is made of facts of the database, and of nothing that a process remembers: how many of the job's changes
of state were told, and up to which epoch. (https://html.spec.whatwg.org/multipage/server-sent-events.html)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from pydantic import BaseModel

from deltarule.store.news import News, Seen
from deltarule.store.records import Job, Transition
from service.errors import InvalidHeader
from service.schemas.events import EpochEvent
from service.schemas.jobs import JobAnswer, TransitionAnswer

MEDIA_TYPE = "text/event-stream"
LAST_EVENT_ID = "Last-Event-ID"
RETRY_MILLISECONDS = 2000
RETRY = f"retry: {RETRY_MILLISECONDS}\n\n".encode()
HEARTBEAT = b": nothing new\n\n"
ID = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})(\.end)?")


@dataclass(frozen=True, slots=True)
class Place:
    """How far a stream has come; its text is the id of the last event."""

    seen: Seen = field(default_factory=Seen)
    ended: bool = False

    def __str__(self) -> str:
        return f"{self.seen.moves}.{self.seen.epoch}" + (".end" if self.ended else "")

    @classmethod
    def after(cls, last_event_id: str | None) -> Self:
        """Where the event of this id leaves off, or the beginning for none; raises InvalidHeader."""
        if not last_event_id:
            return cls()
        found = ID.fullmatch(last_event_id)
        if found is None:
            raise InvalidHeader(LAST_EVENT_ID, "This is not the id of an event; leave it out to begin at the first.")
        return cls(Seen(int(found[1]), int(found[2])), bool(found[3]))


def told(news: News, place: Place) -> Iterator[tuple[Place, bytes]]:
    """The news as events, each with the place after it; of an ended job, the last change of state comes last.

    So the place grows from event to event, and what follows a place is the same whenever it is asked for.
    """
    last = news.moves[-1:] if news.ended else ()
    seen = place.seen
    for move in news.moves[: len(news.moves) - len(last)]:
        seen = replace(seen, moves=seen.moves + 1)
        yield _status(move, Place(seen))
    for row in news.epochs:
        seen = replace(seen, epoch=row.epoch)
        yield _told("epoch", Place(seen), EpochEvent.model_validate(row, from_attributes=True))
    for move in () if news.more else last:
        yield _status(move, Place(replace(seen, moves=seen.moves + 1)))


def the_end(job: Job, place: Place) -> tuple[Place, bytes]:
    """The last event of all, which carries the job."""
    return _told("end", replace(place, ended=True), JobAnswer.of(job))


def _status(move: Transition, place: Place) -> tuple[Place, bytes]:
    return _told("status", place, TransitionAnswer.model_validate(move, from_attributes=True))


def _told(name: str, place: Place, data: BaseModel) -> tuple[Place, bytes]:
    # JSON as Pydantic writes it has no line breaks, so that one line of data is enough.
    return place, f"event: {name}\nid: {place}\ndata: {data.model_dump_json(by_alias=True)}\n\n".encode()

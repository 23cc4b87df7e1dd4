"""What all answers have in common."""

from datetime import UTC, datetime
from typing import Annotated, Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

Document = dict[str, Any]


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    PlainSerializer(_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "RFC 3339, in UTC."}),
]

Id = Annotated[str, Field(description="Opaque; ids sort by the time they were made.")]
Link = Annotated[str, Field(description="A path on this service.", examples=["/v1/jobs/0193..."])]


class Answer(BaseModel):
    """Base of every answer: what it shows, it always shows, null where there is nothing to say."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


class SparseAnswer(Answer):
    """Base of answers that leave out what has no meaning for the case in hand."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)


def no_content() -> Response:
    """Done, and nothing to say about it."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response

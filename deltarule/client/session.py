"""What client, job and model share: requests that answer records, and pages that follow one another."""

import uuid
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from pydantic import ValidationError

from deltarule.client.answers import AnyAnswer, Document
from deltarule.client.problems import unexpected
from deltarule.client.transport import Request, Transport

LARGEST_PAGE = 200

Parameters = Mapping[str, str | float | None]


class Session:
    """A transport that speaks in JSON documents and records."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def get(self, path: str, parameters: Parameters = MappingProxyType({}), answer_seconds: float = 60.0) -> Document:
        """The document at this path; parameters that are None are left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self.document(Request("GET", path, given, answer_seconds=answer_seconds))

    def post(self, path: str, body: bytes, *, creates: bool = False) -> Document:
        """Post a JSON body; what creates something carries a key of its own, so that it is made once at most."""
        headers = {"Content-Type": "application/json", **(idempotency_key() if creates else {})}
        return self.document(Request("POST", path, content=body, headers=headers))

    def send(self, request: Request) -> httpx.Response:
        """The answer as it came."""
        return self.transport.send(request)

    def document(self, request: Request) -> Document:
        """The JSON object that answers this request."""
        response = self.transport.send(request)
        try:
            document: Any = response.json()
        except ValueError as error:
            raise unexpected(self.transport.settings, "its answer is not JSON") from error
        if not isinstance(document, dict):
            raise unexpected(self.transport.settings, "its answer is not a JSON object")
        return document

    def get_bytes(self, path: str, accept: str) -> bytes:
        """What is at this path, in the media type that is asked for."""
        return self.send(Request("GET", path, headers={"Accept": accept})).content

    def delete(self, path: str) -> None:
        """Remove what is at this path."""
        self.transport.send(Request("DELETE", path))

    def pages(self, path: str, limit: int | None, parameters: Parameters) -> Iterator[Document]:
        """At most `limit` items (None: all) of a list, page after page, newest first."""
        query: Parameters = {**parameters, "limit": min(limit or LARGEST_PAGE, LARGEST_PAGE)}
        left = limit
        while left is None or left > 0:
            page = self.get(path, query)
            items = page.get("items", [])[:left]
            yield from items
            left = None if left is None else left - len(items)
            if not page.get("next"):
                return
            query = dict(parse_qsl(urlsplit(page["next"]).query))

    def read(self, kind: type[AnyAnswer], document: Document) -> AnyAnswer:
        """The record that this document is.

        Raises:
            UnexpectedAnswer: if it is none.
        """
        try:
            return kind.model_validate(document)
        except ValidationError as error:
            first = error.errors()[0]
            place = "/".join(str(part) for part in first["loc"])
            raise unexpected(self.transport.settings, f"{place} of its answer is wrong ({first['msg']})") from error


def idempotency_key() -> dict[str, str]:
    """A header that makes a repeated request harmless: one key for each thing that is wanted."""
    return {"Idempotency-Key": str(uuid.uuid4())}

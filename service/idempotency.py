"""A request that creates may be sent twice: what was made once is answered again, and nothing is made twice."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from flask import Request, Response, request

from deltarule.store.errors import Replayed
from deltarule.store.records import Answer, Idempotency
from service.authentication import owner
from service.errors import InvalidHeader
from service.services import services

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
Made = TypeVar("Made")


def create(
    content: Callable[[], bytes], make: Callable[[Idempotency[Made] | None], Made], answer: Callable[[Made], Answer]
) -> Response:
    """Make something and answer with it, or give the answer that the same request was given before.

    `content` gives what stands for the request's body, and is asked only where there is a key: two requests are the
    same when method, address and this are.
    """
    key = idempotency_key(request)
    if key is None:
        return respond(answer(make(None)))
    digest = _digest(request, content())
    known = services().answers.find(owner(), key, digest)
    if known is not None:
        return respond(known, replayed=True)
    try:
        return respond(answer(make(Idempotency(key, digest, answer))))
    except Replayed as replayed:
        return respond(replayed.answer, replayed=True)


def idempotency_key(asked: Request) -> str | None:
    """The request's idempotency key, if it has one; raises InvalidHeader."""
    key = asked.headers.get(HEADER)
    if key is not None and not (0 < len(key) <= LONGEST_KEY and all("!" <= letter <= "~" for letter in key)):
        raise InvalidHeader(HEADER, f"The key must be 1 to {LONGEST_KEY} visible ASCII characters.")
    return key


def respond(answer: Answer, *, replayed: bool = False) -> Response:
    """The answer as a response."""
    response = Response(answer.body, answer.status, mimetype="application/json")
    if answer.location:
        response.headers["Location"] = answer.location
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _digest(asked: Request, content: bytes) -> str:
    query = sorted(asked.args.items(multi=True))
    return hashlib.sha256(repr((asked.method, asked.path, query)).encode() + b"\0" + content).hexdigest()

"""Ids sort by the time they were made, so that a page of a list is a range of ids."""

import re

from uuid_utils import uuid7

SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id() -> str:
    """A new UUIDv7 as text, greater than those that this process made before."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """Whether this could be an id of ours; anything else need not be looked up, and could not always be."""
    return SHAPE.fullmatch(text) is not None

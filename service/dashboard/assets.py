"""Styles and scripts of our own, joined into one file each, so that a page asks twice and not for each of them."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from flask import Request, Response

from service.dashboard.packing import delivered, packed

Kind = Literal["css", "js"]
FILES = Path(__file__).parent.parent / "static" / "dashboard"
MIMETYPES = {"css": "text/css", "js": "text/javascript"}


def address(kind: Kind) -> str:
    """Where they are to be had; it changes with them."""
    return f"/dashboard.{kind}?v={_version(kind)}"


def answer(asked: Request, kind: Kind) -> Response:
    """All of them."""
    return delivered(asked, _packed(kind), MIMETYPES[kind], for_good=asked.args.get("v") == _version(kind))


@cache
def _joined(kind: Kind) -> bytes:
    return b"\n".join(file.read_bytes() for file in sorted(FILES.glob(f"*.{kind}")))


@cache
def _version(kind: Kind) -> str:
    return sha256(_joined(kind)).hexdigest()[:12]


@cache
def _packed(kind: Kind) -> bytes:
    return packed(_joined(kind))

"""Who asks says what they can read (RFC 9110, section 12.5.1); who cannot be served hears what there is."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import Request
from werkzeug.exceptions import NotAcceptable

JSON = "application/json"
CSV = "text/csv"
View = TypeVar("View", bound=Callable[..., Any])


def answers(*media_types: str) -> Callable[[View], View]:
    """Say which media types a view answers with, the preferred one first; JSON is what the others answer with."""

    def mark(view: View) -> View:
        view.__dict__["media_types"] = media_types
        return view

    return mark


def media_types_of(view: Callable[..., Any]) -> Sequence[str]:
    """The media types that a view answers with."""
    media_types: Sequence[str] = getattr(view, "media_types", (JSON,))
    return media_types


def chosen(request: Request, media_types: Sequence[str]) -> str:
    """The one of these that the request likes best, the first where it says nothing.

    Raises:
        NotAcceptable: when it likes none of them.
    """
    if not request.accept_mimetypes:
        return media_types[0]
    best = request.accept_mimetypes.best_match(media_types)
    if best is None:
        raise NotAcceptable(
            f"This address answers with {' or '.join(media_types)}, and the Accept header takes no such thing."
        )
    return best

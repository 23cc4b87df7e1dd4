"""Where the service is and who is asking: the only variables of the environment that a client reads."""

import os
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from deltarule.client.errors import InvalidInput

URL = "DELTARULE_URL"
API_KEY = "DELTARULE_API_KEY"
DEFAULT_URL = "http://127.0.0.1:8080"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """The service's address, without a slash at its end, and the API key, if there is one."""

    url: str
    api_key: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, url: str | None = None, api_key: str | None = None) -> Self:
        """What is given here, else what the environment says, else the address of `deltarule up`.

        Raises:
            InvalidInput: for an address that is no HTTP URL, or a key that no HTTP header can carry.
        """
        address = url or os.environ.get(URL) or DEFAULT_URL
        key = api_key or os.environ.get(API_KEY) or None
        return cls(_checked_url(address.strip().rstrip("/")), _checked_key(key))

    @property
    def is_loopback(self) -> bool:
        """Whether the service is on this machine, where no proxy has any business."""
        return urlsplit(self.url).hostname in LOOPBACK


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise InvalidInput(f"{url!r} is not the address of a service.", f"Write it like {DEFAULT_URL} ({URL}, --url).")
    return url


def _checked_key(key: str | None) -> str | None:
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise InvalidInput(
            "The API key holds characters that no key has.", f"Look at {API_KEY}: a space or a line break slipped in."
        )
    return key

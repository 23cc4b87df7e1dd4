"""Who asks: the owner of a key, or, as long as there is no key at all, whoever sits at this machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Request, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from deltarule.store.keys import Keys
from service.services import services

CHALLENGE = WWWAuthenticate("bearer", {"realm": "deltarule"})
PROTECTED = "/v1/"
METRICS = "/metrics"
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
WRONG = "The Authorization header must carry a key that is known here and still valid: Authorization: Bearer <key>."
ABSENT = "This service asks for a key: Authorization: Bearer <key>. `deltarule keys add NAME` makes one."
KEYLESS = (
    "Without any key, this service serves programs on its own machine only, and only under the name localhost. To let "
    "others in, add a key there with `deltarule keys add NAME` and send it as Authorization: Bearer <key>."
)


def authenticate() -> None:
    """Before a request to the API or its metrics: know its owner, or refuse it."""
    if is_protected(request.path):
        g.owner = owner_of(request, services().keys)


def is_protected(path: str) -> bool:
    """Whether this path is for those with a key only, or, where there is no key yet, for this machine."""
    return path.startswith(PROTECTED) or path in (PROTECTED.rstrip("/"), METRICS)


def owner() -> str | None:
    """The id of the key that this request came with; None where the service runs without keys."""
    identifier: str | None = g.owner
    return identifier


def owner_of(asked: Request, keys: Keys) -> str | None:
    """The id of the key this request carries, or None for a local request to a service without keys.

    Raises:
        Unauthorized: for everybody else.
    """
    if "Authorization" in asked.headers:
        return _owner_of_key(asked, keys)
    if keys.any():
        raise Unauthorized(ABSENT, www_authenticate=CHALLENGE)
    if not is_local(asked):
        raise Unauthorized(KEYLESS, www_authenticate=CHALLENGE)
    return None


def is_local(asked: Request) -> bool:
    """Whether a program on this machine asks, for itself.

    A proxy asks for others. A browser may be made to ask by any page its user looks at: then the page's own host stands
    in Origin, or, with a name that its owner points here (DNS rebinding), in Host.
    """
    if any(name in asked.headers for name in FORWARDED) or not _is_loopback(asked.remote_addr):
        return False
    return _hostname(f"//{asked.host}") in LOCAL_NAMES and ("Origin" not in asked.headers or is_own(asked))


def is_own(asked: Request) -> bool:
    """Whether the request says that a page of this service's own makes it."""
    try:
        return urlsplit(asked.headers.get("Origin", "")).netloc == asked.host
    except ValueError:
        return False


def _owner_of_key(asked: Request, keys: Keys) -> str:
    authorization = asked.authorization
    token = authorization.token if authorization and authorization.type == "bearer" else None
    key = keys.find(token) if token else None
    if key is None:
        raise Unauthorized(WRONG, www_authenticate=CHALLENGE)
    return key.id


def _is_loopback(address: str | None) -> bool:
    try:
        host = ip_address(address or "")
    except ValueError:
        return False
    return (getattr(host, "ipv4_mapped", None) or host).is_loopback


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None

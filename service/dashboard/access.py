"""Who may use the dashboard: whoever signed in with a key, or, as long as there is no key, who sits at this machine.

A browser sends no Authorization header by itself. It keeps a cookie instead, which no script can read and no other site
can send, and which opens the dashboard's own addresses and nothing else. (https://www.rfc-editor.org/rfc/rfc6265)
"""

from flask import Request
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from deltarule.store.records import Key
from service.authentication import CHALLENGE, KEYLESS, is_local, is_own
from service.services import Services

COOKIE = "deltarule"
HARMLESS = frozenset({"GET", "HEAD"})
FOREIGN = "This request comes from another site's page; open the dashboard itself and do it there."
SIGNED_OUT = "Nobody is signed in here, or the key is no longer valid; sign in with a key."


def owner_of(asked: Request, services: Services) -> str | None:
    """The id of the key that is signed in, or None for this machine where there is no key.

    Raises:
        Unauthorized: for everybody else.
        Forbidden: for a request that another site's page has made.
    """
    refuse_foreign(asked)
    if services.keys.any():
        return signed_in(asked, services).id
    if not is_local(asked):
        raise Unauthorized(KEYLESS, www_authenticate=CHALLENGE)
    return None


def signed_in(asked: Request, services: Services) -> Key:
    """The key that is signed in; raises Unauthorized, also when it was revoked or has expired meanwhile."""
    secret = asked.cookies.get(COOKIE)
    key = services.keys.find(secret) if secret else None
    if key is None:
        raise Unauthorized(SIGNED_OUT, www_authenticate=CHALLENGE)
    return key


def refuse_foreign(asked: Request) -> None:
    """Raise Forbidden for what may change something and is not asked by the dashboard's own page.

    Browsers tell the origin of every such request; where none is told, no browser asks, and nobody has to.
    """
    if asked.method not in HARMLESS and not is_own(asked):
        raise Forbidden(FOREIGN)


def remember(response: Response, asked: Request, secret: str) -> None:
    """Let the browser come back with this key, until it is closed."""
    response.set_cookie(COOKIE, secret, httponly=True, samesite="Strict", secure=asked.is_secure)


def forget(response: Response, asked: Request) -> None:
    """Let the browser come back without a key."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Strict", secure=asked.is_secure)

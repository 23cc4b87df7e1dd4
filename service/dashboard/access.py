"""Who may use the dashboard: whoever signed in with a key, or, as long as there is no key, who sits at this machine.

A browser sends no Authorization header by itself. It keeps a cookie instead, with the token of a session and not the
key, which no script can read, no other site's page can use, and which opens the dashboard's own addresses and nothing
else. (https://www.rfc-editor.org/rfc/rfc6265)
"""

from flask import Request, g
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from deltarule.store.records import Key
from deltarule.store.sessions import IDLE, SignedIn
from service.authentication import CHALLENGE, KEYLESS, is_local, is_own
from service.services import Services

COOKIE = "deltarule"
HARMLESS = frozenset({"GET", "HEAD"})
FOREIGN = "This request comes from another site's page; open the dashboard itself and do it there."
SIGNED_OUT = "Nobody is signed in here, the session is over, or its key is no longer valid; sign in with a key."


def owner_of(asked: Request, services: Services) -> str | None:
    """The id of the key that is signed in, or None for this machine where there is no key.

    Raises:
        Unauthorized: for everybody else.
        Forbidden: for a request that another site's page has made.
    """
    refuse_foreign(asked)
    signed_in = session_of(asked, services)
    if signed_in is not None:
        return signed_in.key.id
    if services.keys.any():
        raise Unauthorized(SIGNED_OUT, www_authenticate=CHALLENGE)
    if not is_local(asked):
        raise Unauthorized(KEYLESS, www_authenticate=CHALLENGE)
    return None


def session_of(asked: Request, services: Services) -> SignedIn | None:
    """Who is signed in, if anybody: nobody when the session is over, or the key was revoked or has expired."""
    # Once for a request: the door asks, and then the page for the name.
    if "signed_in" not in g:
        token = asked.cookies.get(COOKIE)
        g.signed_in = services.sessions.find(token) if token else None
    signed_in: SignedIn | None = g.signed_in
    return signed_in


def refuse_foreign(asked: Request) -> None:
    """Raise Forbidden for what may change something and is not asked by the dashboard's own page.

    Browsers tell the origin of every such request; where none is told, no browser asks, and nobody has to.
    """
    if asked.method not in HARMLESS and not is_own(asked):
        raise Forbidden(FOREIGN)


def begin(response: Response, asked: Request, services: Services, key: Key) -> None:
    """Sign in whoever has shown this key, in a session of its own, which ends one that the browser had before."""
    _remember(response, asked, services.sessions.begin(key.id, asked.cookies.get(COOKIE)))


def go_on(response: Response, asked: Request) -> None:
    """Let the browser keep its cookie for longer where the session's end was put off for this request.

    Only there: an answer that is late must not bring back the cookie of a session which has ended meanwhile.
    """
    signed_in: SignedIn | None = g.get("signed_in")
    if signed_in is not None and signed_in.put_off:
        _remember(response, asked, asked.cookies[COOKIE])


def end(response: Response, asked: Request, services: Services) -> None:
    """Sign out: the token opens nothing any more, whoever has it."""
    token = asked.cookies.get(COOKIE)
    if token:
        services.sessions.end(token)
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=asked.is_secure)


def _remember(response: Response, asked: Request, token: str) -> None:
    """Let the browser come back for as long as the session lasts unused, also by a link on another site."""
    age = int(IDLE.total_seconds())
    response.set_cookie(COOKIE, token, max_age=age, httponly=True, samesite="Lax", secure=asked.is_secure)

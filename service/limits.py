"""How often one client may ask; who asks too often is told when to come back."""

from flask import g, request

from service.authentication import owner
from service.services import services


def limit_requests() -> None:
    """Before a request to the API: count it for its key, or for its address where there is none.

    Raises:
        LimitReached: where there were too many within a minute.
    """
    if "owner" in g:
        services().requests.count(owner() or request.remote_addr or "")

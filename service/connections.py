"""The connection that a request came on: whether its client still listens, and how long one write may take."""

import select
import socket
from collections.abc import Callable

from flask import Request

from service.waiting import never

WRITE_SECONDS = 30.0
"""A client that takes nothing for so long has its connection cut, so that it holds no thread for ever."""


def watched(request: Request) -> Callable[[], bool]:
    """What tells whether the client has left; where the server does not show its socket, it never seems to have.

    The connection's writes are given a time limit, until the server prepares it for the next request.
    """
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    if connection is None:
        return never
    connection.settimeout(WRITE_SECONDS)
    return lambda: has_left(connection)


def has_left(connection: socket.socket) -> bool:
    """Whether the other side has closed the connection; who has, reads no events either."""
    try:
        readable = select.poll()
        readable.register(connection, select.POLLIN)
        # What is there to read may be the next request already, or the end of the connection.
        return bool(readable.poll(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):
        return True

"""The address is taken before anything starts, and kept while the server behind it is started again."""

import errno
import socket
from contextlib import suppress

from deltarule.cli.failures import CommandError

BACKLOG = 1024
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- what a client of this machine asks instead


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that children may inherit; port 0 is any free one. Raises CommandError, which says why not."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        raise CommandError(_why_not(host, port, error), "Choose another with --host or --port.") from error
    # Inherited by every connection: the kernel would hold a body back until the client has acknowledged its headers.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.set_inheritable(True)
    return listening


def url_of(listening: socket.socket, host: str | None = None) -> str:
    """The address of a listening socket, under this name if given, as a client writes it."""
    name, port = listening.getsockname()[:2]
    name = host or name
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _why_not(host: str, port: int, error: Exception) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"There is no host {host!r} to listen on."
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return f"Port {port} of {host} is taken by another program."
        case errno.EACCES:
            return f"Port {port} of {host} may only be used by an administrator."
        case errno.EADDRNOTAVAIL:
            return f"This machine has no address {host}."
    return f"Port {port} of {host} cannot be used: {error}."


class Probe:
    """Asks a server once whether it is ready, without ever waiting, and again only after it has answered."""

    def __init__(self, listening: socket.socket, path: str = "/readyz") -> None:
        name, port = listening.getsockname()[:2]
        self._address = (ANY.get(name, name), port)
        self._request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        self._asked: socket.socket | None = None

    def __call__(self) -> bool:
        """Whether the server has said 200."""
        if self._asked is None:
            with suppress(OSError):
                self._asked = self._ask()
        answer = self._answer()
        return b" 200 " in answer.partition(b"\r\n")[0]

    def _ask(self) -> socket.socket:
        # The kernel takes the connection while the server is not there yet: the answer comes as soon as there is one.
        asked = socket.create_connection(self._address, timeout=1)
        asked.sendall(self._request)
        asked.setblocking(False)
        return asked

    def _answer(self) -> bytes:
        """The beginning of the answer; empty while there is none."""
        if self._asked is None:
            return b""
        try:
            answer = self._asked.recv(64)
        except BlockingIOError:
            return b""
        except OSError:
            answer = b""
        self._asked.close()
        self._asked = None
        return answer

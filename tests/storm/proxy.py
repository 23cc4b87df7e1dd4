"""A network that can be broken on purpose: what stands between the service and one of its servers."""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PIECE = 65536
LOOK_SECONDS = 0.1
MODES = ("pass", "cut", "half-open", "delay", "reset", "torn")


class Proxy:
    """Listens on a port of its own and hands every byte on to a server, as its `mode` says.

    `pass` hands on. `cut` ends every connection and takes no new one. `half-open` keeps connections, and swallows what
    is sent. `delay` holds each piece back for `delay_seconds`. `reset` ends every connection with RST, once, and then
    passes. `torn` hands on the first half of one piece, and ends the connection; after that it passes.
    """

    def __init__(self, server: str, delay_seconds: float = 5.0) -> None:
        parts = urlsplit(server)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 0)
        self._delay = delay_seconds
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.mode = "pass"
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._ending = threading.Event()
        port = self._listening.getsockname()[1]
        self.url = parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ending.set()
        self._listening.close()
        self._end_all()

    def become(self, mode: str) -> None:
        """Behave so from now on."""
        assert mode in MODES
        self.mode = mode
        if mode in ("cut", "reset"):
            self._end_all(hard=mode == "reset")
        if mode == "reset":
            self.mode = "pass"

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.mode == "cut":
                client.close()
                continue
            try:
                server = socket.create_connection(self._server, timeout=5)
            except OSError:
                client.close()
                continue
            pair = (client, server)
            self._pairs.add(pair)
            for source, target in (pair, pair[::-1]):
                source.settimeout(None)
                threading.Thread(target=self._hand_on, args=(source, target, pair), daemon=True).start()

    def _hand_on(self, source: socket.socket, target: socket.socket, pair: tuple[socket.socket, socket.socket]) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                if self.mode == "half-open":
                    continue
                if self.mode == "delay":
                    self._ending.wait(self._delay)
                if self.mode == "torn":
                    self.mode = "pass"
                    target.sendall(piece[: len(piece) // 2])
                    break
                target.sendall(piece)
        self._end(pair)

    def _end_all(self, *, hard: bool = False) -> None:
        for pair in list(self._pairs):
            self._end(pair, hard=hard)

    def _end(self, pair: tuple[socket.socket, socket.socket], *, hard: bool = False) -> None:
        self._pairs.discard(pair)
        for end in pair:
            with suppress(OSError):
                if hard:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # Wakes the thread that waits in recv, which a mere close does not; SHUT_RD alone sends nothing.
                end.shutdown(socket.SHUT_RD if hard else socket.SHUT_RDWR)
            with suppress(OSError):
                end.close()

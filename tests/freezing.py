"""A server that stands still: its connections stay open, its kernel acknowledges, and nobody answers."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests import servers
from tests.cli.processes import children


@contextmanager
def frozen(server: servers.Server) -> Iterator[None]:
    """Stop every process of the server meanwhile."""
    processes = [server.pid, *children(server.pid)]
    try:
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)

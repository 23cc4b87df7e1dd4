"""A terminal that a test sits at: what the program writes, and what the user does about it."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path
from struct import pack
from termios import TIOCSWINSZ

SECONDS = 30
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A program on a pseudo terminal of 80 columns."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._raw = b""
        self._descriptor = descriptor

    def wait_for(self, text: str, seconds: float = SECONDS) -> None:
        """Read until the program has written this; what was written before counts no more."""
        deadline = time.monotonic() + seconds
        while text not in (written := CONTROL.sub("", self._raw.decode(errors="replace"))):
            assert time.monotonic() < deadline, f"{text!r} was not written, but: {written}"
            self._read()
        self._raw = written.split(text, 1)[1].encode()

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        os.write(self._descriptor, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """The exit code, once the program has ended."""
        while self.process.poll() is None:
            self._read()
        return self.process.returncode

    def _read(self) -> None:
        if select.select([self._descriptor], [], [], 0.2)[0]:
            try:
                self._raw += os.read(self._descriptor, 65536)
            except OSError:  # Linux's way to say that nobody writes any more
                self.process.wait(SECONDS)


@contextmanager
def terminal(*arguments: str | Path, **environment: str) -> Iterator[Terminal]:
    """`deltarule` with these arguments, on a terminal of its own."""
    outer, inner = pty.openpty()
    ioctl(inner, TIOCSWINSZ, pack("HHHH", 50, 80, 0, 0))
    command = [sys.executable, "-m", "deltarule.cli.main", *map(str, arguments)]
    settings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **environment}
    process = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=settings, start_new_session=True)
    os.close(inner)
    try:
        yield Terminal(process, outer)
    finally:
        process.kill()
        process.wait()
        os.close(outer)

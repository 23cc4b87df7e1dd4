"""A service for the time of one command: the one of `deltarule up`, in the same folder, so that all it makes stays."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deltarule.cli.failures import JOB_FAILED, CommandError
from deltarule.cli.output import console
from deltarule.cli.supervision.presence import address_of, starting, unused, used
from deltarule.store.settings import Settings

LOG = "local.log"
HERE = ("--host", "127.0.0.1", "--port", "0")
LOOK_SECONDS = 0.05
END_SECONDS = 10


@contextmanager
def local_service() -> Iterator[str]:
    """The address of the service in the user's own data folder: the one that runs there, or one started for this.

    What was started ends with the last command that uses it, however that ends.

    Raises:
        CommandError: if it cannot be started, with the reason that it gave itself.
    """
    folder = Settings.embedded().data or Path.cwd()
    started: subprocess.Popen[bytes] | None = None
    try:
        with used(folder):
            with starting(folder):
                url = address_of(folder)
                if url is None:
                    started = _start(folder)
                    url = _address(folder, started)
            yield url
    finally:
        if started is not None:
            _end(folder, started)


def _start(folder: Path) -> subprocess.Popen[bytes]:
    command = (sys.executable, "-P", "-m", "deltarule.cli.main", "up", *HERE, "--while-used")
    with (folder / LOG).open("wb") as log:
        # In a session of its own: Ctrl-C is for the command, which ends it in order.
        return subprocess.Popen(  # noqa: S603 -- the command is our own
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True
        )


def _address(folder: Path, started: subprocess.Popen[bytes]) -> str:
    with console(stderr=True).status("Starting a service …"):
        while (url := address_of(folder)) is None:
            if started.poll() is not None:
                raise _not_started(folder)
            time.sleep(LOOK_SECONDS)
    return url


def _not_started(folder: Path) -> CommandError:
    lines = (folder / LOG).read_text(errors="replace").splitlines()
    told = {name: text for name, _, text in (line.partition(": ") for line in lines)}
    sentence = told.get("error", f"The service could not start; {folder / LOG} tells why.")
    return CommandError(sentence, told.get("hint"), JOB_FAILED)


def _end(folder: Path, started: subprocess.Popen[bytes]) -> None:
    """End the service, unless another command uses it, which it then ends with."""
    with unused(folder) as alone:
        if alone:
            started.terminate()
            try:
                started.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                started.kill()

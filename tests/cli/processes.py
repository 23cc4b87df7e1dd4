"""Commands that stay, such as `deltarule up`: started as users start them, and everything they start is known."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.servers import wait_until

CSV = "x,y\n" + "".join(f"{x / 10},{2 * x / 10 + 1}\n" for x in range(40))
ENDED = ("succeeded", "failed", "cancelled")


class Command:
    """A running `deltarule` command in a session of its own, as in a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.log = folder / f"{arguments[0]}-{len(list(folder.iterdir()))}.log"
        paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deltarule.cli.main", *arguments],
                env=os.environ | paths | environment,
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def line(self) -> str:
        """The next line of its output; fails with its log when there is none."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        return line

    def children(self, name: str = "") -> list[int]:
        """The processes that it has started and whose command line holds this name."""
        return [pid for pid in children(self.process.pid) if name in command_line(pid)]

    def descendants(self) -> list[int]:
        """Every process that it has started, and those that these have."""
        first = children(self.process.pid)
        return first + [pid for child in first for pid in children(child)]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and answer the exit code."""
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode

    def kill(self) -> None:
        """End it, and all that it has started, without a warning."""
        for pid in (self.process.pid, *self.descendants()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()


@contextmanager
def command(folder: Path, *arguments: str, **environment: str) -> Iterator[Command]:
    """A running command, which is gone afterwards."""
    folder.mkdir(exist_ok=True)
    started = Command(folder, *arguments, **environment)
    try:
        yield started
    finally:
        started.kill()


@contextmanager
def serve(folder: Path, **environment: str) -> Iterator[tuple[Command, httpx.Client]]:
    """A running `deltarule serve` and a client of it."""
    with command(folder, "serve", "--port", "0", **environment) as started:
        wait_until(lambda: "http://" in started.log.read_text(), "the address to be told")
        url = next(word for word in started.log.read_text().split() if word.startswith("http://")).rstrip(".")
        with httpx.Client(base_url=url, timeout=70) as client:
            yield started, client


@contextmanager
def up(folder: Path, *arguments: str, **environment: str) -> Iterator[tuple[Command, httpx.Client]]:
    """A running `deltarule up` on `folder`/data, ready, and a client of it."""
    with command(folder, "up", "--port", "0", "--data", "data", *arguments, **environment) as started:
        url = next(word for word in started.line().split() if word.startswith("http://"))
        with httpx.Client(base_url=url, timeout=70) as client:
            yield started, client


def children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found


def command_line(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def gone(*pids: int) -> bool:
    return not any(lives(pid) for pid in pids)


def submit(client: httpx.Client, epochs: int, **training: Any) -> str:  # noqa: ANN401
    """The id of a new job of so many short epochs."""
    dataset = client.post("/v1/datasets", content=CSV, headers={"Content-Type": "text/csv"}).raise_for_status().json()
    plan = {"epochs": epochs, "early_stopping": None, "batch_size": 8, "seed": 4, **training}
    posted = client.post("/v1/jobs", json={"dataset_id": dataset["id"], "target": "y", "training": plan})
    return str(posted.raise_for_status().json()["id"])


def enough_epochs(client: httpx.Client, seconds: float = 3.0) -> int:
    """So many epochs that a job of them takes about so long, however fast this machine is."""
    identifier = submit(client, 200)
    assert ended(client, identifier)["status"] == "succeeded"
    return int(200 * max(1.0, seconds / sum(history(client, identifier)["seconds"])))


def job(client: httpx.Client, identifier: str) -> dict[str, Any]:
    document: dict[str, Any] = client.get(f"/v1/jobs/{identifier}").raise_for_status().json()
    return document


def ended(client: httpx.Client, identifier: str) -> dict[str, Any]:
    """The job at its end."""
    wait_until(lambda: job(client, identifier)["status"] in ENDED, "the job to end")
    return job(client, identifier)


def until_epoch(client: httpx.Client, identifier: str, epoch: int) -> None:
    wait_until(lambda: (job(client, identifier)["progress"] or {"epoch": 0})["epoch"] >= epoch, f"epoch {epoch}")


def history(client: httpx.Client, identifier: str) -> dict[str, Any]:
    document: dict[str, Any] = client.get(f"/v1/jobs/{identifier}/history").raise_for_status().json()
    return document


def sha256(client: httpx.Client, identifier: str) -> str:
    """The digest of the weights that the job came to."""
    return str(client.get(f"/v1/models/{job(client, identifier)['model_id']}").raise_for_status().json()["sha256"])


def logged(log: Path) -> list[dict[str, Any]]:
    """The lines of a log that are JSON."""
    lines = []
    for line in log.read_text().splitlines():
        with suppress(json.JSONDecodeError):
            lines.append(json.loads(line))
    return lines

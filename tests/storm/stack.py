"""One whole service under test: its servers, its processes, and whoever starts them again when all are killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psycopg
from sqlalchemy import select

from deltarule.store.database import Database
from deltarule.store.states import HELD
from deltarule.store.tables import JobRow
from tests.servers import Server, free_port, postgresql, redis_server
from tests.storm.processes import children, command_line, family, marked, memory, send
from tests.storm.proxy import Proxy

ROOT = Path(__file__).parents[2]
INJECTION = Path(__file__).parent / "injection"
READY_SECONDS = 300
"""The first start of a version of the kernels compiles them."""
LOOK_SECONDS = 0.2
SHORT = {
    "DELTARULE_LEASE_SECONDS": "3",
    "DELTARULE_HEARTBEAT_SECONDS": "0.5",
    "DELTARULE_CHECKPOINT_SECONDS": "0.25",
    "DELTARULE_SWEEP_SECONDS": "1",
    "DELTARULE_LOG_FORMAT": "json",
}
"""Everything that takes a minute in a real service takes seconds in a storm."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a storm is run on; `seed` is that of everything random, `distinct` how many different jobs there are."""

    database: str = "sqlite"
    broker: str = "folder"
    workers: int = 4
    seed: int = 1
    distinct: int = 12

    def __str__(self) -> str:
        return f"{self.database} + {self.broker}, {self.workers} workers, seed {self.seed}"


@dataclass
class Stack:
    """A running `deltarule up`; `database` looks at its rows past every proxy."""

    folder: Path
    environment: dict[str, str]
    client: httpx.Client
    database: Database
    postgres: Server | None = None
    redis: Server | None = None
    database_proxy: Proxy | None = None
    broker_proxy: Proxy | None = None
    starts: int = 0
    before: list[int] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process that watches over the others."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> Path:
        """What all processes of it have said."""
        return self.folder / "log"

    def start(self) -> None:
        """Start everything; does not wait until it is ready."""
        port = str(self.client.base_url.port)
        words = ("up", "--port", port, "--data", str(self.folder / "data"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deltarule.cli.main", *words],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1

    def keep(self) -> None:
        """Start it again if it was killed: in a real service a service manager does."""
        assert self._process is not None
        if self._process.poll() is not None:
            # The orphans of a killed parent end by themselves; until then they hold the folder and the port.
            if all(not command_line(pid) for pid in self.before):
                self.start()
        else:
            self.before = family(self.pid)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal to the parent and wait until it is gone; its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(60)

    def clear(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
        # Orphans end by themselves, but who stands still or hangs does not.
        left = marked(str(self.folder))
        send(left, signal.SIGCONT)
        send(left, signal.SIGKILL)

    def workers(self) -> list[int]:
        """The main processes of the workers that run just now."""
        return [pid for pid in children(self.pid) if "celery" in command_line(pid)]

    def worker(self, number: int) -> list[int]:
        """The worker of this number, from 1, and what it has started; nothing while it does not run."""
        found = [pid for pid in self.workers() if f" worker{number}@" in command_line(pid)]
        return [each for pid in found for each in (pid, *family(pid))]

    def training(self) -> list[int]:
        """The main processes of the workers that hold a lease just now."""
        numbers = {word for owner in self.holders().values() for word in owner.split("/")}
        return [pid for pid in self.workers() if str(pid) in numbers]

    def holders(self) -> dict[str, str]:
        """Who holds each job that is in a worker's hands, by the job's id."""
        with self.database.read() as session:
            held = select(JobRow.id, JobRow.lease_owner).where(JobRow.status.in_(HELD))
            return {job_id: owner for job_id, owner in session.execute(held) if owner}

    def trainers(self) -> list[int]:
        """What may train: the workers' main processes and what they have started."""
        return [each for pid in self.workers() for each in (pid, *family(pid))]

    def memory(self) -> int:
        """The resident memory of all its processes, in bytes."""
        return sum(memory(pid) for pid in (self.pid, *family(self.pid)))

    def ready(self) -> bool:
        """Whether the service says that it is."""
        with suppress(httpx.TransportError):
            return self.client.get("/readyz", timeout=5).status_code == httpx.codes.OK
        return False

    def all_ready(self, workers: int) -> bool:
        """Whether the service is ready and all workers run."""
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()[-4000:]
        return self.ready() and len(self.workers()) == workers

    def logged(self) -> Iterator[dict[str, Any]]:
        """The lines of its log that are JSON."""
        with self.log.open(errors="replace") as lines:
            for line in lines:
                with suppress(json.JSONDecodeError):
                    document = json.loads(line)
                    if isinstance(document, dict):
                        yield document


@contextmanager
def running(
    ground: Ground, *, proxies: bool = False, injected: Mapping[str, str] | None = None, **settings: str
) -> Iterator[Stack]:
    """A stack that is ready, on servers of its own, with the short times of a storm unless `settings` say otherwise."""
    with ExitStack() as opened:
        folder = Path(tempfile.mkdtemp(prefix="deltarule-storm-"))
        opened.callback(shutil.rmtree, folder, ignore_errors=True)
        stack = _made(ground, folder, opened, proxies=proxies)
        stack.environment["STORM_FOLDER"] = str(folder)
        stack.environment |= SHORT | {"DELTARULE_WORKERS": str(ground.workers)} | settings
        stack.environment |= {"PYTHONPATH": os.pathsep.join((str(INJECTION), str(ROOT))), **(injected or {})}
        opened.callback(_keep_log, stack)
        opened.callback(stack.clear)
        stack.start()
        until(lambda: stack.all_ready(ground.workers), "the stack to be ready", READY_SECONDS)
        stack.keep()
        yield stack


def _keep_log(stack: Stack) -> None:
    """Leave the log to whoever has said where; everything else of a stack is gone afterwards."""
    kept = os.environ.get("STORM_LOGS")
    if kept and stack.log.exists():
        shutil.copy(stack.log, Path(kept) / f"{stack.folder.name}.log")


def until(condition: Callable[[], object], what: str, seconds: float) -> None:
    """Return soon after the condition holds; looking all the time would take from what is looked at."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}, in vain"
        Event().wait(LOOK_SECONDS)


def _made(ground: Ground, folder: Path, opened: ExitStack, *, proxies: bool) -> Stack:
    client = opened.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{free_port()}", timeout=70))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DELTARULE_")}
    # A service that is installed starts from byte code; to compile it anew is a third of what a start takes.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    url = f"sqlite:///{folder / 'data' / 'deltarule.sqlite3'}"
    (folder / "data").mkdir()
    stack = Stack(folder, environment, client, database=None)
    if ground.database == "postgresql":
        stack.postgres = opened.enter_context(postgresql())
        _durable(stack.postgres.url)
        url = stack.postgres.url
        stack.database_proxy = opened.enter_context(Proxy(url)) if proxies else None
        environment["DELTARULE_DATABASE_URL"] = stack.database_proxy.url if stack.database_proxy else url
    if ground.broker == "redis":
        stack.redis = opened.enter_context(redis_server("--appendonly", "yes"))
        stack.broker_proxy = opened.enter_context(Proxy(stack.redis.url)) if proxies else None
        environment["DELTARULE_BROKER_URL"] = stack.broker_proxy.url if stack.broker_proxy else stack.redis.url
    stack.database = Database(url, autocheckpoint=False)
    opened.callback(stack.database.close)
    return stack


def _durable(url: str) -> None:
    """Commits that were answered must outlast a restart, although the tests' servers are set to be fast."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER ROLE deltarule SET synchronous_commit = on")

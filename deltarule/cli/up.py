"""The whole service on one machine with nothing else installed: one command, one folder, one line."""

import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from socket import socket
from typing import Annotated

import structlog
import typer

from deltarule.cli.failures import JOB_FAILED, CommandError
from deltarule.cli.supervision import Chore, LostWorkers, StartError, Supervisor
from deltarule.cli.supervision.folder import held
from deltarule.cli.supervision.listening import ANY, Probe, listen, url_of
from deltarule.cli.supervision.parts import serving, working
from deltarule.cli.supervision.presence import presence, tell, unused
from deltarule.cli.supervision.pulse import silent
from deltarule.store.database import Database
from deltarule.store.errors import StoreError
from deltarule.store.logs import configure_logs
from deltarule.store.schema import upgrade
from deltarule.store.settings import Settings

GRACE_SECONDS = 3.5
"""Until what has not ended is killed, so that a Ctrl-C is answered within four seconds."""
CHECKPOINT_SECONDS = 5.0
USED_SECONDS = 0.5
"""How often an instance that is only there for its users looks whether there are any."""
MOST_WORKERS = 4
"""As many as are started unasked: each takes a hundred megabytes, also while it only waits."""

Host = Annotated[
    str | None,
    typer.Option("--host", metavar="HOST", help="The address to listen on.", show_default="127.0.0.1"),
]
Port = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65535, help="The port to listen on; 0 is any free one.", show_default="8080"),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Where everything is kept; else DELTARULE_DATA, else the user's own data folder.",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, max=1024, help="Jobs trained at once.", show_default="one for each core, 4 at most"
    ),
]

WhileUsed = Annotated[bool, typer.Option("--while-used", hidden=True, help="End with the last command that uses it.")]


def up(
    host: Host = None, port: Port = None, data: Data = None, workers: Workers = None, while_used: WhileUsed = False
) -> None:
    """Run the whole service on this machine: API, workers, database and broker, with nothing else installed.

    Everything is kept in the data folder; Ctrl-C or SIGTERM ends it, and a second start goes on where it stopped.
    """
    settings = _settings(data, host=host, workers=workers)
    folder = settings.data or Path.cwd()
    configure_logs(settings)
    with (
        ExitStack() as ending,
        held(folder) as temporary,
        presence(folder) as address,
        listen(settings.host, settings.port if port is None else port) as listening,
    ):
        settings = settings.model_copy(update={"port": listening.getsockname()[1]})
        upgrade(settings.database_url)
        chores = (_ending_unused(folder, ending),) if while_used else ()
        try:
            _supervisor(settings, listening, folder, temporary, address=address, chores=chores).run()
        except StartError as error:
            raise CommandError(str(error), code=JOB_FAILED) from error


def _settings(data: Path | None, **given: str | int | None) -> Settings:
    """The environment's settings and those of the command line, which win."""
    settings = Settings.embedded(data, **{name: value for name, value in given.items() if value is not None})
    # This process moves SQLite's log into its file, and no other.
    changes: dict[str, bool | int] = {"sqlite_autocheckpoint": False}
    if "workers" not in settings.model_fields_set:
        changes["workers"] = min(settings.workers, MOST_WORKERS)
    return settings.model_copy(update=changes)


def _supervisor(
    settings: Settings, listening: socket, folder: Path, temporary: Path, *, address: Path, chores: tuple[Chore, ...]
) -> Supervisor:
    parts = (serving(settings, listening, folder, temporary), *working(settings, folder, temporary))
    awaited = [part.name for part in parts[1:] if not part.late]
    serves = _told(Probe(listening), address, url_of(listening, ANY.get(listening.getsockname()[0])))
    database = Database.from_settings(settings)
    lost = LostWorkers(database)
    lost.look()
    return Supervisor(
        parts,
        grace_seconds=GRACE_SECONDS,
        ready=lambda: serves() and not silent(awaited, temporary),
        announce=lambda: _announce(url_of(listening, settings.host), folder),
        chores=(*_chores(database), lost.chore, *chores),
        mourn=lost.mourn,
    )


def _told(serves: Probe, address: Path, url: str) -> Callable[[], bool]:
    """The same probe; once it says yes, the address is written down: most that is asked needs no worker."""

    def told() -> bool:
        if not serves():
            return False
        tell(address, url)
        return True

    return told


def _ending_unused(folder: Path, ending: ExitStack) -> Chore:
    """Ends this process when nobody uses it; nobody can begin to until it has ended."""

    def look() -> None:
        with ExitStack() as stack:
            if stack.enter_context(unused(folder)):
                ending.push(stack.pop_all())
                signal.raise_signal(signal.SIGTERM)

    return Chore(USED_SECONDS, look)


def _announce(url: str, folder: Path) -> None:
    typer.echo(f"Deltarule listens on {url} and keeps its data in {folder}. Ctrl-C ends it.")


def _chores(database: Database) -> tuple[Chore, ...]:
    """Moving SQLite's log into its file: SQLite before 3.51.3 may lose commits where two processes do it."""

    def checkpoint() -> None:
        try:
            database.checkpoint()
        except StoreError as error:
            structlog.get_logger().warning("the database's log was not moved", reason=str(error))

    return (Chore(CHECKPOINT_SECONDS, checkpoint),) if database.is_sqlite else ()

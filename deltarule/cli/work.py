"""The workers alone, for machines where database and broker are elsewhere."""

from typing import Annotated

import typer

from deltarule.cli.failures import JOB_FAILED, CommandError
from deltarule.cli.supervision import LostWorkers, Supervisor
from deltarule.cli.supervision.parts import working
from deltarule.cli.supervision.pulse import silent
from deltarule.cli.up import Workers
from deltarule.store.database import Database
from deltarule.store.logs import configure_logs
from deltarule.store.settings import Settings

GRACE_SECONDS = 25.0
"""Until what has not ended is killed, and gives back what it had: all within half a minute."""

Check = Annotated[
    bool, typer.Option("--check", help="Tell by the exit code whether the workers of this machine are well, and end.")
]


def work(workers: Workers = None, check: Check = False) -> None:
    """Run workers alone, one process for each job that may be trained at once.

    Needs DELTARULE_DATABASE_URL, DELTARULE_BROKER_URL and DELTARULE_STORAGE_URL. SIGTERM makes each running job write a
    checkpoint and give itself back to the queue.
    """
    settings = Settings(**{"workers": workers} if workers is not None else {})
    parts = working(settings)
    if check:
        return _check([part.name for part in parts])
    configure_logs(settings)
    lost = LostWorkers(Database.from_settings(settings))
    lost.look()
    return Supervisor(parts, grace_seconds=GRACE_SECONDS, chores=[lost.chore], mourn=lost.mourn).run()


def _check(names: list[str]) -> None:
    for name in silent(names):
        raise CommandError(f"The {name} of this machine does not run, or is stuck.", code=JOB_FAILED)

"""Everything one worker process works with, from its start to its end."""

import os
import signal

import structlog

from deltarule.cli.supervision.identity import Identity
from deltarule.cli.supervision.pulse import Pulse
from deltarule.store.attempts import Attempts
from deltarule.store.blobs import open_blobs
from deltarule.store.database import Database
from deltarule.store.datasets import Datasets
from deltarule.store.doorbell import ringer
from deltarule.store.jobs import Jobs
from deltarule.store.losses import STALLED_EXIT
from deltarule.store.models import Models
from deltarule.store.settings import Settings
from worker.deafness import DEAF, Deafness
from worker.execution import Execution
from worker.preparation import Preparation
from worker.sweeper import Sweeper

CLOSING_SECONDS = 1.0


class Workshop:
    """Store, execution, sweeper and pulse of the worker `name`, such as "worker1@host"."""

    def __init__(self, settings: Settings, name: str) -> None:
        # The jobs' own writes need not be on the disk at once: what a power cut takes is only trained again.
        database = Database.from_settings(settings, durable=False)
        blobs = open_blobs(settings.storage_url, settings.storage_options)
        datasets = Datasets(database, blobs)
        self.pulse = Pulse(name.partition("@")[0])
        self.execution = Execution(
            Attempts(database),
            Preparation(datasets, Models(database), blobs),
            settings,
            owner=str(Identity.of(name, os.getpid())),
            stopping=lambda: self.stopping,
            beat=self.pulse.beat,
            give_up=_give_up,
        )
        deafness = Deafness(database, self.idle_since, _leave)
        ring = ringer(settings.broker_url)
        self.sweeper = Sweeper(database, Jobs(database), datasets, ring, settings.sweep_seconds, deafness=deafness)
        self.listening = self.stopping = False

    def idle_since(self) -> float | None:
        """When the last message was heard; None while there is a job, or while the worker is not at its queue yet."""
        return self.execution.idle_since if self.listening else None

    def stop(self) -> None:
        """Let the running job give itself back; takes no lock, because signals may come amid each other."""
        self.stopping = True

    def close(self) -> None:
        """End what runs beside the jobs."""
        self.sweeper.end()
        self.sweeper.join(CLOSING_SECONDS)


def _leave() -> None:
    """End this process as at a shutdown, so that a job it has taken just now is given back."""
    structlog.get_logger().error(DEAF)
    os.kill(os.getpid(), signal.SIGTERM)


def _give_up() -> None:
    """End this process at once: nothing else ends a step that hangs, and the supervisor starts another."""
    structlog.get_logger().error("a step of the job hangs, and the worker ends itself")
    os._exit(STALLED_EXIT)

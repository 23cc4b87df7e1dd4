"""Where the worker is put together: settings in, a Celery app out."""

import gc
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any

import structlog
from celery import Celery, bootsteps, signals
from celery.exceptions import CPendingDeprecationWarning
from celery.platforms import SecurityWarning
from celery.worker import WorkController

from deltarule.backprop.engines import make_ready
from deltarule.cli.supervision.pulse import BEAT_SECONDS
from deltarule.store.doorbell import consumer_options
from deltarule.store.logs import configure_logs
from deltarule.store.settings import Settings
from deltarule.store.telemetry import tracing
from worker.execution import Outcome
from worker.memory import allowance, limit_memory
from worker.sparing import sparing
from worker.tasks import add_tasks
from worker.workshop import Workshop

SLOW_SECONDS = 5.0
SLOW = "the training loop is not ready yet: where it was never compiled before, that takes about a minute"

BEHAVIOUR: dict[str, Any] = {
    # One job in one process: the children of a pool share locks that a kill leaves behind, held for ever.
    "worker_pool": "solo",
    "worker_concurrency": 1,
    # No message is parked behind a job of hours, and one whose job was given back is heard again.
    "worker_prefetch_multiplier": 1,
    "task_acks_late": True,
    # Lost jobs are found by their leases; Celery's own ways to run them again have no end, or no guard.
    "task_reject_on_worker_lost": False,
    "task_retry_on_worker_lost": False,
    # A broker that is away is no reason to throw away an hour of training.
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    # How long a worker that is asked to end may wait for its own clock.
    "worker_timer_precision": 0.2,
    "worker_send_task_events": False,
    "worker_enable_remote_control": False,
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
}


class Heart(bootsteps.StartStopStep):  # type: ignore[misc]
    """Beats while the worker waits for messages; while it trains, the training does."""

    requires = frozenset({"celery.worker.components:Timer"})

    def start(self, parent: WorkController) -> None:
        """Begin to beat: from here on messages are heard, or should be."""
        parent.app.workshop.listening = True
        beat = parent.app.workshop.pulse.beat
        beat()
        parent.timer.call_repeatedly(BEAT_SECONDS, beat)


@contextmanager
def told_if_slow(seconds: float = SLOW_SECONDS) -> Iterator[None]:
    """Say what is waited for when it takes longer than that: somebody may be looking at an empty screen."""
    notice = Timer(seconds, structlog.get_logger().info, (SLOW,))
    notice.daemon = True
    notice.start()
    try:
        yield
    finally:
        notice.cancel()


def _keep_known_warnings_quiet(**_: object) -> None:
    """Root is warned of pickled messages, which are not accepted here, and everybody of a default that is set above."""
    for known in (SecurityWarning, CPendingDeprecationWarning):
        warnings.simplefilter("ignore", known)


def settle() -> None:
    """Look for garbage from now on, but not among what the start has made, since that stays."""
    gc.freeze()
    gc.enable()


def create_app(settings: Settings | None = None) -> Celery:
    """A Celery app that trains; settings are read from the environment where none are given.

    Database and threads are opened when the worker starts, not by looking at the app.
    """
    _keep_known_warnings_quiet()
    settings = settings or Settings()
    app = Celery("deltarule")

    def execute(job_id: str) -> Outcome:
        with app.traces.span("training attempt", job_id=job_id):
            outcome: Outcome = app.workshop.execution.execute(job_id)
        return outcome

    app.conf.update(consumer_options(settings.broker_url, settings.poll_seconds) | BEHAVIOUR)
    app.steps["worker"].add(Heart)
    add_tasks(app, execute)

    def begin(sender: str, **_: object) -> None:
        # Celery asks for it only later, and what is told until then would not be heard.
        configure_logs(settings)
        app.traces = tracing(settings, "deltarule-worker")
        app.workshop = Workshop(settings, sender)
        # First of all: what another worker left behind by dying is rung for at once.
        app.workshop.sweeper.start()
        # Before the first message is asked for: no job waits for a compiler.
        with told_if_slow(), sparing():
            make_ready()
        settle()
        limit_memory(allowance(settings.memory_limit_bytes, settings.worker_memory_bytes))

    def end(sender: WorkController, **_: object) -> None:
        app.workshop.close()
        app.traces.end()
        logging.shutdown()
        # All is done; to take the interpreter apart would take longer than everything before.
        os._exit(sender.exitcode or 0)

    signals.setup_logging.connect(lambda **_: configure_logs(settings), weak=False)
    signals.celeryd_init.connect(begin, weak=False)
    # Once more, because Celery has had all of its own warnings told since; this one at every loss of the broker.
    signals.celeryd_after_setup.connect(_keep_known_warnings_quiet, weak=False)
    signals.worker_shutting_down.connect(lambda **_: app.workshop.stop(), weak=False)
    signals.worker_shutdown.connect(end, weak=False)
    return app


def __getattr__(name: str) -> Celery:
    """`worker.app:app`, made when Celery asks for it: importing this module reads no environment."""
    if name == "app":
        return create_app()
    raise AttributeError(name)

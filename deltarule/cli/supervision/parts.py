"""The service and the worker, as commands that are found by this interpreter and not by the PATH."""

import os
import sys
from pathlib import Path
from socket import socket

from deltarule.cli.supervision.part import Part
from deltarule.cli.supervision.pulse_folder import own_folder
from deltarule.store.settings import Settings

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "POLARS_MAX_THREADS")
"""What limits the threads of NumPy's linear algebra and of polars; read once, when they are loaded."""


def serving(settings: Settings, listening: socket, folder: Path | None = None, temporary: Path | None = None) -> Part:
    """The HTTP service, answering on a listening socket that it inherits."""
    descriptor = listening.fileno()
    options = ("--preload", "--config", "python:service.gunicorn", "--bind", f"fd://{descriptor}")
    command = (sys.executable, "-P", "-m", "gunicorn", *options)
    return Part("service", command, _environment(settings, os.cpu_count() or 1, temporary), folder, (descriptor,))


def working(settings: Settings, folder: Path | None = None, temporary: Path | None = None) -> tuple[Part, ...]:
    """As many workers as jobs may run at once, each a process of its own that trains one job at a time.

    One job's death is then only its own. Celery's pool of processes would not do: where messages are files its children
    share the lock of a queue, and killing the one that holds it stops all the others for ever.
    """
    environment, pulses = _environment(settings, settings.workers, temporary), own_folder(temporary)
    return tuple(
        Part(
            f"worker{number}",
            (sys.executable, "-P", "-m", "worker.celery", "--hostname", f"worker{number}@%h"),
            environment,
            folder,
            late=number > 1,
            pulse=pulses / f"worker{number}",
            stall_seconds=settings.stall_seconds,
        )
        for number in range(1, settings.workers + 1)
    )


def _environment(settings: Settings, processes: int, temporary: Path | None) -> dict[str, str]:
    """This process's environment, the settings in full, and threads so that all processes together have one a core."""
    threads = str(max(1, (os.cpu_count() or 1) // processes))
    limits = {name: os.environ.get(name, threads) for name in THREADS}
    folders = {"TMPDIR": str(temporary)} if temporary else {}
    return {**os.environ, **limits, **folders, **settings.environment()}

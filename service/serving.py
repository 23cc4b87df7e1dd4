"""The app as the HTTP server loads it, before it forks, with a folder in which all its processes count together."""

import os
import shutil
import tempfile

from apiflask import APIFlask

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that tells prometheus-client, before it is imported, where processes count together."""


def application() -> APIFlask:
    """The app; the folder is made anew at each start, so that no count of an earlier one is in it."""
    os.environ[SHARED_FOLDER] = tempfile.mkdtemp(prefix="deltarule-metrics-")
    # Only now: what it counts with looks for the folder when it is imported.
    from service.app import create_app  # noqa: PLC0415

    return create_app()


def clear() -> None:
    """Remove the folder, when no process counts any more."""
    shutil.rmtree(os.environ.pop(SHARED_FOLDER, ""), ignore_errors=True)

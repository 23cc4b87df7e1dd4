"""The dashboard is put together behind the back of the first requests, so that the first page need not wait for it."""

import os
import threading
from contextlib import suppress

NICENESS = 10


def warm_up() -> None:
    """Load Dash and pack what the pages are made of, in a thread of its own, which gives way to everybody else."""
    threading.Thread(target=_load, name="dashboard", daemon=True).start()


def _load() -> None:
    with suppress(AttributeError, OSError):  # only Linux has threads that give way
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
    from service.dashboard.bundles import pack  # noqa: PLC0415 -- loads Dash

    pack()

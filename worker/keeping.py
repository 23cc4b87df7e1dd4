"""Some work cannot look up while it is done, such as reading a long table: meanwhile a thread keeps the lease."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

LONGEST_SECONDS = 1800.0
"""Work that takes longer is stuck, most likely on a disk: its lease is let go, so that another worker may try."""


@contextmanager
def kept(renew: Callable[[], bool], seconds: float) -> Iterator[None]:
    """Call `renew` every so many seconds until the block has ended; not again once it answers False.

    `renew` runs in a thread of its own, and must not raise.
    """
    ended = Event()
    thread = Thread(target=_keep, args=(renew, seconds, ended), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _keep(renew: Callable[[], bool], seconds: float, ended: Event) -> None:
    for _ in range(max(1, round(LONGEST_SECONDS / seconds))):
        if ended.wait(seconds) or not renew():
            return

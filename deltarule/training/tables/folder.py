"""Where a run keeps what is too much for its memory: a folder on a disk, not one that is memory itself."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

ON_DISK = Path("/var/tmp")  # noqa: S108 - files in it have no names, or folders of their own
"""The folder that systems keep for large temporary files, where /tmp may be memory."""

PREFIX = "deltarule-unpacked-"
_LOCK = "lock"
_YOUNG_SECONDS = 60
"""A folder that was just made may not be locked yet."""


def scratch_folder() -> Path:
    """What `TMPDIR` names; else /var/tmp where it can be written to, else whatever Python takes."""
    asked = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    usable = not asked and ON_DISK.is_dir() and os.access(ON_DISK, os.W_OK)
    return ON_DISK if usable else Path(tempfile.gettempdir())


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder for files that need names; if its process is killed, the next one that asks for a folder removes it."""
    remove_abandoned()
    with TemporaryDirectory(prefix=PREFIX, dir=scratch_folder()) as name, Path(name, _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield Path(name)


def remove_abandoned() -> None:
    """Removes folders whose process was killed: nobody holds their lock."""
    oldest = time.time() - _YOUNG_SECONDS
    for path in scratch_folder().glob(f"{PREFIX}*/{_LOCK}"):
        # Another user's, or just removed by its own process: it is theirs.
        with suppress(OSError):
            _remove_if_abandoned(path, oldest)


def _remove_if_abandoned(lock: Path, oldest: float) -> None:
    with lock.open("r+") as held:
        if os.fstat(held.fileno()).st_mtime < oldest:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent)

"""A data folder belongs to one running instance: two would each take the other's workers for lost."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deltarule.cli.failures import CommandError

LOCK = "lock"
TEMPORARY = "temporary"


@contextmanager
def held(folder: Path) -> Iterator[Path]:
    """Make the folder if it is not there, and keep every other instance out of it.

    Answers an empty folder in it for temporary files. Raises CommandError when it is in use or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(folder, error) from error
    try:
        _lock(folder, lock)
        yield _emptied(folder / TEMPORARY)
    finally:
        os.close(lock)


def _lock(folder: Path, lock: int) -> None:
    # The system lets go of it with the process, however that ends.
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 32, 0).decode(errors="replace").strip()
        raise CommandError(
            f"The data folder {folder} is in use by another `deltarule up`{f' (process {holder})' if holder else ''}.",
            "Stop that one first, or choose another folder with --data.",
        ) from None
    except OSError as error:
        raise unusable(folder, error) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _emptied(folder: Path) -> Path:
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise unusable(folder.parent, error) from error
    return folder


def unusable(folder: Path, error: OSError) -> CommandError:
    """Why the data folder cannot be used, in a sentence."""
    reason = {
        PermissionError: "it is not writable by this user",
        NotADirectoryError: "something in its path is not a folder",
        FileExistsError: "there is a file of that name",
    }.get(type(error), error.strerror or str(error))
    return CommandError(
        f"The data folder {folder} cannot be used: {reason}.", "Choose another with --data or DELTARULE_DATA."
    )

"""A running instance writes down where it listens; whoever needs one only for a while holds it with a lock."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deltarule.cli.supervision.folder import unusable
from deltarule.cli.supervision.identity import Identity

ADDRESS = "address"
USERS = "users"
STARTING = "starting"


@contextmanager
def presence(folder: Path) -> Iterator[Path]:
    """The file for the address of this instance, which is gone afterwards; only for who holds the folder."""
    file = folder / ADDRESS
    file.unlink(missing_ok=True)
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def tell(file: Path, url: str) -> None:
    """Write down where this process listens, whole or not at all."""
    part = file.with_suffix(".part")
    part.write_text(f"{Identity.of('up', os.getpid())}\n{url}\n")
    part.replace(file)


def address_of(folder: Path) -> str | None:
    """Where the instance of this folder listens; None where none does, also after one was killed."""
    with suppress(OSError, ValueError):
        owner, url = (folder / ADDRESS).read_text().splitlines()
        identity = Identity.read(owner)
        if identity is not None and not identity.gone(one_machine=True):
            return url
    return None


@contextmanager
def used(folder: Path) -> Iterator[None]:
    """Keep an instance that ends with its last user from ending; waits for one that is just about to."""
    with _locked(folder / USERS, fcntl.LOCK_SH):
        yield


@contextmanager
def starting(folder: Path) -> Iterator[None]:
    """Be the only one who looks for an instance and starts one."""
    with _locked(folder / STARTING, fcntl.LOCK_EX):
        yield


@contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Whether nobody uses the instance of this folder; nobody can begin to before this is over."""
    with _locked(folder / USERS, fcntl.LOCK_EX | fcntl.LOCK_NB) as got:
        yield got


@contextmanager
def _locked(file: Path, how: int) -> Iterator[bool]:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable(file.parent, error) from error
    try:
        yield _got(descriptor, how)
    finally:
        os.close(descriptor)  # lets go of the lock too


def _got(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    return True

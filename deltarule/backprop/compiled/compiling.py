"""Compiled once for all networks, kept on disk, and never while a job is waiting.

Of the freedoms that a compiler may take with floating-point numbers the kernels give it two, to regroup a sum and to
contract a product and a sum into one rounding. They never promise it that NaN and infinity don't occur: the watch for
divergence lives on them.
"""

import fcntl
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

import numba as typed_numba
import platformdirs

from deltarule.backprop.compiled.blas import load_blas
from deltarule.backprop.compiled.pieces import PieceCompiler, WholeCompiler

numba: Any = typed_numba
"""Numba as it is used here: its own types say that a compiled function is none."""

F = TypeVar("F", bound=Callable[..., object])

PATIENCE_SECONDS = 120.0
"""How long to wait for another process to compile, which takes half a minute where it has a processor to itself."""
PAUSE_SECONDS = 0.1
SOURCES = Path(__file__).resolve().parent

# Before Numba looks for it, which it does when it is asked for the first function.
load_blas()

_FREEDOMS = frozenset({"reassoc", "contract"})
_EXACT = frozenset({"contract"})


def kernel(function: F) -> F:
    """A piece of the compiled epoch, compiled together with whoever calls it."""
    return _piece(function, _FREEDOMS)


def exact(function: F) -> F:
    """A piece whose sums must stay in the order they are written in, such as a number in two halves."""
    return _piece(function, _EXACT)


def _piece(function: F, freedoms: frozenset[str]) -> F:
    compiled: F = numba.njit(
        error_model="numpy",
        fastmath=set(freedoms),
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=PieceCompiler,
    )(function)
    return compiled


def intrinsic(function: Callable[..., Any]) -> Any:  # noqa: ANN401 - what kernels call has other arguments
    """A piece that writes its own machine instructions; it is called without its first argument."""
    return numba.extending.intrinsic(function)


def entry(function: F) -> F:
    """What the interpreter calls: compiled at the first call for a dtype, and then read from disk.

    It lets the interpreter's other threads run meanwhile: a batch may take minutes, and its job's lease is renewed.
    """
    folder, before = cache_folder(), numba.config.CACHE_DIR
    options = {"error_model": "numpy", "fastmath": set(_FREEDOMS), "nogil": True, "cache": folder is not None}
    numba.config.CACHE_DIR = str(folder or before)
    try:
        compiled: F = numba.njit(**options, pipeline_class=WholeCompiler)(function)
    finally:
        numba.config.CACHE_DIR = before
    return compiled


@contextmanager
def alone(patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """One process of an installation at a time: one compiles, and others that start meanwhile read its code afterwards.

    After so many seconds a process comes in beside the one that is there: compiling twice is slower, and no harm.
    """
    folder = cache_folder()
    if folder is None:
        yield
        return
    # Numba keeps its code by the place of the sources, so that other installations have nothing to wait for.
    with (folder / f"compiling-{_digest(str(SOURCES).encode())}.lock").open("w") as lock:
        _wait(lock, patience)
        yield


def _wait(lock: IO[str], patience: float) -> None:
    """Take the lock, or go on without it."""
    end = time.monotonic() + patience
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() >= end:
            return
        time.sleep(PAUSE_SECONDS)


def cache_folder() -> Path | None:
    """Where compiled code is kept: the first folder that can be written to; None when there is none.

    `NUMBA_CACHE_DIR` comes first, then the user's cache folder, then one of the user's own among the temporary files.
    Inside is a folder for each version of the kernels, since Numba itself looks at one file only.
    """
    return next((path for path in (base / kernels_version() for base in _bases()) if _writable(path)), None)


def _bases() -> Iterator[Path]:
    if numba.config.CACHE_DIR:
        yield Path(numba.config.CACHE_DIR)
    yield Path(platformdirs.user_cache_dir("deltarule")) / "compiled"
    yield Path(tempfile.gettempdir()) / f"deltarule-{os.getuid()}" / "compiled"


@cache
def kernels_version() -> str:
    """A name for the kernels as they are written now."""
    return _digest(b"".join(source.read_bytes() for source in sorted(SOURCES.glob("*.py"))))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _writable(folder: Path) -> bool:
    """Whether this process can keep its code there, and nobody else can put some of theirs."""
    try:
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return False
    owner = folder.stat()
    return owner.st_uid == os.getuid() and not owner.st_mode & stat.S_IWOTH

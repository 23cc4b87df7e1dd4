"""Why a worker was lost, in the words of whoever saw it go, and what the owner of its job may change."""

import signal
from dataclasses import dataclass

SMALLER = "try a smaller network, a smaller batch or fewer rows, or give the workers more memory"
LOG = "the worker's log tells more under the job's id"


@dataclass(frozen=True, slots=True)
class Loss:
    """How a worker went: `words` go on from "the worker ...", `advice` is what to do about it."""

    words: str
    advice: str


SILENT = Loss("fell silent until its lease ran out", f"its machine may have had too little memory: {SMALLER}")
GONE = Loss("was gone when its machine was looked at", LOG)
KILLED = Loss("was killed (signal 9, SIGKILL)", f"most likely for want of memory: {SMALLER}")
CRASHED = Loss(
    "crashed with a segmentation fault (signal 11, SIGSEGV)",
    f"most likely a fault of Deltarule or of a library it uses: {LOG}",
)
ABORTED = Loss("was aborted (signal 6, SIGABRT)", f"most likely because a library found too little memory: {SMALLER}")
BY_SIGNAL: dict[int, Loss] = {signal.SIGKILL: KILLED, signal.SIGSEGV: CRASHED, signal.SIGABRT: ABORTED}
STALLED = Loss(
    "did not get on for longer than it may and was ended",
    "try a smaller network or a smaller batch; the operator may raise DELTARULE_STALL_SECONDS",
)
STALLED_EXIT = 70
"""The exit code by which a worker says that it has ended itself, because a step of its job hung."""


def of_exit(code: int) -> Loss:
    """The loss of a process that ended with this code; a signal is negative."""
    if code == STALLED_EXIT:
        return STALLED
    return BY_SIGNAL.get(-code) or Loss(exit_words(code), LOG)


def exit_words(code: int) -> str:
    """How a process with this exit code ended."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"was ended by signal {-code}"

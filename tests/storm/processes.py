"""Which processes a stack consists of, read from /proc, so that any of them may be picked and hurt."""

import os
import signal
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def children(parent: int) -> list[int]:
    """The processes that this one has started and that still run."""
    return _parents().get(parent, [])


def family(parent: int) -> list[int]:
    """Every process below this one."""
    started = _parents()

    def below(pid: int) -> list[int]:
        return [each for child in started.get(pid, []) for each in (child, *below(child))]

    return below(parent)


def _parents() -> dict[int, list[int]]:
    """The living children of every process that has any."""
    found = defaultdict(list)
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # Behind the name, which may hold anything.
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(parent)].append(int(status.parent.name))
    return found


def command_line(pid: int) -> str:
    """The words that a process was started with; empty when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def marked(word: str) -> list[int]:
    """The processes that have this word in their environment, whoever their parent is by now."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if word.encode() in environment.read_bytes():
                found.append(int(environment.parent.name))
    return found


def memory(pid: int) -> int:
    """The resident memory of a process, in bytes; 0 when it is gone."""
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def send(pids: Iterable[int], number: signal.Signals) -> int:
    """Send a signal to each of these processes; how many of them were still there."""
    sent = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            sent += 1
    return sent

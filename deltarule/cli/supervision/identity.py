"""Which process a worker is: a name that no other process ever has, so that a dead one is never taken for a living.

A process id is given to another process sooner or later, and means nothing on another machine or in another container.
So the name also holds the boot of the machine, the room that process ids are counted in, and when the process began.
"""

import hashlib
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

BOOT = Path("/proc/sys/kernel/random/boot_id")
ROOM = Path("/proc/self/ns/pid")
ENDED = frozenset({"Z", "X"})
"""States of a process that has ended, whether or not somebody has waited for it yet."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A worker's process: `name` such as "worker1@host", `boot` and `room` of its process id, `began` in clock ticks.

    As a string, "worker1@host/1234/boot.room.began". Where the system does not tell, a part is empty, and nothing is
    ever said to be gone.
    """

    name: str
    pid: int
    boot: str
    room: str
    began: str

    @classmethod
    def of(cls, name: str, pid: int) -> Self:
        """The process of this id, which runs on this machine, or has just ended and was not waited for yet."""
        return cls(name, pid, boot(), room(), began(pid))

    @classmethod
    def read(cls, owner: str) -> Self | None:
        """What the string stands for; None when it is of another kind."""
        name, _, rest = owner.partition("/")
        pid, _, incarnation = rest.partition("/")
        parts = incarnation.split(".")
        if not pid.isdigit() or len(parts) != len(("boot", "room", "began")):
            return None
        return cls(name, int(pid), *parts)

    def __str__(self) -> str:
        return f"{self.name}/{self.pid}/{self.boot}.{self.room}.{self.began}"

    def gone(self, *, one_machine: bool = False) -> bool:
        """Whether the process is known to have ended; of one on another machine that is not known.

        `one_machine`: whether everything that can have such a name runs on this machine, so that one from before its
        last start has ended.
        """
        if not self.boot or not boot():
            return False
        if self.boot != boot():
            return one_machine
        return self.room == room() and (self.began != began(self.pid) or state(self.pid) in ENDED)


def named(part: str) -> str:
    """What Celery calls the worker that was started as `part`."""
    return f"{part}@{socket.gethostname()}"


def boot() -> str:
    """What tells this start of the machine from any other."""
    with suppress(OSError):
        return hashlib.sha256(BOOT.read_bytes()).hexdigest()[:8]
    return ""


def room() -> str:
    """What tells process ids of here from those of another container; as a number."""
    with suppress(OSError):
        return "".join(letter for letter in str(ROOM.readlink()) if letter.isdigit())
    return ""


def began(pid: int) -> str:
    """When the process began, in clock ticks since the machine's start; empty when there is none."""
    return _fact(pid, 19)


def state(pid: int) -> str:
    """How the process is, as a letter of the system's; empty when there is none."""
    return _fact(pid, 0)


def _fact(pid: int, number: int) -> str:
    with suppress(OSError, IndexError):
        # Behind the name, which may hold anything: the state is the first, the start the 20th.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[number]
    return ""

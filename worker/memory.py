"""A training that takes more memory than it may fails with words, and before the machine ends somebody else for it."""

import resource
import sys
from contextlib import suppress
from pathlib import Path

STATUS = Path("/proc/self/status")
SHARE = 2
"""How many times what a run is estimated to need it may take: for reading its data, and for what no estimate knows."""
EXTRA_BYTES = 1024 * 1024 * 1024
"""What every run may take besides: room that allocators set aside, stacks of threads."""


def allowance(memory_limit_bytes: int, worker_memory_bytes: int | None) -> int:
    """How many bytes the jobs of a worker may take, beyond what it has before its first one."""
    return SHARE * memory_limit_bytes + EXTRA_BYTES if worker_memory_bytes is None else worker_memory_bytes


def limit_memory(nbytes: int) -> None:
    """Let every attempt of this process to take so many bytes more than it has now end in MemoryError.

    It is data that is counted, private and writable, and not addresses: files are mapped and room is reserved in sizes
    that say nothing. Where the system does not tell how much there is already, nothing is limited.
    """
    has = _data_bytes()
    if has is None:
        return
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = has + nbytes
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


def _data_bytes() -> int | None:
    """The private writable memory of this process, in bytes, as Linux counts it against the limit."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, ValueError):
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmData:"):
                return int(line.split()[1]) * 1024
    return None

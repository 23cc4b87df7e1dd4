"""What the last bit of a training depends on besides its definition and data, as one short name.

The order in which a sum is taken follows from the program, from the libraries under it and from what the processor can
do. Where one of them differs a training goes on just as well, with other bits. How many threads share a product is not
in it: whoever sets their number keeps it with the job.
"""

import hashlib
import platform
from functools import cache
from pathlib import Path

_PROCESSORS = Path("/proc/cpuinfo")
_KIND = ("model name", "flags", "CPU part", "Features")


def version_of(*parts: str) -> str:
    """A name for a program and the libraries under it, on this machine: 16 hexadecimal digits."""
    text = "\n".join([*parts, *_processor(_PROCESSORS)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _processor(told: Path) -> tuple[str, ...]:
    """The kind of processor: a library chooses its instructions by it. Asked once: the kernel takes its time."""
    if not told.exists():
        return platform.machine(), platform.processor()
    first = told.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    return tuple(line for line in first if line.split("\t")[0].strip() in _KIND)

"""How fast the machine is just now: a little work, again and again beside what is measured."""

import statistics
import time
from dataclasses import dataclass, field

ADDITIONS = 200_000


@dataclass
class Speedometer:
    """Takes the time of adding numbers one by one in Python; `looks` are nanoseconds for each."""

    looks: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Look once, for about ten milliseconds."""
        began, total = time.perf_counter(), 0
        for number in range(ADDITIONS):
            total += number
        self.looks.append((time.perf_counter() - began) / ADDITIONS * 1e9)

    def __str__(self) -> str:
        """For people: what was usual, and the tenth part at either end."""
        cuts, median = statistics.quantiles(self.looks, n=10), statistics.median(self.looks)
        return (
            f"an addition in Python took {median:.0f} ns, the median of {len(self.looks)} looks "
            f"({cuts[0]:.0f} to {cuts[-1]:.0f} in eight of ten)"
        )

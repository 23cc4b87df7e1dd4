"""Where a number may lie: the range of an activation, the domain of a loss, the values of a target."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Interval:
    """The real numbers from `low` to `high`; an infinite end never belongs to it."""

    low: float = -math.inf
    high: float = math.inf
    includes_low: bool = True
    includes_high: bool = True

    def contains(self, other: "Interval") -> bool:
        """True when every number of `other` is one of this interval's too."""
        low_fits = self.low < other.low or (self.low == other.low and (self.includes_low or not other.includes_low))
        high_fits = self.high > other.high or (
            self.high == other.high and (self.includes_high or not other.includes_high)
        )
        return low_fits and high_fits

    def holds(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """For each of `values`, whether it lies in the interval; NaN does not."""
        above = values >= self.low if self.includes_low else values > self.low
        below = values <= self.high if self.includes_high else values < self.high
        inside: NDArray[np.bool_] = np.isfinite(values) & above & below
        return inside

    def __str__(self) -> str:
        """In words: "at least 0 and at most 1", "above 0", "any number"."""
        low = f"{'at least' if self.includes_low else 'above'} {self.low:g}"
        high = f"{'at most' if self.includes_high else 'below'} {self.high:g}"
        ends = [low] * math.isfinite(self.low) + [high] * math.isfinite(self.high)
        return " and ".join(ends) or "any number"


REAL = Interval()
POSITIVE = Interval(0, includes_low=False)
NOT_NEGATIVE = Interval(0)
UNIT = Interval(0, 1)

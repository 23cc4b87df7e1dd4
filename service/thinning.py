"""A long history in fewer points, in which every spike still stands."""

import math
from collections.abc import Sequence

from deltarule.store.records import HistoryRow

FEWEST_POINTS = 10


def best_of(rows: Sequence[HistoryRow]) -> HistoryRow | None:
    """The row of the lowest validation loss, or of the lowest training loss where nothing was validated."""
    name = measured(rows)[-1]
    known = [row for row in rows if getattr(row, name) is not None]
    return min(known, key=lambda row: float(getattr(row, name)), default=None)


def measured(rows: Sequence[HistoryRow]) -> tuple[str, ...]:
    """The losses that these rows have."""
    validated = any(row.validation_loss is not None for row in rows)
    return ("training_loss", "validation_loss") if validated else ("training_loss",)


def thinned(rows: Sequence[HistoryRow], points: int) -> tuple[HistoryRow, ...]:
    """At most `points` of these rows (10 or more), in order: the first, the last, the best, and of each stretch the
    lowest and the highest of each loss. A training loss that is not finite counts as the highest.
    """
    if len(rows) <= points:
        return tuple(rows)
    names = measured(rows)
    best = best_of(rows)
    kept = {0, len(rows) - 1, *([rows.index(best)] if best else [])}
    stretches = max(1, (points - 3) // (2 * len(names)))
    for number in range(stretches):
        stretch = range(number * len(rows) // stretches, (number + 1) * len(rows) // stretches)
        for name in names:
            kept.add(min(stretch, key=lambda index: _height(rows[index], name, math.inf)))
            # An epoch without validation is no spike of the validation loss.
            unknown = math.inf if name == "training_loss" else -math.inf
            kept.add(max(stretch, key=lambda index: _height(rows[index], name, unknown)))
    return tuple(rows[index] for index in sorted(kept))


def _height(row: HistoryRow, name: str, unknown: float) -> float:
    loss: float | None = getattr(row, name)
    return unknown if loss is None else loss

"""Of a large layer some units are shown, the rest is folded: a drawing is to be read, and what is sent stays small."""

from collections.abc import Sequence
from typing import TypeVar

MOST_UNITS = 6
FEWEST_UNITS = 2
MOST_IN_ALL = 48
"""Units of all layers together, where that leaves each of them some."""
T = TypeVar("T")


def most_units(layers: int) -> int:
    """How many units of a layer are shown in a network of so many."""
    return max(FEWEST_UNITS, min(MOST_UNITS, MOST_IN_ALL // layers))


def most_lines(layers: int) -> int:
    """How many formulas of one step are told with their numbers: as many as two for each unit."""
    return 2 * most_units(layers)


def near(layers: int) -> int:
    """How many columns to both sides of the active one show their numbers."""
    return 1 + most_units(layers) // 2


def cut(items: Sequence[T], most: int) -> tuple[tuple[T, ...], int]:
    """The first of the items, and how many are left; one alone is never folded."""
    shown = items if len(items) <= most + 1 else items[:most]
    return tuple(shown), len(items) - len(shown)

"""The order in which an epoch takes its rows: one permutation of all of them, or, where they lie in a file, of blocks.

Rows that follow each other make a block. An epoch takes the blocks in a shuffled order, `GROUP` of them at a time, and
shuffles the rows of such a group: a file is read in long stretches, and no more than a group's rows are numbered at
once. All of it follows from seed, epoch and position, so that an epoch may be begun anywhere.
"""

from dataclasses import dataclass

import numpy as np

from deltarule.backprop.definition import Plan
from deltarule.backprop.numerics import Indices
from deltarule.backprop.randomness import order_in_group, order_of_blocks, order_of_rows

GROUP = 16
"""Blocks whose rows are shuffled together."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of an epoch's order.

    Attributes:
        epoch: from 0.
        start: the position in the epoch where it begins, from 0.
        rows: the numbers of the rows that are taken from there on.
        blocks: the blocks that they come from; empty where there are none.
    """

    epoch: int
    start: int
    rows: Indices
    blocks: Indices

    @property
    def stop(self) -> int:
        """The position behind the last."""
        return self.start + len(self.rows)

    def holds(self, epoch: int, position: int) -> bool:
        """Whether a position of an epoch is in it."""
        return self.epoch == epoch and self.start <= position < self.stop


def window(plan: Plan, rows: int, epoch: int, position: int) -> Window:
    """The window of an epoch that holds a position, of so many shuffled rows."""
    if plan.shuffle_block is None:
        return Window(epoch, 0, order_of_rows(plan.seed, epoch, rows), np.empty(0, np.intp))
    return _group(plan.seed, plan.shuffle_block, rows, epoch, position)


def window_rows(plan: Plan, rows: int) -> int:
    """The most rows that a window has."""
    return rows if plan.shuffle_block is None else min(rows, GROUP * plan.shuffle_block)


def number_of_blocks(plan: Plan, rows: int) -> int:
    """Blocks of so many rows; the last may have fewer than the others."""
    return 0 if plan.shuffle_block is None else -(-rows // plan.shuffle_block)


def _group(seed: int, block: int, rows: int, epoch: int, position: int) -> Window:
    """The group that a position is in; behind the one short block every position is so many rows earlier."""
    count = -(-rows // block)
    blocks = order_of_blocks(seed, epoch, count)
    short, missing = int(np.argmax(blocks)), count * block - rows
    behind = position >= (short + 1) * block - missing
    number = (position + missing * behind) // (GROUP * block)
    first = number * GROUP
    members = blocks[first : first + GROUP]
    taken = np.concatenate([np.arange(one * block, min((one + 1) * block, rows)) for one in members])
    order = order_in_group(seed, epoch, number, len(taken))
    return Window(epoch, first * block - missing * (short < first), taken[order], members)

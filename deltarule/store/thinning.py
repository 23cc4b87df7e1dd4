"""A history is bounded: of very many epochs, one in 2, 4, 8, ... is kept, and always the first, the last and the best.

Which epochs are kept is decided when a job is queued, by how many are planned: interruptions change nothing about it.
"""

MOST_ROWS = 10_000
"""Epochs that a history keeps at most."""
MARKED = 3
"""The first, the last and the best epoch, which are kept in any case."""


def history_every(epochs: int) -> int:
    """Of how many epochs one is kept where so many are planned: a power of two, 1 where all are kept."""
    every = 1
    while epochs > MOST_ROWS and epochs // every + MARKED > MOST_ROWS:
        every *= 2
    return every


def in_step(epoch: int, every: int) -> bool:
    """Whether this epoch, counted from 1, is one of those that are kept whatever comes of it."""
    return epoch == 1 or epoch % every == 0

"""Time is measured around calls and handed out to epochs; how much fits into a call is learned from the last one."""

QUARTER = 0.25
"""A call to the trainer is made to last about this part of the time given, so that the end is not overrun by much."""

GROWTH = 8
"""A call trains at most so many times the batches of the one before; a first guess of one batch is soon corrected."""


class Pace:
    """How many batches fit into a stretch of time."""

    def __init__(self) -> None:
        self.batches = 1

    def learn(self, took: float, wanted: float) -> None:
        """Sets `batches` by the seconds that the last call took, so that the next takes about a quarter of `wanted`."""
        factor = GROWTH if took <= 0 else min(GROWTH, QUARTER * wanted / took)
        self.batches = max(1, int(self.batches * factor))


def share(carried: float, took: float, batches: tuple[int, int], batches_per_epoch: int) -> tuple[list[float], float]:
    """Shares the seconds of a call among the epochs it worked on, each batch alike.

    Args:
        carried: seconds spent before on the epoch under way.
        took: seconds of the call.
        batches: batches done in all, before the call and after it.
        batches_per_epoch: how many make an epoch.

    Returns:
        The seconds of each epoch completed, and those spent so far on the one under way.
    """
    done, after = batches
    each = took / (after - done) if after > done else 0.0
    epochs: list[float] = []
    while done // batches_per_epoch < after // batches_per_epoch:
        rest = batches_per_epoch - done % batches_per_epoch
        epochs.append(carried + rest * each)
        carried, done = 0.0, done + rest
    return epochs, carried + (after - done) * each

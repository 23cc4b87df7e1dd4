"""Time is measured around calls and handed out to epochs; how much fits into a call is learned from the last one."""

GROWTH = 8
"""A call trains at most so many times the batches of the one before; a first guess of one batch is soon corrected."""

ENOUGH = 0.8
"""When this part of the time given has passed, the rest is not worth a call of its own."""


class Pace:
    """How many batches fit into a stretch of time."""

    def __init__(self) -> None:
        self._batches, self._took = 0, 0.0

    def learn(self, batches: int, took: float) -> None:
        """Takes so many seconds for so many batches as what is to be expected."""
        self._batches, self._took = batches, took

    def fitting(self, seconds: float) -> int:
        """The batches of the next call, at least one, so that it lasts about so long."""
        if not self._batches:
            return 1
        most = self._batches * GROWTH
        return most if self._took <= 0 else max(1, min(most, int(seconds * self._batches / self._took)))


def batches_left(done: int, batches_per_epoch: int) -> int:
    """Batches from there to the end of the epoch; all of one where it only begins."""
    return batches_per_epoch - done % batches_per_epoch


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
        rest = batches_left(done, batches_per_epoch)
        epochs.append(carried + rest * each)
        carried, done = 0.0, done + rest
    return epochs, carried + (after - done) * each

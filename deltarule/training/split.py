"""Rows to learn from and rows to be measured on, settled by the seed and by nothing else."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]

_SPLIT = 2
"""What the random stream is for, so that it is none of those that backpropagation draws from."""


def split(rows: int, fraction: float, seed: int, classes: Rows | None = None) -> tuple[Rows, Rows]:
    """Row numbers to train on and to validate on, both ascending.

    About `fraction` of the rows are for validation, at least one where the fraction is not 0, and never the last one to
    train on. With the number of each row's class, every class gives its share, and none gives its last row.
    """
    if classes is None:
        classes = np.zeros(rows, np.intp)
    taken = _shares(np.bincount(classes), fraction)
    is_validation = _drawn(classes, taken, _generator(seed))
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)


class Split:
    """The same for rows that come in parts, of which only the number is known before: decided part by part.

    Every class gives exactly its share, and each way of giving it is as likely: the rows that a part gives of a class
    are hypergeometrically distributed. The same parts are split in the same way each time.
    """

    def __init__(self, sizes: Rows, fraction: float, seed: int) -> None:
        """A split of rows, so many of each class."""
        self.taken = _shares(sizes, fraction)
        self._wanted, self._left = self.taken.copy(), sizes.copy()
        self._generator = _generator(seed)

    def next(self, classes: Rows) -> NDArray[np.bool_]:
        """For each row of the next part, told by its class, whether it is for validation."""
        sizes = np.bincount(classes, minlength=len(self._left))
        taken = self._generator.hypergeometric(self._wanted, self._left - self._wanted, sizes)
        self._wanted -= taken
        self._left -= sizes
        return _drawn(classes, taken, self._generator)


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_SPLIT,)))


def _drawn(classes: Rows, taken: Rows, generator: np.random.Generator) -> NDArray[np.bool_]:
    """For each row whether it is drawn: so many of each class, by chance."""
    sizes = np.bincount(classes, minlength=len(taken))
    shuffled = generator.permutation(len(classes))
    by_class = shuffled[np.argsort(classes[shuffled], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(classes)) - np.repeat(starts, sizes)
    drawn = np.zeros(len(classes), np.bool_)
    drawn[by_class[place < np.repeat(taken, sizes)]] = True
    return drawn


def _shares(sizes: Rows, fraction: float) -> Rows:
    """Rows that each class gives, by the method of largest remainders; they come to round(fraction × rows) at most."""
    if fraction == 0:
        return np.zeros_like(sizes)
    wanted = max(1, round(fraction * int(sizes.sum())))
    most = np.maximum(sizes - 1, 0)
    exact = sizes * fraction
    shares: Rows = np.minimum(np.floor(exact).astype(np.intp), most)
    by_remainder = np.argsort(-(exact - shares), kind="stable")
    for at in by_remainder[: max(0, wanted - int(shares.sum()))]:
        shares[at] += shares[at] < most[at]
    return shares

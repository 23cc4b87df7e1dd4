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
    sizes = np.bincount(classes)
    taken = _shares(sizes, fraction)
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_SPLIT,)))
    shuffled = generator.permutation(rows)
    by_class = shuffled[np.argsort(classes[shuffled], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    place = np.arange(rows) - np.repeat(starts, sizes)
    is_validation = place < np.repeat(taken, sizes)
    return np.sort(by_class[~is_validation]), np.sort(by_class[is_validation])


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

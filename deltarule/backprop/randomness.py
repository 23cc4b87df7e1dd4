"""Every random choice is a pure function of the seed and of what it is for, so that nothing has to be remembered.

A training cut at any batch goes on with the same bits: the order of an epoch and the dropout of a step are not drawn
from a stream that was somewhere, they are computed from the epoch's and the step's number.
"""

import numpy as np
from numpy.typing import NDArray

from deltarule.backprop.numerics import Array, Indices

Words = NDArray[np.uint64]

_WEIGHTS, _ORDER, _BLOCKS = 0, 1, 3
"""What a stream is for, so that no two purposes share one; 2 is the split into training and validation rows."""

_WORD = 2**64 - 1
_GAMMA = 0x9E3779B97F4A7C15
_FIRST_FACTOR = 0xBF58476D1CE4E5B9
_SECOND_FACTOR = 0x94D049BB133111EB


def weights_generator(seed: int, layer: int) -> np.random.Generator:
    """The generator of the initial weights of one layer (from 0)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_WEIGHTS, layer)))


def order_of_rows(seed: int, epoch: int, rows: int) -> Indices:
    """The shuffled row numbers of one epoch (from 0)."""
    return _permutation(seed, (_ORDER, epoch), rows)


def order_of_blocks(seed: int, epoch: int, blocks: int) -> Indices:
    """The shuffled block numbers of one epoch (from 0)."""
    return _permutation(seed, (_BLOCKS, epoch, 0), blocks)


def order_in_group(seed: int, epoch: int, group: int, rows: int) -> Indices:
    """In which order one epoch takes the rows of its group (from 0) of blocks."""
    return _permutation(seed, (_BLOCKS, epoch, group + 1), rows)


def _permutation(seed: int, key: tuple[int, ...], size: int) -> Indices:
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
    return generator.permutation(size).astype(np.intp, copy=False)


def mix(word: int) -> int:
    """The output function of SplitMix64 (G. Steele, D. Lea, C. Flood, 2014): 64 bits in, 64 well-mixed bits out."""
    word = ((word ^ (word >> 30)) * _FIRST_FACTOR) & _WORD
    word = ((word ^ (word >> 27)) * _SECOND_FACTOR) & _WORD
    return word ^ (word >> 31)


def dropout_key(seed: int, step: int, layer: int) -> int:
    """Where the random words of one layer in one step begin."""
    return mix(mix(mix((seed + _GAMMA) & _WORD) ^ step) ^ ((layer * _GAMMA) & _WORD))


class DropoutMask:
    """The inverted dropout of one layer: 0 for what is dropped, 1 / (1 - rate) for what stays.

    Element i of the mask is SplitMix64's word number i from the key of seed, step and layer: a counter-based generator,
    the same whole or in parts and in any language, with all its arrays made once.
    """

    def __init__(self, rate: float, values: Array) -> None:
        """Prepares masks of the shape of `values` (n × units), which they are written to."""
        self._values = values
        self._threshold = np.uint64(int(rate * 2.0**64))
        self._scale = 1 / (1 - rate)
        self._counters = np.arange(1, values.size + 1, dtype=np.uint64) * np.uint64(_GAMMA)
        self._words = np.empty_like(self._counters)
        self._shifted = np.empty_like(self._counters)

    def draw(self, key: int) -> None:
        """Writes the mask of `key` to the array given at the start."""
        words = np.add(self._counters, np.uint64(key), out=self._words)
        self._stir(words, 30, _FIRST_FACTOR)
        self._stir(words, 27, _SECOND_FACTOR)
        self._stir(words, 31, 1)
        np.greater_equal(words.reshape(self._values.shape), self._threshold, out=self._values)
        np.multiply(self._values, self._scale, out=self._values)

    def _stir(self, words: Words, shift: int, factor: int) -> None:
        np.right_shift(words, np.uint64(shift), out=self._shifted)
        np.bitwise_xor(words, self._shifted, out=words)
        np.multiply(words, np.uint64(factor), out=words)

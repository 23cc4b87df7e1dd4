"""The same random choices as `deltarule.backprop.randomness`, word for word, without the interpreter.

The order of an epoch is what NumPy answers: SeedSequence (M. O'Neill's seed_seq, 2015) hashes seed and epoch into the
state of a PCG64 generator (M. O'Neill, 2014), whose words shuffle the rows (R. Fisher, F. Yates).
"""

# A field of a record is Any to NumPy's own types.
# mypy: disable-error-code="no-any-return"

import numpy as np
from numpy.typing import NDArray

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.numerics import Array, Indices

Words = NDArray[np.uint64]
U = np.uint64

_LOW = U(0xFFFFFFFF)
_HALF = U(32)
_XOR_SHIFT = U(16)
_ONE = U(1)

_HASH_START, _HASH_FACTOR = U(0x43B0D7E5), U(0x931E8875)
_STATE_START, _STATE_FACTOR = U(0x8B51F9DD), U(0x58F38DED)
_MIX_LEFT, _MIX_RIGHT = U(0xCA01F9DD), U(0x4973F715)
_POOL = 4

_PCG_HIGH, _PCG_LOW = U(0x2360ED051FC65DA4), U(0x4385DF649FCCF645)
_ROTATION = U(58)
_WORD_BITS = U(63)

_GAMMA = U(0x9E3779B97F4A7C15)
_FIRST_FACTOR = U(0xBF58476D1CE4E5B9)
_SECOND_FACTOR = U(0x94D049BB133111EB)
_SHIFTS = U(30), U(27), U(31)

_ORDER, _BLOCKS = U(1), U(3)
"""What the orders of rows, and those of blocks, begin their spawn keys with; the epoch follows."""

_NO_PART = -1


@kernel
def mix(word: np.uint64) -> np.uint64:
    """The output function of SplitMix64."""
    word = (word ^ (word >> _SHIFTS[0])) * _FIRST_FACTOR
    word = (word ^ (word >> _SHIFTS[1])) * _SECOND_FACTOR
    return word ^ (word >> _SHIFTS[2])


@kernel
def dropout_key(seed: int, step: int, layer: int) -> np.uint64:
    """Where the random words of one layer in one step begin."""
    return mix(mix(mix(U(seed) + _GAMMA) ^ U(step)) ^ (U(layer) * _GAMMA))


@kernel
def draw_mask(mask: Array, key: np.uint64, threshold: np.uint64, scale: float) -> None:
    """Inverted dropout into a flat mask: 0 where a word is below the threshold, else the scale."""
    real = mask.dtype.type
    kept, dropped = real(scale), real(0)
    for i in range(mask.size):
        mask[i] = dropped if mix(U(i + 1) * _GAMMA + key) < threshold else kept


@kernel
def _hash(value: np.uint64, state: np.uint64, factor: np.uint64) -> tuple[np.uint64, np.uint64]:
    """One 32-bit word hashed, and the hash's next state."""
    following = (state * factor) & _LOW
    hashed = ((value ^ state) * following) & _LOW
    return hashed ^ (hashed >> _XOR_SHIFT), following


@kernel
def _join(left: np.uint64, right: np.uint64) -> np.uint64:
    joined = (_MIX_LEFT * left - _MIX_RIGHT * right) & _LOW
    return joined ^ (joined >> _XOR_SHIFT)


@kernel
def _fill_pool(pool: Words, entropy: Words) -> None:
    """Every word of the entropy into every word of the pool."""
    state = _HASH_START
    for i in range(_POOL):
        pool[i], state = _hash(entropy[i], state, _HASH_FACTOR)
    for source in range(_POOL):
        for i in range(_POOL):
            if i != source:
                hashed, state = _hash(pool[source], state, _HASH_FACTOR)
                pool[i] = _join(pool[i], hashed)
    for source in range(_POOL, entropy.size):
        for i in range(_POOL):
            hashed, state = _hash(entropy[source], state, _HASH_FACTOR)
            pool[i] = _join(pool[i], hashed)


@kernel
def _seed_words(seed: int, purpose: np.uint64, epoch: int, part: int, words: Words) -> None:
    """What SeedSequence(seed, spawn_key=(purpose, epoch, part)) generates: four words of 64 bits.

    Without a part the spawn key ends with the epoch.
    """
    entropy, pool = words[8:14] if part == _NO_PART else words[8:15], words[4:8]
    entropy[:] = U(0)
    entropy[0], entropy[1] = U(seed) & _LOW, U(seed) >> _HALF
    entropy[4], entropy[5] = purpose, U(epoch)
    if part != _NO_PART:
        entropy[6] = U(part)
    _fill_pool(pool, entropy)
    state = _STATE_START
    for i in range(_POOL):
        low, state = _hash(pool[(2 * i) % _POOL], state, _STATE_FACTOR)
        high, state = _hash(pool[(2 * i + 1) % _POOL], state, _STATE_FACTOR)
        words[i] = low | (high << _HALF)


@kernel
def _high_product(a: np.uint64, b: np.uint64) -> np.uint64:
    """The upper 64 bits of a product of 64-bit words."""
    a_high, a_low, b_high, b_low = a >> _HALF, a & _LOW, b >> _HALF, b & _LOW
    first = a_high * b_low + ((a_low * b_low) >> _HALF)
    second = a_low * b_high + (first & _LOW)
    return a_high * b_high + (first >> _HALF) + (second >> _HALF)


@kernel
def _add(high: np.uint64, low: np.uint64, other_high: np.uint64, other_low: np.uint64) -> tuple[np.uint64, np.uint64]:
    """A sum of 128 bits."""
    total = low + other_low
    return high + other_high + (_ONE if total < low else U(0)), total


@kernel
def _advance(generator: Words) -> None:
    """State · multiplier + increment, in 128 bits."""
    high, low = generator[0], generator[1]
    product = high * _PCG_LOW + low * _PCG_HIGH + _high_product(low, _PCG_LOW)
    generator[0], generator[1] = _add(product, low * _PCG_LOW, generator[2], generator[3])


@kernel
def _start(generator: Words, seed: int, purpose: np.uint64, epoch: int, part: int) -> None:
    """State (two words) and increment (two words) of the generator of an epoch, or of a part of it."""
    _seed_words(seed, purpose, epoch, part, generator)
    state_high, state_low = generator[0], generator[1]
    generator[2] = (generator[2] << _ONE) | (generator[3] >> _WORD_BITS)
    generator[3] = (generator[3] << _ONE) | _ONE
    generator[0], generator[1] = _add(generator[2], generator[3], state_high, state_low)
    _advance(generator)


@kernel
def _word(generator: Words) -> np.uint64:
    """The next 64 bits: both halves of the state xored, rotated by the state's top bits."""
    _advance(generator)
    xored, rotation = generator[0] ^ generator[1], generator[0] >> _ROTATION
    return (xored >> rotation) | (xored << ((U(64) - rotation) & _WORD_BITS))


@kernel
def _bits_up_to(number: np.uint64) -> np.uint64:
    """The smallest number of all ones, in binary, that is not smaller."""
    mask = U(0)
    while mask < number:
        mask = (mask << _ONE) | _ONE
    return mask


@kernel
def order_of_rows(order: Indices, seed: int, epoch: int, generator: Words) -> None:
    """Fills `order` with the shuffled row numbers of one epoch; `generator` is room for 15 words."""
    _start(generator, seed, _ORDER, epoch, _NO_PART)
    _count(order)
    _shuffle(order, generator)


@kernel
def order_of_blocks(blocks: Indices, seed: int, epoch: int, generator: Words) -> None:
    """Fills `blocks` with the shuffled block numbers of one epoch."""
    _start(generator, seed, _BLOCKS, epoch, 0)
    _count(blocks)
    _shuffle(blocks, generator)


@kernel
def shuffle_group(rows: Indices, seed: int, epoch: int, group: int, generator: Words) -> None:
    """Shuffles the rows of a group of blocks in place, as one epoch takes them."""
    _start(generator, seed, _BLOCKS, epoch, group + 1)
    _shuffle(rows, generator)


@kernel
def _count(order: Indices) -> None:
    for row in range(order.size):
        order[row] = row


@kernel
def _shuffle(order: Indices, generator: Words) -> None:
    """In place.

    A word serves twice, its lower half first; so many of its bits are taken as the bound has, and too large a number is
    drawn again.
    """
    word, halves, mask = U(0), 0, _bits_up_to(U(order.size - 1))
    for last in range(order.size - 1, 0, -1):
        if U(last) <= mask >> _ONE:
            mask >>= _ONE
        other = mask + _ONE
        while other > U(last):
            word, halves = (word >> _HALF, 0) if halves else (_word(generator), 1)
            other = word & mask
        order[last], order[np.intp(other)] = order[np.intp(other)], order[last]

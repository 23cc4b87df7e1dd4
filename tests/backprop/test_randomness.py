import numpy as np
import pytest

from deltarule.backprop.randomness import DropoutMask, dropout_key, mix, order_of_rows, weights_generator

GAMMA = 0x9E3779B97F4A7C15
SPLIT_MIX_OF_SEED_0 = (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F)
"""The generator's first words, as its reference implementation prints them."""


def mask(rate: float, key: int, shape: tuple[int, int] = (50, 40)) -> np.ndarray:
    values = np.empty(shape)
    DropoutMask(rate, values).draw(key)
    return values


def test_mix_is_split_mix_64() -> None:
    assert tuple(mix((number * GAMMA) % 2**64) for number in (1, 2, 3)) == SPLIT_MIX_OF_SEED_0


def test_a_mask_is_made_of_these_words() -> None:
    rate = 0.4
    kept = [word >= rate * 2**64 for word in SPLIT_MIX_OF_SEED_0]
    assert (mask(rate, key=0, shape=(1, 3)) > 0).tolist() == [kept]


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
def test_masks_drop_their_share_and_keep_the_mean(rate: float) -> None:
    values = mask(rate, dropout_key(1, 2, 3), (400, 500))
    assert set(np.unique(values)) == {0.0, 1 / (1 - rate)}
    # Five standard deviations of a mean of 200,000.
    assert abs((values == 0).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / values.size)


def test_masks_of_different_purposes_are_independent() -> None:
    keys = {dropout_key(seed, step, layer) for seed in range(5) for step in range(20) for layer in range(5)}
    assert len(keys) == 500
    one, other = mask(0.5, dropout_key(0, 0, 0)), mask(0.5, dropout_key(0, 1, 0))
    assert 0.4 < (one == other).mean() < 0.6


def test_a_shorter_batch_has_the_first_rows_of_the_mask() -> None:
    np.testing.assert_array_equal(mask(0.3, 77, (50, 40))[:9], mask(0.3, 77, (9, 40)))


def test_orders_are_permutations_that_differ_by_epoch_and_seed() -> None:
    orders = [order_of_rows(seed, epoch, 30).tolist() for seed in (0, 1) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(30)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    assert order_of_rows(1, 1, 30).tolist() == orders[3]


def test_no_two_purposes_share_a_stream() -> None:
    draws = {weights_generator(seed, layer).random() for seed in (0, 1, 2**63 - 1) for layer in range(3)}
    assert len(draws) == 9

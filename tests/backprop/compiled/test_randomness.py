"""The kernels draw what NumPy and the plain engine draw, word for word."""

import numpy as np
import pytest

from deltarule.backprop import randomness as plain
from deltarule.backprop.compiled import randomness
from tests.backprop.compiled.calling import called


@pytest.mark.parametrize("seed", [0, 7, 2**31, 2**32, 2**33 + 5, 2**63 - 1])
@pytest.mark.parametrize("epoch", [0, 1, 9_999_999])
@pytest.mark.parametrize("rows", [1, 2, 3, 10, 257, 70_001])
def test_order_of_rows(seed: int, epoch: int, rows: int) -> None:
    order, room = np.empty(rows, np.int64), np.empty(15, np.uint64)
    called(randomness.order_of_rows)(order, seed, epoch, room)
    np.testing.assert_array_equal(order, plain.order_of_rows(seed, epoch, rows))


@pytest.mark.parametrize("seed", [0, 2**33 + 5, 2**63 - 1])
@pytest.mark.parametrize("epoch", [0, 9_999_999])
@pytest.mark.parametrize("rows", [1, 10, 70_001])
def test_order_of_blocks_and_in_groups(seed: int, epoch: int, rows: int) -> None:
    order, room = np.empty(rows, np.int64), np.empty(15, np.uint64)
    called(randomness.order_of_blocks)(order, seed, epoch, room)
    np.testing.assert_array_equal(order, plain.order_of_blocks(seed, epoch, rows))
    for group in (0, 1, 70_000):
        order[:] = np.arange(rows) + 5
        called(randomness.shuffle_group)(order, seed, epoch, group, room)
        np.testing.assert_array_equal(order, plain.order_in_group(seed, epoch, group, rows) + 5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.999])
def test_dropout_masks(dtype: type, rate: float) -> None:
    expected, mask = np.empty((13, 7), dtype), np.empty(13 * 7, dtype)
    for seed, step, layer in ((0, 0, 0), (2**63 - 1, 10**9, 255)):
        key = plain.dropout_key(seed, step, layer)
        plain.DropoutMask(rate, expected).draw(key)
        assert int(called(randomness.dropout_key)(seed, step, layer)) == key
        called(randomness.draw_mask)(mask, np.uint64(key), np.uint64(int(rate * 2.0**64)), 1 / (1 - rate))
        np.testing.assert_array_equal(mask, expected.ravel())

import itertools

import numpy as np
import pytest

from deltarule.backprop.definition import Plan
from deltarule.backprop.ordering import GROUP, Window, number_of_blocks, window, window_rows
from deltarule.backprop.randomness import order_of_rows

SHAPES = [(1, 1), (7, 1), (5, 8), (40, 3), (96, 6), (97, 6), (1000, 7), (1000, 60)]
"""Rows, and rows of a block: fewer than one, none over, one over, one group and many."""


def windows(plan: Plan, rows: int, epoch: int) -> list[Window]:
    """One after the other, until all positions of the epoch have been held."""
    found, position = [], 0
    while position < rows:
        found.append(window(plan, rows, epoch, position))
        assert found[-1].start == position
        position = found[-1].stop
    return found


def test_without_blocks_the_window_is_the_whole_epoch() -> None:
    plan = Plan(seed=5)
    (whole,) = windows(plan, 50, 3)
    np.testing.assert_array_equal(whole.rows, order_of_rows(5, 3, 50))
    assert (window_rows(plan, 50), number_of_blocks(plan, 50)) == (50, 0)


@pytest.mark.parametrize(("rows", "block"), SHAPES)
def test_an_epoch_takes_every_row_once_and_a_window_few_blocks(rows: int, block: int) -> None:
    plan = Plan(seed=11, shuffle_block=block)
    found = windows(plan, rows, 2)
    assert sorted(itertools.chain(*(one.rows for one in found))) == list(range(rows))
    assert sorted(itertools.chain(*(one.blocks for one in found))) == list(range(number_of_blocks(plan, rows)))
    for one in found:
        assert set(one.rows // block) == set(one.blocks)
        assert len(one.blocks) <= GROUP
        assert len(one.rows) <= window_rows(plan, rows)


@pytest.mark.parametrize(("rows", "block"), SHAPES)
def test_a_window_is_the_same_from_wherever_it_is_reached(rows: int, block: int) -> None:
    plan = Plan(seed=3, shuffle_block=block)
    for epoch in range(3):
        for one in windows(plan, rows, epoch):
            again = window(plan, rows, epoch, one.stop - 1)
            assert again.start == one.start
            assert again.holds(epoch, one.start)
            assert not again.holds(epoch, one.stop)
            np.testing.assert_array_equal(again.rows, one.rows)


def test_epochs_seeds_and_blocks_give_other_orders() -> None:
    orders = {
        tuple(
            itertools.chain(*(one.rows.tolist() for one in windows(Plan(seed=seed, shuffle_block=block), 500, epoch)))
        )
        for seed, block, epoch in itertools.product((0, 1), (4, 5), (0, 1))
    }
    assert len(orders) == 8


def test_rows_of_a_window_are_mixed_across_its_blocks() -> None:
    first = window(Plan(shuffle_block=100), 100_000, 0, 0)
    halves = [set(half // 100) for half in np.array_split(first.rows, 10)]
    assert all(half == set(first.blocks) for half in halves)

import itertools
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.batches import Batches
from deltarule.backprop.engine import Problem
from deltarule.backprop.parameters import layout
from deltarule.backprop.samples import Samples
from tests.backprop.making import definition_for


def problem(rows: int, *, weighted: bool = True, **plan: Any) -> Problem:  # noqa: ANN401
    """Samples whose inputs, targets and weights all tell their row."""
    numbers = np.arange(rows, dtype=float)
    weights = numbers if weighted else None
    samples = Samples(np.repeat(numbers[:, None], 3, axis=1), np.repeat(numbers[:, None], 2, axis=1), weights)
    definition = definition_for("squared_error", training=plan)
    return Problem(definition, layout(definition.network, 3), samples, None)


def rows_of(batches: Batches, epoch: int, batch: int) -> list[float]:
    taken = batches.take(epoch, batch)
    assert taken.targets[:, 1].tolist() == taken.inputs[:, 2].tolist()
    assert taken.weights is None or taken.weights.tolist() == taken.inputs[:, 0].tolist()
    return [float(row) for row in taken.inputs[:, 0]]


@pytest.mark.parametrize(
    ("rows", "size", "sizes"), [(10, 4, [4, 4, 2]), (8, 4, [4, 4]), (3, 1, [1, 1, 1]), (3, 9, [3])]
)
@pytest.mark.parametrize("shuffle", [False, True])
def test_each_epoch_takes_every_row_once(rows: int, size: int, sizes: list[int], shuffle: bool) -> None:
    given = problem(rows, batch_size=size, shuffle=shuffle)
    batches = Batches(given)
    assert given.batches == len(sizes)
    for epoch in range(3):
        taken = [rows_of(batches, epoch, batch) for batch in range(given.batches)]
        assert [len(batch) for batch in taken] == sizes
        assert sorted(itertools.chain(*taken)) == list(range(rows))


@pytest.mark.parametrize("weighted", [False, True])
def test_epochs_are_shuffled_differently_and_batches_may_be_taken_in_any_order(weighted: bool) -> None:
    batches, again = (Batches(problem(20, weighted=weighted, batch_size=8)) for _ in range(2))
    first, second = rows_of(batches, 0, 1), rows_of(batches, 1, 1)
    assert first != second
    assert rows_of(again, 1, 1) == second
    assert rows_of(again, 0, 1) == first


def test_a_full_batch_and_unshuffled_rows_stay_in_their_order() -> None:
    assert rows_of(Batches(problem(6, batch_size="full")), 3, 0) == list(range(6))
    assert rows_of(Batches(problem(6, batch_size=4, shuffle=False)), 3, 1) == [4, 5]


@pytest.mark.parametrize("size", [1, 4, 50, 300])
def test_blocks_are_taken_whole_by_whole_and_every_row_once(size: int) -> None:
    given = problem(300, batch_size=size, shuffle_block=5)
    batches, again = Batches(given), Batches(given)
    taken = [rows_of(batches, 1, batch) for batch in range(given.batches)]
    assert sorted(itertools.chain(*taken)) == list(range(300))
    assert rows_of(again, 1, given.batches - 1) == taken[-1]
    assert rows_of(again, 1, 0) == taken[0]

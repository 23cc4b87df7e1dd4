import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from deltarule.store.records import HistoryRow
from service.thinning import FEWEST_POINTS, best_of, measured, thinned

LOSSES = st.none() | st.floats(-100, 100)


def row(epoch: int, training: float | None, validation: float | None = None) -> HistoryRow:
    return HistoryRow(epoch, training, validation, 0.1, 0.5)


def falling(count: int) -> list[HistoryRow]:
    return [row(epoch, math.exp(-epoch / 100), 0.1 + math.exp(-epoch / 80)) for epoch in range(1, count + 1)]


@given(st.lists(st.tuples(LOSSES, LOSSES), max_size=200), st.integers(FEWEST_POINTS, 60))
def test_never_too_many_in_order_with_first_last_and_best(
    losses: list[tuple[float | None, float | None]], points: int
) -> None:
    rows = [row(epoch, *each) for epoch, each in enumerate(losses, 1)]
    kept = thinned(rows, points)
    assert len(kept) <= points
    assert [each.epoch for each in kept] == sorted({each.epoch for each in kept})
    assert best_of(kept) == best_of(rows)
    if rows:
        assert (kept[0], kept[-1]) == (rows[0], rows[-1])


@given(st.integers(0, 4999), st.sampled_from(["training_loss", "validation_loss"]), st.sampled_from([50.0, -50.0]))
def test_a_spike_stands(place: int, name: str, height: float) -> None:
    rows = falling(5000)
    rows[place] = replace(rows[place], **{name: height})
    assert rows[place] in thinned(rows, FEWEST_POINTS)


def test_a_loss_that_is_not_finite_is_a_spike() -> None:
    rows = falling(5000)
    rows[1234] = replace(rows[1234], training_loss=None)
    assert rows[1234] in thinned(rows, FEWEST_POINTS)


def test_an_epoch_without_validation_hides_no_spike() -> None:
    rows = [replace(each, validation_loss=None) if each.epoch % 2 else each for each in falling(5000)]
    rows[1235] = replace(rows[1235], validation_loss=50.0)
    assert rows[1235] in thinned(rows, FEWEST_POINTS)


def test_few_rows_are_left_as_they_are() -> None:
    rows = falling(FEWEST_POINTS)
    assert thinned(rows, FEWEST_POINTS) == tuple(rows)


def test_the_best_is_that_of_the_validation_where_there_is_one() -> None:
    rows = [row(1, 0.5, 0.4), row(2, 0.3, 0.6), row(3, 0.1, None)]
    assert best_of(rows) == rows[0]
    assert measured(rows) == ("training_loss", "validation_loss")
    assert best_of([replace(each, validation_loss=None) for each in rows]) == row(3, 0.1)
    assert best_of([row(1, None)]) is best_of([]) is None

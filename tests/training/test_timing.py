import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.training.timing import GROWTH, Pace, share


def test_the_first_call_is_one_batch() -> None:
    assert Pace().fitting(60.0) == 1


def test_a_call_that_was_short_is_followed_by_a_longer_one() -> None:
    pace = Pace()

    pace.learn(3, took=0.001)

    assert pace.fitting(1.0) == 3 * GROWTH


def test_the_pace_settles_on_the_whole_of_the_time() -> None:
    pace = Pace()
    for _ in range(20):
        batches = pace.fitting(0.4)
        pace.learn(batches, took=batches * 0.001)

    assert pace.fitting(0.4) == pytest.approx(400, abs=1)
    assert pace.fitting(0.1) == pytest.approx(100, abs=1)


def test_a_batch_longer_than_the_time_is_still_one_batch() -> None:
    pace = Pace()

    pace.learn(1, took=60.0)

    assert pace.fitting(0.05) == 1


def test_a_clock_that_stands_still_divides_nothing_by_zero() -> None:
    pace = Pace()

    pace.learn(1, took=0.0)

    assert pace.fitting(0.05) == GROWTH


@pytest.mark.parametrize(
    ("carried", "took", "batches", "epochs", "rest"),
    [
        (0.0, 6.0, (0, 6), [4.0], 2.0),
        (2.0, 1.0, (6, 7), [], 3.0),
        (3.0, 5.0, (7, 12), [4.0, 4.0], 0.0),
        (0.5, 0.25, (3, 3), [], 0.5),
    ],
)
def test_the_time_of_a_call_goes_to_its_epochs(
    carried: float, took: float, batches: tuple[int, int], epochs: list[float], rest: float
) -> None:
    assert share(carried, took, batches, 4) == (pytest.approx(epochs), pytest.approx(rest))


@given(st.floats(0, 10), st.floats(0, 10), st.integers(0, 50), st.integers(1, 50), st.integers(1, 9))
def test_no_time_is_lost(carried: float, took: float, before: int, more: int, per_epoch: int) -> None:
    epochs, rest = share(carried, took, (before, before + more), per_epoch)

    assert sum(epochs) + rest == pytest.approx(carried + took)
    assert len(epochs) == (before + more) // per_epoch - before // per_epoch

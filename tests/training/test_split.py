import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.training.split import Split, split


def test_the_same_seed_splits_alike_and_another_differently() -> None:
    first, again, other = (split(100, 0.2, seed)[1].tolist() for seed in (7, 7, 8))

    assert first == again != other


def test_no_fraction_no_validation() -> None:
    training, validation = split(5, 0.0, 0)

    assert training.tolist() == [0, 1, 2, 3, 4]
    assert not len(validation)


def test_every_class_gives_its_share() -> None:
    classes = np.repeat([0, 1, 2], [100, 50, 10])

    training, validation = split(160, 0.2, 3, classes)

    assert np.bincount(classes[validation]).tolist() == [20, 10, 2]
    assert np.bincount(classes[training]).tolist() == [80, 40, 8]


def test_a_class_keeps_its_last_row_for_training() -> None:
    classes = np.array([0] * 9 + [1])

    training, validation = split(10, 0.5, 0, classes)

    assert 9 in training
    assert len(validation) == 5


@pytest.mark.parametrize(("rows", "fraction", "size"), [(2, 0.01, 1), (1, 0.5, 0), (3, 0.99, 2), (10, 0.25, 2)])
def test_small_tables(rows: int, fraction: float, size: int) -> None:
    training, validation = split(rows, fraction, 0)

    assert len(validation) == size
    assert len(training) == rows - size


@given(
    classes=st.lists(st.integers(0, 5), min_size=1, max_size=80),
    fraction=st.floats(0, 0.99),
    seed=st.integers(0, 2**63 - 1),
)
def test_rows_are_split_once_each_and_in_order(classes: list[int], fraction: float, seed: int) -> None:
    numbers = np.array(classes)

    training, validation = split(len(classes), fraction, seed, numbers)

    assert sorted([*training, *validation]) == list(range(len(classes)))
    assert (np.diff(training) > 0).all()
    assert (np.diff(validation) > 0).all()
    assert set(numbers[training]) == set(classes)
    assert len(validation) <= max(1, round(fraction * len(classes)))


def in_parts(classes: list[int], fraction: float, seed: int, part: int) -> np.ndarray:
    divided = Split(np.bincount(classes), fraction, seed)
    parts = [np.array(classes[start : start + part]) for start in range(0, len(classes), part)]
    return np.concatenate([divided.next(one) for one in parts])


@given(
    classes=st.lists(st.integers(0, 5), min_size=1, max_size=80),
    fraction=st.floats(0, 0.99),
    seed=st.integers(0, 2**63 - 1),
    part=st.integers(1, 90),
)
def test_rows_that_come_in_parts_give_the_same_shares(
    classes: list[int], fraction: float, seed: int, part: int
) -> None:
    drawn = in_parts(classes, fraction, seed, part)
    _, validation = split(len(classes), fraction, seed, np.array(classes))
    ours, reference = (
        np.bincount(np.array(classes)[rows], minlength=6) for rows in (np.flatnonzero(drawn), validation)
    )
    assert ours.tolist() == reference.tolist()
    assert in_parts(classes, fraction, seed, part).tolist() == drawn.tolist()


def test_every_row_is_as_likely_to_be_drawn_in_whatever_part_it_comes() -> None:
    drawn = np.mean([in_parts([0] * 40, 0.25, seed, 7) for seed in range(2000)], axis=0)
    assert drawn.min() > 0.21
    assert drawn.max() < 0.29

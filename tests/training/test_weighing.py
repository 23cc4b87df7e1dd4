import numpy as np
import polars
import pytest

from deltarule.training.errors import DataError
from deltarule.training.weighing import check_some_count, class_weights, sample_weights

SIZES = np.array([10, 30, 0])
LABELS = ("a", "b", "c")


def test_balanced_classes_weigh_alike_together() -> None:
    weights = class_weights("balanced", SIZES, LABELS)

    assert weights.tolist() == [2.0, pytest.approx(2 / 3), 1.0]
    assert np.dot(weights, SIZES) == pytest.approx(SIZES.sum())


def test_classes_without_a_weight_weigh_one() -> None:
    assert class_weights({"b": 5.0}, SIZES, LABELS).tolist() == [1.0, 5.0, 1.0]


def test_a_weight_for_no_class() -> None:
    with pytest.raises(DataError, match="'z' is no class; the classes are a, b, c") as caught:
        class_weights({"z": 5.0}, SIZES, LABELS)

    assert caught.value.pointer == "/training/class_weight/z"


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([1.0, -2.0], "row 2, column w: the weight is -2, and must not be negative"),
        ([None, 2.0], "row 1, column w: the weight is missing"),
        ([0.0, 0.0], "All weights in column w are 0"),
    ],
)
def test_weights_that_are_none(weights: list[float | None], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        sample_weights(polars.Series("w", weights), np.arange(2))


def test_weights_of_rows_left_out_may_be_anything() -> None:
    assert sample_weights(polars.Series("w", [None, 2.0]), np.array([1]))[1] == 2.0


def test_a_part_in_which_no_row_counts() -> None:
    sentence = r"All weights in column w are 0 in the validation part of the data \(3 rows\)"
    with pytest.raises(DataError, match=sentence) as caught:
        check_some_count(np.zeros(3), "w", "validation")

    assert caught.value.pointer == "/sample_weight"
    check_some_count(np.array([0.0, 0.1]), "w", "validation")

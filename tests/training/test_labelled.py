from typing import Any

import numpy as np
import pytest

from deltarule.training.errors import DataError
from deltarule.training.labelled import encoded
from deltarule.training.model import Model
from tests.training.making import animals, finished, line, table_of


@pytest.fixture(scope="module")
def model() -> Model:
    return finished(animals(), target="species", training={"epochs": 1}).model()


def labels() -> Model:
    table = table_of(
        x=[1.0, 2.0, 3.0, 4.0] * 5, warm=["yes", "no", "no", "yes"] * 5, wet=["no", "yes", "no", "yes"] * 5
    )
    return finished(table, target=["warm", "wet"], task="multilabel", training={"epochs": 1}).model()


def test_columns_become_inputs_and_the_label_its_output(model: Model) -> None:
    made = encoded(model, [{"length": None, "island": "Dream", "species": "Gentoo"}, {"species": "Adelie"}])
    length, island = model.form.inputs.columns
    assert length.type == "numeric"
    assert made.inputs[0, 0] == pytest.approx((length.fill - length.mean) / length.standard_deviation)
    assert made.inputs[0, 1:].tolist() == [0, 1, 0]
    assert made.inputs.shape == (2, 1 + island.width)
    assert made.targets.tolist() == [[0, 0, 1], [1, 0, 0]]


def test_a_real_target_is_scaled_as_in_training() -> None:
    model = finished(line(), target="y", training={"epochs": 1}).model()
    target = model.form.target
    assert target.type == "number"
    (made,) = encoded(model, [{"x": 0.5, "noise": 0, "y": 101.5}]).targets
    assert made == pytest.approx((101.5 - target.means[0]) / target.standard_deviations[0])


def test_columns_that_the_model_does_not_look_at_may_be_there() -> None:
    model = finished(line(), target="y", features=["x"], training={"epochs": 1}).model()
    plain, whole = (encoded(model, [row]).inputs for row in ({"x": 1, "y": 2}, {"x": 1, "y": 2, "noise": 3}))
    np.testing.assert_array_equal(plain, whole)


@pytest.mark.parametrize(
    ("rows", "pointer"),
    [
        ([{"length": 1, "island": "Dream"}], "/rows/0/species"),
        ([{"length": 1, "species": "Adelie"}, {"length": 1, "species": "Emperor"}], "/rows/1/species"),
        ([{"lenght": 1, "species": "Adelie"}], "/rows/0/lenght"),
        ([{"length": "long", "species": "Adelie"}], "/rows/0/length"),
        ([], "/rows"),
    ],
)
def test_rows_that_are_wrong(model: Model, rows: list[dict[str, Any]], pointer: str) -> None:
    with pytest.raises(DataError) as caught:
        encoded(model, rows)
    assert caught.value.pointer == pointer


def test_a_label_that_says_neither_yes_nor_no_is_found() -> None:
    with pytest.raises(DataError, match="neither") as caught:
        encoded(labels(), [{"x": 1, "warm": "yes", "wet": "no"}, {"x": 1, "warm": "no", "wet": "perhaps"}])
    assert caught.value.pointer == "/rows/1/wet"


def test_no_input_may_be_missing_where_none_was_in_training() -> None:
    model = finished(line(), target="y", preprocessing={"missing": "error"}, training={"epochs": 1}).model()
    with pytest.raises(DataError, match="missing") as caught:
        encoded(model, [{"x": 1, "y": 2}])
    assert caught.value.pointer == "/rows/0/noise"

import numpy as np
import pandas as pd
import polars as pl
import pytest

from deltarule.client import Prediction
from deltarule.client.answers import Column
from deltarule.client.predicting import array_like, columns_of, frame_like, rows_of_array, rows_of_frame

LABELLED = [
    Prediction(label=1, probabilities={"0": 0.25, "1": 0.75}, notes=("a is missing.", "b too.")),
    Prediction(label=0, probabilities={"0": 0.5, "1": 0.5}),
]
NUMBERS = [Prediction(value=1.5), Prediction(value=2.5)]
SEVERAL = [Prediction(values={"y": 1.0, "z": 2.0}), Prediction(values={"y": 3.0, "z": 4.0})]
LABELS = [Prediction(labels=("b",), probabilities={"a": 0.1, "b": 0.9})]


@pytest.mark.parametrize(
    ("predictions", "columns"),
    [
        (LABELLED, {"label": [1, 0], "probability_0": [0.25, 0.5], "probability_1": [0.75, 0.5]}),
        (NUMBERS, {"value": [1.5, 2.5]}),
        (SEVERAL, {"y": [1.0, 3.0], "z": [2.0, 4.0]}),
        (LABELS, {"labels": [["b"]], "probability_a": [0.1], "probability_b": [0.9]}),
        ([], {}),
    ],
)
def test_answers_have_a_column_for_each_thing_they_say(
    predictions: list[Prediction], columns: dict[str, list[object]]
) -> None:
    answered = columns_of(predictions)
    assert {name: values for name, values in answered.items() if name != "notes"} == columns
    assert list(answered)[-1] == "notes"
    for library in (pl, pd):
        frame = frame_like(library.DataFrame({"x": [0] * len(predictions)}), predictions)
        assert list(frame.columns) == list(answered)
        assert len(frame) == len(predictions)


def test_notes_are_texts_in_every_frame() -> None:
    assert columns_of(LABELLED)["notes"] == ["a is missing. b too.", None]
    assert frame_like(pl.DataFrame(), NUMBERS).schema["notes"] == pl.String


@pytest.mark.parametrize(
    ("predictions", "array"),
    [
        (LABELLED, [1, 0]),
        (NUMBERS, [1.5, 2.5]),
        (SEVERAL, [[1.0, 2.0], [3.0, 4.0]]),
        (LABELS, [[False, True]]),
        ([], []),
    ],
)
def test_answers_as_an_array_hold_what_was_predicted(predictions: list[Prediction], array: list[object]) -> None:
    assert array_like(predictions).tolist() == array


def test_rows_stand_in_the_order_of_the_models_inputs() -> None:
    inputs = [Column(name="b", type="categorical"), Column(name="a", type="numeric")]
    frame = pd.DataFrame({"a": [1.5, None], "other": [0, 0], "b": [True, None]})
    assert rows_of_frame(frame, inputs) == [("true", 1.5), (None, None)]


@pytest.mark.parametrize("values", [[[1.0, np.nan]], np.array([[1.0, None]], dtype=object)])
def test_what_is_missing_in_an_array_is_none(values: object) -> None:
    assert rows_of_array(values)[0][0] == 1.0
    assert rows_of_array(values)[0][1] is None

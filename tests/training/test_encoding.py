import numpy as np
import polars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.training.encoding import (
    CategoricalInput,
    InputEncoding,
    NumericInput,
    codes,
    conform,
    fit_inputs,
    moments,
)
from deltarule.training.errors import DataError
from tests.training.making import table_of

FRAME = polars.DataFrame({"size": [1.0, 2.0, None, 3.0, 900.0], "island": ["b", "a", None, "b", "z"]})
TRAINING = np.arange(4)


def test_statistics_come_from_the_training_rows_alone() -> None:
    size, island = fit_inputs(FRAME, TRAINING, ["size", "island"], standardize=True).columns

    assert size == NumericInput(name="size", fill=2.0, mean=2.0, standard_deviation=np.std([1.0, 2.0, 3.0]))
    assert island == CategoricalInput(name="island", categories=("a", "b"), fill="b")


def test_numbers_are_standardized_texts_one_hot_gaps_filled_and_strangers_zero() -> None:
    encoded = fit_inputs(FRAME, TRAINING, ["size", "island"], standardize=True).encode(FRAME, "float64")

    z = np.sqrt(1.5)
    assert encoded[:4] == pytest.approx(np.array([[-z, 0, 1], [0, 1, 0], [0, 0, 1], [z, 0, 1]]))
    assert encoded[4, 1:].tolist() == [0, 0]


def test_without_standardizing_numbers_stay_as_they_are_and_gaps_get_the_mean() -> None:
    encoded = fit_inputs(FRAME, TRAINING, ["size"], standardize=False).encode(FRAME, "float64")

    assert encoded.ravel().tolist() == [1.0, 2.0, 2.0, 3.0, 900.0]


@pytest.mark.parametrize("value", [0.1, 1e20, -3.0, 0.0])
def test_a_column_that_never_varied_gives_0_whatever_comes_later(value: float) -> None:
    frame = polars.DataFrame({"x": [value] * 7 + [value + 10.0]})

    encoding = fit_inputs(frame, np.arange(7), ["x"], standardize=True)

    assert encoding.encode(frame, "float32").ravel().tolist() == [0.0] * 8


def test_the_most_frequent_text_fills_and_the_first_by_name_among_equals() -> None:
    frame = polars.DataFrame({"t": ["c", "b", "b", "c", "a"]})

    (column,) = fit_inputs(frame, np.arange(5), ["t"], standardize=True).columns

    assert column.fill == "b"


def test_a_column_without_any_training_value_is_harmless() -> None:
    frame = polars.DataFrame({"x": [None, 5.0], "t": [None, "a"]})

    encoding = fit_inputs(frame, np.arange(1), ["x", "t"], standardize=True)

    assert encoding.width == 1
    assert encoding.encode(frame, "float32").tolist() == [[0.0], [0.0]]


def test_an_encoding_survives_json() -> None:
    encoding = fit_inputs(FRAME, TRAINING, ["size", "island"], standardize=True)

    assert InputEncoding.model_validate_json(encoding.model_dump_json()) == encoding


def test_unknown_texts_are_told_from_missing_ones() -> None:
    column = CategoricalInput(name="t", categories=("a",), fill="a")

    assert column.unknown(polars.Series(["a", None, "x"])).tolist() == [False, False, True]


def test_a_number_too_large_for_float32_names_its_row() -> None:
    frame = polars.DataFrame({"x": [1.0, 1e60]})
    encoding = fit_inputs(frame, np.arange(2), ["x"], standardize=False)

    with pytest.raises(DataError, match=r"row 2, column x: 1e\+60 is too large for float32"):
        encoding.encode(frame, "float32")
    assert encoding.encode(frame, "float64")[1, 0] == 1e60


@given(st.lists(st.floats(-1e100, 1e100), min_size=2, max_size=30))
def test_standardized_numbers_are_finite_and_centred(numbers: list[float]) -> None:
    frame = polars.DataFrame({"x": numbers})

    encoded = fit_inputs(frame, np.arange(len(numbers)), ["x"], standardize=True).encode(frame, "float64")

    assert np.isfinite(encoded).all()
    assert abs(encoded.mean()) < 1e-3
    assert np.isclose(encoded.std(), 1) or not encoded.any()


def test_moments_of_nothing() -> None:
    assert moments(np.array([])) == (0.0, 0.0)


def test_codes_are_places_among_the_categories() -> None:
    assert codes(polars.Series(["b", None, "x", "a"]), ["a", "b"]).tolist() == [1, -1, -1, 0]


def test_other_data_is_conformed_or_refused_by_name_and_kind() -> None:
    known = table_of(x=[1, 2], t=["a", "b"], more=[1, 2]).schema.columns[:2]

    assert conform(table_of(t=["b"], x=[3]), known, "The model").columns == ["x", "t"]
    assert conform(table_of(t=[None], x=[3]), known, "The model")["t"].dtype == polars.String
    with pytest.raises(DataError, match=r"The model needs column x\. There is no column x; the columns are t, size"):
        conform(table_of(t=["b"], size=[3]), known, "The model")
    with pytest.raises(DataError, match="knows column x as numbers, and here it holds texts, such as 'long'"):
        conform(table_of(t=["b"], x=["long"]), known, "The model")
    with pytest.raises(DataError, match=r"knows column t as texts, and here it holds numbers, such as '7\.0'"):
        conform(table_of(t=[7], x=[1]), known, "The model")

"""The short way and the long way through a model answer the same, and what is not plain is left to the long one."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltarule.training.model import Model
from deltarule.training.plain import PlainRows
from tests.training.making import animals, arrays, finished, line

ISLANDS = ("Biscoe", "Dream", "Torgersen")


@pytest.fixture(scope="module")
def model() -> Model:
    return finished(animals(), target="species", training={"epochs": 3}).model()


@pytest.fixture(scope="module")
def numbers() -> Model:
    return finished(line(), target="y", network={"dtype": "float64"}, training={"epochs": 2}).model()


@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "length": st.one_of(st.floats(-1e30, 1e30), st.integers(-(10**20), 10**20)),
                "island": st.sampled_from(ISLANDS),
            }
        ),
        min_size=1,
        max_size=20,
    )
)
def test_both_ways_give_the_same_bits(model: Model, rows: list[dict[str, Any]]) -> None:
    plain = PlainRows(model)
    assert plain.predict(rows) == model.predict_rows(rows)
    inputs = [[row[name] for name in model.form.inputs.names] for row in rows]
    assert plain.predict_inputs(inputs) == model.predict_inputs(inputs)


def test_numbers_come_out_in_their_own_units(numbers: Model) -> None:
    rows = [{"x": x / 7, "noise": -x} for x in range(3000)]
    assert PlainRows(numbers).predict(rows) == numbers.predict_rows(rows)


@pytest.mark.parametrize(
    "row",
    [
        {"island": "Dream"},
        {"length": None, "island": "Dream"},
        {"length": 1, "island": None},
        {"length": 1, "island": "Atlantis"},
        {"length": 1, "island": " Dream"},
        {"length": 1, "island": 3},
        {"length": "1", "island": "Dream"},
        {"length": True, "island": "Dream"},
        {"length": math.nan, "island": "Dream"},
        {"length": math.inf, "island": "Dream"},
        {"length": 10**400, "island": "Dream"},
        {"length": 1e99, "island": "Dream"},
        {"length": 1, "island": "Dream", "species": "Adelie"},
        {"length": 1, "island": "Dream", "colour": "red"},
        {},
    ],
)
def test_what_is_not_plain_is_left_to_the_long_way(model: Model, row: dict[str, Any]) -> None:
    plain, good = PlainRows(model), {"length": 1, "island": "Dream"}
    assert plain.predict([good]) is not None
    assert plain.predict([good, row]) is None


@pytest.mark.parametrize("inputs", [[], [[1]], [["Dream", 1]], [[1, "Dream", 2]], [[1, "Dream"], [[1], "Dream"]]])
def test_inputs_that_are_not_plain_are_left_too(model: Model, inputs: list[list[Any]]) -> None:
    assert PlainRows(model).predict_inputs(inputs) is None
    assert PlainRows(model).predict([]) is None


def test_an_output_that_is_not_finite_is_left_to_the_long_way() -> None:
    layers = [{"units": 1, "weights": [[1e30]]}, {"weights": [[1e30]]}]
    table, plan = arrays([[0], [0]], [[0.5], [0.5]]), {"epochs": 1}
    steep = finished(table, network={"layers": layers}, training=plan, preprocessing={"standardize": False}).model()
    assert PlainRows(steep).predict([{"input_0": 1}]) is None
    assert PlainRows(steep).predict([{"input_0": 0}]) is not None

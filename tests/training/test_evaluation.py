import json

import numpy as np
import polars
import pytest

from deltarule.training.errors import DataError, RowsError
from deltarule.training.evaluation import evaluate, fitted
from deltarule.training.model import Model
from deltarule.training.preparation import prepare
from deltarule.training.resolution import resolve
from deltarule.training.tables import Table, describe, stream
from deltarule.training.tables.stream import Stream, stream_of
from tests.training.making import animals, arrays, finished, job, line, table_of


@pytest.fixture(scope="module")
def model() -> Model:
    return finished(animals(), target="species", training={"epochs": 40}).model()


def on_disk(model: Model, **columns: list[object]) -> Stream:
    content = json.dumps({"columns": columns}).encode()
    return stream(content, "json", fitted(model, describe(content, "json")))


def in_parts(table: Table, rows: int) -> Stream:
    return Stream(table.schema, lambda: table.frame.iter_slices(rows))


def test_rows_without_a_target_are_left_out(model: Model) -> None:
    other = table_of(species=["Gentoo", "Adelie", None], length=[20, 0.5, 3], island=["Torgersen", "Biscoe", "Dream"])
    measured = evaluate(model, stream_of(other))
    assert (measured["accuracy"], measured["rows"]) == (1.0, 2)


@pytest.mark.parametrize("rows", [1, 7, 60])
def test_parts_come_to_what_all_rows_together_do(model: Model, rows: int) -> None:
    assert_alike(evaluate(model, in_parts(animals(), rows)), evaluate(model, stream_of(animals())))


def assert_alike(ours: object, others: object) -> None:
    """Equal, but for the last bits of numbers: rows that are computed together round otherwise than alone."""
    if isinstance(others, dict):
        assert isinstance(ours, dict)
        assert list(ours) == list(others)
        for key, other in others.items():
            assert_alike(ours[key], other)
    elif isinstance(others, float):
        assert ours == pytest.approx(others, rel=1e-5, abs=1e-9)
    else:
        assert ours == others


@pytest.mark.parametrize(
    ("table", "fields"),
    [
        (animals(), {"target": "species"}),
        (line(), {"target": "y"}),
        (line(), {"target": ["y", "noise"], "task": "regression"}),
        (arrays([[row / 9, row % 2] for row in range(20)], [[row % 2, int(row % 3 > 0)] for row in range(20)]), {}),
    ],
)
def test_the_training_rows_are_worth_what_the_run_says(table: Table, fields: dict[str, object]) -> None:
    run = finished(table, training={"epochs": 3, "validation_fraction": 0}, **fields)
    found = evaluate(run.model(), in_parts(table, 9))
    spec = resolve(job(**fields, training={"epochs": 3, "validation_fraction": 0}), table.schema)
    samples = prepare(spec, table).training
    assert found.pop("rows") == len(samples.inputs)
    targets = samples.targets.astype(np.float64)
    assert_alike(found, run.model().measure(targets, _outputs(run.model(), table)))


def _outputs(model: Model, table: Table) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    kept = table.frame.drop_nulls(list(model.form.target.names))
    return model.outputs(kept.select(model.form.inputs.names))


def test_columns_that_do_not_fit_are_told_all_at_once(model: Model) -> None:
    with pytest.raises(RowsError) as caught:
        on_disk(model, length=["a", "b"], kind=["x", "y"])
    assert [fault.detail for fault in caught.value.faults] == [
        "The model knows column length as numbers, and here it holds texts.",
        "The model needs column island. There is no column island; the columns are length, kind.",
        "The model needs column species. There is no column species; the columns are length, kind.",
    ]


def test_a_column_without_any_value_may_be_of_any_type(model: Model) -> None:
    rows = on_disk(model, length=[1, 20], island=[None, None], species=["Adelie", "Gentoo"])
    assert evaluate(model, rows)["rows"] == 2


def test_gaps_are_told_where_training_allowed_none() -> None:
    strict = finished(line(), target="y", preprocessing={"missing": "error"}, training={"epochs": 1}).model()
    with pytest.raises(RowsError, match="Column x misses 1 value, and the model was trained on rows that miss none"):
        on_disk(strict, x=[1, None], noise=[1, 2], y=[1.5, 2])


def test_classes_the_model_does_not_know_are_told_all_at_once(model: Model) -> None:
    species = ["Adelie", "Emperor", "King", "Emperor", None]
    rows = on_disk(model, length=[1] * 5, island=["Dream"] * 5, species=species)
    with pytest.raises(RowsError) as caught:
        evaluate(model, rows)
    known = "is no class of the model's; its classes are Adelie, Chinstrap, Gentoo."
    assert [fault.detail for fault in caught.value.faults] == [
        f"row 2, column species: 'Emperor' {known}",
        f"row 3, column species: 'King' {known}",
    ]


def test_a_class_the_model_does_not_know_is_told_with_its_row_in_the_whole(model: Model) -> None:
    species = ["Adelie"] * 5 + ["King", "Adelie", "Emperor", "King"]
    table = table_of(length=[1.0] * 9, island=["Dream"] * 9, species=species)
    with pytest.raises(RowsError) as caught:
        evaluate(model, in_parts(table, 2))
    assert [fault.detail.partition(" is no class")[0] for fault in caught.value.faults] == [
        "row 6, column species: 'King'",
        "row 8, column species: 'Emperor'",
    ]


def test_numbers_as_classes_are_known_by_their_value() -> None:
    table = table_of(x=[float(row) for row in range(30)], kind=[row % 3 for row in range(30)])
    trained = finished(table, target="kind", task="classification", training={"epochs": 1}).model()
    assert evaluate(trained, on_disk(trained, x=[1, 2], kind=[0, 2]))["rows"] == 2
    with pytest.raises(RowsError, match=r"row 2, column kind: 7 is no class of the model's; its classes are 0, 1, 2\."):
        evaluate(trained, on_disk(trained, x=[1, 2], kind=[0, 7]))


def test_a_row_is_told_by_its_number_in_the_whole(model: Model) -> None:
    table = table_of(length=[1.0] * 9 + [1e60], island=["Dream"] * 10, species=["Adelie"] * 10)
    with pytest.raises(DataError, match="row 10, column length: the value is too far"):
        evaluate(model, in_parts(table, 3))


def test_nothing_to_measure_is_told(model: Model) -> None:
    with pytest.raises(DataError, match="none of the 2 rows has a value in every target column"):
        evaluate(model, on_disk(model, length=[1, 2], island=["Dream"] * 2, species=[None, None]))


def test_only_a_part_is_held_at_a_time(model: Model) -> None:
    table = animals()
    held: list[polars.DataFrame] = []
    evaluate(model, Stream(table.schema, lambda: (held.append(part) or part for part in table.frame.iter_slices(7))))
    assert max(part.height for part in held) == 7

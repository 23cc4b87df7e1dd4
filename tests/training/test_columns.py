from typing import Any

import pytest

from deltarule.training.columns import as_they_stand, chosen_features, impossible, select, useless
from deltarule.training.tables import Table
from tests.training.making import animals, arrays, job, table_of

ROWS = 40


def wide() -> Table:
    """A column of every kind that teaches nothing, and one that does."""
    return table_of(
        id=list(range(ROWS)),
        name=[f"animal {row}" for row in range(ROWS)],
        empty=[None] * ROWS,
        size=[row * 7 % 11 for row in range(ROWS)],
        kind=["a", "b"] * (ROWS // 2),
    )


def faults_of(table: Table, **fields: object) -> dict[str, str]:
    return {fault.pointer: fault.detail for fault in select(job(**fields), table.schema)[1]}


def test_all_other_columns_are_learned_from() -> None:
    selection, faults = select(job(target="species"), animals().schema)

    assert [column.name for column in selection.features] == ["length", "island"]
    assert not faults


def test_what_teaches_nothing_is_left_out_unless_it_is_named() -> None:
    selection, _ = select(job(target="kind"), wide().schema)
    named, faults = select(job(target="kind", features=["id", "name", "size"]), wide().schema)

    assert [column.name for column in selection.features] == ["size"]
    assert [column.name for column in named.features] == ["id", "name", "size"]
    assert not faults


def test_every_reason_is_told() -> None:
    schema = wide().schema

    assert {column.name: useless(column, schema) for column in schema.columns} == {
        "id": "only numbers the rows",
        "name": "has 40 different texts in 40 rows",
        "empty": "has no values",
        "size": None,
        "kind": None,
    }


def test_what_would_be_left_out_is_taken_where_there_is_nothing_else() -> None:
    table = table_of(id=list(range(ROWS)), y=[row * 2.5 for row in range(ROWS)])

    assert [column.name for column in chosen_features(table.schema, {"y"})] == ["id"]


def test_a_few_different_texts_are_categories_even_in_a_small_table() -> None:
    table = table_of(city=["a", "b", "c", "d"], y=[1.5, 2.5, 3.5, 4.5])

    assert useless(table.schema.columns[0], table.schema) is None


def test_a_whole_number_that_repeats_is_no_identifier() -> None:
    table = table_of(animal_id=[row // 2 for row in range(ROWS)], y=[0.5] * ROWS)

    assert useless(table.schema.columns[0], table.schema) is None


def test_nothing_of_an_array_is_left_out() -> None:
    table = arrays([[row, 1] for row in range(ROWS)], [0.5] * ROWS)

    assert [column.name for column in select(job(), table.schema)[0].features] == ["input_0", "input_1"]


def test_prose_can_not_be_learned_from() -> None:
    table = table_of(prose=[f"{'x' * 300}{row}" for row in range(3)], y=[0, 1, 0])

    assert (impossible(table.schema.columns[0]) or "").startswith("has 3 different texts")


def test_the_target_of_arrays_is_known() -> None:
    one, several = arrays([[1], [2]], [0, 1]), arrays([[1], [2]], [[0, 1], [1, 0]])

    assert [column.name for column in select(job(), one.schema)[0].targets] == ["target_0"]
    assert [column.name for column in select(job(), several.schema)[0].targets] == ["target_0", "target_1"]


def test_only_columns_of_two_dimensional_targets_are_taken_as_they_stand() -> None:
    one, several = arrays([[1], [2]], [0, 1]).schema, arrays([[1], [2]], [[0], [1]]).schema

    assert as_they_stand(["target_0"], several)
    assert not as_they_stand(["target_0"], one)
    assert not as_they_stand(["input_0"], several)


def test_a_target_of_an_array_teaches_nothing_about_another() -> None:
    table = arrays([[1], [2]], [[0, 1], [1, 0]])

    assert [column.name for column in select(job(target="target_1"), table.schema)[0].features] == ["input_0"]


def test_a_table_of_the_target_alone_has_nothing_to_learn_from() -> None:
    assert set(faults_of(table_of(y=[1, 2]), target="y")) == {"/features"}


@pytest.mark.parametrize(
    ("fields", "pointer", "words"),
    [
        ({}, "/target", "Name the column to predict; the columns are length, island, species."),
        ({"target": "speceis"}, "/target", "did you mean species?"),
        ({"target": ["species", "oops"]}, "/target/1", "There is no column oops"),
        ({"target": ["species", "species"]}, "/target/1", "stands here twice"),
        ({"target": "species", "features": ["length", "lenth"]}, "/features/1", "did you mean length?"),
        ({"target": "species", "features": ["length", "length"]}, "/features/1", "stands here twice"),
        ({"target": "species", "features": ["species"]}, "/features/0", "is the target"),
        ({"target": "species", "sample_weight": "wait"}, "/sample_weight", "There is no column wait"),
        ({"target": "species", "sample_weight": "species"}, "/sample_weight", "is the target"),
        ({"target": "species", "sample_weight": "island"}, "/sample_weight", "must hold weights"),
        ({"target": "species", "features": ["length"], "sample_weight": "length"}, "/features/0", "the sample weight"),
    ],
)
def test_faults(fields: dict[str, Any], pointer: str, words: str) -> None:
    faults = faults_of(animals(), **fields)

    assert set(faults) == {pointer}
    assert words in faults[pointer]


def test_weights_are_not_negative_and_not_all_zero() -> None:
    table = table_of(x=[1, 2], minus=[1, -1], zero=[0, 0], y=["a", "b"])

    assert "/sample_weight" in faults_of(table, target="y", sample_weight="minus")
    assert "/sample_weight" in faults_of(table, target="y", sample_weight="zero")


def test_an_empty_target_has_nothing_to_predict() -> None:
    assert faults_of(wide(), target="empty") == {"/target": "Column empty has no values to learn to predict."}


def test_the_weights_are_no_feature() -> None:
    table = table_of(x=[1, 2], w=[1, 2], y=["a", "b"])

    selection, _ = select(job(target="y", sample_weight="w"), table.schema)

    assert [column.name for column in selection.features] == ["x"]

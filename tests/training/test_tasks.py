from typing import Any

import pytest

from deltarule.training.columns import select
from deltarule.training.tables import Table
from deltarule.training.tasks import Aim, aim, looks_like_classes, says_yes_or_no
from tests.training.making import arrays, job, table_of

ROWS = 40
TABLE = table_of(
    x=[0.5 * row for row in range(ROWS)],
    price=[1.5 * row for row in range(ROWS)],
    count=list(range(ROWS)),
    digit=[row % 4 for row in range(ROWS)],
    yes=[row % 2 for row in range(ROWS)],
    no=[(row + 1) % 2 for row in range(ROWS)],
    flag=[row % 3 == 0 for row in range(ROWS)],
    kind=["abc"[row % 3] for row in range(ROWS)],
    pair=["ab"[row % 2] for row in range(ROWS)],
)


def of(table: Table = TABLE, **fields: object) -> Aim:
    spec = job(**fields)
    return aim(spec, select(spec, table.schema)[0])


def output(**layer: object) -> dict[str, Any]:
    return {"layers": [{"units": 5}, layer]}


def loss(name: str) -> dict[str, str]:
    return {"name": name}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"target": "kind"}, Aim("classification", 3, "cross_entropy", "softmax", False)),
        ({"target": "pair"}, Aim("classification", 2, "cross_entropy", "softmax", False)),
        ({"target": "digit"}, Aim("classification", 4, "cross_entropy", "softmax", False)),
        ({"target": "price"}, Aim("regression", 1, "squared_error", "identity", True)),
        ({"target": "count"}, Aim("regression", 1, "squared_error", "identity", True)),
        ({"target": ["price", "count"]}, Aim("regression", 2, "squared_error", "identity", True)),
        ({"target": ["yes", "flag"]}, Aim("multilabel", 2, "log_loss", "sigmoid", False)),
        ({"target": "yes", "task": "multilabel"}, Aim("multilabel", 1, "log_loss", "sigmoid", False)),
        ({"target": "digit", "task": "regression"}, Aim("regression", 1, "squared_error", "identity", True)),
        ({"target": "count", "task": "classification"}, Aim("classification", 40, "cross_entropy", "softmax", False)),
    ],
)
def test_the_target_decides_what_the_job_leaves_open(fields: dict[str, Any], expected: Aim) -> None:
    assert of(**fields) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"target": "digit", "loss": loss("huber")}, Aim("regression", 1, "huber", "identity", True)),
        ({"target": "digit", "loss": loss("poisson")}, Aim("regression", 1, "poisson", "softplus", False)),
        ({"target": "pair", "loss": loss("log_loss")}, Aim("classification", 1, "log_loss", "sigmoid", False)),
        ({"target": "kind", "loss": loss("log_loss")}, Aim("classification", 3, "log_loss", "sigmoid", False)),
        ({"target": "pair", "loss": loss("hinge")}, Aim("classification", 1, "hinge", "identity", False)),
        (
            {"target": "kind", "loss": loss("squared_error")},
            Aim("classification", 3, "squared_error", "softmax", False),
        ),
        ({"target": ["yes", "no"], "loss": loss("hinge")}, Aim("multilabel", 2, "hinge", "identity", False)),
    ],
)
def test_the_loss_decides_the_output_layer(fields: dict[str, Any], expected: Aim) -> None:
    assert of(**fields) == expected


@pytest.mark.parametrize(
    ("target", "layer", "expected"),
    [
        ("pair", {"units": 1}, Aim("classification", 1, "log_loss", "sigmoid", False)),
        ("pair", {"activation": "sigmoid"}, Aim("classification", 1, "log_loss", "sigmoid", False)),
        ("pair", {"activation": "tanh"}, Aim("classification", 1, "squared_error", "tanh", False)),
        ("pair", {"units": 2, "activation": "sigmoid"}, Aim("classification", 2, "log_loss", "sigmoid", False)),
        ("digit", {"units": 1}, Aim("regression", 1, "squared_error", "identity", True)),
        ("digit", {"activation": "identity"}, Aim("regression", 1, "squared_error", "identity", True)),
        ("count", {"units": 40}, Aim("classification", 40, "cross_entropy", "softmax", False)),
        ("count", {"activation": "softmax"}, Aim("classification", 40, "cross_entropy", "softmax", False)),
        ("price", {"activation": "relu"}, Aim("regression", 1, "squared_error", "relu", False)),
        ("price", {"activation": "leaky_relu"}, Aim("regression", 1, "squared_error", "leaky_relu", True)),
    ],
)
def test_the_output_layer_decides_the_loss(target: str, layer: dict[str, Any], expected: Aim) -> None:
    assert of(target=target, network=output(**layer)) == expected


ONE_HOT = arrays([[1], [2], [3]], [[1, 0], [0, 1], [1, 0]])
LABELS = arrays([[1], [2], [3]], [[1, 0], [1, 1], [1, 0]])
BITS = arrays([[1], [2], [3]], [[1], [0], [1]])
REAL = arrays([[1], [2], [3]], [[1.5, 0], [0, 1], [1, 0]])
SIGNS = arrays([[1], [2], [3]], [[1], [-1], [1]])


@pytest.mark.parametrize(
    ("table", "fields", "task", "loss_name"),
    [
        (ONE_HOT, {}, "classification", "cross_entropy"),
        (LABELS, {}, "multilabel", "log_loss"),
        (BITS, {}, "classification", "log_loss"),
        (REAL, {}, "regression", "squared_error"),
        (SIGNS, {}, "regression", "squared_error"),
        (SIGNS, {"loss": loss("hinge")}, "classification", "hinge"),
        (REAL, {"loss": loss("cross_entropy")}, "classification", "cross_entropy"),
        (ONE_HOT, {"network": output(activation="softmax")}, "classification", "cross_entropy"),
        (ONE_HOT, {"network": output(activation="sigmoid")}, "multilabel", "log_loss"),
        (ONE_HOT, {"loss": loss("squared_error")}, "regression", "squared_error"),
        (BITS, {"network": output(activation="sigmoid"), "loss": loss("squared_error")}, "classification", None),
        (BITS, {"network": output(activation="identity")}, "regression", "squared_error"),
    ],
)
def test_arrays_are_taken_as_they_stand(table: Table, fields: dict[str, Any], task: str, loss_name: str | None) -> None:
    found = of(table, **fields)

    assert found.task == task
    assert found.outputs == len(table.schema.columns) - 1
    assert loss_name in {found.loss, None}
    assert not found.scales_target


def test_a_single_class_is_a_class() -> None:
    assert of(table_of(x=[1, 2], y=["a", "a"]), target="y") == Aim(
        "classification", 1, "cross_entropy", "softmax", False
    )


@pytest.mark.parametrize(
    ("numbers", "rows", "classes"),
    [
        ([0, 1], 2, True),
        ([0, 1, 2], 15, True),
        ([0, 1, 2], 14, False),
        (list(range(21)), 1000, False),
        ([0.5, 1], 50, False),
    ],
)
def test_few_whole_numbers_look_like_classes(numbers: list[float], rows: int, classes: bool) -> None:
    column = table_of(y=[numbers[row % len(numbers)] for row in range(rows)]).schema.columns[0]

    assert column.type == "numeric"
    assert looks_like_classes(column, rows) is classes


def test_yes_and_no_in_any_of_their_forms() -> None:
    schema = table_of(a=[True, False], b=["Yes", "no"], c=[0, 1], d=[1, 2], e=["yes", "maybe"]).schema

    assert [says_yes_or_no(column) for column in schema.columns] == [True, True, True, False, False]

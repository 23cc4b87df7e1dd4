from typing import Any

import pytest

from deltarule.training.errors import SpecError
from deltarule.training.resolution import resolve
from deltarule.training.tables import Table
from tests.training.making import animals, arrays, job, table_of

ROWS = 30
TABLE = table_of(
    x=[row * 7 % 10 for row in range(ROWS)],
    price=[1.5 * row - 3 for row in range(ROWS)],
    pair=["ab"[row % 2] for row in range(ROWS)],
    kind=["abc"[row % 3] for row in range(ROWS)],
    bit=[row % 2 for row in range(ROWS)],
)
ARRAY = arrays([[1], [2], [3]], [[2.5], [0.0], [-1.0]])
PAIR = arrays([[1], [2], [3]], [[1, 0], [0, 1], [1, 0]])


@pytest.mark.parametrize(
    ("table", "fields", "pointer", "words"),
    [
        (TABLE, {"target": "kind", "task": "regression"}, "/target", "holds 3 different texts, but regression takes"),
        (TABLE, {"target": ["price", "kind"]}, "/target/1", "regression takes numbers"),
        (TABLE, {"target": ["price", "bit"], "task": "multilabel"}, "/target/0", "takes columns of 0 and 1"),
        (TABLE, {"target": ["price", "bit"], "task": "classification"}, "/task", "predicts one column"),
        (TABLE, {"target": "price", "loss": {"name": "cross_entropy"}}, "/loss/name", "is for classes"),
        (TABLE, {"target": "price", "loss": {"name": "poisson"}}, "/loss/name", "price goes from -3 to 40.5"),
        (TABLE, {"target": "kind", "preprocessing": {"standardize_target": True}}, None, "this is classification"),
        (ARRAY, {"preprocessing": {"standardize_target": True}}, None, "taken as they stand"),
        (
            TABLE,
            {"target": "kind", "training": {"class_weight": {"a": 1, "z": 2}}},
            "/training/class_weight/z",
            "a, b, c",
        ),
        (TABLE, {"target": "price", "training": {"class_weight": "balanced"}}, "/training/class_weight", "regression"),
        (PAIR, {"training": {"class_weight": {"z/": 1}}}, "/training/class_weight/z~1", "target_0, target_1"),
        (ARRAY, {"task": "classification"}, "/task", "holds 0 and 1"),
        (ARRAY, {"loss": {"name": "hinge"}}, "/target", "holds 0 and 1"),
        (ARRAY, {"loss": {"name": "log_loss"}}, "/loss/name", "at least 0 and at most 1"),
    ],
)
def test_faults(table: Table, fields: dict[str, Any], pointer: str | None, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve(job(**fields), table.schema)

    faults = {fault.pointer: fault.detail for fault in caught.value.faults}
    assert words in faults[pointer or "/preprocessing/standardize_target"]


@pytest.mark.parametrize(
    ("target", "layer", "words"),
    [
        ("kind", {"units": 2}, "one unit for each class of kind: 3, not 2"),
        ("pair", {"units": 3}, "2 (or 1), not 3"),
        ("pair", {"units": 1, "activation": "sigmoid"}, "needs one unit for each of the two classes"),
    ],
)
def test_the_output_layer_fits_the_classes(target: str, layer: dict[str, Any], words: str) -> None:
    loss = {"loss": {"name": "cross_entropy"}} if "activation" in layer else {}
    with pytest.raises(SpecError) as caught:
        resolve(job(target=target, network={"layers": [{"units": 4}, layer]}, **loss), TABLE.schema)

    faults = [fault for fault in caught.value.faults if fault.pointer == "/network/layers/1/units"]
    assert len(faults) == 1
    assert words in faults[0].detail


def test_texts_too_many_to_be_classes() -> None:
    table = table_of(x=list(range(1200)), y=[f"text {row}" for row in range(1200)])

    with pytest.raises(SpecError, match="/target: Column y has 1200 different texts: too many to be classes"):
        resolve(job(target="y", features=["x"]), table.schema)


def test_a_single_row_can_not_be_split() -> None:
    with pytest.raises(SpecError, match="/training/validation_fraction: A single row"):
        resolve(job(training={"validation_fraction": 0.5}), arrays([[1]], [[2]]).schema)


def test_unscaled_targets_of_a_squashing_output_are_allowed() -> None:
    spec = resolve(job(target="price", network={"layers": [{"activation": "tanh"}]}), TABLE.schema)

    assert spec.preprocessing.standardize_target is False


def test_class_weights_by_name() -> None:
    spec = resolve(job(target="species", training={"class_weight": {"Gentoo": 2.0}}), animals().schema)

    assert spec.training.class_weight == {"Gentoo": 2.0}

import numpy as np
import pytest

from deltarule.training.errors import DataError, SpecError
from deltarule.training.preparation import Prepared, check, prepare
from deltarule.training.resolution import resolve
from deltarule.training.tables import Table
from tests.training.making import animals, arrays, finished, job, line, table_of


def prepared(table: Table, validation: Table | None = None, **fields: object) -> Prepared:
    return prepare(resolve(job(**fields), table.schema), table, validation)


def test_rows_are_split_and_encoded() -> None:
    ready = prepared(animals(), target="species")

    assert ready.training.inputs.shape == (48, 4)
    assert ready.training.inputs.dtype == np.float32
    assert ready.validation is not None
    assert ready.validation.targets.shape == (12, 3)
    assert ready.class_sizes is not None
    assert ready.class_sizes.tolist() == [16, 16, 16]


def test_means_are_those_of_the_training_rows() -> None:
    ready = prepared(line(), target="y", features=["x"], network={"dtype": "float64", "layers": [{}]})

    assert ready.training.inputs.mean() == pytest.approx(0)
    assert ready.training.targets.std() == pytest.approx(1)
    assert ready.validation is not None
    assert ready.validation.inputs.mean() != pytest.approx(0)


def test_two_dimensional_targets_reach_the_trainer_unchanged() -> None:
    targets = [[0.25, -3.0], [1e-3, 7.5], [0.0, 2.0]]

    ready = prepared(arrays([[1], [2], [3]], targets), network={"dtype": "float64", "layers": [{}]})

    assert ready.training.targets.tolist() == targets
    assert ready.validation is None


def test_rows_without_a_target_are_left_out() -> None:
    table = table_of(x=[1, 2, 3], y=[1.5, None, 2.5])

    ready = prepared(table, target="y")

    assert len(ready.training) == 2
    assert ready.usable.without_target == 1


def test_weights_are_those_of_the_sample_and_of_its_class() -> None:
    table = table_of(x=[1, 2, 3], w=[1, 2, 3], y=["a", "a", "b"])

    ready = prepared(table, target="y", sample_weight="w", training={"class_weight": {"b": 10}})

    assert ready.training.weights is not None
    assert ready.training.weights.tolist() == [1, 2, 30]


def test_given_weights_start_the_training_and_are_no_part_of_the_model() -> None:
    layers = [{"weights": [[0.5]], "biases": [1.0], "units": 1}]

    ready = prepared(line(), target="y", features=["x"], network={"layers": layers})

    assert ready.definition.network.layers[0].weights == ((0.5,),)
    assert ready.form.definition.network.layers[0].weights is None


@pytest.mark.parametrize(
    ("table", "fields", "pointer", "sentence"),
    [
        (animals(), {"preprocessing": {"missing": "error"}}, None, "row 5, column length: the value is missing"),
        (
            table_of(length=[1, None, 2], island=[None, "a", None], species=["a", "b", "b"]),
            {"preprocessing": {"missing": "drop"}},
            None,
            "every one of the 3 rows misses a value",
        ),
        (
            table_of(length=[1e50, 2, 3], species=["a", "b", "b"]),
            {"preprocessing": {"standardize": False}},
            None,
            r"row 1, column length: 1e\+50 is too large for float32",
        ),
        (
            table_of(length=[1, 2, 3], w=[1, None, 1], species=["a", "b", "b"]),
            {"sample_weight": "w"},
            "/sample_weight",
            "row 2, column w: the weight is missing",
        ),
    ],
)
def test_what_only_the_rows_tell(table: Table, fields: dict[str, object], pointer: str | None, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        check(resolve(job(target="species", **fields), table.schema), table)

    assert caught.value.pointer == pointer


def test_a_target_that_the_loss_does_not_take_names_its_row() -> None:
    table = arrays([[1], [2], [3]], [[1, 1], [1, 0], [1, -1]])

    with pytest.raises(DataError, match=r"row 2, column target_1: hinge takes targets that are -1 or 1, not 0"):
        prepared(table, loss={"name": "hinge"})


def test_a_target_too_large_for_the_network_names_its_row() -> None:
    with pytest.raises(DataError, match=r"row 2, column target_0: 1e\+40 is too large for float32"):
        prepared(arrays([[1], [2]], [[1.5], [1e40]]))


def test_a_weight_for_a_number_that_is_no_class() -> None:
    table = table_of(x=list(range(20)), y=[row % 2 for row in range(20)])

    with pytest.raises(DataError, match="'7' is no class; the classes are 0, 1") as caught:
        prepared(table, target="y", training={"class_weight": {"7": 2}})
    assert caught.value.pointer == "/training/class_weight/7"


def test_features_without_a_training_value() -> None:
    table = table_of(t=[None, None, None, "a"], y=[1.5, 2.5, 3.5, None])

    with pytest.raises(DataError, match="No feature has a value in the training rows"):
        prepared(table, target="y")


def test_first_weights_that_fit_all_categories_but_not_those_of_the_training_rows() -> None:
    table = table_of(t=["a", "b", "c"], y=[1.5, 2.5, None])
    layers = [{"units": 1, "weights": [[1, 2, 3]]}]

    with pytest.raises(SpecError, match="/network/layers/0/weights/0"):
        prepared(table, target="y", network={"layers": layers})


def test_other_data_to_validate_on() -> None:
    other = table_of(species=["Gentoo", None], island=["Dream", "Dream"], length=[20, 21], extra=[1, 2])

    ready = prepared(animals(), other, target="species", training={"validation_dataset_id": "v"})

    assert len(ready.training) == 60
    assert ready.validation is not None
    assert ready.validation.targets.tolist() == [[0, 0, 1]]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"species": ["Gentoo"], "island": ["Dream"]}, "needs column length"),
        ({"species": ["Dodo"], "island": ["Dream"], "length": [1]}, "'Dodo' is no class of the training data"),
        ({"species": ["Gentoo"], "island": [3], "length": [1]}, "column island as texts"),
        ({"species": [None], "island": ["Dream"], "length": [1]}, "No rows are left"),
    ],
)
def test_other_data_that_does_not_fit(columns: dict[str, list[object]], sentence: str) -> None:
    with pytest.raises(DataError, match=f"In the validation data: .*{sentence}") as caught:
        prepared(animals(), table_of(**columns), target="species", training={"validation_dataset_id": "v"})

    assert caught.value.pointer == "/training/validation_dataset_id"


def test_a_model_to_go_on_from_keeps_its_encoding() -> None:
    model = finished(animals(), target="species", training={"epochs": 1}).model()
    other = table_of(length=[500, 501, 502], island=["Dream"] * 3, species=["Gentoo", "Adelie", "Adelie"])
    spec = resolve(job(network={"model_id": "m"}), other.schema, model)

    ready = prepare(spec, other, continued=model)

    assert ready.form.inputs == model.form.inputs
    assert ready.form.target == model.form.target
    assert ready.training.inputs[:, 0].min() > 10


def test_a_part_of_the_split_in_which_no_row_counts_is_named() -> None:
    """Of two rows one counts: wherever it goes, the other part has none."""
    table = table_of(x=[0.0, 1.0], y=[0.5, 1.5], w=[1.0, 0.0])
    told = set()
    for seed in range(8):
        with pytest.raises(DataError, match="All weights in column w are 0") as caught:
            prepared(table, target="y", sample_weight="w", training={"seed": seed, "validation_fraction": 0.5})
        assert caught.value.pointer == "/sample_weight"
        told.add(next(part for part in ("training", "validation") if f"in the {part} part" in str(caught.value)))
    assert told == {"training", "validation"}

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deltarule.training.errors import SpecError
from deltarule.training.resolution import resolve
from deltarule.training.spec import Spec
from deltarule.training.tables import Schema, from_inline, read
from tests.training.making import animals, arrays, job, line, table_of

REFERENCE = Path(__file__).parent.parent / "conformance" / "reference"
ANIMALS = animals().schema


def faults_of(schema: Schema = ANIMALS, memory_limit: int | None = None, **fields: object) -> dict[str, str]:
    with pytest.raises(SpecError) as caught:
        resolve(job(**fields), schema, memory_limit=memory_limit)
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def again(spec: Spec) -> Spec:
    """The job as a client posts it that took it from an answer."""
    return Spec.model_validate_json(spec.model_dump_json())


def test_two_fields_are_enough_and_nothing_is_left_open() -> None:
    spec = resolve(job(target="species"), ANIMALS)

    written = spec.model_dump(mode="json")
    assert spec.features == ("length", "island")
    assert spec.task == "classification"
    assert spec.preprocessing.standardize_target is False
    assert [layer["activation"] for layer in written["network"]["layers"]] == ["tanh", "tanh", "softmax"]
    assert written["network"]["layers"][-1]["units"] == 3
    assert written["network"]["dtype"] == "float32"
    open_ones = {name for name in ("loss", "optimizer", "schedule", "features", "task") if written[name] is None}
    assert not open_ones
    assert written["training"]["early_stopping"]["restore_best"]
    assert written["training"]["validation_fraction"] == 0.2


def test_what_changes_the_mathematics_is_off() -> None:
    spec = resolve(job(target="species"), ANIMALS)

    assert spec.regularization.model_dump() == {"l1": 0, "l2": 0, "max_gradient_norm": None}
    assert spec.schedule is not None
    assert spec.schedule.name == "constant"
    assert spec.training.class_weight is None
    assert all(layer.dropout == 0 for layer in spec.network.layers or ())


def test_what_is_asked_for_stays() -> None:
    asked: dict[str, Any] = {
        "name": "mine",
        "target": "species",
        "features": ["island"],
        "optimizer": {"name": "sgd", "learning_rate": 0.5},
        "network": {"dtype": "float64", "layers": [{"units": 4, "activation": "relu"}, {}]},
        "training": {"epochs": 7, "batch_size": "full", "seed": 9, "validation_fraction": 0.5},
    }

    spec = resolve(job(**asked), ANIMALS)

    assert spec.name == "mine"
    assert spec.features == ("island",)
    assert spec.optimizer is not None
    assert (spec.optimizer.name, spec.optimizer.learning_rate) == ("sgd", 0.5)
    assert [layer.units for layer in spec.network.layers or ()] == [4, 3]
    assert (spec.training.epochs, spec.training.batch_size, spec.training.seed) == (7, "full", 9)


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.json")), ids=lambda path: path.stem)
def test_a_resolved_reference_job_resolves_to_itself(path: Path) -> None:
    posted = Spec.model_validate_json(json.dumps(json.loads(path.read_text())["job"]))
    assert posted.data is not None
    schema = read(from_inline(posted.data), "json").schema

    spec = resolve(posted, schema)

    assert spec.training.validation_fraction == 0
    assert spec.training.early_stopping is None
    assert not spec.preprocessing.standardize_target
    assert resolve(again(spec), schema) == spec


ACTIVATIONS = st.sampled_from(["identity", "sigmoid", "tanh", "relu", "softmax"])
LAYERS = st.lists(
    st.fixed_dictionaries({"units": st.integers(1, 5)}, optional={"activation": ACTIVATIONS, "bias": st.booleans()}),
    max_size=2,
)
OUTPUT = st.fixed_dictionaries({}, optional={"units": st.integers(1, 3), "activation": ACTIVATIONS})
RULES = st.sampled_from([None, {}, {"monitor": "training_loss"}, {"patience": 3}])
TRAINING = st.fixed_dictionaries(
    {},
    optional={
        "epochs": st.integers(1, 500),
        "batch_size": st.sampled_from([1, 16, "full"]),
        "validation_fraction": st.sampled_from([0.0, 0.3]),
        "early_stopping": RULES,
        "seed": st.integers(0, 9),
    },
)
JOBS = st.fixed_dictionaries(
    {"target": st.sampled_from(["a", "b", "c", ["a", "b"], ["c", "d"], ["c"]])},
    optional={
        "task": st.sampled_from(["classification", "regression", "multilabel"]),
        "loss": st.sampled_from(["squared_error", "huber", "log_loss", "cross_entropy", "hinge", "poisson"]).map(
            lambda name: {"name": name}
        ),
        "network": st.builds(lambda hidden, output: {"layers": [*hidden, output]}, LAYERS, OUTPUT),
        "preprocessing": st.fixed_dictionaries({}, optional={"standardize_target": st.booleans()}),
        "features": st.sampled_from([["x"], ["x", "t"]]),
        "training": TRAINING,
    },
)
MIXED = table_of(
    a=[0.5 * row for row in range(30)],
    b=[row % 5 for row in range(30)],
    c=[row % 2 for row in range(30)],
    d=[row % 3 == 0 for row in range(30)],
    x=[row * 7 % 10 for row in range(30)],
    t=["uvw"[row % 3] for row in range(30)],
).schema


@given(JOBS)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_a_job_resolves_to_one_that_resolves_to_itself_or_tells_its_faults(fields: dict[str, Any]) -> None:
    try:
        spec = resolve(job(**fields), MIXED)
    except SpecError as error:
        pointers = [fault.pointer for fault in error.faults]
        assert all(pointer == "" or pointer.startswith("/") for pointer in pointers)
        assert len(set(pointers)) == len(pointers) > 0
    else:
        assert resolve(again(spec), MIXED) == spec


def test_all_faults_are_told_at_once() -> None:
    faults = faults_of(
        target="speceis",
        features=["length", "lenth"],
        network={"layers": [{"activation": "relu"}, {"units": 2, "biases": [1.0]}, {}]},
        training={"validation_fraction": 0.2, "validation_dataset_id": "v"},
    )

    assert set(faults) == {
        "/target",
        "/features/1",
        "/network/layers/0/units",
        "/network/layers/1/biases",
        "/training/validation_fraction",
    }


def test_faults_of_task_loss_and_layers_are_told_at_once() -> None:
    faults = faults_of(
        line().schema,
        target="y",
        loss={"name": "log_loss"},
        network={"layers": [{}, {"activation": "sigmoid", "units": 3}]},
        preprocessing={"standardize_target": True},
        training={"class_weight": "balanced"},
    )

    assert set(faults) == {
        "/network/layers/0/units",
        "/network/layers/1/units",
        "/preprocessing/standardize_target",
        "/training/class_weight",
    }


def test_rows_come_from_somewhere_and_from_one_place() -> None:
    nowhere = Spec.model_validate_json('{"target": "species"}')
    with pytest.raises(SpecError) as caught:
        resolve(nowhere, ANIMALS)

    assert [fault.pointer for fault in caught.value.faults] == [""]
    assert set(faults_of(target="species", data={"columns": {"x": [1]}})) == {"/data"}


def test_a_model_that_is_not_there_is_a_fault() -> None:
    assert set(faults_of(target="species", network={"model_id": "m"})) == {"/network/model_id"}


def test_early_stopping_is_off_without_validation_data() -> None:
    none = resolve(job(target="species", training={"validation_fraction": 0.0}), ANIMALS)
    asked = resolve(job(target="species", training={"validation_fraction": 0.0, "early_stopping": {}}), ANIMALS)
    on_training = {"monitor": "training_loss"}
    other = resolve(job(target="species", training={"validation_fraction": 0, "early_stopping": on_training}), ANIMALS)

    assert none.training.early_stopping is asked.training.early_stopping is None
    assert other.training.early_stopping is not None


def test_null_keeps_early_stopping_off() -> None:
    assert resolve(job(target="species", training={"early_stopping": None}), ANIMALS).training.early_stopping is None


def test_another_dataset_to_validate_on_leaves_all_rows_to_train_on() -> None:
    spec = resolve(job(target="species", training={"validation_dataset_id": "v"}), ANIMALS)

    assert spec.training.validation_fraction == 0
    assert spec.training.early_stopping is not None


def test_a_table_of_few_rows_is_not_split() -> None:
    spec = resolve(job(), arrays([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]).schema)

    assert spec.training.validation_fraction == 0
    assert spec.target == ("target_0",)


def test_a_network_beyond_the_memory_limit_is_refused_before_it_is_made() -> None:
    layers = [{"units": 65_536}, {"units": 65_536}, {}]

    faults = faults_of(target="species", network={"layers": layers}, memory_limit=2**30)

    assert set(faults) == {"/network/layers"}
    assert "1,024 MiB are allowed" in faults["/network/layers"]


def test_given_weights_must_fit_the_columns() -> None:
    layers = [{"units": 1, "weights": [[0.5, 0.5]]}, {}]

    assert set(faults_of(target="species", network={"layers": layers})) == {"/network/layers/0/weights/0"}


def test_what_optimizer_and_schedule_would_ignore_is_told_with_all_else() -> None:
    asked = {
        "optimizer": {"name": "sgd", "learning_rate": 0.01, "nesterov": True},
        "schedule": {"name": "cosine", "minimum": 0.1},
    }

    assert faults_of(target="species", **asked).keys() == {"/optimizer/nesterov", "/schedule/minimum"}
    assert faults_of(target="nothing", **asked).keys() == {"/target", "/optimizer/nesterov", "/schedule/minimum"}
    assert faults_of(target="species", schedule={"name": "cosine", "minimum": 0.5}).keys() == {"/schedule/minimum"}
    assert faults_of(target="species", optimizer={"name": "adam", "epsilon": 1e-50}).keys() == {"/optimizer/epsilon"}

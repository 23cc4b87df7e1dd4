import numpy as np
import pytest

from deltarule.training.errors import SpecError
from deltarule.training.evaluation import evaluate
from deltarule.training.model import Model
from deltarule.training.resolution import resolve
from deltarule.training.spec import Spec
from deltarule.training.tables.stream import stream_of
from tests.training.making import animals, finished, job, line, started, table_of


@pytest.fixture(scope="module")
def model() -> Model:
    return finished(animals(), target="species", training={"epochs": 3}).model()


def test_the_model_settles_the_columns_and_the_loss(model: Model) -> None:
    schema = animals().schema

    spec = resolve(job(network={"model_id": "m"}), schema, model)

    assert (spec.target, spec.features, spec.task) == ("species", ("length", "island"), "classification")
    assert spec.loss == model.form.definition.loss
    assert spec.network.dtype == "float32"
    assert spec.network.layers is None
    assert resolve(Spec.model_validate_json(spec.model_dump_json()), schema, model) == spec


def test_training_starts_where_the_model_ended(model: Model) -> None:
    run = started(animals(), continued=model, network={"model_id": "m"})

    assert np.array_equal(run.model().parameters.vector, model.parameters.vector)


def test_going_on_lowers_the_loss(model: Model) -> None:
    plan = {"epochs": 30, "early_stopping": None}
    run = finished(animals(), continued=model, network={"model_id": "m"}, training=plan)
    before = evaluate(model, stream_of(animals()))["log_loss"]

    assert evaluate(run.model(), stream_of(animals()))["log_loss"] < before


def test_a_model_may_be_gone_on_from_in_double_precision(model: Model) -> None:
    run = started(animals(), continued=model, network={"model_id": "m", "dtype": "float64"})

    assert run.model().parameters.vector.dtype == np.float64
    assert np.array_equal(run.model().parameters.vector, model.parameters.vector)


def test_a_model_of_numbers_keeps_its_scale() -> None:
    model = finished(line(), target="y", training={"epochs": 1}).model()

    spec = resolve(job(network={"model_id": "m"}, preprocessing={"missing": "drop"}), line().schema, model)

    assert spec.preprocessing.standardize_target is True
    assert spec.preprocessing.missing == "drop"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"network": {"model_id": "m", "layers": [{"units": 3}]}}, "/network/layers"),
        ({"target": "island"}, "/target"),
        ({"features": ["length"]}, "/features"),
        ({"task": "multilabel"}, "/task"),
        ({"preprocessing": {"standardize": False}}, "/preprocessing/standardize"),
        ({"preprocessing": {"standardize_target": True}}, "/preprocessing/standardize_target"),
        ({"loss": {"name": "poisson"}, "target": "island"}, "/target"),
        ({"loss": {"name": "log_loss"}, "network": {"model_id": "m", "layers": [{}]}}, "/network/layers"),
    ],
)
def test_what_the_model_has_settled_can_not_be_asked_for(model: Model, fields: dict[str, object], pointer: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve(job(**({"network": {"model_id": "m"}} | fields)), animals().schema, model)

    assert [fault.pointer for fault in caught.value.faults] == [pointer]


def test_a_loss_that_the_output_layer_does_not_take(model: Model) -> None:
    table = line()
    numbers = finished(table, target="y", training={"epochs": 1}).model()

    with pytest.raises(SpecError) as caught:
        resolve(job(network={"model_id": "m"}, loss={"name": "poisson"}), table.schema, numbers)

    assert {fault.pointer for fault in caught.value.faults} == {"/network/layers/2/activation"}


def test_data_without_the_models_columns(model: Model) -> None:
    table = table_of(lenght=[1, 2], island=[1, 2], species=["Gentoo", "Adelie"])

    with pytest.raises(SpecError) as caught:
        resolve(job(network={"model_id": "m"}), table.schema, model)

    assert [fault.pointer for fault in caught.value.faults] == ["/network/model_id"] * 2
    assert "did you mean lenght?" in caught.value.faults[0].detail
    assert "column island as categorical, and in this data it is numeric" in caught.value.faults[1].detail

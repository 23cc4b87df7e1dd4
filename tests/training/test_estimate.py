import tracemalloc

import pytest

from deltarule.training.estimate import ARRAYS_OF_A_STEP, BYTES, VECTORS, estimate, input_width
from deltarule.training.resolution import resolve
from deltarule.training.tables import Schema
from tests.training.making import animals, finished, job, started, table_of

SCHEMA = animals().schema


def test_parameters_are_those_of_the_run() -> None:
    table = animals()

    found = estimate(resolve(job(target="species"), table.schema), table.schema)

    assert found.parameters == started(table, target="species").parameters


def test_a_model_is_gone_on_from_with_its_own_inputs() -> None:
    table = animals()
    model = finished(table, target="species", training={"epochs": 1}).model()
    spec = resolve(job(network={"model_id": "m"}), table.schema, model)

    assert estimate(spec, table.schema, model).parameters == model.parameters.layout.size


def test_memory_covers_what_training_takes() -> None:
    rows = 3000
    table = table_of(**{f"x{at}": [float(row * at % 17) for row in range(rows)] for at in range(1, 40)}, y=[1.5] * rows)
    fields = {"target": "y", "network": {"layers": [{"units": 400}, {"units": 300}, {}]}}
    expected = estimate(resolve(job(**fields), table.schema), table.schema).memory_bytes

    tracemalloc.start()
    started(table, **fields).advance(0.01)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert 0.25 * expected < peak < expected


def test_nothing_is_allocated_for_the_largest_network() -> None:
    layers = [{"units": 65_536}] * 200
    spec = resolve(job(target="species", network={"layers": [*layers, {}]}), SCHEMA)

    assert estimate(spec, SCHEMA).parameters > 8e11


@pytest.mark.parametrize("more", [{"epochs": 20}, {"epochs": 10, "batch_size": 1}])
def test_more_steps_take_longer(more: dict[str, object]) -> None:
    def seconds(schema: Schema, **training: object) -> float:
        return estimate(resolve(job(target="species", training=training), schema), schema).seconds

    assert 0 < seconds(SCHEMA, epochs=10, batch_size=16) < seconds(SCHEMA, **({"batch_size": 16} | more))


def test_a_category_is_an_input() -> None:
    assert input_width(SCHEMA.columns) == 1 + 3 + 3


def test_the_widest_nets_are_reckoned_with_the_rows_of_their_own_passes() -> None:
    def per_unit(units: int) -> float:
        fields = {"layers": [*[{"units": units}] * 200, {}]}
        spec = resolve(job(target="species", network=fields, training={"batch_size": 1}), SCHEMA)
        cost = estimate(spec, SCHEMA)
        vectors = BYTES["float32"] * (VECTORS + 2) * cost.parameters
        return (cost.memory_bytes - vectors) / (200 * units * BYTES["float32"] * ARRAYS_OF_A_STEP)

    assert per_unit(65_536) == pytest.approx(1, rel=0.01), "one row, for millions of units"
    assert per_unit(10) > 1000

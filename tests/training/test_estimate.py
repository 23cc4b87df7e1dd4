import tracemalloc

import pytest

from deltarule.training.errors import SpecError
from deltarule.training.estimate import ARRAYS_OF_A_STEP, BYTES, VECTORS, block_rows, estimate, input_width
from deltarule.training.resolution import resolve
from deltarule.training.spec import Spec
from deltarule.training.tables import NumericColumn, Schema
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


def large(rows: int, limit: int | None, **fields: object) -> Spec:
    """A job on so many rows of twenty numbers, resolved."""
    columns = tuple(NumericColumn(name=f"x{at}", missing=0, distinct=9, whole_numbers=False) for at in range(21))
    schema = Schema(format="parquet", rows=rows, columns=columns)
    return resolve(job(target="x0", task="regression", **fields), schema, memory_limit=limit)


def test_rows_that_fit_in_memory_are_shuffled_as_a_whole() -> None:
    assert large(1_000_000, 2**31).training.shuffle_block is None
    assert large(6_000_000, None).training.shuffle_block is None


@pytest.mark.parametrize(("rows", "limit"), [(10_000_000, 2**31), (10_000_000, None), (10**9, 2**31)])
def test_rows_that_do_not_fit_are_shuffled_in_blocks(rows: int, limit: int | None) -> None:
    assert large(rows, limit).training.shuffle_block == 32_768


def test_a_job_in_blocks_resolves_to_itself() -> None:
    spec = large(10_000_000, 2**31)
    columns = tuple(NumericColumn(name=f"x{at}", missing=0, distinct=9, whole_numbers=False) for at in range(21))
    schema = Schema(format="parquet", rows=10_000_000, columns=columns)
    assert resolve(spec, schema, memory_limit=2**31) == spec


def test_a_block_that_was_asked_for_stays() -> None:
    asked = {"training": {"shuffle_block": 1000}}
    assert large(100, 2**31, **asked).training.shuffle_block == 1000
    assert large(10_000_000, 2**31, **asked).training.shuffle_block == 1000


def test_memory_of_rows_on_disk_does_not_grow_with_them() -> None:
    def needed(rows: int) -> int:
        columns = tuple(NumericColumn(name=f"x{at}", missing=0, distinct=9, whole_numbers=False) for at in range(21))
        schema = Schema(format="parquet", rows=rows, columns=columns)
        return estimate(resolve(job(target="x0", task="regression"), schema, memory_limit=2**30), schema).memory_bytes

    assert needed(10_000_000) == needed(1_000_000_000) < 2**30


def test_a_network_that_does_not_fit_is_not_helped_by_blocks() -> None:
    with pytest.raises(SpecError, match="of memory"):
        large(10_000_000, 2**30, network={"layers": [{"units": 30_000}, {"units": 30_000}, {}]})


@pytest.mark.parametrize(("sample", "rows"), [(84, 32_768), (4, 1 << 20), (40_000, 64), (10**9, 64)])
def test_a_block_is_long_enough_to_be_read_fast(sample: int, rows: int) -> None:
    assert block_rows(sample) == rows

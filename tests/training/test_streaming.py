"""Rows that come in parts are prepared and trained as those in memory are, and nothing is left of them."""

import gc
import io
import json
import tracemalloc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

from deltarule.backprop.engines import best_engine
from deltarule.backprop.paging import mapping_of
from deltarule.backprop.samples import Samples, prepared
from deltarule.backprop.trainer import Trainer
from deltarule.training import preparation, scratch
from deltarule.training.errors import DataError, ScratchError
from deltarule.training.forming import Prepared
from deltarule.training.resolution import resolve
from deltarule.training.run import Run
from deltarule.training.tables import Format, Stream, Table, chunk, describe, read, stream, stream_of
from tests.training.making import animals, finished, job, line, table_of

ROWS = 700
PLAN = {"epochs": 3, "batch_size": 16, "shuffle_block": 20, "early_stopping": None}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk of some fifty rows, so that a small table has many."""
    monkeypatch.setattr(chunk, "CHUNK_ROWS", 50)
    monkeypatch.setattr(chunk, "CHUNK_CELLS", 50)


def numbers(rows: int = ROWS) -> polars.DataFrame:
    generator = np.random.default_rng(3)
    columns = {f"input_{at}": generator.standard_normal(rows) * 3 + at for at in range(4)}
    return polars.DataFrame(columns | {"target_0": columns["input_0"] * 2 - columns["input_3"]})


def as_npz(frame: polars.DataFrame) -> bytes:
    source = io.BytesIO()
    np.savez(source, inputs=frame.drop("target_0").to_numpy(), targets=frame["target_0"].to_numpy())
    return source.getvalue()


def as_parquet(frame: polars.DataFrame) -> bytes:
    source = io.BytesIO()
    frame.write_parquet(source, row_group_size=100)
    return source.getvalue()


WRITTEN: dict[Format, Callable[[polars.DataFrame], bytes]] = {
    "csv": lambda frame: frame.write_csv().encode(),
    "ndjson": lambda frame: frame.write_ndjson().encode(),
    "parquet": as_parquet,
    "npz": as_npz,
    "json": lambda frame: json.dumps({"columns": frame.to_dict(as_series=False)}).encode(),
}


def streamed(table: Table | Stream, validation: Table | None = None, **fields: object) -> Prepared:
    rows = stream_of(table) if isinstance(table, Table) else table
    other = None if validation is None else stream_of(validation)
    return preparation.prepare(resolve(job(**fields), rows.schema), rows, other)


def in_memory(table: Table, validation: Table | None = None, **fields: object) -> Prepared:
    return preparation.prepare(resolve(job(**fields), table.schema), table, validation)


def copied(samples: Samples | None) -> Samples | None:
    """The same samples in ordinary memory."""
    if samples is None:
        return None
    weights = None if samples.weights is None else samples.weights.copy()
    return Samples(samples.inputs.copy(), samples.targets.copy(), weights, samples.ready)


def same(ours: Samples | None, reference: Samples | None) -> None:
    assert ours is not None
    assert reference is not None
    for name in ("inputs", "targets", "weights"):
        pair = getattr(ours, name), getattr(reference, name)
        assert (pair[0] is None) == (pair[1] is None)
        assert pair[0] is None or (pair[0].dtype, pair[0].tobytes()) == (pair[1].dtype, pair[1].tobytes())


def trained(run: Run) -> Run:
    while not run.finished:
        run.advance(0.001)
    return run


@pytest.mark.parametrize("format", list(WRITTEN))
def test_every_format_trains_the_weights_that_its_samples_train_in_memory(format: Format, tmp_path: Path) -> None:  # noqa: A002
    path = tmp_path / "table"
    path.write_bytes(WRITTEN[format](numbers()))
    schema = describe(path, format)
    spec = resolve(job(target="target_0", training=PLAN, network={"layers": [{"units": 5}, {}]}), schema)
    run = Run(spec, stream(path, format, schema))
    ready = preparation.prepare(spec, stream(path, format, schema))
    assert mapping_of(ready.training.inputs) is not None

    reference = Trainer(
        run.definition, copied(ready.training) or ready.training, copied(ready.validation), None, best_engine()
    )
    while not reference.finished:
        reference.advance(7)

    assert trained(run).model().parameters.vector.tobytes() == reference.result.vector.tobytes()


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet", "npz"])
def test_a_stream_holds_the_table(format: Format, tmp_path: Path) -> None:  # noqa: A002
    path = tmp_path / "table"
    path.write_bytes(WRITTEN[format](numbers()))
    parts = list(stream(path, format, describe(path, format)).parts())
    assert len(parts) > 3
    assert polars.concat(parts).equals(read(path, format).frame)


def test_the_same_job_is_prepared_to_the_same_bits() -> None:
    first, second = (streamed(animals(300), target="species", training=PLAN) for _ in range(2))
    same(first.training, second.training)
    same(first.validation, second.validation)
    assert first.form == second.form
    other = streamed(animals(300), target="species", training=PLAN | {"seed": 5})
    assert other.training.inputs.tobytes() != first.training.inputs.tobytes()


@pytest.mark.parametrize(
    ("table", "fields"),
    [
        (animals(300), {"target": "species"}),
        (animals(300), {"target": "species", "preprocessing": {"missing": "drop"}}),
        (animals(300), {"target": "species", "preprocessing": {"standardize": False}}),
        (animals(300), {"target": "length", "network": {"dtype": "float64", "layers": [{}]}}),
        (line(300), {"target": "y", "features": ["x"], "sample_weight": "noise"}),
        (animals(300), {"target": "species", "features": ["island"], "sample_weight": "length"}),
        (animals(300), {"target": "species", "training": {"class_weight": {"Gentoo": 3.0}}}),
        (
            table_of(x=[float(row) for row in range(90)], a=["yes", "no", "no"] * 30, b=["no"] * 45 + ["yes"] * 45),
            {"target": ["a", "b"], "task": "multilabel"},
        ),
        (table_of(x=[float(row) for row in range(90)], y=[3, 1, 2] * 30), {"target": "y", "task": "classification"}),
    ],
)
def test_without_a_split_samples_are_those_in_memory_up_to_rounding(table: Table, fields: dict[str, Any]) -> None:
    if fields.get("sample_weight") == "length":
        full = table.frame.with_columns(polars.col("length").fill_null(1.0))
        table = table_of(**full.to_dict(as_series=False))
    training = {"validation_fraction": 0} | fields.get("training", {})
    ours, reference = (make(table, **fields | {"training": training}) for make in (streamed, in_memory))
    expected = prepared(reference.training, reference.definition, _layout(reference))
    for name in ("inputs", "targets", "weights"):
        pair = getattr(ours.training, name), getattr(expected, name)
        assert (pair[0] is None) == (pair[1] is None)
        if pair[0] is not None:
            assert pair[0].dtype == pair[1].dtype
            np.testing.assert_allclose(*pair, rtol=1e-5, atol=1e-6)
    assert ours.usable == reference.usable
    assert ours.form.target.labels == reference.form.target.labels
    assert ours.definition == reference.definition
    assert (ours.class_sizes is None) == (reference.class_sizes is None)
    assert ours.class_sizes is None or ours.class_sizes.tolist() == reference.class_sizes.tolist()  # type: ignore[union-attr]


def _layout(ready: Prepared) -> Any:  # noqa: ANN401
    from deltarule.backprop.parameters import layout  # noqa: PLC0415

    return layout(ready.definition.network, ready.form.inputs.width)


def test_every_class_gives_its_share_for_validation() -> None:
    ours, reference = (make(animals(300), target="species", training=PLAN) for make in (streamed, in_memory))
    assert ours.validation is not None
    assert reference.validation is not None
    assert ours.validation.targets.sum(axis=0).tolist() == reference.validation.targets.sum(axis=0).tolist()
    assert ours.class_sizes is not None
    assert ours.class_sizes.tolist() == ours.training.targets.sum(axis=0).tolist()


def test_means_are_those_of_the_training_rows() -> None:
    network = {"dtype": "float64", "layers": [{}]}
    ready = streamed(line(300), target="y", features=["x"], network=network, training=PLAN)
    assert ready.training.inputs.mean() == pytest.approx(0)
    assert ready.training.inputs.std() == pytest.approx(1)
    assert ready.validation is not None
    assert ready.validation.inputs.mean() != pytest.approx(0)


def test_rows_of_a_validation_dataset_come_in_parts_too() -> None:
    training = {"validation_dataset_id": "v", "class_weight": "balanced"}
    both = [
        make(
            animals(300),
            animals(200),
            target="species",
            training=training,
            network={"dtype": "float64", "layers": [{}]},
        )
        for make in (streamed, in_memory)
    ]
    ours, reference = (each.validation for each in both)
    assert ours is not None
    assert reference is not None
    np.testing.assert_allclose(ours.inputs, reference.inputs, 1e-12, 1e-12)
    assert ours.targets.tolist() == reference.targets.tolist()
    with pytest.raises(DataError, match=r"In the validation data: row 200, column species: 'Emperor' is no class"):
        streamed(animals(300), _with(animals(200), "species", "Emperor"), target="species", training=training)


def test_a_model_is_gone_on_from() -> None:
    model = finished(animals(), target="species", training={"epochs": 1}).model()
    spec = resolve(job(network={"model_id": "m"}, training=PLAN), animals(300).schema, model)
    run = Run(spec, stream_of(animals(300)), None, model)
    assert run.model().form.inputs == model.form.inputs
    assert trained(run).metrics()["training"]["accuracy"] > 0.5  # type: ignore[index]


def test_a_run_cut_anywhere_goes_on_with_the_same_bits() -> None:
    spec = resolve(job(target="species", training=PLAN), animals(300).schema)
    whole = trained(Run(spec, stream_of(animals(300))))
    cut = Run(spec, stream_of(animals(300)))
    cut.advance(0)
    resumed = Run(spec, stream_of(animals(300)))
    resumed.restore(cut.state())
    assert trained(resumed).model().parameters.vector.tobytes() == whole.model().parameters.vector.tobytes()
    assert resumed.metrics() == whole.metrics()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"preprocessing": {"missing": "error"}},
            "row 271, column length: the value is missing. Values are missing in",
        ),
        ({"preprocessing": {"standardize": False}}, r"row 271, column length: 1e\+50 is too large for float32"),
        ({"features": ["island"], "sample_weight": "weight"}, "row 281, column weight: the weight is -1"),
        ({"features": ["island"]}, "No feature has a value"),
    ],
)
def test_a_fault_is_told_with_its_row_in_the_table(fields: dict[str, object], sentence: str) -> None:
    frame = animals(300).frame.with_columns(polars.col("length").fill_null(1.0), polars.Series("weight", [1.0] * 300))
    frame[280, "weight"] = -1.0
    if "preprocessing" in fields:
        frame[270, "length"] = None if fields["preprocessing"] == {"missing": "error"} else 1e50
    table = table_of(**frame.to_dict(as_series=False))
    if fields == {"features": ["island"]}:
        table = Table(table.schema, table.frame.with_columns(polars.lit(None, polars.String).alias("island")))
    spec = resolve(
        job(target="species", training=PLAN, **{k: v for k, v in fields.items() if k != "sample_weight"}), table.schema
    )
    spec = spec.model_copy(update={"sample_weight": fields.get("sample_weight")})
    with pytest.raises(DataError, match=sentence):
        preparation.prepare(spec, stream_of(table))


def test_nothing_left_is_told() -> None:
    table = animals(300)
    empty = Table(table.schema, table.frame.with_columns(polars.lit(None, polars.String).alias("species")))
    with pytest.raises(DataError, match="none of the 300 rows has a value in every target column"):
        preparation.prepare(resolve(job(target="species", training=PLAN), table.schema), stream_of(empty))


def test_a_part_in_which_no_row_counts() -> None:
    table = table_of(x=[float(row) for row in range(300)], w=[0.0] * 299 + [1.0], y=[1.5, 2.5, 3.0] * 100)
    with pytest.raises(DataError, match=r"All weights in column w are 0 in the (training|validation) part of the data"):
        streamed(table, target="y", sample_weight="w", training=PLAN)


def test_no_file_has_a_name_while_a_run_is_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    path = tmp_path / "table.parquet"
    path.write_bytes(as_parquet(numbers()))
    schema = describe(path, "parquet")
    run = Run(resolve(job(target="target_0", training=PLAN), schema), stream(path, "parquet", schema))
    run.advance(0)
    assert [one.name for one in tmp_path.iterdir()] == ["table.parquet"]


def test_the_files_are_gone_with_the_run() -> None:
    """At once, and not when cycles of references are looked for: the next run may need the room."""
    spec = resolve(job(target="species", training=PLAN), animals(300).schema)
    gc.disable()
    try:
        run = trained(Run(spec, stream_of(animals(300))))
        assert run.metrics()["training"] is not None
        mapping = weakref.ref(mapping_of(run._prepared.training.inputs))
        del run
        assert mapping() is None
    finally:
        gc.enable()


def test_too_little_room_is_told_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1 << 20})())
    rows = Stream(animals(300).schema.model_copy(update={"rows": 10_000_000}), lambda: pytest.fail("it is read"))
    with pytest.raises(ScratchError, match=r"needs [\d,]+ MiB of it, and 1 MiB are free"):
        preparation.prepare(resolve(job(target="species", training=PLAN), rows.schema), rows)


def test_memory_does_not_grow_with_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk, "CHUNK_CELLS", 1 << 12)

    def peak(rows: int) -> int:
        table = Table(describe(b"a,b\n1,2\n3,4\n", "csv"), polars.DataFrame({"a": [1.5] * rows, "b": [2.5] * rows}))
        schema = table.schema.model_copy(update={"rows": rows})
        spec = resolve(job(target="b", task="regression", training=PLAN | {"epochs": 1, "batch_size": 1000}), schema)
        tracemalloc.start()
        run = trained(Run(spec, Stream(schema, lambda: table.frame.iter_slices(2000))))
        assert run.metrics()["training"] is not None
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1000)  # What is imported and kept by the first run is not counted.
    assert peak(400_000) < 1.2 * peak(100_000)


def _with(table: Table, column: str, value: str) -> Table:
    """The table with another value in its last row."""
    values = table.frame[column].to_list()
    return table_of(**table.frame.with_columns(polars.Series(column, [*values[:-1], value])).to_dict(as_series=False))

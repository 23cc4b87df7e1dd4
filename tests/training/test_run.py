import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from deltarule.backprop.errors import StateError
from deltarule.backprop.numpy_engine import NumpyEngine
from deltarule.backprop.trainer import Advance, Trainer
from deltarule.training.advice import GOES_ON_OTHERWISE
from deltarule.training.evaluation import evaluate
from deltarule.training.resolution import resolve
from deltarule.training.run import EpochRecord, Run
from deltarule.training.spec import Spec
from deltarule.training.tables import Table, from_inline, read
from deltarule.training.tables.stream import stream_of
from tests.training.making import animals, arrays, finished, job, line, started, table_of

REFERENCE = Path(__file__).parent.parent / "conformance" / "reference"
RELATIVE, ABSOLUTE = 1e-9, 1e-12


def history(run: Run) -> Iterator[EpochRecord]:
    while not run.finished:
        yield from run.advance(0.01).epochs


class Clock:
    """A clock that ticks whenever it is looked at."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 0.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def clocked(table: Table, tick: float, **fields: object) -> Run:
    return Run(resolve(job(**fields), table.schema), table, clock=Clock(tick))


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.json")), ids=lambda path: path.stem)
def test_a_reference_job_comes_out_exactly(path: Path) -> None:
    reference = json.loads(path.read_text())
    posted = Spec.model_validate_json(json.dumps(reference["job"]))
    assert posted.data is not None
    table = read(from_inline(posted.data), "json")
    run = Run(resolve(posted, table.schema), table)

    done, expect = list(history(run)), reference["expect"]

    agree([epoch.training_loss for epoch in done], expect["training_loss"])
    agree([epoch.learning_rate for epoch in done], expect["learning_rate"])
    model = run.model()
    for layer, weights, biases in zip(expect["layers"], model.parameters.weights, model.parameters.biases, strict=True):
        agree(weights, layer["weights"])
        assert (biases is None) == ("biases" not in layer)
        agree([] if biases is None else biases, layer.get("biases", []))
    agree(model.predict_inputs(reference["job"]["data"]["inputs"][:5])[1], expect["outputs_of_first_5_rows"])
    assert run.stop_reason == "epochs_done"


def agree(found: object, expected: object) -> None:
    np.testing.assert_allclose(np.array(found), np.array(expected), rtol=RELATIVE, atol=ABSOLUTE)


def test_there_are_reference_jobs() -> None:
    assert len(list(REFERENCE.glob("*.json"))) >= 14


def test_a_table_is_learned() -> None:
    run = finished(animals(), target="species")

    metrics = run.metrics()

    assert metrics["validation"] is not None
    assert metrics["validation"]["accuracy"] == 1.0
    assert run.stop_reason in {"early_stopping", "epochs_done"}
    assert run.model().predict_rows([{"length": 20.4, "island": "Torgersen"}])[0]["label"] == "Gentoo"


def test_numbers_are_learned_in_their_own_units() -> None:
    run = finished(line(), target="y", network={"layers": [{}]}, optimizer={"name": "adam", "learning_rate": 0.1})

    (answer,) = run.model().predict_rows([{"x": 0.5, "noise": 0.5}])

    assert answer["value"] == pytest.approx(101.5, abs=0.05)
    assert (run.metrics()["training"] or {})["r2"] > 0.99


def test_exclusive_or_is_learned_from_four_rows() -> None:
    inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]

    run = finished(arrays(inputs, [[0], [1], [1], [0]]))

    assert [answer["label"] for answer in run.model().predict_inputs(inputs)[0]] == [0, 1, 1, 0]


def test_labels_are_learned() -> None:
    rows = range(40)
    table = table_of(x=[row % 4 for row in rows], odd=[row % 2 for row in rows], high=[row % 4 > 1 for row in rows])

    run = finished(table, target=["odd", "high"], features=["x"])

    assert run.model().predict_rows([{"x": 3}, {"x": 0}]) == [
        {"labels": ["odd", "high"], "probabilities": pytest.approx({"odd": 1, "high": 1}, abs=0.2)},
        {"labels": [], "probabilities": pytest.approx({"odd": 0, "high": 0}, abs=0.2)},
    ]


def test_several_targets_are_learned() -> None:
    x = [row * 7 % 40 / 40 for row in range(40)]
    table = table_of(x=x, up=[10 * value + 3.5 for value in x], down=[-value - 0.25 for value in x])

    run = finished(table, target=["up", "down"])

    (answer,) = run.model().predict_rows([{"x": 0.5}])
    assert answer["values"] == {"up": pytest.approx(8.5, abs=0.3), "down": pytest.approx(-0.75, abs=0.03)}


def test_the_same_job_and_data_give_the_same_bits() -> None:
    first, second, other = (
        finished(animals(), target="species", training={"seed": seed, "epochs": 5}).model() for seed in (1, 1, 2)
    )

    assert first.weights_sha256 == second.weights_sha256 != other.weights_sha256


@pytest.mark.parametrize("batches", [1, 7, 40])
def test_a_run_that_was_cut_goes_on_with_the_same_bits(batches: int) -> None:
    fields = {"target": "species", "training": {"epochs": 30, "batch_size": 8}}
    whole, cut = finished(animals(), **fields), started(animals(), **fields)
    for _ in range(batches):
        cut.advance(0)
    again = started(animals(), **fields)

    again.restore(cut.state())
    records = list(history(again))

    assert again.model().to_bytes() == whole.model().to_bytes()
    assert again.latest_metrics() == whole.latest_metrics()
    assert again.elapsed > cut.elapsed
    assert records[-1].number == 30


def test_a_run_that_goes_on_with_another_engine_says_so() -> None:
    fields = {"target": "species", "training": {"epochs": 5}}
    begun, same = started(animals(), **fields), started(animals(), **fields)
    begun.advance(0)
    other = Run(resolve(job(**fields), animals().schema), animals(), engine=NumpyEngine)

    same.restore(begun.state())
    other.restore(begun.state())

    assert GOES_ON_OTHERWISE not in same.warnings
    assert GOES_ON_OTHERWISE in other.warnings


def test_a_state_of_another_job_is_refused() -> None:
    state = started(animals(), target="species", training={"seed": 1}).state()
    run = started(animals(), target="species", training={"seed": 2})

    for other in (state, b"", state[:-1], b"x" * 100):
        with pytest.raises(StateError):
            run.restore(other)


def test_an_epoch_tells_its_numbers() -> None:
    run = started(animals(), target="species", training={"epochs": 3})

    records = list(history(run))

    assert [record.number for record in records] == [1, 2, 3]
    assert all(record.validation_loss is not None and len(record.gradient_norm) == 3 for record in records)
    assert sum(record.seconds for record in records) == pytest.approx(run.elapsed)


class Stopwatch:
    """A clock that stands still but for what trains: so many seconds for each batch."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 0.0, seconds
        self.calls: list[int] = []

    def __call__(self) -> float:
        return self.now

    def timed(self, advance: Callable[[Trainer, int], Advance]) -> Callable[[Trainer, int], Advance]:
        def taking_time(trainer: Trainer, batches: int) -> Advance:
            self.calls.append(batches)
            self.now += batches * self.seconds
            return advance(trainer, batches)

        return taking_time


def test_a_slice_is_one_call_of_the_trainer_once_its_pace_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, table = Stopwatch(0.001), animals()
    monkeypatch.setattr(Trainer, "advance", watch.timed(Trainer.advance))
    spec = job(target="species", training={"epochs": 5000, "early_stopping": None})
    run = Run(resolve(spec, table.schema), table, clock=watch)

    run.advance(0.05)
    learned = len(watch.calls)
    for _ in range(5):
        run.advance(0.05)

    assert watch.calls[0] == 1
    assert watch.calls[learned:] == pytest.approx([50] * 5, abs=1)


def test_a_call_ends_with_its_time_amid_an_epoch() -> None:
    run = clocked(animals(600), 1.0, target="species", training={"epochs": 2, "batch_size": 1})

    progress = run.advance(1.0)

    assert progress.epoch == 0
    assert 0 < progress.fraction < 0.1
    assert not run.finished


def test_a_call_that_is_to_end_with_its_epoch_does() -> None:
    fields = {"target": "species", "training": {"epochs": 50, "early_stopping": None, "batch_size": 7}}
    begun, whole = (clocked(animals(), 1e-6, **fields) for _ in range(2))

    epochs = [each for _ in range(2) for each in begun.advance(1.0, one_epoch=True).epochs]

    assert [each.number for each in epochs] == [1, 2]
    assert [each.training_loss for each in epochs] == [each.training_loss for each in whole.advance(1.0).epochs[:2]]


def test_many_epochs_fit_into_a_long_call() -> None:
    run = clocked(animals(), 1e-6, target="species", training={"epochs": 50, "early_stopping": None})

    progress = run.advance(1.0)

    assert len(progress.epochs) == 50
    assert progress.fraction == 1.0
    assert progress.eta_seconds == 0.0
    assert progress.samples_per_second > 0


def test_the_end_is_foreseen() -> None:
    run = started(animals(), target="species", training={"epochs": 1000, "early_stopping": None})

    progress = run.advance(0)

    assert progress.total_epochs == 1000
    assert progress.eta_seconds is not None
    assert progress.eta_seconds > run.elapsed


def test_a_finished_run_stays_as_it_is() -> None:
    run = finished(animals(), target="species", training={"epochs": 2})
    before = run.model().weights_sha256

    progress = run.advance(1.0)

    assert progress.epochs == ()
    assert run.model().weights_sha256 == before


def test_the_time_limit_ends_a_run_that_keeps_its_weights() -> None:
    plan = {"epochs": 100_000, "time_limit_seconds": 50.0, "early_stopping": None}
    run = clocked(animals(), 1.0, target="species", training=plan)

    records = list(history(run))

    assert run.stop_reason == "time_limit"
    assert 0 < len(records) < 100_000
    assert evaluate(run.model(), stream_of(animals()))["rows"] == 60


def test_a_run_that_diverges_tells_where_and_keeps_finite_weights() -> None:
    optimizer = {"name": "sgd", "learning_rate": 1e30}
    run = finished(
        line(), target="y", optimizer=optimizer, network={"layers": [{"units": 3, "activation": "relu"}, {}]}
    )

    assert run.stop_reason == "diverged"
    assert run.failure is not None
    assert run.failure.epoch >= 1
    assert "Lower the learning rate" in run.failure.sentence
    assert np.isfinite(run.model().parameters.vector).all()
    json.dumps(run.metrics(), allow_nan=False)


def test_the_best_weights_are_restored() -> None:
    rule = {"monitor": "validation_loss", "patience": 5}
    fields = {"target": "y", "optimizer": {"name": "sgd", "learning_rate": 0.5}, "training": {"early_stopping": rule}}
    run = started(
        table_of(x=[row * 31 % 17 for row in range(30)], y=[row * 7 % 13 + 0.5 for row in range(30)]), **fields
    )
    records = list(history(run))

    best = min(records, key=lambda record: record.validation_loss or 0)

    assert run.stop_reason == "early_stopping"
    assert best is not records[-1]
    assert run.latest_metrics()["validation_loss"] == best.validation_loss


def test_the_latest_metrics_are_few_numbers() -> None:
    run = started(animals(), target="species")
    assert run.latest_metrics() == {}

    while not run.latest_metrics():
        run.advance(0.01)

    assert set(run.latest_metrics()) == {"training_loss", "validation_loss", "validation_accuracy"}
    assert set(finished(line(), target="y").latest_metrics()) == {"training_loss", "validation_loss", "validation_r2"}


def test_without_validation_only_the_training_is_measured() -> None:
    run = finished(animals(), target="species", training={"validation_fraction": 0.0, "epochs": 2})

    assert set(run.latest_metrics()) == {"training_loss"}
    assert run.metrics()["validation"] is None
    assert (run.metrics()["training"] or {})["classes"]["Gentoo"]["support"] == 20


def test_other_data_can_validate() -> None:
    fields = {"target": "species", "training": {"validation_dataset_id": "v", "epochs": 2}}

    run = finished(animals(), animals(30), **fields)

    assert (run.metrics()["validation"] or {})["classes"]["Gentoo"]["support"] == 10


def test_a_heavier_class_is_said_more_often() -> None:
    rows = range(200)
    table = table_of(x=[row * 7 % 11 for row in rows], y=["rare" if row % 8 == 0 else "common" for row in rows])

    def says_rare(**training: object) -> int:
        run = finished(table, target="y", training={"epochs": 5, **training})
        return sum(answer["label"] == "rare" for answer in run.model().predict_rows(table.frame.to_dicts()))

    assert says_rare() == 0
    assert says_rare(class_weight="balanced") > 0
    assert says_rare(class_weight={"rare": 20.0}) == 200


def test_weights_of_rows_count() -> None:
    table = table_of(x=[1, 1], w=[3, 1], y=[0.0, 1.25])
    optimizer = {"name": "sgd", "learning_rate": 0.1}
    plain = {"preprocessing": {"standardize": False, "standardize_target": False}, "network": {"layers": [{}]}}

    run = finished(table, target="y", sample_weight="w", optimizer=optimizer, training={"epochs": 500}, **plain)

    assert run.model().predict_rows([{"x": 1}])[0]["value"] == pytest.approx(1.25 / 4)


@pytest.mark.parametrize(
    "table",
    [
        table_of(x=[1, 2], y=["a", "a"]),
        table_of(x=[1], y=[2.5]),
        table_of(x=[3, 3, 3], y=[1.5, 2.5, 3.5]),
        table_of(**{f"x{at}": [at, 2 * at + 1, at * at] for at in range(50)}, y=[0.5, 7.5, 2.5]),
        table_of(x=[1e99, -1e99, 5, 0, 0, 0, 0, 0, 0, 0, 0], y=[0.5] * 11),
        table_of(x=[1, 2, 3], y=[1e99, -1e99, 0.5]),
        table_of(x=[1e-300, 2e-300, 3e-300], y=[1e-300, 2e-300, 5e-300]),
    ],
    ids=["one class", "one row", "constant column", "more columns than rows", "huge inputs", "huge targets", "tiny"],
)
def test_extreme_data_gives_finite_answers(table: Table) -> None:
    run = finished(table, target="y", training={"epochs": 20})

    json.dumps([run.metrics(), run.latest_metrics(), run.model().description()], allow_nan=False)
    json.dumps(run.model().predict_rows(table.frame.to_dicts()), allow_nan=False)


def test_an_engine_and_a_size_are_told() -> None:
    run = started(line(), target="y", network={"layers": [{"units": 3, "activation": "relu"}, {}]})

    assert run.parameters == (2 * 3 + 3) + (3 + 1)
    assert run.engine
    assert run.definition.network.layers[-1].activation == "identity"


def test_warnings_come_from_the_rows_and_at_the_end_from_the_losses() -> None:
    table = table_of(x=[1, 2, 3, 4], y=["a", "a", "b", None])
    run = started(table, target="y", training={"epochs": 3}, optimizer={"name": "sgd", "learning_rate": 1e-30})
    before = run.warnings

    while not run.finished:
        run.advance()

    assert before == (
        "1 of 4 rows has no value in column y, left out of the training.",
        "A single training row is too little to learn a class from: b.",
    )
    (about_loss,) = set(run.warnings) - set(before)
    assert about_loss.startswith("The training loss never fell below that of the first epoch")

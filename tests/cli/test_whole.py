"""The command line and the client against the whole service as `deltarule up` starts it."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deltarule.client import Client
from tests.cli.conftest import Run
from tests.stack import running_stack

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PENGUINS = EXAMPLES / "penguins.csv"

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_stack(tmp_path_factory.mktemp("stack") / "data") as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture(autouse=True)
def _its_address(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELTARULE_URL", stack)


def test_from_a_table_to_predictions(run: Run, tmp_path: Path) -> None:
    trained = run(
        "train", PENGUINS, "--target", "species", "--epochs", "20", "--output", tmp_path / "model.npz", "--json"
    )
    assert trained.code == 0, trained.err
    document = json.loads(trained.out)
    assert document["job"]["spec"]["training"]["epochs"] == 20
    assert document["model"]["metrics"]["validation"]["accuracy"] > 0.9
    assert (tmp_path / "model.npz").read_bytes().startswith(b"PK")

    predicted = run("predict", document["model"]["id"], PENGUINS)
    assert predicted.code == 0, predicted.err
    labels = [row["label"] for row in csv.DictReader(io.StringIO(predicted.out))]
    truth = [row["species"] for row in csv.DictReader(io.StringIO(PENGUINS.read_text()))]
    assert sum(label == true for label, true in zip(labels, truth, strict=True)) > 0.9 * len(truth)


def test_everything_that_was_made_is_listed_and_shown(run: Run) -> None:
    with Client() as client:
        job = client.train(
            PENGUINS, "body_mass_g", epochs=3, layers="4:tanh", optimizer="sgd:0.01", seed=1, name="mass"
        )
        epochs = list(job)
    assert [epoch.number for epoch in epochs] == [1, 2, 3]
    assert job.id in run("jobs").out
    assert job.answer.model_id or "?" in run("models").out
    assert "344" in run("datasets").out
    shown = run("job", job.id).out
    assert "4 tanh → 1 identity, sgd at 0.01" in shown
    assert "submitted" in shown
    assert run("history", job.id, "--csv").out.startswith("epoch,training_loss,validation_loss")
    assert "loss by epoch" in run("history", job.id, "--plot").out


def test_a_table_is_uploaded_once_and_trained_on_followed_measured_and_removed(run: Run) -> None:
    dataset = run("upload", PENGUINS).out.strip()
    assert "bill_length_mm" in run("dataset", dataset).out
    options = ("--features", "bill_length_mm,island", "--validation", "0.3", "--patience", "5", "--balanced")
    queued = run("train", "--dataset", dataset, "-t", "species", "--layers", "8:relu:0.1", *options, "--detach")
    assert queued.code == 0, queued.err
    followed = run("follow", queued.out.strip(), "--json")
    assert followed.code == 0, followed.err
    document = json.loads(followed.out)
    spec, model = document["job"]["spec"], document["model"]["id"]
    assert spec["features"] == ["bill_length_mm", "island"]
    assert (spec["training"]["validation_fraction"], spec["training"]["class_weight"]) == (0.3, "balanced")
    assert spec["training"]["early_stopping"]["patience"] == 5
    assert spec["network"]["layers"][0]["dropout"] == 0.1
    assert "classification of species" in run("model", model).out
    before = run("datasets", "--json").out
    measured = json.loads(run("evaluate", model, PENGUINS, "--json").out)["metrics"]
    assert measured == json.loads(run("evaluate", model, "--dataset", dataset, "--json").out)["metrics"]
    assert run("datasets", "--json").out == before
    for kind, identifier in (("model", model), ("job", document["job"]["id"]), ("dataset", dataset)):
        assert run("remove", kind, identifier).code == 0
    assert "There is no model" in run("model", model).err


def test_a_job_is_cancelled_while_it_runs(run: Run) -> None:
    with Client() as client:
        spec = {"training": {"epochs": 1_000_000, "early_stopping": None}}
        job = client.train(PENGUINS, "species", spec=spec)
        for epochs in job.watch():
            if epochs:
                break
        assert run("cancel", job.id).err == f"Job {job.id} is cancelled.\n"
        assert job.refresh().model().id
    assert json.loads(run("history", job.id, "--json").out)["epoch"][0] == 1


def test_a_step_of_backpropagation_is_explained(run: Run) -> None:
    told = run("explain", "--spec", EXAMPLES / "step.json")
    assert told.code == 0, told.err
    assert "The loss, how wrong the outputs are: 0.2984" in told.out
    assert "After the step the loss is 0.2805, 0.01790 less." in told.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--target", "specie"), "did you mean"),
        (("--target", "species", "--layers", "8:rleu"), "/network/layers/0/activation"),
        (("--target", "species", "--optimizer", "adam:-1"), "/optimizer/learning_rate"),
        (("--target", "species", "--batch-size", "many"), "/training/batch_size"),
    ],
)
def test_a_fault_is_said_with_its_place_and_leaves_nothing(run: Run, options: tuple[str, ...], words: str) -> None:
    before = run("datasets", "--json").out
    result = run("train", PENGUINS, *options)
    assert result.code == 2
    assert words in result.err
    assert run("datasets", "--json").out == before

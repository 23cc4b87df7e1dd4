import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.client.standin import EPOCHS, EXPORTED, StandIn

pytestmark = pytest.mark.usefixtures("service")


def test_one_command_takes_a_table_to_a_model(run: Run, table: Path) -> None:
    result = run("train", table, "--target", "species")
    assert result.code == 0
    for told in (
        f"Succeeded: {EPOCHS} epochs in 2.0 s, every epoch trained.",
        "best in epoch 4",
        "75.0%",
        "true \\ predicted",
        "! Column bill is far larger than the others.",
    ):
        assert told in result.out
    for told in ("penguins", "2 rows, 2 columns", "4 relu → 2 softmax", "epoch 4 of 5", "deltarule predict model-3"):
        assert told in result.err
    assert "\x1b" not in result.out + result.err


def test_json_is_all_that_is_on_stdout(run: Run, table: Path) -> None:
    result = run("train", table, "--target", "species", "--json")
    document = json.loads(result.out)
    assert document["job"]["status"] == "succeeded"
    assert document["model"]["metrics"]["validation"]["accuracy"] == 0.75
    assert "epoch 5 of 5" in result.err


def test_every_option_is_sent(run: Run, standin: StandIn, table: Path) -> None:
    options = "--layers 8:tanh --epochs 3 --batch-size 16 --optimizer sgd:0.1 --loss huber --task regression --seed 7"
    result = run("train", table, "-t", "a", "-t", "b", "--name", "mine", *options.split())
    assert result.code == 0
    (job,) = standin.jobs.values()
    assert job["spec"] == {
        "dataset_id": "dataset-1",
        "target": ["a", "b"],
        "name": "mine",
        "task": "regression",
        "network": {"layers": [{"units": 8, "activation": "tanh"}, {}]},
        "loss": {"name": "huber"},
        "optimizer": {"name": "sgd", "learning_rate": 0.1},
        "training": {"batch_size": 16, "epochs": 3, "seed": 7},
    }


def test_the_full_batch_is_a_word(run: Run, standin: StandIn, table: Path) -> None:
    assert run("train", table, "-t", "species", "--batch-size", "full").code == 0
    (job,) = standin.jobs.values()
    assert job["spec"]["training"]["batch_size"] == "full"


def test_options_are_written_over_the_spec(run: Run, standin: StandIn, tmp_path: Path, table: Path) -> None:
    spec = tmp_path / "job.json"
    spec.write_text(json.dumps({"name": "lesson", "target": "species", "training": {"epochs": 9, "seed": 1}}))
    assert run("train", table, "--spec", spec, "--epochs", "4").code == 0
    (job,) = standin.jobs.values()
    assert job["spec"]["name"] == "lesson"
    assert job["spec"]["training"] == {"batch_size": 32, "epochs": 4, "seed": 1}


def test_a_spec_may_be_yaml(run: Run, standin: StandIn, tmp_path: Path, table: Path) -> None:
    spec = tmp_path / "job.yaml"
    spec.write_text("target: species\nname: no\ntraining:\n  epochs: 4\noptimizer: {name: adam, learning_rate: 1e-3}\n")
    assert run("train", table, "--spec", spec).code == 0
    (job,) = standin.jobs.values()
    assert job["spec"]["name"] == "no"
    assert job["spec"]["optimizer"] == {"name": "adam", "learning_rate": 0.001}


def test_a_spec_may_bring_its_own_data(run: Run, standin: StandIn, tmp_path: Path) -> None:
    spec = tmp_path / "job.json"
    data = {"inputs": [[0.0], [1.0]], "targets": [[1.0], [0.0]]}
    spec.write_text(json.dumps({"data": data}))
    assert run("train", "--spec", spec).code == 0
    (job,) = standin.jobs.values()
    assert job["spec"]["data"] == data
    assert not standin.datasets


@pytest.mark.parametrize(
    ("name", "content"),
    [("model.npz", b"PK\x03\x04"), ("model.json", EXPORTED), ("model.onnx", b"onnx"), ("model.zip", b"bundle")],
)
def test_the_model_is_saved_as_the_file_is_named(
    run: Run, tmp_path: Path, table: Path, name: str, content: bytes
) -> None:
    result = run("train", table, "-t", "species", "--output", tmp_path / name)
    assert result.code == 0
    assert (tmp_path / name).read_bytes() == content
    assert f"Saved {tmp_path / name}" in result.err


def test_a_failed_job_is_exit_code_one_with_its_reason(run: Run, standin: StandIn, table: Path) -> None:
    standin.ending = "failed"
    result = run("train", table, "-t", "species")
    assert result.code == 1
    assert "error: In epoch 3 the loss was no longer a number. Use a smaller learning rate." in result.err
    assert "hint: `deltarule job job-2` tells more." in result.err


def test_a_failed_job_is_exit_code_one_with_json_too(run: Run, standin: StandIn, table: Path) -> None:
    standin.ending = "failed"
    result = run("train", table, "-t", "species", "--json")
    assert result.code == 1
    assert json.loads(result.out)["job"]["error"]["title"] == "Diverged"
    assert json.loads(result.out)["model"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "There is nothing to train on."),
        (("none.csv",), "none.csv cannot be read: there is no such file."),
        (("table.csv", "--layers", "wide"), "There is no"),
        (("table.csv", "--output", "model.pkl"), "The name model.pkl tells no format that a model is saved in."),
        (("table.csv", "--output", "model"), "model tells"),
        (("--spec", "none.json"), "none.json: No such file or directory."),
    ],
)
def test_what_cannot_be_trained_is_said_before_anything_is_sent(
    run: Run, standin: StandIn, arguments: tuple[str, ...], sentence: str
) -> None:
    result = run("train", *arguments)
    assert result.code == 2
    assert sentence in result.err or "wide" in arguments
    assert not standin.datasets


def test_data_in_two_places_is_refused(run: Run, tmp_path: Path, table: Path) -> None:
    spec = tmp_path / "job.json"
    spec.write_text('{"dataset_id": "any"}')
    result = run("train", table, "--spec", spec)
    assert result.code == 2
    assert "has its data already (dataset_id)" in result.err


def test_the_everyday_rest_of_a_job_is_said_by_options(run: Run, standin: StandIn, table: Path) -> None:
    options = "--features bill,mass --sample-weight importance --validation 0.3 --patience 5 --balanced"
    assert run("train", table, "-t", "species", "--layers", "8:relu:0.25,4", *options.split()).code == 0
    (job,) = standin.jobs.values()
    assert job["spec"]["features"] == ["bill", "mass"]
    assert job["spec"]["sample_weight"] == "importance"
    assert job["spec"]["network"]["layers"] == [{"units": 8, "activation": "relu", "dropout": 0.25}, {"units": 4}, {}]
    assert job["spec"]["training"] == {
        "batch_size": 32,
        "validation_fraction": 0.3,
        "class_weight": "balanced",
        "early_stopping": {"patience": 5},
    }


@pytest.mark.parametrize(("patience", "rule"), [("0", None), ("3", {"monitor": "training_loss", "patience": 3})])
def test_patience_keeps_the_rest_of_the_rule_and_none_turns_it_off(
    run: Run, standin: StandIn, table: Path, patience: str, rule: object
) -> None:
    spec = table.with_name("job.json")
    spec.write_text(json.dumps({"training": {"early_stopping": {"monitor": "training_loss", "patience": 9}}}))
    assert run("train", table, "-t", "species", "--spec", spec, "--patience", patience).code == 0
    (job,) = standin.jobs.values()
    assert job["spec"]["training"]["early_stopping"] == rule


def test_a_job_can_be_queued_without_waiting_for_it(run: Run, standin: StandIn, table: Path) -> None:
    result = run("train", table, "-t", "species", "--detach")
    assert (result.code, result.out) == (0, "job-2\n")
    assert result.err == "`deltarule follow job-2` follows it.\n"
    assert standin.jobs["job-2"]["status"] == "queued"
    assert json.loads(run("train", table, "-t", "species", "--detach", "--json").out)["model"] is None


@pytest.mark.parametrize("more", [("--local",), ("--output", "model.npz")])
def test_what_needs_the_end_cannot_be_detached(run: Run, standin: StandIn, table: Path, more: tuple[str, ...]) -> None:
    result = run("train", table, "-t", "species", "--detach", *more)
    assert result.code == 2
    assert "--detach does not wait" in result.err
    assert not standin.datasets


def test_a_place_where_the_model_cannot_be_saved_is_said_before_it_is_trained(
    run: Run, standin: StandIn, tmp_path: Path, table: Path
) -> None:
    result = run("train", table, "-t", "species", "--output", tmp_path / "none" / "model.npz")
    assert (result.code, result.err) == (2, f"error: {tmp_path / 'none'}: there is no such folder.\n")
    assert not standin.datasets

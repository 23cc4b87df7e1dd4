import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deltarule.cli.models import export_format
from deltarule.client import Client, Model
from tests.cli.conftest import Run
from tests.cli.terminal import terminal
from tests.client.standin import EXPORTED


@pytest.fixture
def model(service: str) -> Iterator[Model]:
    with Client(service) as client:
        yield client.submit({"dataset_id": "any", "name": "mine"}).wait().model()


@pytest.mark.usefixtures("service")
def test_no_models_are_said(run: Run) -> None:
    result = run("models")
    assert (result.code, result.out) == (0, "")
    assert "There are no models yet" in result.err


def test_models_are_listed_with_what_they_are_worth(run: Run, model: Model) -> None:
    header, line = run("models").out.splitlines()
    assert header.split() == ["id", "validation", "made", "name"]
    assert line.startswith(f"{model.id}  accuracy 75.0%")
    assert json.loads(run("models", "--json").out)[0]["id"] == model.id


def test_a_model_goes_into_a_file_as_it_is_named(run: Run, model: Model, tmp_path: Path) -> None:
    result = run("export", model.id, "--output", tmp_path / "model.json")
    assert (result.code, result.out) == (0, "")
    assert (tmp_path / "model.json").read_bytes() == EXPORTED
    assert "Saved" in result.err


def test_the_format_asked_for_wins_over_the_name(run: Run, model: Model, tmp_path: Path) -> None:
    run("export", model.id, "--format", "npz", "--output", tmp_path / "model.bin")
    assert (tmp_path / "model.bin").read_bytes() == b"PK\x03\x04"


def test_a_model_goes_into_a_pipe(run: Run, model: Model) -> None:
    assert run("export", model.id, "--format", "json").out == EXPORTED.decode()


@pytest.mark.parametrize(
    ("options", "suffix"), [((), "npz"), (("--format", "onnx"), "onnx"), (("--format", "bundle"), "zip")]
)
def test_a_terminal_is_spared_of_bytes(model: Model, options: tuple[str, ...], suffix: str) -> None:
    with terminal("export", model.id, *options) as screen:
        screen.wait_for(f"Give a file: --output model.{suffix}.")
        assert screen.end() == 2


@pytest.mark.parametrize(
    ("name", "format_"), [("m.onnx", "onnx"), ("m.zip", "bundle"), ("M.SafeTensors", "safetensors")]
)
def test_the_name_of_the_file_tells_the_format(name: str, format_: str) -> None:
    assert export_format(None, Path(name)) == format_


def test_a_format_that_is_not_written_is_refused(run: Run, model: Model) -> None:
    result = run("export", model.id, "--format", "pickle")
    assert result.code == 2
    assert "'pickle' is no format" in result.err
    assert "hint: Use npz, json, safetensors, onnx, bundle." in result.err


@pytest.mark.parametrize("name", ["model.pkl", "model"])
def test_a_name_that_tells_no_format_is_refused(run: Run, model: Model, name: str) -> None:
    result = run("export", model.id, "--output", name)
    assert result.code == 2
    assert f"The name {name} tells no format" in result.err
    assert ".onnx" in result.err


def test_a_model_is_shown(run: Run, model: Model) -> None:
    assert "classification of species" in run("model", model.id).out
    assert json.loads(run("model", model.id, "--json").out)["sha256"] == "0" * 64

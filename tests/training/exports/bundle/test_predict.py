"""The bundle's program, held against the model: in a process that can import NumPy and nothing else, and here."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from deltarule.backprop.activations import ACTIVATIONS
from deltarule.backprop.architecture import ActivationName
from deltarule.training.exports import export
from deltarule.training.exports.bundle import predict
from deltarule.training.exports.bundle.predict import Model as Program
from deltarule.training.exports.bundle.predict import Refused, self_test
from tests.training.exports.making import CASES, rows_of, trained

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def unpacked(name: str, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(export(trained(name), "bundle", {"id": "m1", "name": name}))) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the unpacked program where the only thing to import is NumPy."""
    only = tmp_path / "only"
    only.mkdir()
    for part in Path(np.__file__).parent.parent.glob("numpy*"):
        (only / part.name).symlink_to(part)

    def carry_out(folder: Path, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-S", "-s", "predict.py", *arguments]
        environment = {"PYTHONPATH": str(only), "PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1"}
        return subprocess.run(
            command, cwd=folder, env=environment, input=typed, capture_output=True, text=True, check=False
        )

    return carry_out


def assert_equal(found: list[dict[str, Any]], wanted: list[dict[str, Any]], tolerance: float) -> None:
    assert [list(one) for one in found] == [list(one) for one in wanted]
    for one, other in zip(found, wanted, strict=True):
        for key, value in other.items():
            if isinstance(value, float | dict):
                close = pytest.approx(value, rel=tolerance, abs=tolerance)
                assert one[key] == close
            else:
                assert one[key] == value


@pytest.mark.parametrize("name", CASES)
def test_the_program_says_what_the_model_says(name: str, tmp_path: Path) -> None:
    model, rows = trained(name), rows_of(name)
    program = Program(unpacked(name, tmp_path))
    tolerance = 1e-9 if model.network.dtype == "float64" else 1e-5
    assert_equal(program.predict(rows), model.predict_rows(rows), tolerance)
    assert self_test(program, tmp_path) == 0


def test_numpy_is_all_it_needs(run: Run, tmp_path: Path) -> None:
    name = "penguins, classes, double"
    folder = unpacked(name, tmp_path)
    tested = run(folder, "--self-test")
    assert (tested.returncode, tested.stdout, tested.stderr) == (0, "Self-test passed: 5 rows agree.\n", "")

    answer = run(folder, typed=json.dumps({"rows": rows_of(name)}))
    assert answer.returncode == 0, answer.stderr
    assert_equal(json.loads(answer.stdout)["predictions"], trained(name).predict_rows(rows_of(name)), 1e-9)


def test_csv_in_gives_csv_out(run: Run, tmp_path: Path) -> None:
    folder = unpacked("penguins, number", tmp_path)
    (folder / "rows.csv").write_bytes(b"\xef\xbb\xbfisland;bill_length_mm;sex\nDream;39,5;male\n;NA;\n\n")
    answer = run(folder, "rows.csv")
    lines = list(csv.DictReader(io.StringIO(answer.stdout)))
    rows = [{"island": "Dream", "bill_length_mm": 39.5, "sex": "male"}, {}]
    wanted = trained("penguins, number").predict_rows(rows)
    assert [float(line["value"]) for line in lines] == pytest.approx([one["value"] for one in wanted], rel=1e-5)
    assert [line["notes"] for line in lines] == [" ".join(one["notes"]) for one in wanted]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("island,bill_length_mm\nDream,long\n", "Row 1, column bill_length_mm: 'long' is no number."),
        ("islands\nDream\n", "Row 1: there is no column 'islands'."),
        ("island,sex\nDream\n", "Row 1: it has not 2 values."),
        ("", "Send a list of at least one row"),
        ("[]", "Send a list of at least one row"),
        ("[1]", "Send a list of at least one row"),
        ("{", "Expecting property name"),
        ('[{"island": 5}, {"bill_length_mm": true}]', "Row 1, column island: 5 is no text."),
        ('[{"island": 5}, {"bill_length_mm": true}]', "Row 2, column bill_length_mm: True is no number."),
        ('[{"bill_length_mm": 1e200}]', "is too large"),
        ('[{"bill_length_mm": 1e60}]', "too far from those of the training"),
    ],
)
def test_what_it_cannot_predict_is_told(run: Run, tmp_path: Path, typed: str, words: str) -> None:
    answer = run(unpacked("penguins, classes", tmp_path), typed=typed)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_gap_is_refused_where_training_allowed_none(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Row 1, column kind: the value is missing"):
        Program(unpacked("no gap allowed", tmp_path)).predict([{"x": 1}])


def test_another_models_weights_fail_the_self_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = unpacked("penguins, classes", tmp_path)
    with np.load(folder / "weights.npz") as archive:
        arrays = {name: archive[name] * 1.01 for name in archive.files}
    np.savez(folder / "weights.npz", allow_pickle=False, **arrays)
    assert self_test(Program(folder), folder) == 1
    assert capsys.readouterr().out.startswith("Self-test failed: rows 1, ")


@pytest.mark.parametrize("name", get_args(ActivationName))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_activation_is_ours(name: ActivationName, dtype: type[np.floating[Any]]) -> None:
    z = np.array([[-800.0, -20.0, -3.0, -1e-4, 0.0], [1e-4, 0.5, 3.0, 20.0, 800.0]], dtype)
    ours = np.empty_like(z)
    with np.errstate(over="ignore"):
        ACTIVATIONS[name].apply(z, ours)
        found = predict.ACTIVATIONS[name](z)
    assert found.dtype == z.dtype
    np.testing.assert_allclose(found, ours, rtol=1e-6 if dtype == np.float32 else 1e-13, atol=0)


def test_help_is_its_own_docstring(run: Run, tmp_path: Path) -> None:
    assert "python predict.py rows.csv" in run(unpacked("penguins, classes", tmp_path), "--help").stdout

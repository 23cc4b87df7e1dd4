import io
import json
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import polars as pl
import pytest

from deltarule.client import InvalidInput
from deltarule.client.uploads import MEDIA_TYPES, NPZ, PARQUET, SMALL_CELLS, Upload, upload_of, written


class Series:
    """What NumPy's arrays and pandas' series have in common, as far as they matter here."""

    def __init__(self, values: list[float]) -> None:
        self._values = values

    def tolist(self) -> list[float]:
        return self._values


@pytest.mark.parametrize(("suffix", "media_type"), MEDIA_TYPES.items())
def test_a_file_is_sent_as_what_its_name_says(tmp_path: Path, suffix: str, media_type: str) -> None:
    path = tmp_path / f"table{suffix.upper()}"
    path.write_bytes(b"a\n1\n")
    assert upload_of(path) == Upload("table", media_type, path)
    assert upload_of(str(path)) == Upload("table", media_type, path)


@pytest.mark.parametrize("name", ["table.xlsx", "table"])
def test_an_unknown_kind_of_file_is_refused_with_those_that_are_known(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InvalidInput, match="is no table") as error:
        upload_of(tmp_path / name)
    assert ".csv" in str(error.value.hint)


def test_a_file_that_is_not_there_is_said_with_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"table\.csv cannot be read: there is no such file") as error:
        upload_of(tmp_path / "table.csv")
    assert str(Path.cwd()) in str(error.value.hint)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        upload_of(tmp_path)


@pytest.mark.parametrize(
    ("table", "sent"),
    [
        ({"a": [1, 2], "b": ["x", None]}, {"columns": {"a": [1, 2], "b": ["x", None]}}),
        ({"columns": {"a": [1]}}, {"columns": {"a": [1]}}),
        ({"inputs": [[0, 1]], "targets": [1]}, {"inputs": [[0, 1]], "targets": [1]}),
        ({"a": Series([1.5])}, {"columns": {"a": [1.5]}}),
        ({"inputs": [1]}, {"columns": {"inputs": [1]}}),
        (
            {"a": [0.1, math.nan, None], "b": [True, None, False]},
            {"columns": {"a": [0.1, None, None], "b": [True, None, False]}},
        ),
        (
            {"a": np.array([0.1, math.nan]), "b": pd.Series(["x", None])},
            {"columns": {"a": [0.1, None], "b": ["x", None]}},
        ),
        (pl.DataFrame({"a": [0.1, math.nan]}), {"columns": {"a": [0.1, None]}}),
        (pd.DataFrame({"a": [1, 2], "b": [True, False]}), {"columns": {"a": [1, 2], "b": ["true", "false"]}}),
        ((pl.DataFrame({"a": [1]}), [2]), {"columns": {"a": [1], "target": [2]}}),
    ],
)
def test_columns_in_memory_become_the_services_json(table: dict[str, object], sent: dict[str, object]) -> None:
    upload = upload_of(table)
    assert isinstance(upload.content, bytes)
    assert (upload.name, upload.media_type, json.loads(upload.content)) == (None, "application/json", sent)


@pytest.mark.parametrize(
    "table", [{"inputs": np.eye(2), "targets": [0, 1]}, (np.eye(2), [0, 1]), ([[1, 0], [0, 1]], np.array([0, 1]))]
)
def test_arrays_become_an_archive(table: tuple[object, object]) -> None:
    upload = upload_of(table)
    assert isinstance(upload.content, bytes)
    assert upload.media_type == NPZ
    with np.load(io.BytesIO(upload.content)) as archive:
        assert (archive["inputs"].tolist(), archive["targets"].tolist()) == ([[1, 0], [0, 1]], [0, 1])


@pytest.mark.parametrize("library", [pl, pd])
def test_a_long_frame_becomes_parquet(library: ModuleType) -> None:
    numbers = np.random.default_rng(0).standard_normal(SMALL_CELLS + 1)
    upload = upload_of(library.DataFrame({"a": numbers}))
    assert isinstance(upload.content, bytes)
    assert upload.media_type == PARQUET
    assert pl.read_parquet(io.BytesIO(upload.content))["a"].to_numpy().tobytes() == numbers.tobytes()


@pytest.mark.parametrize(
    "table", [{"a": [math.inf]}, {"a": np.array([math.inf])}, {"inputs": [[-math.inf]], "targets": [1]}]
)
def test_infinity_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="holds infinity"):
        upload_of(table)


def test_values_that_are_no_numbers_nor_texts_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a set is neither"):
        upload_of({"a": {1, 2}})
    with pytest.raises(InvalidInput, match="A int is no table"):
        upload_of(1)  # type: ignore[arg-type]


def test_columns_of_different_lengths_are_refused_with_them() -> None:
    with pytest.raises(InvalidInput, match="'a' 1, 'b' 2"):
        upload_of({"a": np.zeros(1), "b": np.zeros(2)})


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert written(tmp_path / "file", b"x").read_bytes() == b"x"
    with pytest.raises(InvalidInput, match="cannot be written"):
        written(tmp_path, b"x")

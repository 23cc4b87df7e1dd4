import json
import math
from pathlib import Path

import pytest

from deltarule.client import InvalidInput
from deltarule.client.uploads import MEDIA_TYPES, Upload, upload_of


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
    ],
)
def test_columns_in_memory_become_the_services_json(table: dict[str, object], sent: dict[str, object]) -> None:
    upload = upload_of(table)
    assert isinstance(upload.content, bytes)
    assert (upload.name, upload.media_type, json.loads(upload.content)) == (None, "application/json", sent)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_numbers_that_json_has_no_words_for_are_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="NaN or infinity"):
        upload_of({"a": [value]})


def test_values_that_are_no_numbers_nor_texts_are_refused() -> None:
    with pytest.raises(InvalidInput, match="a set is neither"):
        upload_of({"a": {1, 2}})

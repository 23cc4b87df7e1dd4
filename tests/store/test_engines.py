import json
import os
from pathlib import Path

import pytest

from deltarule.store.database import Database
from deltarule.store.engines import finite, to_json
from deltarule.store.errors import SettingsError


def refusal(url: str) -> str:
    with pytest.raises(SettingsError) as raised:
        Database(url)
    return str(raised.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert f"the folder {tmp_path}/nowhere does not exist" in refusal(f"sqlite:///{tmp_path}/nowhere/x.sqlite3")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert f"{tmp_path} is a folder" in refusal(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("which", ["folder", "file"])
def test_what_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    file = tmp_path / "x.sqlite3"
    file.write_bytes(b"")
    forbidden = {"folder": tmp_path, "file": file}[which]
    # Root may write anywhere, so that only the answer can be changed.
    monkeypatch.setattr(os, "access", lambda path, mode: path != forbidden)
    assert f"{forbidden} is not writable" in refusal(f"sqlite:///{file}")


def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))
    assert "too old" in refusal(f"sqlite:///{tmp_path}/x.sqlite3")


def test_other_databases_are_refused() -> None:
    assert "DELTARULE_DATABASE_URL must begin with" in refusal("oracle://host/name")


def test_json_has_no_word_for_numbers_that_are_not_finite() -> None:
    nan, infinity = float("nan"), float("inf")
    document = {"a": [1.5, nan, (infinity, -infinity)], "b": {"c": nan}, "d": "nan", "e": None, "f": True, "g": 2**70}
    assert json.loads(to_json(document)) == {
        "a": [1.5, None, [None, None]],
        "b": {"c": None},
        "d": "nan",
        "e": None,
        "f": True,
        "g": 2**70,
    }
    assert to_json({"a": [1, 2.5]}) == '{"a":[1,2.5]}'
    assert finite(nan) is None
    assert finite("x") == "x"

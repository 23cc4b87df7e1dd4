"""Who was heard of lately, and who was not."""

import os
from pathlib import Path

import pytest

from deltarule.cli.supervision.pulse import BEAT_SECONDS, SILENT_SECONDS, Pulse, folder, silent


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_a_worker_that_beats_is_heard_of() -> None:
    Pulse("worker1").beat()
    assert silent(["worker1", "worker2"]) == ["worker2"]


def test_a_worker_that_beat_long_ago_is_silent() -> None:
    Pulse("worker1").beat()
    last = folder() / "worker1"
    long_ago = last.stat().st_mtime - SILENT_SECONDS
    os.utime(last, (long_ago, long_ago))
    assert silent(["worker1"]) == ["worker1"]


def test_beating_often_costs_nothing() -> None:
    now = [0.0]
    pulse = Pulse("worker1", lambda: now[0])
    pulse.beat()
    (folder() / "worker1").unlink()
    now[0] += BEAT_SECONDS / 2
    pulse.beat()
    assert silent(["worker1"]) == ["worker1"]
    now[0] += BEAT_SECONDS
    pulse.beat()
    assert silent(["worker1"]) == []


def test_a_folder_of_somebody_elses_is_no_error(tmp_path: Path) -> None:
    folder().write_text("a file where the folder should be")
    Pulse("worker1").beat()
    assert silent(["worker1"]) == ["worker1"]
    assert silent(["worker1"], tmp_path / "nowhere") == ["worker1"]

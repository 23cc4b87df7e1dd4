"""Who was heard of lately, and who was not."""

import os
from pathlib import Path

import pytest

from deltarule.cli.failures import CommandError
from deltarule.cli.supervision.pulse import BEAT_SECONDS, SILENT_SECONDS, Pulse, folder, silent
from deltarule.cli.supervision.pulse_folder import own_folder
from deltarule.cli.supervision.watchdog import STARTING_SECONDS, Watchdog


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


def test_the_folder_is_made_for_this_user_alone() -> None:
    assert own_folder() == folder()
    assert folder().stat().st_mode & 0o777 == 0o700
    assert own_folder() == folder()


@pytest.mark.parametrize("what", ["link", "file", "open to all", "somebody else's"])
def test_a_folder_that_somebody_else_may_have_prepared_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    match what:
        case "link":
            (tmp_path / "elsewhere").mkdir(mode=0o700)
            folder().symlink_to(tmp_path / "elsewhere")
        case "file":
            folder().write_text("")
        case "open to all":
            folder().mkdir()
            folder().chmod(0o777)
        case _:
            folder().mkdir(mode=0o700)
            theirs, uid = folder(), os.getuid() + 1
            monkeypatch.setattr("deltarule.cli.supervision.pulse_folder.folder", lambda _: theirs)
            monkeypatch.setattr("os.getuid", lambda: uid)
    with pytest.raises(CommandError) as refused:
        own_folder()
    assert "TMPDIR" in str(refused.value.__dict__) + str(refused.value)


def test_the_watchdog_barks_when_the_file_no_longer_changes(tmp_path: Path) -> None:
    now = [0.0]
    Pulse("worker1").beat()
    watchdog = Watchdog(folder() / "worker1", 10, lambda: now[0])
    now[0] += STARTING_SECONDS
    assert not watchdog.hangs(), "a start may take long, and the beat was that of an earlier process"
    touch(1)
    assert not watchdog.hangs()
    now[0] += 10
    assert not watchdog.hangs()
    touch(2)
    now[0] += 1
    assert not watchdog.hangs()
    now[0] += 11
    assert watchdog.hangs()


def test_a_process_that_never_beats_hangs_in_the_end(tmp_path: Path) -> None:
    now = [0.0]
    watchdog = Watchdog(tmp_path / "nothing", 10, lambda: now[0])
    now[0] += STARTING_SECONDS
    assert not watchdog.hangs()
    now[0] += 1
    assert watchdog.hangs()


def touch(second: int) -> None:
    """A beat of this worker, at a time of its own."""
    os.utime(folder() / "worker1", (second, second))

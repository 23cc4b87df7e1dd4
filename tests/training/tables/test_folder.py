import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deltarule.training.tables import folder
from deltarule.training.tables.folder import own_folder, remove_abandoned, scratch_folder

HOLDING = """
import sys
from deltarule.training.tables.folder import own_folder
with own_folder() as one:
    print(one, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The scratch folder, and no other process's."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


def test_the_folder_is_the_one_that_was_asked_for_else_one_on_disk(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert scratch_folder() == here
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    assert scratch_folder() == folder.ON_DISK
    monkeypatch.setattr(folder, "ON_DISK", here / "nothing")
    monkeypatch.setattr("tempfile.tempdir", str(here))
    assert scratch_folder() == here


def test_a_folder_of_ones_own_is_gone_at_the_end(here: Path) -> None:
    with own_folder() as one:
        assert one.parent == here
        (one / "file").write_text("something")
    assert not list(here.iterdir())


def test_a_folder_of_a_killed_process_is_removed_and_no_other(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-c", HOLDING]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        (left / "file").write_text("large")
        _make_old(left)
        remove_abandoned()
        assert left.exists()
        process.send_signal(signal.SIGKILL)
    young = here / f"{folder.PREFIX}young"
    young.mkdir()
    (young / "lock").touch()
    with own_folder() as mine:
        _make_old(mine)
        remove_abandoned()
        assert {one.name for one in here.iterdir()} == {mine.name, young.name}


def _make_old(path: Path) -> None:
    os.utime(path / "lock", (0, 0))

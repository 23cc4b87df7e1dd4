import errno
import os
from pathlib import Path

import numpy as np
import polars
import pytest

from deltarule.training import scratch
from deltarule.training.errors import ScratchError
from deltarule.training.scratch import SampleFile, Spool, check_room


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


def test_frames_come_back_as_often_as_they_are_asked_for(tmp_path: Path) -> None:
    frames = [polars.DataFrame({"x": [1.5, None], "t": ["a", None]}), polars.DataFrame({"x": [2.5], "t": ["ü"]})]
    with Spool() as spool:
        for frame in frames:
            spool.add(frame)
            assert not list(tmp_path.iterdir())
        for _ in range(2):
            assert all(ours.equals(given) for ours, given in zip(spool, frames, strict=True))


def test_samples_come_back_as_they_were_added(tmp_path: Path) -> None:
    inputs, targets, weights = np.arange(12.0).reshape(6, 2), np.arange(6.0).reshape(6, 1), np.arange(6.0) / 3
    with SampleFile(6, 2, 1, weighted=True, dtype="float32") as file:
        for rows in (slice(0, 4), slice(4, 4), slice(4, 6)):
            file.add(inputs[rows], targets[rows], weights[rows])
        samples = file.samples()
    assert not list(tmp_path.iterdir())
    assert samples.ready
    assert samples.inputs.dtype == np.float32
    assert samples.inputs.tolist() == inputs.tolist()
    assert samples.targets.tolist() == targets.tolist()
    assert samples.weights is not None
    assert samples.weights.tolist() == weights.astype(np.float32).tolist()
    assert not samples.inputs.flags.writeable


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(scratch, "_allocate", full)
    with (
        pytest.raises(ScratchError, match=r"the disk is full\. Train on fewer rows"),
        SampleFile(6, 2, 1, weighted=False, dtype="float32"),
    ):
        pass
    monkeypatch.setattr(polars.DataFrame, "write_ipc_stream", full)
    with Spool() as spool, pytest.raises(ScratchError, match="too little disk space"):
        spool.add(polars.DataFrame({"x": [1.0]}))


def test_other_faults_of_the_disk_are_no_matter_of_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(scratch, "_allocate", broken)
    with pytest.raises(OSError, match="Input/output"), SampleFile(6, 2, 1, weighted=False, dtype="float32"):
        pass


def test_room_is_asked_for_before_it_is_taken() -> None:
    check_room(1)
    with pytest.raises(ScratchError, match=r"needs [\d,]+ MiB of it, and [\d,]+ MiB are free"):
        check_room(1 << 60)

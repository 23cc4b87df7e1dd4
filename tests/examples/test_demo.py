"""The demo as `make demo` runs it."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parent.parent.parent / "examples" / "demo.py"

pytestmark = pytest.mark.xdist_group("stack")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_it_trains_shows_and_leaves_nothing_running(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    answer = subprocess.run([sys.executable, DEMO], env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    for told in (
        "344 rows, 8 columns, 19 values missing",
        "Succeeded: ",
        "loss by epoch",
        "accuracy",
        "true       predicted",
        "Next",
        "http://127.0.0.1:8080/\n",
    ):
        assert told in answer.stdout + answer.stderr
    assert "\x1b" not in answer.stdout + answer.stderr
    port = int(re.findall(r"http://127\.0\.0\.1:(\d+)", answer.stdout)[0])
    assert not is_open(port)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_running_either(tmp_path: Path, signal_number: signal.Signals) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, DEMO], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        told = "".join(process.stdout.readline() for _ in range(2))
        process.send_signal(signal_number)
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert not is_open(int(re.findall(r"http://127\.0\.0\.1:(\d+)", told)[0]))
    assert not list(tmp_path.iterdir())

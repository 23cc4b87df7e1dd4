"""The main job, end to end: a real table goes in over HTTP, a trained network comes out, nothing stays running."""

import csv
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from deltarule.cli.display.report import report, say_start
from deltarule.cli.display.tables import plain_table
from deltarule.cli.failures import CommandError
from deltarule.cli.failures import report as report_failure
from deltarule.cli.follow import follow
from deltarule.cli.output import console
from deltarule.cli.train import queue
from deltarule.client import Client, Model
from deltarule.client.answers import Column, Prediction

PENGUINS = Path(__file__).with_name("penguins.csv")
TARGET = "species"
SHOWN_ROWS = 6
SHOWN_COLUMNS = {"bill_length_mm": "bill mm", "flipper_length_mm": "flipper mm", "body_mass_g": "body g"}
READY_SECONDS = 30
STOP_SECONDS = 10


def main() -> int:
    """Run the demo and answer its exit code: 0 only if every step of it succeeded."""
    signal.signal(signal.SIGTERM, _interrupt)
    screen = console()
    screen.print(Text("Deltarule trains a network to tell penguins apart", "bold"))
    try:
        with tempfile.TemporaryDirectory(prefix="deltarule-demo-") as folder, service(screen, Path(folder)) as url:
            show(screen, url)
    except typer.Exit as left:
        return left.exit_code
    except (Exception, KeyboardInterrupt) as error:
        return report_failure(error)
    return 0


@contextmanager
def service(screen: Console, folder: Path) -> Iterator[str]:
    """The address of a whole service that lives in this folder, until the block ends."""
    port, log = _free_port(), folder / "up.log"
    command = [sys.executable, "-m", "deltarule.cli.main", "up", "--port", str(port), "--data", str(folder / "data")]
    command += ["--workers", "1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DELTARULE_")}
    # A session of its own: Ctrl-C then reaches this program alone, which ends the service when it is done with it.
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True) as process,
    ):
        try:
            with _waiting(screen, "Starting a service of its own …"):
                url = _ready(f"http://127.0.0.1:{port}", process, log)
            yield url
        finally:
            with _waiting(screen, "Stopping the service …"):
                _stop(process)


def show(screen: Console, url: str) -> None:
    """Train, and show what came of it."""
    with Client(url) as client:
        screen.print(f"The service runs at {url} for as long as this takes.\n", style="dim")
        job, dataset = queue(client, PENGUINS, {"target": TARGET, "name": PENGUINS.stem})
        say_start(screen, dataset, job.answer)
        model = follow(job).model()
        report(screen, job, job.history(), model)
        if job.status != "succeeded":
            raise CommandError(f"The job ended as {job.status}.", code=1)
        _show_predictions(screen, model)
    _show_next(screen)


def _show_predictions(screen: Console, model: Model) -> None:
    with PENGUINS.open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    rows = table[:: len(table) // SHOWN_ROWS][:SHOWN_ROWS]
    predictions = model.predict([_typed(row, model.answer.inputs) for row in rows])
    classes = sorted(predictions[0].probabilities or {})
    lines = [_line(row, prediction, classes) for row, prediction in zip(rows, predictions, strict=True)]
    names, numbers = SHOWN_COLUMNS.values(), [*SHOWN_COLUMNS.values(), *classes]
    screen.print()
    screen.print(Text(f"{SHOWN_ROWS} penguins, what they are, and how likely the network holds each species", "bold"))
    screen.print(plain_table([*names, "true", "predicted", *classes], lines, numbers, gap=2))


def _line(row: dict[str, str], prediction: Prediction, classes: Sequence[str]) -> list[str | Text]:
    answer = Text(prediction.label or "–", "green" if prediction.label == row[TARGET] else "red")
    chances = (f"{(prediction.probabilities or {})[label]:.3f}" for label in classes)
    return [*(row[name] or "–" for name in SHOWN_COLUMNS), row[TARGET], answer, *chances]


def _typed(row: dict[str, str], inputs: Sequence[Column]) -> dict[str, Any]:
    """A row of text as the model takes it: numbers as numbers, an empty cell as none."""
    return {
        column.name: (float(cell) if column.type == "numeric" else cell) if (cell := row[column.name]) else None
        for column in inputs
    }


def _show_next(screen: Console) -> None:
    command = os.path.relpath(Path(sys.executable).with_name("deltarule"))
    url = "http://127.0.0.1:8080"
    screen.print()
    screen.print(Text("Next", "bold"))
    for what, how in (
        ("your own service", f"{command} up"),
        ("its dashboard", f"{url}/"),
        ("its reference", f"{url}/docs"),
        ("your own table", f"{command} train table.csv --target COLUMN"),
        ("by hand", f"curl -F file=@table.csv {url}/v1/datasets"),
    ):
        screen.print(Text.assemble((f"  {what:<18}", "dim"), how), soft_wrap=True)


def _waiting(screen: Console, words: str) -> AbstractContextManager[object]:
    """Something that moves on a terminal while nothing else does."""
    return screen.status(words, spinner="dots") if screen.is_terminal else nullcontext()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(url: str, process: subprocess.Popen[bytes], log: Path) -> str:
    """The same address, once the service behind it is ready."""
    with Client(url) as client:
        for _ in range(READY_SECONDS):
            if client.is_ready():
                return url
            if process.poll() is not None:
                break
    raise CommandError("The service did not start.", log.read_text(errors="replace").strip()[-2000:] or None, code=3)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the service, by force if it does not end by itself."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

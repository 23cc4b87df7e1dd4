from pathlib import Path

import httpx
import pytest
from rich.console import Console

from deltarule.cli.display.report import draw, report, say_next, say_start
from deltarule.client import Client, Job
from tests.client.standin import StandIn, application

SCREEN = Console(width=100)


@pytest.fixture
def job() -> Job:
    client = Client("http://service.test", transport=httpx.WSGITransport(application(StandIn())))
    return client.submit({"dataset_id": "any"})


def test_an_end_is_told_with_curve_figures_and_warnings(job: Job) -> None:
    job.wait()
    with SCREEN.capture() as capture:
        report(SCREEN, job, job.history(), job.model())
    told = capture.get()
    places = [told.index(part) for part in ("Succeeded: 5 epochs", "loss by epoch", "accuracy", "Adelie", "! Column")]
    assert places == sorted(places)


def test_a_run_without_an_epoch_and_without_a_model_is_told_too(job: Job) -> None:
    with SCREEN.capture() as capture:
        report(SCREEN, job, job.history(), None)
    assert capture.get().startswith("\nQueued: 0 epochs")


def test_the_beginning_tells_what_is_trained_on_what(job: Job) -> None:
    with SCREEN.capture() as capture:
        say_start(SCREEN, None, job.answer)
    assert capture.get().splitlines() == [
        "network    4 relu → 2 softmax, adam at 0.01, batches of 32",
        f"job        {job.id}",
        "",
    ]


def test_what_to_do_next_can_be_typed_as_it_stands(job: Job) -> None:
    model = job.wait().model()
    with SCREEN.capture() as capture:
        say_next(SCREEN, model, Path("penguins.csv"), None)
        say_next(SCREEN, model, None, Path("model.npz"))
    assert [line.strip() for line in capture.get().splitlines() if line.startswith("  ")] == [
        f"deltarule predict {model.id} penguins.csv",
        f"deltarule export {model.id} --output model.onnx",
        f"deltarule job {job.id}",
        f"deltarule predict {model.id} rows.csv",
        f"deltarule job {job.id}",
    ]


@pytest.mark.parametrize(
    ("screen", "colour"),
    [
        (Console(force_terminal=True, color_system="256", width=80), True),
        (Console(force_terminal=True, color_system="256", width=80, no_color=True), False),
        (Console(force_terminal=True, color_system=None, width=80), False),
        (Console(force_terminal=False, width=240), False),
    ],
)
def test_curves_differ_by_colour_where_there_is_some_and_else_by_their_marks(
    job: Job, screen: Console, colour: bool
) -> None:
    job.wait()
    with screen.capture() as capture:
        screen.print(draw(screen, job.history()))
    assert ("•• validation" in capture.get()) is not colour

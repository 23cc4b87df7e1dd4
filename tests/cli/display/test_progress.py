import io

import pytest
from rich.console import Console

from deltarule.cli.display.progress import SOON_SECONDS, WAITING, Bar, Lines, Losses
from deltarule.client import Epoch
from deltarule.client.answers import JobAnswer


def job(status: str, epoch: int | None, **more: float) -> JobAnswer:
    progress = None if epoch is None else {"epoch": epoch, "epochs": 100, "fraction": epoch / 100, **more}
    document = {"id": "j", "name": None, "status": status, "created_at": "2026-01-02T03:04:05Z", "spec": {}}
    return JobAnswer.model_validate({**document, "progress": progress})


def epochs(*losses: tuple[float, float | None]) -> list[Epoch]:
    return [Epoch(number, *both, 0.1, 1.0, ()) for number, both in enumerate(losses, 1)]


def shown(bar: Bar) -> list[str]:
    console = Console(width=80, file=io.StringIO())
    with console.capture() as capture:
        for part in bar.get_renderables():
            console.print(part)
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.fixture
def bar() -> Bar:
    return Bar(Console(file=io.StringIO(), width=80))


def test_a_job_that_waits_shows_that_it_waits(bar: Bar) -> None:
    bar.show(job("queued", None), [])
    (line,) = shown(bar)
    assert line.startswith("Waiting    ")


def test_one_that_waits_long_says_for_what() -> None:
    now = [100.0]
    bar = Bar(Console(file=io.StringIO(), width=80), clock=lambda: now[0])
    bar.show(job("queued", None), [])
    assert len(shown(bar)) == 1
    now[0] += SOON_SECONDS + 1
    assert shown(bar)[1].strip() == WAITING
    bar.show(job("running", 0), [])
    assert len(shown(bar)) == 1


def test_a_running_job_shows_epoch_losses_speed_and_time_left(bar: Bar) -> None:
    running = job("running", 12, samples_per_second=81234.0, eta_seconds=3.14)
    bar.show(running, epochs((0.5, 0.4), (0.25, 0.45)))
    first, second = shown(bar)
    assert first.startswith("Training   ")
    assert first.endswith("epoch 12 of 100 81.2k rows/s 3.1 s left")
    assert second.strip().split("   ") == ["loss 0.2500", "validation 0.4500", "best 0.4000 in epoch 1"]
    assert all(len(line) <= 80 for line in (first, second))


@pytest.mark.parametrize(
    ("status", "word"), [("succeeded", "Trained"), ("failed", "Failed"), ("cancelled", "Cancelled")]
)
def test_the_end_is_told_in_a_word_and_without_time_left(bar: Bar, status: str, word: str) -> None:
    bar.show(job(status, 40, eta_seconds=3.0), epochs((0.5, None)))
    first, second = shown(bar)
    assert first.startswith(word)
    assert first.endswith("epoch 40 of 100")
    assert second.strip() == "loss 0.5000"


def test_where_no_terminal_is_a_tenth_is_a_line() -> None:
    console = Console(file=io.StringIO(), width=240)
    lines = Lines(console)
    lines.show(job("queued", None), [])
    for epoch in range(1, 101):
        lines.show(job("running", epoch), [Epoch(epoch, 1 / epoch, None, 0.1, 1.0, ())])
    written = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert len(written) == 11
    assert written[0] == "epoch 1 of 100   loss 1.000"
    assert written[-1] == "epoch 100 of 100   loss 0.01000"


def test_the_best_is_the_smallest_validation_loss_also_when_some_are_missing() -> None:
    losses = Losses()
    losses.take(epochs((0.9, 0.5), (0.8, None), (0.7, 0.6)))
    assert losses.words == "loss 0.7000   validation 0.6000   best 0.5000 in epoch 1"
    assert Losses().words == ""

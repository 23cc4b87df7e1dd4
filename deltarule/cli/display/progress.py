"""The progress of a job: two calm lines on a terminal, now and then a line elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from time import monotonic
from typing import Protocol

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from deltarule.cli.display.words import LABEL, duration, number, rate
from deltarule.cli.output import console
from deltarule.client.answers import Epoch, JobAnswer

PARTS = 10
"""Lines that a run leaves in a log."""

SOON_SECONDS = 5.0
WAITING = "for a worker; the very first start of one takes about a minute"


class Report(Protocol):
    """Shows how a job goes."""

    def show(self, job: JobAnswer, epochs: Sequence[Epoch]) -> None:
        """The job as it stands, and the epochs that are new."""


def reporter() -> AbstractContextManager[Report]:
    """A bar where stderr is a terminal, lines where it is not."""
    screen = console(stderr=True)
    return _bar(screen) if screen.is_terminal and not screen.is_dumb_terminal else _lines(screen)


@contextmanager
def _bar(screen: Console) -> Iterator[Report]:
    with Bar(screen) as bar:
        yield bar


@contextmanager
def _lines(screen: Console) -> Iterator[Report]:
    yield Lines(screen)


class Losses:
    """The latest losses, and the smallest validation loss with its epoch."""

    def __init__(self) -> None:
        self.latest: Epoch | None = None
        self.best: Epoch | None = None

    def take(self, epochs: Iterable[Epoch]) -> None:
        """Go through new epochs."""
        for epoch in epochs:
            self.latest = epoch
            if epoch.validation_loss is not None and (self.best is None or epoch.validation_loss < self._best_loss):
                self.best = epoch

    @property
    def words(self) -> str:
        """The losses, or nothing before the first epoch."""
        if self.latest is None:
            return ""
        told = f"loss {number(self.latest.training_loss)}"
        if self.latest.validation_loss is not None:
            told += f"   validation {number(self.latest.validation_loss)}"
        if self.best is not None:
            told += f"   best {number(self._best_loss)} in epoch {self.best.number}"
        return told

    @property
    def _best_loss(self) -> float:
        return self.best.validation_loss if self.best and self.best.validation_loss is not None else float("inf")


class Bar(Progress):
    """A bar with the epochs, the speed and the time left, and below it the losses."""

    def __init__(self, screen: Console, clock: Callable[[], float] = monotonic) -> None:
        self._losses = Losses()
        self._clock, self._since, self._waits = clock, clock(), True
        super().__init__(
            TextColumn(f"{{task.description:<{LABEL}}}", style="dim"),
            BarColumn(bar_width=None, complete_style="bright_blue", finished_style="bright_blue"),
            TextColumn("{task.fields[epochs]}"),
            TextColumn("{task.fields[speed]}", style="dim"),
            TextColumn("{task.fields[left]}", style="dim"),
            console=screen,
            expand=True,
        )
        self._task = self.add_task("Waiting", total=None, epochs="", speed="", left="")

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bar, and once there are losses, a line for them."""
        yield self.make_tasks_table(self.tasks)
        if words := self._losses.words:
            yield Text(" " * (LABEL + 1) + words)
        elif self._waits and self._clock() - self._since > SOON_SECONDS:
            yield Text(" " * (LABEL + 1) + WAITING, "dim")

    def show(self, job: JobAnswer, epochs: Sequence[Epoch]) -> None:
        """Draw the job as it stands."""
        self._losses.take(epochs)
        progress = job.progress
        if progress is None or job.status == "queued":
            return
        self._waits = False
        left = duration(progress.eta_seconds) + " left" if progress.eta_seconds else ""
        self.update(
            self._task,
            description=DESCRIPTIONS[job.status],
            total=1.0,
            completed=1.0 if job.status == "succeeded" else progress.fraction,
            epochs=f"epoch {progress.epoch} of {progress.epochs}",
            speed=rate(progress.samples_per_second) or "",
            left="" if job.status != "running" else left,
        )


DESCRIPTIONS = {
    "running": "Training",
    "cancelling": "Cancelling",
    "succeeded": "Trained",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


class Lines:
    """One line for each tenth of the run."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen
        self._losses = Losses()
        self._said = -1

    def show(self, job: JobAnswer, epochs: Sequence[Epoch]) -> None:
        """Write a line, if another tenth is done."""
        self._losses.take(epochs)
        if job.progress is None or job.status == "queued":
            return
        part = int(job.progress.fraction * PARTS)
        if part > self._said and self._losses.latest is not None:
            self._said = part
            self._screen.print(f"epoch {job.progress.epoch} of {job.progress.epochs}   {self._losses.words}")

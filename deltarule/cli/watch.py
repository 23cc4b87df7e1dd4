"""Jobs as they go: a table that follows them on a terminal, a line for each change elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from deltarule.cli.display.tables import Cell, plain_table
from deltarule.cli.display.words import STATUS_STYLES, duration, number
from deltarule.client import Job

LOOK_SECONDS = 1.0
WIDE_SCREEN = 100
"""Columns from which there is room for more than what everybody wants to know."""
LINES_AROUND = 3

Look = Callable[[], Sequence[Job]]


def watch(look: Look, screen: Console, sleep: Callable[[float], None] = time.sleep) -> Sequence[Job]:
    """Show the jobs that `look` finds, again and again, until all have ended or Ctrl-C; answers them as they are then.

    The jobs go on, whatever becomes of this.
    """
    found = look()
    with suppress(KeyboardInterrupt):
        if screen.is_terminal and not screen.is_dumb_terminal:
            return _live(screen, found, look, sleep)
        return _lines(screen, found, look, sleep)
    return found


def _live(screen: Console, found: Sequence[Job], look: Look, sleep: Callable[[float], None]) -> Sequence[Job]:
    with Live(_table(screen, found), console=screen, auto_refresh=False) as live:
        while any(not job.ended for job in found):
            sleep(LOOK_SECONDS)
            found = look()
            live.update(_table(screen, found), refresh=True)
    return found


def _lines(screen: Console, found: Sequence[Job], look: Look, sleep: Callable[[float], None]) -> Sequence[Job]:
    told: dict[str, str] = {}
    while True:
        for job in reversed(found):
            if told.get(job.id) != job.status:
                told[job.id] = job.status
                screen.print(f"{job.id}  {job.status:<10} {job.answer.name or '–'}", soft_wrap=True)
        if all(job.ended for job in found):
            return found
        sleep(LOOK_SECONDS)
        found = look()


def _table(screen: Console, jobs: Sequence[Job]) -> RenderableType:
    """As many jobs as the screen has room for, newest first, and how many more there are."""
    room = max(1, screen.height - LINES_AROUND)
    wide = screen.width >= WIDE_SCREEN
    names = ["name", "status", "epoch", *(["loss"] if wide else []), "validation", *(["left"] if wide else []), "id"]
    rows = (list(_row(job, wide=wide)) for job in jobs[:room])
    numbers = {"epoch", "loss", "validation", "left"}
    table = plain_table(names, rows, numbers, gap=2)
    more = len(jobs) - room
    return Group(table, Text(f"and {more} older", "dim")) if more > 0 else table


def _row(job: Job, *, wide: bool) -> Iterator[Cell]:
    answer, progress = job.answer, job.answer.progress
    losses = [number(answer.metrics.get(name)) for name in ("training_loss", "validation_loss")]
    yield _short(answer.name or "–", 40 if wide else 14)
    yield Text(answer.status, STATUS_STYLES.get(answer.status, ""))
    yield f"{progress.fraction:.0%} of {progress.epochs}" if progress else "–"
    yield from losses if wide else losses[1:]
    if wide:
        yield duration(progress.eta_seconds) if progress and progress.eta_seconds and not job.ended else "–"
    yield answer.id


def _short(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"

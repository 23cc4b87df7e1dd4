"""Jobs as they go: a table that follows them on a terminal, a line for each change elsewhere."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from deltarule.cli.display.tables import Cell, plain_table
from deltarule.cli.display.words import STATUS_STYLES, duration, number
from deltarule.client import Job

LOOK_SECONDS = 1.0
COLUMNS = (
    ("name", "status", "epoch", "loss", "validation", "left", "id"),
    ("name", "status", "epoch", "validation", "id"),
    ("name", "status", "epoch", "id"),
)
"""What is shown of a job where there is room for it, else less and less."""
NUMBERS = frozenset({"epoch", "loss", "validation", "left"})
LONGEST_NAME, UNBOUNDED = 30, 10_000
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
    rows = [_row(job) for job in jobs[:room]]
    for names in COLUMNS:
        table = plain_table(names, ([row[name] for name in names] for row in rows), NUMBERS, gap=2)
        # Measured where nothing is narrow, for what does not fit is otherwise said to be as wide as the screen.
        if screen.measure(table, options=screen.options.update(width=UNBOUNDED)).maximum <= screen.width:
            break
    more = len(jobs) - room
    return Group(table, Text(f"and {more} older", "dim")) if more > 0 else table


def _row(job: Job) -> Mapping[str, Cell]:
    answer, progress = job.answer, job.answer.progress
    left = progress.eta_seconds if progress and not job.ended else None
    return {
        "name": _short(answer.name or "–"),
        "status": Text(answer.status, STATUS_STYLES.get(answer.status, "")),
        "epoch": f"{progress.fraction:.0%} of {progress.epochs}" if progress else "–",
        "loss": number(answer.metrics.get("training_loss")),
        "validation": number(answer.metrics.get("validation_loss")),
        "left": duration(left) if left else "–",
        "id": answer.id,
    }


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"

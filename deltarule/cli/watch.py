"""Jobs as they go: a table that follows them on a terminal, a line for each change elsewhere."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deltarule.cli.display.tables import Cell, plain_table, printable
from deltarule.cli.display.words import STATUS_STYLES, duration, number
from deltarule.client import Job

LOOK_SECONDS = 1.0
COLUMNS = (
    ("name", "status", "epoch", "loss", "validation", "left", "id"),
    ("name", "status", "epoch", "validation", "id"),
    ("name", "status", "epoch", "id"),
    ("name", "status", "id"),
    ("status", "id"),
    ("name", "status"),
)
"""What is shown of a job where there is room for it, else less and less."""
NUMBERS = frozenset({"epoch", "loss", "validation", "left"})
NAME, UNBOUNDED = 14, 10_000
"""Cells that a name may have on any screen, and a table that is measured where nothing is narrow."""
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
                screen.print(f"{job.id}  {job.status:<10} {printable(job.answer.name or '–')}", soft_wrap=True)
        if all(job.ended for job in found):
            return found
        sleep(LOOK_SECONDS)
        found = look()


def _table(screen: Console, jobs: Sequence[Job]) -> RenderableType:
    """As many jobs as the screen has room for, newest first, and how many more there are."""
    room = max(1, screen.height - LINES_AROUND)
    rows = [_row(job) for job in jobs[:room]]
    for names in COLUMNS:
        spare = screen.width - _width(screen, _listed(names, rows, NAME))
        if spare >= 0:
            break
    table = _listed(names, rows, NAME + max(0, spare))
    more = len(jobs) - room
    return Group(table, Text(f"and {more} older", "dim")) if more > 0 else table


def _listed(names: Sequence[str], rows: Sequence[Mapping[str, Cell]], longest: int) -> Table:
    """A line for each job, its name in so many cells at most."""
    cut = [{**row, "name": _short(str(row["name"]), longest)} for row in rows]
    table = plain_table(names, ([row[name] for name in names] for row in cut), NUMBERS, gap=2)
    for column in table.columns:
        column.no_wrap = True
    return table


def _width(screen: Console, table: Table) -> int:
    """Measured where nothing is narrow, for what does not fit is otherwise said to be as wide as the screen."""
    return screen.measure(table, options=screen.options.update(width=UNBOUNDED)).maximum


def _row(job: Job) -> Mapping[str, Cell]:
    answer, progress = job.answer, job.answer.progress
    left = progress.eta_seconds if progress and not job.ended else None
    return {
        "name": answer.name or "–",
        "status": Text(answer.status, STATUS_STYLES.get(answer.status, "")),
        "epoch": f"{progress.fraction:.0%} of {progress.epochs}" if progress else "–",
        "loss": number(answer.metrics.get("training_loss")),
        "validation": number(answer.metrics.get("validation_loss")),
        "left": duration(left) if left else "–",
        "id": answer.id,
    }


def _short(name: str, longest: int) -> str:
    return name if cell_len(name) <= longest else f"{set_cell_size(name, longest - 1).rstrip()}…"

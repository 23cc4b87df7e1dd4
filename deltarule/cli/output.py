"""Data goes to stdout, all talk to stderr; both are plain where nobody looks on."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console, RenderableType
from rich.text import Text

from deltarule.cli.display.tables import Cell, plain_table

WIDE = 240
"""Columns of a table in a pipe: a row is one line, whatever reads it."""


def console(*, stderr: bool = False) -> Console:
    """The terminal, or the pipe, that stdout or stderr is."""
    stream = sys.stderr if stderr else sys.stdout
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")  # an old encoding loses a glyph, not the answer
    made = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, emoji=False, markup=False, width=WIDE)


def print_json(value: object) -> None:
    """A value as JSON on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], numbers: Iterable[str] = ()) -> None:
    """A table on stdout; columns that are `numbers` stand to the right."""
    show(plain_table(columns, rows, numbers, gap=2))


def show(part: RenderableType) -> None:
    """Something on stdout; a pipe is spared of the spaces that fill a terminal's lines."""
    screen = console()
    if screen.is_terminal:
        return screen.print(part)
    with screen.capture() as capture:
        screen.print(part)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))
    return None


def say(text: str | Text) -> None:
    """A line for people, on stderr."""
    console(stderr=True).print(text, soft_wrap=True)


def save(content: bytes, path: Path | None) -> None:
    """Bytes into a file, whole or not at all; without a path, to stdout."""
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

"""Data goes to stdout, all talk to stderr; both are plain where nobody looks on."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from errno import EACCES, EISDIR, ENOENT
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


def say(text: str | Text, *, prose: bool = False) -> None:
    """A line for people, on stderr, in one piece, so that it can be copied; prose is broken between words."""
    screen = console(stderr=True)
    screen.print(text, soft_wrap=not (prose and screen.is_terminal))


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
    except OSError as error:
        # Told of the file that was asked for, not of its part.
        raise OSError(
            error.errno, f"{(error.strerror or str(error)).lower()}; nothing was written", str(path)
        ) from error
    finally:
        part.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Raise OSError where a file cannot be written, before an hour is spent on what is to be in it."""
    if path.is_dir():
        raise IsADirectoryError(EISDIR, "is a folder; name a file in it", str(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(ENOENT, "there is no such folder", str(path.parent))
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(EACCES, "this user may not write into the folder", str(path.parent))

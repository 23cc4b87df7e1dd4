"""Tables without lines: the eye finds the columns, and so do `cut` and `awk`."""

from collections.abc import Iterable, Sequence
from typing import Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

Cell = str | Text


def plain_table(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], numbers: Iterable[str] = (), *, gap: int = 3
) -> Table:
    """A table whose columns in `numbers` stand to the right; what is too long for its column is folded, never cut."""
    table = Table(box=None, padding=(0, gap, 0, 0), header_style="dim", pad_edge=False)
    right = set(numbers)
    for column in columns:
        identifier = column == "id"  # which must stay in one piece to be copied
        justify: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=identifier)
    for row in rows:
        table.add_row(*map(printable, row))
    return table


def printable(cell: Cell) -> Cell:
    """A name as somebody gave it, without what would speak to the terminal instead of its reader."""
    if isinstance(cell, Text):
        return cell
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in cell)


def facts(pairs: Iterable[tuple[str, Cell | None]]) -> Table:
    """Names and values beside each other, without those that are None."""
    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        if value is not None:
            grid.add_row(name, printable(value))
    return grid


def spaced(parts: Iterable[RenderableType]) -> Group:
    """Parts below each other, with an empty line between them."""
    first, *others = parts
    return Group(first, *(each for part in others for each in (Text(), part)))

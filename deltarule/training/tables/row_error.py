"""The fault of one value, which knows its row: whoever has only a part of a table is told the row of the whole."""

from deltarule.training.errors import DataError
from deltarule.training.tables.values import place


class RowError(DataError):
    """A value that cannot be used.

    Attributes:
        row: of the rows that were looked at, from 0.
        column: its name.
    """

    def __init__(self, row: int, column: str, sentence: str, pointer: str | None = None) -> None:
        self.row, self.column, self._sentence = row, column, sentence
        super().__init__(f"{place(column, row + 1)}: {sentence}", pointer)

    def at(self, row: int) -> "RowError":
        """The same fault, in the row that it has in a larger table."""
        return RowError(row, self.column, self._sentence, self.pointer)

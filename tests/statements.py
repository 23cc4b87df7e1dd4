"""What databases are asked: the service is quick where it asks seldom, and a test can count that without a clock."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def statements(*, beginnings: bool = False) -> Iterator[list[str]]:
    """What all databases of this process are asked meanwhile; with SQLite's BEGIN, which servers have no like of."""
    asked: list[str] = []

    def note(_: object, cursor: object, statement: str, *rest: object) -> None:
        if beginnings or not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)

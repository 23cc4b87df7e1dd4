"""What databases are asked: the service is quick where it asks seldom, and a test can count that without a clock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def statements(*, beginnings: bool = False) -> Iterator[list[str]]:
    """What this thread asks all databases meanwhile; with SQLite's BEGIN, which servers have no like of."""
    asked: list[str] = []
    caller = threading.get_ident()

    def note(_: object, cursor: object, statement: str, *rest: object) -> None:
        # Threads that an earlier test has left behind ask too.
        if threading.get_ident() == caller and (beginnings or not statement.startswith("BEGIN")):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)

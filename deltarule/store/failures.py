"""Every error of a database driver, told once and for all in our words."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from deltarule.store.errors import Refused, SchemaOutdated, StorageFull, StoreError, Unavailable

# SQLite has one class for nearly everything; only its words tell what happened.
OUTDATED = ("no such table", "no such column", "has no column")
FULL = ("database or disk is full", "disk I/O error")

DAMAGED = ("file is not a database", "database disk image is malformed")

UNSTORABLE = "A value cannot be stored, such as a text with a NUL character or a number that is too large."
OUR_FAULT = "The database refused a statement; this is a fault of Deltarule."
SENTENCES: dict[type[StoreError], str] = {
    StorageFull: "There is no room left in the database.",
    Refused: UNSTORABLE,
    Unavailable: "The database does not answer; try again in a moment.",
    StoreError: OUR_FAULT,
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise what SQLAlchemy and its drivers raise as StoreError or one of its kinds, with the cause attached."""
    try:
        yield
    except DBAPIError as error:
        raise _translation(error.orig) from error
    except PoolTimeout as error:
        raise Unavailable("The database is busy; try again in a moment.") from error
    except SQLAlchemyError as error:
        raise StoreError(OUR_FAULT) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise Refused(UNSTORABLE) from error
    except Exception as error:
        # Of what SQLAlchemy does not wrap, such as a pragma.
        if isinstance(error, sqlite3.Error) or _of_server(error) is not None:
            raise _translation(error) from error
        raise


def _translation(cause: BaseException | None) -> StoreError:
    words = str(cause)
    if _says(words, DAMAGED):
        return Unavailable("The file of the database is damaged, or is no SQLite database.")
    kind = _of_server(cause) or _of_sqlite(cause, words)
    return SchemaOutdated() if kind is SchemaOutdated else kind(SENTENCES[kind])


def _of_server(cause: BaseException | None) -> type[StoreError] | None:
    """The kind of what psycopg has raised: nothing, where nobody has loaded it, as beside SQLite."""
    if "psycopg" not in sys.modules:
        return None
    from deltarule.store.server_failures import kind_of  # noqa: PLC0415 -- a large library

    return kind_of(cause)


def _of_sqlite(cause: BaseException | None, words: str) -> type[StoreError]:
    if _says(words, OUTDATED):
        return SchemaOutdated
    if _says(words, FULL):
        return StorageFull
    if isinstance(cause, sqlite3.DataError):
        return Refused
    return Unavailable if isinstance(cause, sqlite3.OperationalError) else StoreError


def _says(words: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in words for phrase in phrases)

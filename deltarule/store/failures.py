"""Every error of a database driver, told once and for all in our words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from deltarule.store.errors import Refused, SchemaOutdated, StorageFull, StoreError, Unavailable

# SQLite has one class for nearly everything; only its words tell what happened.
OUTDATED = ("no such table", "no such column", "has no column")
FULL = ("database or disk is full", "disk I/O error")

DAMAGED = ("file is not a database", "database disk image is malformed")

PASSING = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    sqlite3.OperationalError,
    # A server that was too busy for too long, or that another one has taken over from.
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.TransactionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
)

UNSTORABLE = "A value cannot be stored, such as a text with a NUL character or a number that is too large."
OUR_FAULT = "The database refused a statement; this is a fault of Deltarule."


@contextmanager
def translated() -> Iterator[None]:
    """Raise what SQLAlchemy and its drivers raise as StoreError or one of its kinds, with the cause attached."""
    try:
        yield
    except DBAPIError as error:
        raise _translation(error.orig) from error
    except (psycopg.Error, sqlite3.Error) as error:  # of what SQLAlchemy does not wrap, such as a pragma
        raise _translation(error) from error
    except PoolTimeout as error:
        raise Unavailable("The database is busy; try again in a moment.") from error
    except SQLAlchemyError as error:
        raise StoreError(OUR_FAULT) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise Refused(UNSTORABLE) from error


def _translation(cause: BaseException | None) -> StoreError:
    words = str(cause)
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn) or _says(words, OUTDATED):
        return SchemaOutdated()
    if isinstance(cause, psycopg.errors.DiskFull) or _says(words, FULL):
        return StorageFull("There is no room left in the database.")
    if _says(words, DAMAGED):
        return Unavailable("The file of the database is damaged, or is no SQLite database.")
    if isinstance(cause, psycopg.DataError | sqlite3.DataError):
        return Refused(UNSTORABLE)
    if isinstance(cause, PASSING):
        return Unavailable("The database does not answer; try again in a moment.")
    return StoreError(OUR_FAULT)


def _says(words: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in words for phrase in phrases)

"""What PostgreSQL's driver raises, by kinds of our own; loaded by those only who have loaded the driver."""

import psycopg

from deltarule.store.errors import Refused, SchemaOutdated, StorageFull, StoreError, Unavailable

KINDS: tuple[tuple[type[StoreError], tuple[type[psycopg.Error], ...]], ...] = (
    (SchemaOutdated, (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)),
    (StorageFull, (psycopg.errors.DiskFull,)),
    (Refused, (psycopg.DataError,)),
    (
        Unavailable,
        (
            psycopg.OperationalError,
            psycopg.InterfaceError,
            # A server that was too busy for too long, or that another one has taken over from.
            psycopg.errors.IdleInTransactionSessionTimeout,
            psycopg.errors.TransactionTimeout,
            psycopg.errors.ReadOnlySqlTransaction,
        ),
    ),
    (StoreError, (psycopg.Error,)),
)


def kind_of(cause: BaseException | None) -> type[StoreError] | None:
    """The kind of failure; None for what is none of the driver's."""
    return next((kind for kind, errors in KINDS if isinstance(cause, errors)), None)

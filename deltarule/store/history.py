"""Of short epochs there are thousands a second: all that a report holds go to the database at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import to_json as numbers_to_json
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from deltarule.store.engines import finite, to_json
from deltarule.store.records import HistoryRow

COLUMNS = ("epoch", "training_loss", "validation_loss", "learning_rate", "seconds", "gradient_norm", "metrics")
NAMES = ", ".join(COLUMNS)
REPLACING = "ON CONFLICT (job_id, epoch) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
SQLITE = f"INSERT INTO history (job_id, {NAMES}) VALUES (?{', ?' * len(COLUMNS)}) {REPLACING}"  # noqa: S608 -- only names
REPEATED = "DELETE FROM history WHERE job_id = %(job_id)s AND epoch BETWEEN %(first)s AND %(last)s"
# Only where some between are not told: the bounds let it look at a part of the index once, not once for each epoch.
AMONG_THEM = " AND epoch IN (SELECT unnest(%(epochs)s::integer[]))"
FEW = 100
"""Epochs that are told to PostgreSQL in one statement, which saves the way there and back; more of them by COPY."""
TYPES = ", ".join(
    f"{name} {kind}" for name, kind in zip(COLUMNS, ("integer", *["double precision"] * 4, "json", "json"), strict=True)
)
AS_JSON = (
    f"INSERT INTO history (job_id, {NAMES}) SELECT %(job_id)s, {NAMES} "  # noqa: S608 -- only names
    f"FROM json_to_recordset(%(epochs)s) AS told({TYPES}) {REPLACING}"
)
COPY = f"COPY history (job_id, {NAMES}) FROM STDIN"


def write_history(session: Session, job_id: str, epochs: Iterable[HistoryRow]) -> None:
    """Write the job's epochs, each of another number, without the ORM, which would take longer than some epochs last.

    Those that are there already are replaced, so that a report whose answer was lost may be repeated. Numbers that are
    not finite become NULL, and null inside JSON.
    """
    told = list(epochs)
    if not told:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(SQLITE, [(job_id, *_values(epoch)) for epoch in told])
    elif len(told) <= FEW:
        epochs_as_json = numbers_to_json(told, inf_nan_mode="null").decode()
        connection.exec_driver_sql(AS_JSON, {"job_id": job_id, "epochs": epochs_as_json})
    else:
        _copy(connection, job_id, told)


def _copy(connection: Connection, job_id: str, told: Sequence[HistoryRow]) -> None:
    """The same in PostgreSQL's own way to take many rows, which is quicker than an INSERT but replaces none."""
    numbers = [epoch.epoch for epoch in told]
    first, last = min(numbers), max(numbers)
    repeated = {"job_id": job_id, "first": first, "last": last}
    if last - first < len(numbers):
        connection.exec_driver_sql(REPEATED, repeated)
    else:
        connection.exec_driver_sql(REPEATED + AMONG_THEM, repeated | {"epochs": numbers})
    psycopg_connection: Any = connection.connection.driver_connection
    with psycopg_connection.cursor() as cursor, cursor.copy(COPY) as copy:
        # As one text: handing over value by value takes longer.
        copy.write("".join([_line(job_id, epoch) for epoch in told]))


def _line(job_id: str, epoch: HistoryRow) -> str:
    """A row in COPY's text format; whatever that would take for more than it is, JSON has escaped already."""
    number, training_loss, validation_loss, learning_rate, seconds, gradient_norm, metrics = _values(epoch)
    training = r"\N" if training_loss is None else repr(training_loss)
    validation = r"\N" if validation_loss is None else repr(validation_loss)
    measured = r"\N" if metrics is None else metrics.replace("\\", r"\\")
    return (
        f"{job_id}\t{number}\t{training}\t{validation}\t{learning_rate!r}\t{seconds!r}\t{gradient_norm}\t{measured}\n"
    )


def _values(epoch: HistoryRow) -> tuple[Any, ...]:
    return (
        epoch.epoch,
        finite(epoch.training_loss),
        finite(epoch.validation_loss),
        epoch.learning_rate,
        epoch.seconds,
        numbers_to_json(epoch.gradient_norm, inf_nan_mode="null").decode(),
        None if epoch.metrics is None else to_json(epoch.metrics),
    )

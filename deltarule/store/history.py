"""Of short epochs there are thousands a second: all that a report holds go to the database as one statement's rows."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from deltarule.store.engines import finite, to_json
from deltarule.store.records import HistoryRow

COLUMNS = {
    "epoch": "integer",
    "training_loss": "double precision",
    "validation_loss": "double precision",
    "learning_rate": "double precision",
    "seconds": "double precision",
    "gradient_norm": "json",
    "metrics": "json",
}
"""With their types as PostgreSQL has them."""
NAMES = ", ".join(COLUMNS)
REPLACING = "ON CONFLICT (job_id, epoch) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
TYPED = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
SQLITE = f"INSERT INTO history (job_id, {NAMES}) VALUES (?{', ?' * len(COLUMNS)}) {REPLACING}"  # noqa: S608 -- only names
POSTGRESQL = (
    f"INSERT INTO history (job_id, {NAMES}) "  # noqa: S608 -- only names
    f"SELECT %(job_id)s, {NAMES} FROM json_to_recordset(%(rows)s::json) AS given({TYPED}) {REPLACING}"
)


def write_history(session: Session, job_id: str, epochs: Iterable[HistoryRow]) -> None:
    """Write the job's epochs, each of another number, without the ORM, which would take longer than some epochs last.

    Those that are there already are replaced, so that a report whose answer was lost may be repeated. Numbers that are
    not finite become NULL, and null inside JSON.
    """
    rows = [_values(epoch) for epoch in epochs]
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # Not as one JSON, because SQLite may read a number's last bit otherwise.
        connection.exec_driver_sql(SQLITE, [_bound(job_id, row) for row in rows])
    else:
        given = to_json([dict(zip(COLUMNS, row, strict=True)) for row in rows])
        connection.exec_driver_sql(POSTGRESQL, {"job_id": job_id, "rows": given})


def _values(epoch: HistoryRow) -> tuple[Any, ...]:
    return (
        epoch.epoch,
        finite(epoch.training_loss),
        finite(epoch.validation_loss),
        epoch.learning_rate,
        epoch.seconds,
        epoch.gradient_norm,
        epoch.metrics,
    )


def _bound(job_id: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    *numbers, gradient_norm, metrics = row
    return (job_id, *numbers, to_json(gradient_norm), None if metrics is None else to_json(metrics))

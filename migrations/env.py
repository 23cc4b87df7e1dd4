"""Run the migrations on the database that `deltarule.store.schema` or the environment names."""

from alembic import context
from sqlalchemy import Connection, text

from deltarule.store.engines import engines
from deltarule.store.patience import without_haste
from deltarule.store.settings import Settings
from deltarule.store.tables import Base

ADVISORY_LOCK = 0x6D6967726174


def url() -> str:
    """The database's URL: that of the caller, or that of the environment when `alembic` is called by hand."""
    return context.config.attributes.get("url") or Settings().database_url


def migrate(connection: Connection) -> None:
    """Run the migrations that are missing, all in one transaction; a second migrator waits and finds nothing to do."""
    if connection.dialect.name == "postgresql":
        without_haste(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite cannot alter most of a table; Alembic then copies it.
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    context.run_migrations()


def main() -> None:
    """Open the database and migrate it; BEGIN IMMEDIATE and DDL inside transactions come with the engine."""
    if context.is_offline_mode():
        raise SystemExit("The migrations need a database; run `alembic upgrade head` without --sql.")
    writer, *_ = engines(url(), durable=True, autocheckpoint=True)
    try:
        with writer.begin() as connection:
            migrate(connection)
    finally:
        writer.dispose()


main()

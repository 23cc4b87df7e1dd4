"""The migrations are the only way to a database, in production as in every test."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import migrations


def configuration(url: str | None = None) -> Config:
    """Alembic's configuration for the migrations of this version, and the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Bring the database to this version's tables; harmless to repeat, and to run twice at once.

    Raises SettingsError for a URL that cannot be used and Unavailable when the database does not answer.
    """
    command.upgrade(configuration(url), "head")


@cache
def head() -> str | None:
    """The name of the newest migration."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def is_current(connection: Connection) -> bool:
    """Whether the database's tables are those of the newest migration."""
    return MigrationContext.configure(connection).get_current_revision() == head()

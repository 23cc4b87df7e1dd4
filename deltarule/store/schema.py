"""The migrations are the only way to a database, in production as in every test."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import migrations
from deltarule.store.failures import translated


def upgrade(url: str) -> None:
    """Bring the database to this version's tables; harmless to repeat, also in two processes at once.

    Raises SettingsError for a URL that cannot be used and Unavailable when the database does not answer.
    """
    with translated():
        command.upgrade(configuration(url), "head")


def configuration(url: str) -> Config:
    """Alembic's configuration for the migrations of this version and the database at `url`."""
    config = Config()
    # Doubled, because the configuration would take a percent sign for the beginning of a variable.
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["url"] = url
    return config

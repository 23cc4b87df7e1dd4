"""The database's tables are brought up to this version before anything else starts, and by nothing else."""

from deltarule.cli.output import say
from deltarule.store.schema import upgrade
from deltarule.store.settings import Settings


def migrate() -> None:
    """Bring the database's tables up to this version; harmless to repeat.

    The database is the one in DELTARULE_DATABASE_URL.
    """
    upgrade(Settings().database_url)
    say("The database's tables are those of this version.")

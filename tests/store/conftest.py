"""Both sides of a job, and the keys, on each database."""

import pytest

from deltarule.store.attempts import Attempts
from deltarule.store.database import Database
from deltarule.store.jobs import Jobs
from deltarule.store.keys import Keys


@pytest.fixture
def attempts(database: Database) -> Attempts:
    return Attempts(database)


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


@pytest.fixture
def keys(database: Database) -> Keys:
    return Keys(database)

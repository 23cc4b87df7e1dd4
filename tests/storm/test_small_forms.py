"""Every storm in its small form: a few jobs, a few faults, all of its promises; `make storm` runs the large ones."""

import pytest

from deltarule.store.database import Database
from tests.storm import (
    brokers,
    cancels,
    crashes,
    databases,
    idempotency,
    kills,
    machine,
    pauses,
    poison,
    shutdown,
    soak,
)
from tests.storm.injection.sitecustomize import MUTANTS
from tests.storm.report import Result
from tests.storm.stack import Ground

# One after another: a storm in which two cores are shared by many services takes minutes.
pytestmark = [pytest.mark.xdist_group("storm"), pytest.mark.timeout(600)]

EMBEDDED = Ground(workers=2, distinct=3)
SERVERS = Ground("postgresql", "redis", workers=2, distinct=3)
BROKER = Ground(broker="redis", workers=2, distinct=3)
PATIENCE = 30.0
"""Seconds that a machine with other work may take for what is promised in two or three."""


def calm(result: Result) -> None:
    """Fail with the whole table when a promise was broken."""
    assert not result.violations, result.text()


@pytest.mark.parametrize("ground", [EMBEDDED, SERVERS], ids=["embedded", "servers"])
def test_kills(ground: Ground) -> None:
    calm(kills.storm(ground, jobs=10, every=1.5, times=8))


def test_pauses() -> None:
    calm(pauses.storm(EMBEDDED, jobs=8, fenced=1))


def test_crash_points() -> None:
    calm(crashes.storm(SERVERS, times=1))


@pytest.mark.parametrize("ground", [Ground(workers=1, distinct=2), BROKER], ids=["folder", "redis"])
def test_broker_faults(ground: Ground) -> None:
    calm(brokers.storm(ground, jobs=24, every=4.5, pause=0.25, epochs=5, within=PATIENCE))


def test_database_faults() -> None:
    calm(databases.storm(SERVERS, jobs=16, every=4.0, pause=0.5, within=PATIENCE))


def test_many_writers_of_one_file() -> None:
    calm(databases.storm(EMBEDDED, writers=4, writing=2.0))


def test_any_order_of_moves(database: Database) -> None:
    machine.check(database, 8, 40, 1)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_every_mutant_is_caught(database: Database, mutant: str) -> None:
    assert machine.catches(database, mutant, 40, 40, 1)


def test_poison() -> None:
    calm(poison.storm(EMBEDDED, times=1, neighbours=5, epochs=20))


@pytest.mark.parametrize("ground", [EMBEDDED, SERVERS], ids=["embedded", "servers"])
def test_cancels(ground: Ground) -> None:
    calm(cancels.storm(ground, jobs=10, within=PATIENCE))


@pytest.mark.parametrize("ground", [EMBEDDED, SERVERS], ids=["embedded", "servers"])
def test_shutdown(ground: Ground) -> None:
    calm(shutdown.storm(ground, jobs=10, times=8))


@pytest.mark.parametrize("ground", [EMBEDDED, SERVERS], ids=["embedded", "servers"])
def test_idempotency(ground: Ground) -> None:
    calm(idempotency.storm(ground, threads=20, rounds=2))


def test_soak() -> None:
    calm(soak.storm(EMBEDDED, minutes=0.2, every=5.0, epochs=10, growth=2.0))

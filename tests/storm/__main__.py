"""The battery's command line: one storm or all of them; the exit code tells whether every promise held.

The logs of the services are kept in the folder that STORM_LOGS names.
"""

import argparse
import inspect
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from tests.storm.report import Result, write
from tests.storm.stack import Ground

STORMS: dict[str, Callable[..., Result]] = {
    "kills": kills.storm,
    "pauses": pauses.storm,
    "crashes": crashes.storm,
    "broker": brokers.storm,
    "database": databases.storm,
    "machine": machine.storm,
    "poison": poison.storm,
    "cancels": cancels.storm,
    "shutdown": shutdown.storm,
    "idempotency": idempotency.storm,
    "soak": soak.storm,
}

ALL, EACH = "all", "each"
DATABASES, BROKERS = ("sqlite", "postgresql"), ("folder", "redis")


def main(words: list[str]) -> int:
    """Run what was asked for, print the counts, and answer 1 when a promise was broken."""
    options = _parser().parse_args(words)
    # So that who ends the battery does not leave its servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    names = list(STORMS) if options.storm == ALL else [options.storm]
    results = [_run(name, ground, options) for name in names for ground in _grounds(options)]
    write(results, options.json)
    return int(any(result.violations for result in results))


def _grounds(options: argparse.Namespace) -> list[Ground]:
    """The databases and brokers that were asked for; unasked, all storms run on both pairs that people run."""
    databases = DATABASES if options.database == EACH else [options.database]
    brokers = BROKERS if options.broker == EACH else [options.broker]
    pairs = [(database, broker) for database in databases for broker in brokers]
    if (options.database, options.broker) == (None, None):
        pairs = [("sqlite", "folder"), ("postgresql", "redis")] if options.storm == ALL else [("sqlite", "folder")]
    return [
        Ground(database or "sqlite", broker or "folder", options.workers, options.seed, options.distinct)
        for database, broker in pairs
    ]


def _run(name: str, ground: Ground, options: argparse.Namespace) -> Result:
    storm = STORMS[name]
    taken = inspect.signature(storm).parameters
    given = {key: value for key, value in vars(options).items() if key in taken and value is not None}
    try:
        result = storm(ground, **given)
    except Exception:
        result = Result(name, str(ground), given, violations=[traceback.format_exc()]).ended()
    sys.stdout.write(result.text() + "\n")
    sys.stdout.flush()
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("storm", choices=[ALL, *STORMS], nargs="?", default=ALL)
    parser.add_argument("--database", choices=[*DATABASES, EACH])
    parser.add_argument("--broker", choices=[*BROKERS, EACH])
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--distinct", type=int, default=12, help="how many different jobs there are")
    parser.add_argument("--json", type=Path, help="a file to which the counts are appended, one object a line")
    own: dict[str, Any] = {}
    for storm in STORMS.values():
        for parameter in list(inspect.signature(storm).parameters.values())[1:]:
            own.setdefault(parameter.name, parameter.default)
    for name, default in own.items():
        kind = type(default) if default is not None else str
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, help="each storm has its own default")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

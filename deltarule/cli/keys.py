"""API keys, written to the database directly: whoever may touch the database says who else may come in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.display.words import ago
from deltarule.cli.options import AsJson
from deltarule.cli.output import console, print_json, print_table, say
from deltarule.store.audit import Audit
from deltarule.store.database import Database
from deltarule.store.keys import Keys
from deltarule.store.records import Key
from deltarule.store.schema import upgrade
from deltarule.store.settings import Settings

Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="The service's data folder, as given to `deltarule up`; else DELTARULE_DATA or DELTARULE_DATABASE_URL.",
        show_default=False,
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is.", show_default=False)]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` shows it.", show_default=False)]
Days = Annotated[
    int | None, typer.Option("--days", min=1, max=36500, help="Days until it expires; else never.", show_default=False)
]
Adopt = Annotated[
    bool, typer.Option("--adopt", help="Give it what was made while there was no key, which no key sees otherwise.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="The most entries to show.")]

keys = typer.Typer(
    help="Add, list and revoke API keys. Once there is one, every request needs a key.", add_completion=False
)


@keys.command()
def add(name: Name, days: Days = None, adopt: Adopt = False, data: Data = None, as_json: AsJson = False) -> None:
    """Make a key and show its secret, this one time."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    with _opened(data) as database:
        key, secret = Keys(database).add(name, expires_at, adopt=adopt)
    if as_json:
        return print_json({**_document(key), "secret": secret})
    say(f"Key {key.id} for {name}. This is the only time that its secret is shown:")
    console().print(secret)
    return say("The command line and the client read it from the environment, as DELTARULE_API_KEY.")


@keys.command("list")
def list_keys(data: Data = None, as_json: AsJson = False) -> None:
    """List every key there ever was, newest first, without the secrets."""
    with _opened(data) as database:
        found = Keys(database).list()
    if as_json:
        return print_json([_document(key) for key in found])
    if not found:
        return say("There are no keys: the service answers this machine only, and asks for none.")
    return print_table(
        ("id", "state", "made", "used", "name"),
        [(key.id, _state(key), ago(key.created_at), _used(key), key.name) for key in found],
    )


@keys.command()
def revoke(identifier: KeyId, data: Data = None, as_json: AsJson = False) -> None:
    """End a key for good. What it made stays, and stays its own."""
    with _opened(data) as database:
        key = Keys(database).revoke(identifier)
    if as_json:
        return print_json(_document(key))
    return say(f"Key {key.id} of {key.name} is revoked.")


@keys.command()
def audit(limit: Limit = 100, data: Data = None, as_json: AsJson = False) -> None:
    """List what was done for good, newest first: keys added and revoked; datasets, jobs and models removed."""
    with _opened(data) as database:
        entries = Audit(database).newest(limit)
    if as_json:
        return print_json([{**asdict(entry), "at": entry.at.isoformat()} for entry in entries])
    return print_table(
        ("when", "what", "id", "by key", "request"),
        [
            (f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.action, entry.subject, entry.owner or "–", entry.request_id or "–")
            for entry in entries
        ],
    )


@contextmanager
def _opened(data: Path | None) -> Iterator[Database]:
    """The database that the service uses; an embedded one is made if the service never ran."""
    settings = Settings.embedded(data)
    if settings.database_url.startswith("sqlite") and settings.data is not None:
        settings.data.mkdir(parents=True, exist_ok=True)
        upgrade(settings.database_url)
    database = Database.from_settings(settings)
    try:
        yield database
    finally:
        database.close()


def _document(key: Key) -> dict[str, str | None]:
    times = {name: getattr(key, name) for name in ("created_at", "expires_at", "revoked_at", "last_used_at")}
    return {"id": key.id, "name": key.name, **{name: time and time.isoformat() for name, time in times.items()}}


def _used(key: Key) -> str:
    return ago(key.last_used_at) if key.last_used_at else "never"


def _state(key: Key) -> str:
    if key.revoked_at:
        return "revoked"
    if key.expires_at is None:
        return "valid"
    return "expired" if key.expires_at <= datetime.now(UTC) else f"valid until {key.expires_at:%Y-%m-%d}"

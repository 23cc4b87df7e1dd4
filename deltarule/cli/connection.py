"""The service that a command speaks to: the one of an address, or one on this machine for the time of the command."""

from collections.abc import Iterator
from contextlib import contextmanager

from deltarule.cli.failures import CommandError
from deltarule.client import Client, Unreachable
from deltarule.client.problems import START

LOCAL = " --local"


@contextmanager
def connected(url: str | None, *, local: bool) -> Iterator[Client]:
    """A client of the service; `local`: of one in the user's own data folder, started if none runs there."""
    if not local:
        try:
            with Client(url) as client:
                yield client
        except Unreachable as error:
            if url is None and error.hint == START:
                raise Unreachable(error.sentence, f"{START} With --local the command needs none.") from error
            raise
        return
    if url is not None:
        raise CommandError("--local and --url name two services.", "Leave one of them out.")
    # It knows the store, which is slow to load.
    from deltarule.cli.local import local_service  # noqa: PLC0415

    with local_service() as address, Client(address) as client:
        yield client


def same(url: str | None, *, local: bool) -> str:
    """What another command line needs at its end to speak to the same service."""
    if local:
        return LOCAL
    return f" --url {url}" if url else ""

"""The HTTP API alone, for machines where database, broker and workers are elsewhere."""

import os

from deltarule.cli.output import say
from deltarule.cli.supervision.listening import listen, url_of
from deltarule.cli.supervision.parts import serving
from deltarule.cli.up import Host, Port
from deltarule.store.settings import Settings


def serve(host: Host = None, port: Port = None) -> None:
    """Run the HTTP API alone; database, broker and storage are named by the environment.

    Needs DELTARULE_DATABASE_URL, DELTARULE_BROKER_URL and DELTARULE_STORAGE_URL, and `deltarule migrate` before.
    """
    settings = Settings(**{"host": host} if host is not None else {})
    listening = listen(settings.host, settings.port if port is None else port)
    part = serving(settings.model_copy(update={"port": listening.getsockname()[1]}), listening)
    say(f"The API listens on {url_of(listening, settings.host)}.")
    # In place of this process: there is nothing left for it to do.
    os.execve(part.command[0], part.command, dict(part.environment))  # noqa: S606

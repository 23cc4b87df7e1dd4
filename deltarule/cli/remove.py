"""Taking away what is no longer wanted."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

import typer

from deltarule.cli.completion import any_id
from deltarule.cli.connection import connected
from deltarule.cli.options import Local, Url
from deltarule.cli.output import say
from deltarule.client import Client


class Kind(StrEnum):
    """What can be removed."""

    JOB = "job"
    MODEL = "model"
    DATASET = "dataset"


REMOVE: Mapping[Kind, Callable[[Client, str], None]] = MappingProxyType(
    {
        Kind.JOB: lambda client, identifier: client.job(identifier).delete(),
        Kind.MODEL: lambda client, identifier: client.model(identifier).delete(),
        Kind.DATASET: lambda client, identifier: client.delete_dataset(identifier),
    }
)

Removed = Annotated[Kind, typer.Argument(metavar="KIND", help="job, model or dataset.", show_default=False)]
Identifiers = Annotated[
    list[str],
    typer.Argument(metavar="ID…", help="One id, or several.", show_default=False, autocompletion=any_id),
]


def remove(kind: Removed, identifiers: Identifiers, url: Url = None, local: Local = False) -> None:
    """Remove a job with its history, a model, or a dataset, for good.

    A job that still runs is cancelled first with `deltarule cancel`; a dataset that a job still needs is kept.
    """
    with connected(url, local=local) as client:
        for identifier in identifiers:
            REMOVE[kind](client, identifier)
            say(f"The {kind} {identifier} is removed.")

"""Options that many commands share, each written once."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from deltarule.cli.completion import dataset_id, job_id, model_id

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="ADDRESS",
        help="Where the service is; else the environment's DELTARULE_URL, else http://127.0.0.1:8080.",
        show_default=False,
    ),
]
Local = Annotated[
    bool,
    typer.Option(
        "--local",
        help="Needs no running service: uses one in your own data folder, started for as long as this command takes. "
        "What it makes is the same to the last bit, stays there, and is there for `deltarule up` too.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the data as JSON, for scripts.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to list.")]


def _id(what: str, listing: str, completion: Callable[[str], list[tuple[str, str]]]) -> Any:  # noqa: ANN401
    told = f"The {what}'s id, as `deltarule {listing}` lists it."
    return typer.Argument(metavar="ID", help=told, show_default=False, autocompletion=completion)


JobId = Annotated[str, _id("job", "jobs", job_id)]
ModelId = Annotated[str, _id("model", "models", model_id)]
DatasetId = Annotated[str, _id("dataset", "datasets", dataset_id)]

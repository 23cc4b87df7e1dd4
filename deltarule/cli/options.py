"""Options that many commands share, each written once."""

from typing import Annotated

import typer

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="ADDRESS",
        help="Where the service is; else the environment's DELTARULE_URL, else http://127.0.0.1:8080.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the data as JSON, for scripts.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to list.")]
JobId = Annotated[
    str, typer.Argument(metavar="ID", help="The job's id, as `deltarule jobs` lists it.", show_default=False)
]
ModelId = Annotated[
    str, typer.Argument(metavar="ID", help="The model's id, as `deltarule models` lists it.", show_default=False)
]

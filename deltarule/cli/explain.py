"""One step of backpropagation as a teacher would write it on the board."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deltarule.cli.completion import model_id
from deltarule.cli.connection import connected
from deltarule.cli.display.explanation import explanation
from deltarule.cli.failures import CommandError
from deltarule.cli.jobfile import read_spec
from deltarule.cli.options import AsJson, Local, Url
from deltarule.cli.output import print_json, show
from deltarule.client import Client

ModelId = Annotated[
    str | None,
    typer.Argument(
        metavar="[MODEL]", help="Id of a trained model to explain.", show_default=False, autocompletion=model_id
    ),
]
SpecFile = Annotated[
    Path | None,
    typer.Option(
        "--spec",
        metavar="FILE.json",
        help="`inputs`, `targets` and, without a model, `network` with its weights; also `loss`, `optimizer`.",
        show_default=False,
    ),
]
DataFile = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FILE.csv",
        help="With a model: a table of its columns, target too, whose row is explained.",
        show_default=False,
    ),
]
Row = Annotated[int, typer.Option("--row", min=1, help="Which of the rows to follow through the network.")]


def explain(
    model: ModelId = None,
    *,
    spec: SpecFile = None,
    data: DataFile = None,
    row: Row = 1,
    url: Url = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Show one step of backpropagation: forward, backward, update, with every number of it."""
    document = _document(model, spec, data, row)
    with connected(url, local=local) as client:
        values = _row(client, str(model), data, row) if data else None
        answer = client.explain({**document, "rows": [values]} if values else document)
    if as_json:
        return print_json(answer)
    if data:
        return show(explanation(answer, 0, f"row {row} of {data.name}", values))
    return show(explanation(answer, row - 1))


def _document(model: str | None, spec: Path | None, data: Path | None, row: int) -> dict[str, Any]:
    """What is asked, but for a row of a table.

    Raises:
        CommandError: if nothing, or too much, is asked for.
    """
    if spec is None and data is None:
        raise CommandError(
            "There is nothing to explain.",
            "Try it with --spec examples/step.json, or with a model's id and --data FILE.csv --row 1.",
        )
    if data is not None and model is None:
        raise CommandError("A table alone has no network.", "Name the model: deltarule explain MODEL --data FILE.csv.")
    document = read_spec(spec) if spec else {}
    if model is not None:
        document = {name: value for name, value in document.items() if name != "network"} | {"model_id": model}
    if data is not None:
        return {name: value for name, value in document.items() if name not in {"inputs", "targets", "rows"}}
    rows = document.get("inputs", document.get("rows"))
    if isinstance(rows, list) and row > len(rows):
        raise CommandError(f"There is no row {row}; {spec} has {len(rows)}.")
    return document


def _row(client: Client, model: str, data: Path, row: int) -> dict[str, Any]:
    # Reading tables takes a library that is slow to load and that no other way of explaining needs.
    from deltarule.cli.rows import row_of  # noqa: PLC0415

    return dict(row_of(data, row, json.loads(client.model(model).export("json"))))

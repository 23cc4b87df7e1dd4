"""One step of backpropagation as a teacher would write it on the board."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deltarule.cli.display.explanation import explanation
from deltarule.cli.failures import CommandError
from deltarule.cli.options import AsJson, Url
from deltarule.cli.output import print_json, show
from deltarule.cli.train import read_spec
from deltarule.client import Client

ModelId = Annotated[
    str | None, typer.Argument(metavar="[MODEL]", help="Id of a trained model to explain.", show_default=False)
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
Row = Annotated[int, typer.Option("--row", min=1, help="Which of the rows to follow through the network.")]
NEEDED = frozenset({"inputs", "targets"})


def explain(
    model: ModelId = None, spec: SpecFile = None, row: Row = 1, url: Url = None, as_json: AsJson = False
) -> None:
    """Show one step of backpropagation: forward, backward, update, with every number of it."""
    if spec is None:
        raise CommandError("There is nothing to explain.", "Try it with --spec examples/step.json.")
    document = read_spec(spec)
    if model is not None:
        document = {name: value for name, value in document.items() if name != "network"} | {"model_id": model}
    rows = document.get("inputs")
    if isinstance(rows, list) and row > len(rows):
        raise CommandError(f"There is no row {row}; {spec} has {len(rows)}.")
    with Client(url) as client:
        answer = client.explain(document)
        network = _network(client, document)
    if as_json:
        return print_json(answer)
    return show(explanation({**document, "network": network}, answer, row - 1))


def _network(client: Client, document: dict[str, Any]) -> dict[str, Any]:
    """The layers that were explained: those of the document, or those of the model that it names."""
    if isinstance(document.get("network"), dict):
        return dict(document["network"])
    return client.model(str(document.get("model_id"))).answer.network

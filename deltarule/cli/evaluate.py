"""How good a model is on rows that it has never seen."""

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.completion import dataset_id
from deltarule.cli.connection import connected
from deltarule.cli.display.metrics import figures
from deltarule.cli.display.tables import spaced
from deltarule.cli.failures import CommandError
from deltarule.cli.options import AsJson, Local, ModelId, Url
from deltarule.cli.output import print_json, show

File = Annotated[
    Path | None,
    typer.Argument(metavar="[FILE]", help="A table with the model's inputs and its target.", show_default=False),
]
DatasetOption = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        metavar="ID",
        help="An uploaded table in place of a file.",
        show_default=False,
        autocompletion=dataset_id,
    ),
]


def evaluate(
    identifier: ModelId,
    file: File = None,
    *,
    dataset: DatasetOption = None,
    url: Url = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Measure a trained model on another table, which has its input columns and its target."""
    if (file is None) == (dataset is None):
        raise CommandError("A model is measured on one table.", "Name a FILE, or --dataset ID.")
    with connected(url, local=local) as client:
        answer = client.model(identifier).evaluate(file or str(dataset))
    if as_json:
        return print_json(answer)
    return show(spaced(figures({file.name if file else "dataset": answer["metrics"]})))

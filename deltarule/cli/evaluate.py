"""How good a model is on rows that it has never seen."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
from deltarule.client import Client, ClientError

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
        model = client.model(identifier)
        with _uploaded(client, file, dataset) as known:
            answer = model.evaluate(known)
    if as_json:
        return print_json(answer)
    return show(spaced(figures({file.name if file else "dataset": answer["metrics"]})))


@contextmanager
def _uploaded(client: Client, file: Path | None, dataset: str | None) -> Iterator[str]:
    """The id of the dataset; one that was only uploaded for this is removed again."""
    if file is None:
        yield str(dataset)
        return
    made = client.upload(file)
    try:
        yield made.id
    finally:
        with suppress(ClientError):
            client.delete_dataset(made.id)

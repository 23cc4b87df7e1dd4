"""The tables that were uploaded."""

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.connection import connected, same
from deltarule.cli.display.dataset import dataset_facts
from deltarule.cli.display.words import ago, size
from deltarule.cli.options import AsJson, DatasetId, Limit, Local, Url
from deltarule.cli.output import console, print_json, print_table, say, show

Table = Annotated[
    Path, typer.Argument(metavar="FILE", help="The table: .csv, .parquet, .npz, .json, .ndjson.", show_default=False)
]
Name = Annotated[str | None, typer.Option(help="Name of the dataset; else the file's.", show_default=False)]


def datasets(limit: Limit = 20, url: Url = None, local: Local = False, as_json: AsJson = False) -> None:
    """List uploaded tables, newest first."""
    with connected(url, local=local) as client:
        found = list(client.datasets(limit=limit))
    if as_json:
        return print_json([dataset.document for dataset in found])
    if not found:
        return say("There are no datasets yet; `deltarule upload FILE` makes one.")
    rows = [
        (each.id, f"{each.rows:,} × {len(each.columns)}", size(each.bytes), ago(each.created_at), each.name or "–")
        for each in found
    ]
    return print_table(("id", "shape", "size", "made", "name"), rows, ("shape", "size"))


def dataset(identifier: DatasetId, url: Url = None, local: Local = False, as_json: AsJson = False) -> None:
    """Show one uploaded table: its columns, their types, and what is in them."""
    with connected(url, local=local) as client:
        found = client.dataset(identifier)
    return print_json(found.document) if as_json else show(dataset_facts(found))


def upload(file: Table, name: Name = None, url: Url = None, local: Local = False, as_json: AsJson = False) -> None:
    """Upload a table, to train on it more than once: prints its id."""
    with connected(url, local=local) as client:
        made = client.upload(file, name)
    if as_json:
        return print_json(made.document)
    console().print(made.id, soft_wrap=True)
    return say(f"`deltarule train --dataset {made.id} --target COLUMN{same(url, local=local)}` trains on it.")

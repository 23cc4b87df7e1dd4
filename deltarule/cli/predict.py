"""New rows through a trained model: CSV in, CSV out."""

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.display.words import number
from deltarule.cli.options import AsJson, ModelId, Url
from deltarule.cli.output import console, print_json, print_table, save, say
from deltarule.client import Client

File = Annotated[Path, typer.Argument(metavar="FILE", help="Rows as CSV, with a header row.", show_default=False)]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="CSV file to write.", show_default=False)]
SHOWN = 20


def predict(identifier: ModelId, file: File, output: Output = None, url: Url = None, as_json: AsJson = False) -> None:
    """Let a trained model predict the rows of a CSV file: CSV on stdout or in a file, a table on a terminal."""
    with Client(url) as client:
        model = client.model(identifier)
        if as_json:
            return print_json([prediction.document for prediction in model.predict_file(file)])
        answer = model.predict_csv(file)
    if output is None and console().is_terminal:
        return _table(answer.decode())
    save(answer, output)
    return say(f"Saved {output}.") if output else None


def _table(text: str) -> None:
    """The first rows on one screen: fewer digits, and no column that says nothing."""
    header, *rows = csv.reader(io.StringIO(text))
    told = [index for index, _ in enumerate(header) if any(row[index] for row in rows)]
    columns = [header[index] for index in told]
    shown = [[_rounded(row[index]) for index in told] for row in rows[:SHOWN]]
    print_table(columns, shown, columns[1:])
    if len(rows) > SHOWN:
        say(f"{SHOWN} of {len(rows):,} rows; `--output FILE` or a pipe gives all of them.")


def _rounded(cell: str) -> str:
    if cell.isdecimal():
        return cell  # a label, or a whole number
    try:
        return number(float(cell))
    except ValueError:
        return cell

"""New rows through a trained model: CSV in, CSV out."""

from pathlib import Path
from typing import Annotated

import typer

from deltarule.cli.connection import connected
from deltarule.cli.display.predictions import SHOWN_ROWS, predictions_table
from deltarule.cli.options import AsJson, Local, ModelId, Url
from deltarule.cli.output import console, print_json, save, say, show

File = Annotated[Path, typer.Argument(metavar="FILE", help="Rows as CSV, with a header row.", show_default=False)]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="CSV file to write.", show_default=False)]


def predict(
    identifier: ModelId,
    file: File,
    *,
    output: Output = None,
    url: Url = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Let a trained model predict the rows of a CSV file: CSV on stdout or in a file, a table on a terminal."""
    on_terminal = output is None and not as_json and console().is_terminal
    with connected(url, local=local) as client:
        model = client.model(identifier)
        if not (as_json or on_terminal):
            save(model.predict_csv(file), output)
            return say(f"Saved {output}.") if output else None
        predictions = model.predict_file(file)
    if as_json:
        return print_json([prediction.document for prediction in predictions])
    show(predictions_table(predictions))
    if len(predictions) > SHOWN_ROWS:
        say(f"{SHOWN_ROWS} of {len(predictions):,} rows; `--output FILE` or a pipe gives all of them as CSV.")
    return None

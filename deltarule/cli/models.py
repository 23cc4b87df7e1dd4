"""Trained models: which there are, and how to take one home."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from deltarule.cli.display.metrics import headline
from deltarule.cli.display.words import ago, size
from deltarule.cli.failures import CommandError
from deltarule.cli.options import AsJson, Limit, ModelId, Url
from deltarule.cli.output import print_json, print_table, save, say
from deltarule.client import Client
from deltarule.client.model import ExportFormat

FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
Format = Annotated[
    str | None,
    typer.Option("--format", help=f"{' or '.join(FORMATS)}; else as the file's name ends.", show_default=False),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write; else stdout.", show_default=False)]


def models(limit: Limit = 20, url: Url = None, as_json: AsJson = False) -> None:
    """List trained models, newest first."""
    with Client(url) as client:
        found = list(client.models(limit=limit))
    if as_json:
        return print_json([model.answer.document for model in found])
    if not found:
        return say("There are no models yet; `deltarule train FILE --target COLUMN` trains one.")
    rows = [
        (model.id, headline(model.metrics), ago(model.answer.created_at), model.answer.name or "–") for model in found
    ]
    return print_table(("id", "validation", "made", "name"), rows)


def export(identifier: ModelId, format_: Format = None, output: Output = None, url: Url = None) -> None:
    """Save a trained model: npz (NumPy arrays) or json (weights and preprocessing, in full precision)."""
    chosen = export_format(format_, output)
    if output is None and chosen == "npz" and typer.get_text_stream("stdout").isatty():
        raise CommandError("A terminal cannot show npz.", "Give a file: --output model.npz.")
    with Client(url) as client:
        content = client.model(identifier).export(chosen)
    save(content, output)
    if output:
        say(f"Saved {output} ({size(len(content))}).")


def export_format(asked: str | None, output: Path | None) -> ExportFormat:
    """The format asked for, or the one that the file's name tells.

    Raises:
        CommandError: if it is none of those that the service writes.
    """
    named = asked or (output.suffix.removeprefix(".") if output else FORMATS[0])
    found = next((known for known in FORMATS if known == named), None)
    if found is None:
        source = f"{named!r} is" if named else f"The name {output} tells"
        raise CommandError(f"{source} no format that a model is saved in.", f"Use {' or '.join(FORMATS)}.")
    return found

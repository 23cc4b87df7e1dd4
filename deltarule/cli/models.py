"""Trained models: which there are, and how to take one home."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, get_args

import typer

from deltarule.cli.connection import connected
from deltarule.cli.display.metrics import headline
from deltarule.cli.display.model import model_facts
from deltarule.cli.display.words import ago, size
from deltarule.cli.failures import CommandError
from deltarule.cli.options import AsJson, Limit, Local, ModelId, Url
from deltarule.cli.output import print_json, print_table, save, say, show
from deltarule.client.model import ExportFormat

FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
SUFFIXES: Mapping[str, ExportFormat] = MappingProxyType(
    {f".{'zip' if known == 'bundle' else known}": known for known in FORMATS}
)
"""How the names of files end, and what is in them."""
Format = Annotated[
    str | None,
    typer.Option("--format", help=f"{', '.join(FORMATS)}; else as the file's name ends.", show_default=False),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="File to write; else stdout.", show_default=False)]


def models(limit: Limit = 20, url: Url = None, local: Local = False, as_json: AsJson = False) -> None:
    """List trained models, newest first."""
    with connected(url, local=local) as client:
        found = list(client.models(limit=limit))
    if as_json:
        return print_json([each.answer.document for each in found])
    if not found:
        return say("There are no models yet; `deltarule train FILE --target COLUMN` trains one.")
    rows = [(each.id, headline(each.metrics), ago(each.answer.created_at), each.answer.name or "–") for each in found]
    return print_table(("id", "validation", "made", "name"), rows)


def model(identifier: ModelId, url: Url = None, local: Local = False, as_json: AsJson = False) -> None:
    """Show one trained model: what it takes, what it says, how good it is."""
    with connected(url, local=local) as client:
        found = client.model(identifier).answer
    return print_json(found.document) if as_json else show(model_facts(found))


def export(
    identifier: ModelId, format_: Format = None, output: Output = None, url: Url = None, local: Local = False
) -> None:
    """Save a trained model.

    As npz (NumPy arrays), json (weights and preprocessing in full precision), safetensors (arrays for any framework),
    onnx (a graph with the preprocessing inside) or bundle (a zip with a program that needs NumPy only).
    """
    chosen = export_format(format_, output)
    if output is None and chosen != "json" and typer.get_text_stream("stdout").isatty():
        suffix = next(suffix for suffix, known in SUFFIXES.items() if known == chosen)
        raise CommandError(f"A terminal cannot show {chosen}.", f"Give a file: --output model{suffix}.")
    with connected(url, local=local) as client:
        content = client.model(identifier).export(chosen)
    save(content, output)
    if output:
        say(f"Saved {output} ({size(len(content))}).")


def export_format(asked: str | None, output: Path | None) -> ExportFormat:
    """The format asked for, or the one that the file's name tells.

    Raises:
        CommandError: if it is none of those that the service writes.
    """
    if asked is None and output is None:
        return FORMATS[0]
    known = SUFFIXES.get(output.suffix.lower()) if output and asked is None else _named(asked)
    if known is None:
        told = f"{asked!r} is" if asked is not None else f"The name {output} tells"
        names = f"Use {', '.join(FORMATS)}." if asked is not None else f"Names end with {', '.join(SUFFIXES)}."
        raise CommandError(f"{told} no format that a model is saved in.", names)
    return known


def _named(asked: str | None) -> ExportFormat | None:
    return next((known for known in FORMATS if known == asked), None)

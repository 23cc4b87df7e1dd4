"""The loss history of a job: as a curve, as a table, as CSV."""

from typing import Annotated

import typer

from deltarule.cli.connection import connected
from deltarule.cli.display.report import draw
from deltarule.cli.display.words import number
from deltarule.cli.options import AsJson, JobId, Local, Url
from deltarule.cli.output import console, print_json, print_table, save, say
from deltarule.client import Epoch, History

Plot = Annotated[bool, typer.Option("--plot", help="Draw the loss curve.")]
Log = Annotated[bool, typer.Option("--log", help="Draw it on a logarithmic axis: small losses stay apart.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print every epoch as CSV.")]
SHOWN = 20


def history(
    identifier: JobId,
    *,
    plot: Plot = False,
    log: Log = False,
    csv: Csv = False,
    url: Url = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Show the loss history of a job: a table of some epochs, or with --csv and --json all of them."""
    with connected(url, local=local) as client:
        job = client.job(identifier)
        if csv:
            return save(job.history_csv(), None)
        found = job.history()
    if as_json:
        return print_json(found.document)
    if not found.epoch:
        return say(f"Job {job.id} is {job.status} and has trained no epoch yet.")
    if plot or log:
        screen = console()
        return screen.print(draw(screen, found, log=log))
    return _print(found)


def _print(found: History) -> None:
    columns = ("epoch", "training loss", "validation loss", "learning rate", "seconds")
    chosen = _some(list(found.epochs()))
    print_table(columns, [_row(epoch) for epoch in chosen], columns)
    if len(chosen) < len(found.epoch):
        say(f"{len(chosen)} of {len(found.epoch)} epochs; --csv prints all, --plot draws them.")


def _row(epoch: Epoch) -> tuple[str, ...]:
    losses = (number(epoch.training_loss), number(epoch.validation_loss))
    return (str(epoch.number), *losses, f"{epoch.learning_rate:.4g}", f"{epoch.seconds:.3g}")


def _some(epochs: list[Epoch]) -> list[Epoch]:
    """At most so many epochs as a screen shows, evenly apart, the first and the last among them."""
    if len(epochs) <= SHOWN:
        return epochs
    return [epochs[round(index * (len(epochs) - 1) / (SHOWN - 1))] for index in range(SHOWN)]

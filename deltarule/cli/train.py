"""From a table to a trained model in one command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deltarule.cli.display.report import report, say_next, say_start
from deltarule.cli.failures import CommandError
from deltarule.cli.follow import follow
from deltarule.cli.jobfile import read_spec
from deltarule.cli.models import SUFFIXES, export_format
from deltarule.cli.options import AsJson, Url
from deltarule.cli.output import console, print_json, save, say
from deltarule.client import Client, Dataset, Job, Model
from deltarule.client.specification import specification

File = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="The table: .csv, .npz, .json, …", show_default=False),
]
Target = Annotated[
    list[str] | None,
    typer.Option("--target", "-t", metavar="COLUMN", help="Column to predict; repeat for several.", show_default=False),
]
Layers = Annotated[
    str | None,
    typer.Option(metavar="32:relu,16:tanh", help="Hidden layers; the output layer is added.", show_default=False),
]
Epochs = Annotated[int | None, typer.Option(min=1, help="Most epochs to train.", show_default=False)]
BatchSize = Annotated[str | None, typer.Option(help="Rows in a batch, or full.", metavar="N", show_default=False)]
Optimizer = Annotated[
    str | None, typer.Option(metavar="adam:0.005", help="Optimizer, and its learning rate.", show_default=False)
]
Loss = Annotated[str | None, typer.Option(help="Loss, such as cross_entropy or huber.", show_default=False)]
Task = Annotated[str | None, typer.Option(help="classification, regression or multilabel.", show_default=False)]
Seed = Annotated[int | None, typer.Option(min=0, help="Settles every random choice.", show_default=False)]
Name = Annotated[str | None, typer.Option(help="Name of the job; else the file's.", show_default=False)]
SpecFile = Annotated[
    Path | None,
    typer.Option("--spec", metavar="FILE", help="A job in full, as JSON or YAML; options win.", show_default=False),
]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help=f"Save the model: {', '.join(SUFFIXES)}.", show_default=False),
]


def train(
    file: File = None,
    *,
    target: Target = None,
    layers: Layers = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    optimizer: Optimizer = None,
    loss: Loss = None,
    task: Task = None,
    seed: Seed = None,
    name: Name = None,
    spec: SpecFile = None,
    output: Output = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Train a network on a table: upload it, queue the job, follow it, show how it went.

    Everything but the table and its target has a good default.
    """
    if output:
        export_format(None, output)
    document = specification(
        read_spec(spec) if spec else None,
        target=target[0] if target and len(target) == 1 else target or None,
        layers=layers,
        optimizer=optimizer,
        loss=loss,
        task=task,
        name=name or (file.stem if file and not spec else None),
        training={"epochs": epochs, "batch_size": _batch_size(batch_size), "seed": seed},
    )
    _check_source(file, document)
    with Client(url) as client:
        job, dataset = queue(client, file, document)
        screen = console(stderr=True)
        say_start(screen, dataset, job.answer)
        follow(job)
        model = job.model() if job.answer.model_id else None
        if model and output:
            save(model.export(export_format(None, output)), output)
        show(job, model, file, output, as_json=as_json)
    if job.status != "succeeded":
        raise typer.Exit(1)


def queue(client: Client, file: Path | None, document: dict[str, Any]) -> tuple[Job, Dataset | None]:
    """The job of this document, and the dataset made for it from the file, if one is given."""
    if file is None:
        return client.submit(document), None
    job = client.train(file, spec=document)
    return job, client.dataset(job.answer.spec["dataset_id"])


def show(job: Job, model: Model | None, file: Path | None, saved: Path | None, *, as_json: bool) -> None:
    """The outcome: for people, or as JSON for scripts."""
    if as_json:
        return print_json({"job": job.answer.document, "model": model.answer.document if model else None})
    screen = console()
    if job.status == "failed":
        error = job.answer.error
        raise CommandError(
            (error.detail or error.title) if error else "The job failed.", f"`deltarule job {job.id}` tells more.", 1
        )
    report(screen, job, job.history(), model)
    if saved and model:
        say(f"Saved {saved}.")
    if model:
        say_next(console(stderr=True), model, file, saved)
    return None


def _batch_size(text: str | None) -> int | str | None:
    return int(text) if text and text.isdecimal() else text


def _check_source(file: Path | None, document: dict[str, Any]) -> None:
    sources = {"dataset_id", "data"} & document.keys()
    if file is None and not sources:
        raise CommandError("There is nothing to train on.", "Name a table: deltarule train FILE --target COLUMN.")
    if file is not None and sources:
        raise CommandError(f"The job has its data already ({', '.join(sources)} in --spec).", "Leave the file out.")

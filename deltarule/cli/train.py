"""From a table to a trained model in one command."""

from pathlib import Path
from typing import Any

import typer

from deltarule.cli.connection import connected, same
from deltarule.cli.display.report import say_start
from deltarule.cli.failures import CommandError
from deltarule.cli.follow import follow
from deltarule.cli.jobfile import read_spec
from deltarule.cli.models import export_format
from deltarule.cli.options import AsJson, Local, Url
from deltarule.cli.outcome import Told, tell
from deltarule.cli.output import check_place, console, print_json, save, say
from deltarule.cli.train_options import (
    Balanced,
    BatchSize,
    DatasetOption,
    Detach,
    Epochs,
    Features,
    File,
    Layers,
    Loss,
    Name,
    Optimizer,
    Output,
    Patience,
    SampleWeight,
    Seed,
    SpecFile,
    Target,
    Task,
    Validation,
    columns,
    plan,
)
from deltarule.client import Client, Dataset, Job
from deltarule.client.specification import specification


def train(
    file: File = None,
    *,
    dataset: DatasetOption = None,
    target: Target = None,
    features: Features = None,
    sample_weight: SampleWeight = None,
    validation: Validation = None,
    task: Task = None,
    layers: Layers = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    optimizer: Optimizer = None,
    loss: Loss = None,
    patience: Patience = None,
    balanced: Balanced = False,
    seed: Seed = None,
    name: Name = None,
    spec: SpecFile = None,
    output: Output = None,
    detach: Detach = False,
    url: Url = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """Train a network on a table: upload it, queue the job, follow it, show how it went.

    Everything but the table and its target has a good default. Ctrl-C asks whether to cancel the job or to leave it.
    """
    base = read_spec(spec) if spec else {}
    document = specification(
        base,
        dataset_id=dataset,
        target=target[0] if target and len(target) == 1 else target or None,
        features=columns(features),
        sample_weight=sample_weight,
        layers=layers,
        optimizer=optimizer,
        loss=loss,
        task=task,
        name=name or (file.stem if file and not spec else None),
    )
    chosen = plan(
        base,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        validation=validation,
        patience=patience,
        balanced=balanced,
    )
    _check(file, document, output, detach=detach, local=local)
    with connected(url, local=local) as client:
        job, table = queue(client, file, _with_plan(document, chosen))
        if detach:
            return _leave(job, same(url, local=local), as_json=as_json)
        say_start(console(stderr=True), table, job.answer)
        follow(job, same(url, local=local))
        model = job.model() if job.answer.model_id else None
        if model and output:
            save(model.export(export_format(None, output)), output)
        tell(Told(job, model, file, output, same(url, local=local)), as_json=as_json)
    if job.status != "succeeded":
        raise typer.Exit(1)
    return None


def queue(client: Client, file: Path | None, document: dict[str, Any]) -> tuple[Job, Dataset | None]:
    """The job of this document, and its dataset, which is made from the file if one is given."""
    job = client.submit(document) if file is None else client.train(file, spec=document)
    if "dataset_id" not in job.answer.spec:
        return job, None
    return job, client.dataset(job.answer.spec["dataset_id"])


def _leave(job: Job, where: str, *, as_json: bool) -> None:
    if as_json:
        return print_json({"job": job.answer.document, "model": None})
    console().print(job.id, soft_wrap=True)
    return say(f"`deltarule follow {job.id}{where}` follows it.")


def _with_plan(document: dict[str, Any], chosen: dict[str, Any]) -> dict[str, Any]:
    before = document.get("training")
    return {**document, "training": {**(before if isinstance(before, dict) else {}), **chosen}} if chosen else document


def _check(file: Path | None, document: dict[str, Any], output: Path | None, *, detach: bool, local: bool) -> None:
    """Refuse what cannot be meant before anything is sent."""
    if output:
        export_format(None, output)
        check_place(output)
    if detach and (output or local):
        raise CommandError(
            f"--detach does not wait, and {'--output' if output else '--local'} needs to.", "Leave one of them out."
        )
    sources = {"dataset_id", "data"} & document.keys()
    if file is None and not sources:
        raise CommandError("There is nothing to train on.", "Name a table: deltarule train FILE --target COLUMN.")
    if file is not None and sources:
        raise CommandError(f"The job has its data already ({', '.join(sorted(sources))}).", "Leave the file out.")

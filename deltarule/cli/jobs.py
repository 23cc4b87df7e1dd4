"""Training jobs: which there are, how one stands, and how to end it."""

from typing import Annotated

import typer
from rich.text import Text

from deltarule.cli.display.job import job_facts
from deltarule.cli.display.words import STATUS_STYLES, ago
from deltarule.cli.follow import follow
from deltarule.cli.options import AsJson, JobId, Limit, Url
from deltarule.cli.output import print_json, print_table, say, show
from deltarule.client import Client, Job

Status = Annotated[str | None, typer.Option(help="Only jobs of this status.", show_default=False)]
Name = Annotated[str | None, typer.Option(help="Only jobs of this name.", show_default=False)]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Show its progress until it has ended.")]
CANCEL_SECONDS = 5


def jobs(limit: Limit = 20, status: Status = None, name: Name = None, url: Url = None, as_json: AsJson = False) -> None:
    """List training jobs, newest first."""
    with Client(url) as client:
        found = list(client.jobs(limit=limit, status=status, name=name))
    if as_json:
        return print_json([job.answer.document for job in found])
    if not found:
        return say("There are no such jobs; `deltarule train FILE --target COLUMN` makes one.")
    return print_table(("id", "status", "epoch", "made", "name"), [_row(job) for job in found], ("epoch",))


def job(identifier: JobId, following: Follow = False, url: Url = None, as_json: AsJson = False) -> None:
    """Show one job: how it stands, how it was set up, what happened to it."""
    with Client(url) as client:
        found = client.job(identifier)
        if following:
            follow(found)
    if as_json:
        print_json(found.answer.document)
    else:
        show(job_facts(found.answer))
    if following and found.status != "succeeded":
        raise typer.Exit(1)


def cancel(identifier: JobId, url: Url = None, as_json: AsJson = False) -> None:
    """Cancel a job. Its history and its last weights are kept."""
    with Client(url) as client:
        found = client.job(identifier)
        before = found.status
        found.cancel()
        if not found.ended:
            found.refresh(wait=CANCEL_SECONDS)
    if as_json:
        print_json(found.answer.document)
    elif before == found.status:
        say(f"Job {found.id} has ended before: it is {found.status}.")
    else:
        say(f"Job {found.id} is {found.status}.")


def _row(job: Job) -> tuple[str | Text, ...]:
    answer, progress = job.answer, job.answer.progress
    epoch = f"{progress.epoch}/{progress.epochs}" if progress else "–"
    return (
        answer.id,
        Text(answer.status, STATUS_STYLES.get(answer.status, "")),
        epoch,
        ago(answer.created_at),
        answer.name or "–",
    )

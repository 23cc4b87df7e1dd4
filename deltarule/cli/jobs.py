"""Training jobs: which there are, how one stands, and how to end it."""

from typing import Annotated

import typer
from rich.text import Text

from deltarule.cli.connection import connected, same
from deltarule.cli.display.job import job_facts
from deltarule.cli.display.words import STATUS_STYLES, ago
from deltarule.cli.follow import follow
from deltarule.cli.options import AsJson, JobId, Limit, Local, Url
from deltarule.cli.output import console, print_json, print_table, say, show
from deltarule.cli.watch import watch
from deltarule.client import Job

Status = Annotated[str | None, typer.Option(help="Only jobs of this status.", show_default=False)]
Name = Annotated[str | None, typer.Option(help="Only jobs of this name.", show_default=False)]
Follow = Annotated[bool, typer.Option("--follow", "--watch", "-f", help="Show its progress until it has ended.")]
Watch = Annotated[
    bool, typer.Option("--watch", "-w", help="Keep showing them until all have ended; Ctrl-C ends the showing alone.")
]
CANCEL_SECONDS = 5


def jobs(
    *,
    limit: Limit = 20,
    status: Status = None,
    name: Name = None,
    watching: Watch = False,
    url: Url = None,
    local: Local = False,
    as_json: AsJson = False,
) -> None:
    """List training jobs, newest first; with --watch, follow them all as they go."""
    with connected(url, local=local) as client:

        def look() -> list[Job]:
            return list(client.jobs(limit=limit, status=status, name=name))

        found = watch(look, console(stderr=as_json)) if watching else look()
    if as_json:
        return print_json([job.answer.document for job in found])
    if watching and found:
        return None
    if not found:
        return say("There are no such jobs; `deltarule train FILE --target COLUMN` makes one.")
    return print_table(("id", "status", "epoch", "made", "name"), [_row(job) for job in found], ("epoch",))


def job(
    identifier: JobId, following: Follow = False, url: Url = None, local: Local = False, as_json: AsJson = False
) -> None:
    """Show one job: how it stands, how it was set up, what happened to it."""
    with connected(url, local=local) as client:
        found = client.job(identifier)
        if following:
            follow(found, same(url, local=local))
    if as_json:
        print_json(found.answer.document)
    else:
        show(job_facts(found.answer))
    if following and found.status != "succeeded":
        raise typer.Exit(1)


def cancel(identifier: JobId, url: Url = None, local: Local = False, as_json: AsJson = False) -> None:
    """Cancel a job. Its history and its last weights are kept."""
    with connected(url, local=local) as client:
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

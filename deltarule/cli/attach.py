"""A job taken up again, as if its command had never been left."""

import typer

from deltarule.cli.connection import connected, same
from deltarule.cli.display.report import say_start
from deltarule.cli.follow import follow as to_its_end
from deltarule.cli.options import AsJson, JobId, Local, Url
from deltarule.cli.outcome import Told, tell
from deltarule.cli.output import console


def follow(identifier: JobId, url: Url = None, local: Local = False, as_json: AsJson = False) -> None:
    """Follow a job that was left running to its end, and show how it went, as `deltarule train` does.

    Ctrl-C asks whether to cancel the job or to leave it.
    """
    where = same(url, local=local)
    with connected(url, local=local) as client:
        job = client.job(identifier)
        if not job.ended:
            say_start(console(stderr=True), None, job.answer)
            to_its_end(job, where)
        tell(Told(job, job.model() if job.answer.model_id else None, where=where), as_json=as_json)
    if job.status != "succeeded":
        raise typer.Exit(1)

"""What became of a job: told to people in full, or to scripts as JSON."""

from dataclasses import dataclass
from pathlib import Path

from deltarule.cli.display.report import report, say_next, show_failed
from deltarule.cli.failures import JOB_FAILED, CommandError
from deltarule.cli.output import console, print_json, say
from deltarule.client import Job, Model


@dataclass(frozen=True, slots=True)
class Told:
    """A job that has ended: its model, if any, the table it was trained on and the file the model is in, if known.

    `where` is what a command line needs at its end to speak to the same service.
    """

    job: Job
    model: Model | None
    table: Path | None = None
    saved: Path | None = None
    where: str = ""


def tell(told: Told, *, as_json: bool) -> None:
    """How it went.

    Raises:
        CommandError: for people, if the job failed: its reason, and what it learned until then is shown before.
    """
    job, model = told.job, told.model
    if as_json:
        return print_json({"job": job.answer.document, "model": model.answer.document if model else None})
    history = job.history()
    if job.status == "failed":
        show_failed(console(), job, history)
        error = job.answer.error
        sentence = (error.detail or error.title) if error else "The job failed."
        raise CommandError(sentence, f"`deltarule job {job.id}{told.where}` tells more.", JOB_FAILED)
    report(console(), job, history, model)
    if told.saved and model:
        say(f"Saved {told.saved}.")
    if model:
        say_next(console(stderr=True), model, told.table, told.saved, told.where)
    return None

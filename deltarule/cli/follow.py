"""A job followed to its end; Ctrl-C asks what is to become of it."""

import sys

import typer

from deltarule.cli.connection import LOCAL
from deltarule.cli.display.progress import reporter
from deltarule.cli.failures import INTERRUPTED
from deltarule.cli.output import say
from deltarule.client import Job, Unreachable

CANCEL, LEAVE, GO_ON = "c", "l", "f"


def follow(job: Job, where: str = "") -> Job:
    """The job once it has ended, with its progress shown on stderr until then.

    Ctrl-C on a terminal asks whether to cancel the job, to leave it running or to go on following; elsewhere it leaves
    the job running. Leaving ends the command with exit code 130. `where` is what a command line needs at its end to
    speak to this service again.
    """
    while True:
        try:
            return _watch(job)
        except KeyboardInterrupt:
            _interrupted(job, where)
        except Unreachable as error:
            raise Unreachable(
                error.sentence, f"The job is kept; later, `{_again(job, where)}` shows how it went."
            ) from error


def _watch(job: Job) -> Job:
    with reporter() as report:
        for epochs in job.watch():
            report.show(job.answer, epochs)
    return job


def _interrupted(job: Job, where: str) -> None:
    choice = _asked() if sys.stdin.isatty() and sys.stderr.isatty() else LEAVE
    if choice == CANCEL:
        job.cancel()
    elif choice == LEAVE:
        say(
            "The job is kept for later. To go on or to cancel it:"
            if where == LOCAL
            else "The job goes on. To follow or to cancel it:"
        )
        say(f"  {_again(job, where)}\n  deltarule cancel {job.id}{where}")
        raise typer.Exit(INTERRUPTED)


def _again(job: Job, where: str) -> str:
    return f"deltarule follow {job.id}{where}"


def _asked() -> str:
    question = "\nCancel the job (c), leave it running (l) or follow it further (f)?"
    while True:
        try:
            answer = typer.prompt(question, default=LEAVE, err=True).strip().lower()
        except (typer.Abort, KeyboardInterrupt, EOFError):
            say("")  # the line of the question has no end yet
            return LEAVE
        if answer[:1] in (CANCEL, LEAVE, GO_ON):
            return str(answer[:1])

"""The end of a run, told in the order in which people ask: did it work, how well, what now."""

from pathlib import Path

from rich.console import Console, RenderableType
from rich.text import Text

from deltarule.cli.display.curve import loss_curve, spans_decades
from deltarule.cli.display.job import warning
from deltarule.cli.display.metrics import figures
from deltarule.cli.display.words import LABEL, STOP_REASONS, duration, setting
from deltarule.client import Dataset, History, Job, Model
from deltarule.client.answers import JobAnswer

PIPE_WIDTH = 78
"""Characters of a curve that goes into a file or a pipe."""


def say_start(screen: Console, dataset: Dataset | None, job: JobAnswer) -> None:
    """What is trained on what."""
    if dataset is not None:
        screen.print(_fact(dataset.name or "data", _table_in_words(dataset)))
    screen.print(_fact("network", setting(job.spec)))
    screen.print(_fact("job", job.id))
    screen.print()


def report(screen: Console, job: Job, history: History, model: Model | None) -> None:
    """How it ended, the loss curve, the metrics, the warnings; each after an empty line."""
    for part in (
        _ending(job.answer, history),
        draw(screen, history, log=spans_decades(history)),
        *(figures(model.metrics) if model else ()),
    ):
        screen.print()
        screen.print(part)
    _warn(screen, job)


def show_failed(screen: Console, job: Job, history: History) -> None:
    """What a job learned before it failed: the loss curve, if it came so far, and the warnings."""
    if len(history.epoch) > 1:
        screen.print()
        screen.print(draw(screen, history, log=spans_decades(history)))
    _warn(screen, job)
    screen.print()


def draw(screen: Console, history: History, *, log: bool = False) -> RenderableType:
    """The loss curve as this screen can show it; `log`: on a logarithmic axis."""
    width = screen.width - 2 if screen.is_terminal else PIPE_WIDTH
    return loss_curve(history, width, colour=screen.color_system is not None and not screen.no_color, log=log)


def say_next(screen: Console, model: Model, table: Path | None, saved: Path | None, where: str = "") -> None:
    """Where to go from here; `where` is what each command line needs at its end to speak to the same service."""
    lines = [f"predict {model.id} {table or 'rows.csv'}"]
    if saved is None:
        lines.append(f"export {model.id} --output model.onnx")
    if model.answer.job_id:
        lines.append(f"job {model.answer.job_id}")
    screen.print()
    screen.print(Text("Next", "bold"))
    for line in lines:
        screen.print(f"  deltarule {line}{where}", soft_wrap=True)


def _warn(screen: Console, job: Job) -> None:
    if job.warnings:
        screen.print()
    for sentence in job.warnings:
        screen.print(warning(sentence))


def _fact(name: str, value: str) -> Text:
    return Text.assemble((f"{name:<{LABEL}} ", "dim"), value)


def _table_in_words(dataset: Dataset) -> str:
    missing = sum(column.missing for column in dataset.columns)
    holes = f", {missing:,} values missing" if missing else ""
    return f"{dataset.rows:,} rows, {len(dataset.columns)} columns{holes}"


def _ending(job: JobAnswer, history: History) -> Text:
    seconds = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    took = f" in {duration(seconds)}" if seconds is not None else ""
    reason = (job.stop_reason or job.status) if job.stop_reason != job.status else ""
    why = STOP_REASONS.get(reason, reason.replace("_", " "))
    sentence = Text.assemble((f"{job.status.capitalize()}: ", "bold"), f"{len(history.epoch)} epochs{took}")
    return sentence.append(f", {why}." if why else ".")

"""One job on one screen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from deltarule.cli.display.tables import Cell, facts, plain_table
from deltarule.cli.display.words import STATUS_STYLES, STOP_REASONS, duration, number, rate, setting
from deltarule.client.answers import ENDED, JobAnswer


def job_facts(job: JobAnswer) -> RenderableType:
    """Everything about a job that fits on one screen; `--json` has the rest."""
    told = facts(
        [
            ("job", job.id),
            ("name", job.name),
            ("status", _status(job)),
            ("target", _target(job.spec)),
            ("network", setting(job.spec)),
            ("progress", _progress(job)),
            (
                "metrics",
                ", ".join(f"{name.replace('_', ' ')} {number(value)}" for name, value in job.metrics.items()) or None,
            ),
            ("error", Text(job.error.detail or job.error.title, "red") if job.error else None),
            ("model", job.model_id),
        ]
    )
    return Group(told, *(warning(sentence) for sentence in job.warnings), _transitions(job))


def warning(sentence: str) -> Text:
    """A warning in words."""
    return Text.assemble(("! ", "bold yellow"), sentence)


def _status(job: JobAnswer) -> Text:
    status = Text(job.status, STATUS_STYLES.get(job.status, ""))
    if job.stop_reason and job.stop_reason != job.status:
        status.append(f" – {STOP_REASONS.get(job.stop_reason, job.stop_reason.replace('_', ' '))}", "default")
    return status


def _target(spec: Mapping[str, Any]) -> str | None:
    target = spec.get("target")
    return target if isinstance(target, str) or target is None else ", ".join(target)


def _progress(job: JobAnswer) -> str | None:
    if job.progress is None:
        return None
    parts = [f"epoch {job.progress.epoch} of {job.progress.epochs}", rate(job.progress.samples_per_second)]
    if job.started_at and job.finished_at:
        parts.append(f"in {duration((job.finished_at - job.started_at).total_seconds())}")
    elif job.progress.eta_seconds is not None and job.status not in ENDED:
        parts.append(f"{duration(job.progress.eta_seconds)} left")
    return ", ".join(part for part in parts if part)


def _transitions(job: JobAnswer) -> RenderableType:
    listed = (job.model_extra or {}).get("transitions") or ()
    columns = ("when", "from", "to", "attempt", "why")
    return Group(Text(), plain_table(columns, map(_transition, listed))) if listed else Text()


def _transition(change: Mapping[str, Any]) -> tuple[Cell, ...]:
    moment = datetime.fromisoformat(change["when"]).astimezone()
    why = STOP_REASONS.get(change["why"], change["why"])
    return f"{moment:%Y-%m-%d %H:%M:%S}", change["from"] or "–", change["to"], str(change["attempt"]), why

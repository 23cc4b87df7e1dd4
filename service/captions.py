"""What a chart of a job says in words: whose it is, how it went, and nothing that could be taken for markup."""

from collections.abc import Sequence

from deltarule.store.records import HistoryRow, Job


def title(job: Job) -> str:
    """The job's name on one line, or its id."""
    return clean(job.name) or f"Job {job.id}"


def clean(name: str | None) -> str:
    """A name on one line; signs that do not print, or turn the text around, are left blank."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name or "").split())


def caption(job: Job, rows: Sequence[HistoryRow], since_epoch: int = 0) -> str:
    """How the job went, in one sentence."""
    if not rows:
        return _nothing(job, since_epoch)
    broken = next((row.epoch for row in rows if row.training_loss is None), None)
    if broken is not None:
        return f"The loss of epoch {broken} is not a finite number: the training diverged."
    count = f"{rows[-1].epoch} epochs" if rows[-1].epoch > 1 else "1 epoch"
    reason = f" ({job.stop_reason.replace('_', ' ')})" if job.stop_reason else ""
    return f"{count}, {job.status}{reason}" if job.status.ended else f"{count} so far, {job.status}"


def loss_name(job: Job) -> str:
    """The loss as an axis is labelled."""
    name = job.spec.get("loss", {}).get("name")
    return f"loss ({name.replace('_', ' ')})" if isinstance(name, str) else "loss"


def _nothing(job: Job, since_epoch: int) -> str:
    after = f" after epoch {since_epoch}" if since_epoch else ""
    if job.status.ended:
        return f"The job has ended, and no epoch{after} was completed."
    return f"No epoch{after} has been completed yet; the job is {job.status}."

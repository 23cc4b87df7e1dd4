"""What a notebook shows of a job: how it stands, in a few lines, above the service's own chart of its losses."""

from base64 import b64encode
from dataclasses import dataclass
from html import escape

from deltarule.client.answers import JobAnswer

SVG, PNG = "image/svg+xml", "image/png"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of the losses, as SVG; notebooks show it by themselves."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


def job_as_html(job: JobAnswer, chart: bytes | None) -> str:
    """The job as a piece of HTML; the chart is a picture of its own, so that no style of either reaches the other."""
    told = [f"<b>{escape(job.name or job.id)}</b> {escape(_state(job))}", escape(_metrics(job))]
    if job.error:
        told.append(escape(job.error.detail or job.error.title))
    lines = [f"<div>{line}</div>" for line in told if line]
    warnings = "".join(f"<li>{escape(warning)}</li>" for warning in job.warnings)
    picture = f'<img alt="loss by epoch" src="data:{SVG};base64,{b64encode(chart).decode()}">' if chart else ""
    return "".join([*lines, f"<ul>{warnings}</ul>" if warnings else "", picture])


def _state(job: JobAnswer) -> str:
    reason = f" ({job.stop_reason.replace('_', ' ')})" if job.stop_reason else ""
    if job.progress is None:
        return f"{job.status}{reason}"
    return f"{job.status}{reason}, epoch {job.progress.epoch} of {job.progress.epochs}"


def _metrics(job: JobAnswer) -> str:
    known = {name: value for name, value in job.metrics.items() if value is not None}
    return ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in known.items())

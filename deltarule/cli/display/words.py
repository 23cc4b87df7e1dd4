"""Numbers and facts in the words that people use for them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

STATUS_STYLES = MappingProxyType(
    {
        "queued": "dim",
        "running": "blue",
        "cancelling": "yellow",
        "succeeded": "green",
        "failed": "red",
        "cancelled": "yellow",
    }
)

STOP_REASONS = MappingProxyType(
    {
        "epochs_done": "every epoch trained",
        "early_stopping": "stopped early as validation loss fell no more",
        "time_limit": "stopped at the time limit",
        "cancelled": "stopped because it was cancelled",
        "diverged": "stopped when the loss was no longer a number",
        "lost_too_often": "given up after its workers were lost too often",
    }
)

LABEL = 10
"""Columns of the names on the left of a running job."""
LARGE, HUGE = 1e4, 1e12
SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86400


def number(value: float | None) -> str:
    """A number with four significant digits, its zeros kept, so that columns align; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if LARGE <= abs(value) < HUGE else f"{value:#.4g}".rstrip(".")


def rate(samples_per_second: float | None) -> str | None:
    """Rows per second, in thousands or millions."""
    if samples_per_second is None:
        return None
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if samples_per_second >= unit:
            return f"{samples_per_second / unit:.3g}{name} rows/s"
    return f"{samples_per_second:.0f} rows/s"


def duration(seconds: float) -> str:
    """A time span with the two units that matter."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 * SECOND else f"{seconds:.0f} s"
    whole = round(seconds)
    if seconds < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago something was, in one unit."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit:
            return f"{seconds // unit:.0f} {name} ago"
    return "just now"


def size(count: int) -> str:
    """A number of bytes, as people say it."""
    amount, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:  # noqa: PLR2004 - the step between two units
        amount, units = amount / 1000, units[1:]
    return f"{amount:.3g} {units[0]}" if units[0] != "B" else f"{count} B"


def layers(network: Mapping[str, Any]) -> str:
    """A network as its layers in a row: `32 relu → 16 tanh → 3 softmax`."""
    described: Sequence[Mapping[str, Any]] = network.get("layers") or ()
    return " → ".join(f"{layer.get('units') or '?'} {layer.get('activation') or '?'}" for layer in described)


def setting(spec: Mapping[str, Any]) -> str:
    """How a job trains, in one line: its layers, its optimizer, its batches."""
    optimizer, plan = spec.get("optimizer") or {}, spec.get("training") or {}
    parts = [layers(spec.get("network") or {})]
    if optimizer:
        parts.append(f"{optimizer.get('name')} at {optimizer.get('learning_rate')}")
    if batch := plan.get("batch_size"):
        parts.append("the full batch" if batch == "full" else f"batches of {batch}")
    return ", ".join(part for part in parts if part)

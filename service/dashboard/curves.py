"""What a history looks like: losses with the best epoch, gradient norms layer by layer, the learning rate."""

import math
from collections.abc import Sequence
from typing import Any

from deltarule.store.records import HistoryRow, Job
from service.captions import loss_name
from service.dashboard.figures import BEST, SCALE, TRAINING, VALIDATION, figure
from service.thinning import best_of, measured, thinned

MOST_POINTS = 600
MOST_CELLS = 200
"""Epochs of the heat map; more are narrower than a pixel."""
LINEAR, LOGARITHMIC = "linear", "log"
MARKED_POINTS = 30
"""So few epochs are shown as points, too."""
RATES = {"rangemode": "tozero"}
LAYERS = {"type": "category", "autorange": "reversed"}
"""From the inputs above to the outputs below."""
STYLES = {
    "training_loss": ("training", TRAINING, "solid"),
    "validation_loss": ("validation", VALIDATION, "dash"),
}


def losses(job: Job, rows: Sequence[HistoryRow], scale: str) -> dict[str, Any]:
    """Both losses over the epochs."""
    shown = thinned(rows, MOST_POINTS)
    traces = [_loss(shown, name) for name in measured(shown)] if shown else []
    best = best_of(rows)
    if best is not None:
        traces.append(_best(best, getattr(best, measured(rows)[-1])))
    return figure(traces, x="epoch", y=loss_name(job), name=f"{job.id} {scale}", yaxis={"type": scale})


def best_sentence(job: Job, rows: Sequence[HistoryRow]) -> str:
    """The best epoch in words."""
    best = best_of(rows)
    if best is None:
        return f"No epoch was completed: {_why(job)}." if job.status.ended else "No epoch has been completed yet."
    name = measured(rows)[-1]
    return f"Best {STYLES[name][0]} loss: {getattr(best, name):.4g}, in epoch {best.epoch}."


def are_empty(rows: Sequence[HistoryRow]) -> bool:
    """Whether there is nothing to draw: no epoch came to its end with a loss, as where the first one diverged."""
    return best_of(rows) is None


def gradients(job: Job, rows: Sequence[HistoryRow]) -> dict[str, Any]:
    """The norm of each layer's gradient over the epochs, on a scale of powers of ten."""
    every = max(1, len(rows) // MOST_CELLS)
    shown = [row for row in rows[::every] if row.gradient_norm]
    layers = max((len(row.gradient_norm) for row in shown), default=0)
    norms = [[row.gradient_norm[layer] for row in shown] for layer in range(layers)]
    powers = [[math.log10(norm) if norm else None for norm in layer] for layer in norms]
    known = [power for layer in powers for power in layer if power is not None]
    ticks = range(math.floor(min(known, default=0)), math.ceil(max(known, default=1)) + 1)
    trace = {
        "type": "heatmap",
        "x": [row.epoch for row in shown],
        "y": [f"layer {layer + 1}" for layer in range(layers)],
        "z": powers,
        "customdata": norms,
        "hovertemplate": "epoch %{x}, %{y}: %{customdata:.3g}<extra></extra>",
        "colorscale": SCALE,
        "colorbar": {"tickvals": list(ticks), "ticktext": [f"1e{power}" for power in ticks], "thickness": 12},
    }
    height = 130 + 34 * max(1, layers)
    return figure([trace], x="epoch", y="", name=job.id, hovermode="closest", height=height, yaxis=LAYERS)


def rates(job: Job, rows: Sequence[HistoryRow]) -> dict[str, Any]:
    """The learning rate of each epoch."""
    shown = thinned(rows, MOST_POINTS)
    trace = {
        "type": "scatter",
        "mode": "lines",
        "name": "learning rate",
        "x": [row.epoch for row in shown],
        "y": [row.learning_rate for row in shown],
        "line": {"color": TRAINING, "width": 2},
    }
    return figure([trace], x="epoch", y="learning rate", name=job.id, height=220, showlegend=False, yaxis=RATES)


def _why(job: Job) -> str:
    """What ended a job, in the middle of a sentence."""
    if job.error is None:
        return "the job was cancelled"
    title = str(job.error.get("title", "the job failed"))
    return title[:1].lower() + title[1:]


def _loss(rows: Sequence[HistoryRow], name: str) -> dict[str, Any]:
    label, colour, dash = STYLES[name]
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(rows) <= MARKED_POINTS else "lines",
        "name": label,
        "x": [row.epoch for row in rows],
        "y": [getattr(row, name) for row in rows],
        "line": {"color": colour, "width": 2, "dash": dash},
        "hovertemplate": "%{y:.5g}",
    }


def _best(row: HistoryRow, loss: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"best: epoch {row.epoch}",
        "x": [row.epoch],
        "y": [loss],
        "marker": {"symbol": "diamond", "size": 11, "color": BEST, "line": {"color": "#fff", "width": 1.5}},
        "hovertemplate": "%{y:.5g}",
    }

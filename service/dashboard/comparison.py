"""What several jobs differ in, and what each has come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deltarule.store.records import HistoryRow, Job
from service.captions import loss_name
from service.dashboard.curves import MOST_POINTS, STYLES, are_empty
from service.dashboard.figures import COLOURS, figure
from service.thinning import best_of, measured, thinned

MISSING = "–"
UNTOLD = frozenset({"name"})
"""What tells jobs apart and is no setting."""
DASHES = ("solid", "dash", "dot", "dashdot")
"""Beside the colours, for those who see none."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A job with its history, and how it is called among the others."""

    job: Job
    rows: Sequence[HistoryRow]
    name: str


def curves(compared: Sequence[Compared], loss: str, scale: str) -> dict[str, Any]:
    """The curves of all of them together; `loss` is `training_loss` or `validation_loss`."""
    traces = [_curve(one, loss, number) for number, one in enumerate(compared)]
    names = {loss_name(one.job) for one in compared}
    label = f"{STYLES[loss][0]} {names.pop() if len(names) == 1 else 'loss (of different kinds)'}"
    name = f"{loss} {scale} {' '.join(one.job.id for one in compared)}"
    return figure(traces, x="epoch", y=label, name=name, height=400, yaxis={"type": scale})


def is_blank(compared: Sequence[Compared]) -> bool:
    """Whether none of them has anything to draw, which the table of their best values says too."""
    return all(are_empty(one.rows) for one in compared)


def best(compared: Sequence[Compared]) -> list[list[Any]]:
    """For each its status, epochs, best loss and epoch, and its last metrics."""
    return [[one.name, one.job.status, len(one.rows) and one.rows[-1].epoch, *_best(one)] for one in compared]


def differences(specs: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The settings that are not the same in all of them, by their path, with the value of each."""
    flat = [dict(_flat(spec)) for spec in specs]
    paths = dict.fromkeys(path for one in flat for path in one)
    told = {path: [one.get(path, MISSING) for one in flat] for path in paths if path not in UNTOLD}
    return {path: values for path, values in told.items() if len(set(values)) > 1}


def _curve(one: Compared, loss: str, number: int) -> dict[str, Any]:
    rows = thinned(one.rows, MOST_POINTS)
    style = {"color": COLOURS[number % len(COLOURS)], "dash": DASHES[number // len(COLOURS) % len(DASHES)], "width": 2}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": one.name,
        "x": [row.epoch for row in rows],
        "y": [getattr(row, loss) for row in rows],
        "line": style,
        "hovertemplate": "%{y:.5g}",
    }


def _best(one: Compared) -> list[Any]:
    row = best_of(one.rows)
    if row is None:
        return [MISSING, MISSING]
    name = measured(one.rows)[-1]
    return [f"{getattr(row, name):.4g} ({STYLES[name][0]})", f"{row.epoch:,}"]


def _flat(value: object, path: str = "") -> list[tuple[str, str]]:
    """Every setting with its path; a layer is one setting, so that networks can be read side by side."""
    if isinstance(value, Mapping) and not path.endswith("]"):
        return [pair for name, part in value.items() for pair in _flat(part, f"{path}.{name}" if path else name)]
    if isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
        return [pair for number, part in enumerate(value, 1) for pair in _flat(part, f"{path}[{number}]")]
    return [(path, _text(value))]


def _text(value: object) -> str:
    if value is None:
        return MISSING
    if isinstance(value, Mapping) and "activation" in value:
        return _layer(value)
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_text(part)}" for name, part in value.items() if part not in (None, 0, 0.0, True))
    if isinstance(value, list):
        return ", ".join(_text(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _layer(layer: Mapping[str, Any]) -> str:
    more = {name: part for name, part in layer.items() if name not in ("units", "activation")}
    return f"{layer.get('units') or ''} {layer['activation']} {_text(more)}".strip()

"""The loss history as a person would print it: both losses, the best epoch, and a sentence on how it went.

This module loads matplotlib, which takes a second: it is imported by the first request for a chart.
"""

import logging
import math
import threading
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from deltarule.store.records import HistoryRow, Job
from service.captions import caption, loss_name, title
from service.thinning import best_of, measured, thinned

INCHES = (8.0, 5.0)
DOTS_PER_INCH = 150
MOST_POINTS = 2000
"""More cannot be told apart on paper."""
MARKED_POINTS = 30
"""So few epochs are shown as points, too."""
DECADES = 2
"""A loss that falls further is shown on a logarithmic scale."""
FARTHEST = 1e100
FONT = "DejaVu Sans"
MISSING = "\u25a1"
STYLES: dict[str, dict[str, Any]] = {
    # Told apart by those who see no colours, and on grey paper (M. Okabe, K. Ito, Color Universal Design, 2008).
    "training_loss": {"color": "#0072B2", "linestyle": "-", "label": "training loss"},
    "validation_loss": {"color": "#D55E00", "linestyle": "--", "label": "validation loss"},
}
METADATA = {"png": {"Software": "Deltarule"}, "svg": {"Creator": "Deltarule", "Date": None}}

_drawing = threading.Lock()
# The same picture for the same history, whatever the user's own matplotlibrc says.
mpl.rcdefaults()
mpl.rcParams.update({"svg.hashsalt": "deltarule", "svg.fonttype": "none", "font.family": FONT})
logging.getLogger("matplotlib").setLevel(logging.ERROR)


def chart(job: Job, rows: Sequence[HistoryRow], form: str, since_epoch: int = 0) -> bytes:
    """These epochs of the job as a picture in the form `png` or `svg`, the same bytes each time."""
    with _drawing:  # one at a time: each takes a core, and matplotlib promises nothing to threads
        figure = Figure(INCHES, layout="constrained")
        FigureCanvasAgg(figure)
        shown = title(job)
        heading = figure.suptitle(_printable(shown), fontsize=13, fontweight="bold", parse_math=False)
        shown = _shortened(heading, shown, figure.bbox.width * 0.95)
        axes = figure.add_subplot()
        _fill(axes, job, thinned(rows, MOST_POINTS), since_epoch)
        picture = BytesIO()
        figure.savefig(picture, format=form, dpi=DOTS_PER_INCH, metadata=METADATA[form])
    if form == "svg":
        # Whoever shows it has fonts for what ours has no sign for.
        return picture.getvalue().replace(_text(heading.get_text()), _text(shown), 1)
    return picture.getvalue()


def _fill(axes: Axes, job: Job, rows: Sequence[HistoryRow], since_epoch: int) -> None:
    axes.set_xlabel("epoch")
    axes.set_ylabel(loss_name(job))
    sentence = caption(job, rows, since_epoch)
    if best_of(rows) is None:
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, sentence, ha="center", va="center", transform=axes.transAxes, parse_math=False)
        return
    axes.set_title(sentence, fontsize=10, color="0.3", parse_math=False)
    for name in measured(rows):
        _curve(axes, rows, name)
    _best(axes, rows)
    _scale(axes, rows)
    axes.legend(loc="best", framealpha=0.9)


def _curve(axes: Axes, rows: Sequence[HistoryRow], name: str) -> None:
    losses = [_number(getattr(row, name)) for row in rows]
    marker = "o" if len(rows) <= MARKED_POINTS else None
    axes.plot([row.epoch for row in rows], losses, marker=marker, markersize=4, linewidth=1.5, **STYLES[name])


def _best(axes: Axes, rows: Sequence[HistoryRow]) -> None:
    best, name = best_of(rows), measured(rows)[-1]
    if best is None:
        return
    loss = getattr(best, name)
    axes.axvline(best.epoch, color="0.6", linewidth=0.8, linestyle=":")
    label = f"best epoch: {best.epoch} ({loss:.4g})"
    axes.plot([best.epoch], [_number(loss)], "D", markersize=7, color="#009E73", markeredgecolor="white", label=label)


def _scale(axes: Axes, rows: Sequence[HistoryRow]) -> None:
    known = [loss for name in measured(rows) for row in rows if math.isfinite(loss := _number(getattr(row, name)))]
    if min(known) > 0 and math.log10(max(known)) - math.log10(min(known)) > DECADES:
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlim(rows[0].epoch - 0.5, rows[-1].epoch + 0.5)
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)


def _number(loss: float | None) -> float:
    """A loss as a height; what is not finite leaves a gap, and what no axis reaches is drawn at its end."""
    if loss is None:
        return math.nan
    return max(loss, 1 / FARTHEST) if loss > 0 and loss < FARTHEST else max(min(loss, FARTHEST), -FARTHEST)


def _printable(text: str) -> str:
    """The text with a box for each sign that the font has not."""
    font = get_font(findfont(FONT))
    return "".join(sign if font.get_char_index(ord(sign)) else MISSING for sign in text)


def _shortened(heading: Text, text: str, width: float) -> str:
    """The text cut until it fits into so many pixels, as the heading then has it too."""
    whole = text
    while len(text) > 1 and heading.get_window_extent().width > width:
        text = text[: len(text) * 9 // 10]
        heading.set_text(_printable(f"{text}…"))
    return text if text == whole else f"{text}…"


def _text(text: str) -> bytes:
    return f">{escape(text)}</text>".encode()

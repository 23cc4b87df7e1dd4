"""The loss curve, drawn with characters: where training and validation part is where overfitting begins."""

from collections.abc import Sequence
from math import ceil, floor, log10

from rich.console import Group, RenderableType
from rich.text import Text

from deltarule.client.answers import History

TRAINING, VALIDATION = "bright_blue", "yellow"
HEIGHT = 14
NARROWEST, WIDEST = 30, 100
X_TICKS, Y_TICKS = 6, 4
DECADES = 30.0
"""How many times larger than the smallest loss the largest is where a linear axis shows no more than its fall."""

Points = tuple[list[int], list[float]]


def loss_curve(history: History, width: int, *, colour: bool, log: bool = False) -> RenderableType:
    """The losses by epoch, `width` characters wide at most; nothing where there are not two epochs to join.

    `log`: each step up is the same factor; losses of 0 and below have no place there and are left out.
    """
    training = _points(history.epoch, history.training_loss, log=log)
    validation = _points(history.epoch, history.validation_loss or (), log=log)
    if len(training[0]) < 2:  # noqa: PLR2004 - a line has two ends
        return Text()
    drawn = _draw(training, validation, min(max(width, NARROWEST), WIDEST), colour=colour, log=log)
    return Group(_legend(history, validated=bool(validation[0]), colour=colour, log=log), drawn)


def spans_decades(history: History) -> bool:
    """Whether a linear axis would press most of the losses against its foot."""
    losses = [loss for loss in (*history.training_loss, *(history.validation_loss or ())) if loss is not None]
    return bool(losses) and 0 < min(losses) < max(losses) / DECADES


def _points(epochs: Sequence[int], losses: Sequence[float | None], *, log: bool) -> Points:
    known = [(epoch, loss) for epoch, loss in zip(epochs, losses, strict=False) if loss is not None]
    if log:
        known = [(epoch, log10(loss)) for epoch, loss in known if loss > 0]
    return [epoch for epoch, _ in known], [loss for _, loss in known]


def _legend(history: History, *, validated: bool, colour: bool, log: bool) -> Text:
    axis = "loss by epoch, logarithmic" if log else "loss by epoch"
    legend = Text.assemble(f"{axis}    ", ("⠤⠤ ", TRAINING), "training")
    if validated:
        legend.append("    ").append("⠤⠤ " if colour else "•• ", VALIDATION).append("validation")
    if history.best_epoch is not None:
        legend.append(f"    best in epoch {history.best_epoch}", "dim")
    return legend


def _draw(training: Points, validation: Points, width: int, *, colour: bool, log: bool) -> Text:
    # Loaded only here: few commands draw, and its import opens a compiled library.
    from plotext import add_theme, figure, marker, pixel, terminal  # noqa: PLC0415

    losses = [*training[1], *validation[1]]
    lower, upper = min(losses) if log else min(0.0, *losses), max(losses)
    add_theme("calm", text=pixel(style="dim"))
    terminal.limit(False, False)
    figure.clear.all()
    figure.plot_size(width, HEIGHT).theme("calm").legend(False)
    figure.axes(False, axis="x", side="upper").axes(False, axis="y", side="right")
    figure.ruler("x").ticks(*_ticks(training[0][0], training[0][-1], X_TICKS))
    ticks = _log_ticks(lower, upper) if log else _ticks(lower, upper, Y_TICKS)
    figure.ruler("y").ticks(*ticks).lim(lower, upper)
    for points, name, glyph in ((training, "blue+", "braille"), (validation, "orange", "braille" if colour else "•")):
        if points[0]:
            figure.draw(figure.signal(*points, marker=marker(glyph, name if colour else None)).lines())
    return Text.from_ansi(figure.build().string(colorless=not colour).rstrip())


def _ticks(lower: float, upper: float, count: int) -> tuple[list[float], list[str]]:
    """Round numbers from `lower` to `upper`, about `count` of them, one, two or five times a power of ten apart."""
    rough = (upper - lower) / count or 1.0
    magnitude = 10.0 ** floor(log10(rough))
    step = next(size * magnitude for size in (1, 2, 5, 10) if size * magnitude >= rough)
    places = [index * step for index in range(ceil(lower / step - 1e-9), floor(upper / step + 1e-9) + 1)]
    return places, [f"{place:.6g}" for place in places]


def _log_ticks(lower: float, upper: float) -> tuple[list[float], list[str]]:
    """Powers of ten between two logarithms, some of them where there are many, and their halves where there are few."""
    decades = upper - lower
    parts = (1, 2, 5) if decades < Y_TICKS else (1,)
    every = ceil(decades / (2 * Y_TICKS)) or 1
    values = [part * 10.0**power for power in range(floor(lower), ceil(upper) + 1, every) for part in parts]
    places = [value for value in values if value > 0 and lower - 1e-9 <= log10(value) <= upper + 1e-9]
    return [log10(value) for value in places], [f"{value:.6g}" for value in places]

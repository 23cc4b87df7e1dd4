"""A schedule gives each epoch its learning rate, from nothing but the epoch's number and what the loss has done.

With `warmup_epochs` W the first W epochs climb towards the optimizer's rate η in even steps, η (e + 1) / (W + 1) for
epoch e from 0; the schedule proper then begins, counts its epochs from 0 and has W fewer of them.
"""

import math
from collections.abc import Callable
from typing import Any

from deltarule.backprop.definition import Constant, Cosine, Exponential, ReduceOnPlateau, Schedule, Step

Formula = Callable[[Any, float, int, int, int], float]
"""(schedule, rate, epoch from 0, epochs, reductions so far): the learning rate of the epoch."""

PLATEAU_THRESHOLD = 1e-4
"""A loss has fallen when it is lower by more than this share of it, as PyTorch's ReduceLROnPlateau has it."""


def learning_rate(schedule: Schedule, rate: float, epoch: int, epochs: int, reductions: int = 0) -> float:
    """The learning rate of an epoch.

    Args:
        schedule: which one.
        rate: the optimizer's learning rate.
        epoch: the epoch's number, from 0.
        epochs: how many there are to be.
        reductions: how often `reduce_on_plateau` has lowered the rate so far.
    """
    warmup = schedule.warmup_epochs
    if epoch < warmup:
        return rate * (epoch + 1) / (warmup + 1)
    return SCHEDULES[schedule.name](schedule, rate, epoch - warmup, epochs - warmup, reductions)


def fell(loss: float, best: float) -> bool:
    """Whether a loss counts as a fall below the best so far, for `reduce_on_plateau`."""
    return loss < best - PLATEAU_THRESHOLD * abs(best) if math.isfinite(best) else loss < best


def _constant(_schedule: Constant, rate: float, _epoch: int, _epochs: int, _reductions: int) -> float:
    return rate


def _step(schedule: Step, rate: float, epoch: int, _epochs: int, _reductions: int) -> float:
    """η · decay^⌊e / every⌋."""
    return rate * schedule.decay ** (epoch // schedule.every)


def _exponential(schedule: Exponential, rate: float, epoch: int, _epochs: int, _reductions: int) -> float:
    """η · decay^e."""
    return rate * schedule.decay**epoch


def _cosine(schedule: Cosine, rate: float, epoch: int, epochs: int, _reductions: int) -> float:
    """Minimum + ½ (η - minimum) (1 + cos(π e / E))."""
    return schedule.minimum + 0.5 * (rate - schedule.minimum) * (1 + math.cos(math.pi * epoch / epochs))


def _reduce_on_plateau(schedule: ReduceOnPlateau, rate: float, _epoch: int, _epochs: int, reductions: int) -> float:
    """η · factor^reductions, but never lowered below the minimum."""
    return max(rate * schedule.factor**reductions, min(schedule.minimum, rate))


SCHEDULES: dict[str, Formula] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "cosine": _cosine,
    "reduce_on_plateau": _reduce_on_plateau,
}

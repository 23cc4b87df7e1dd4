"""The learning rate of an epoch, as `deltarule.backprop.schedules` has it, and when it is to fall."""

import math

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.plan import Rules
from deltarule.backprop.schedules import PLATEAU_THRESHOLD

CONSTANT, STEP, EXPONENTIAL, COSINE, REDUCE_ON_PLATEAU = range(5)
NUMBERS = {
    "constant": CONSTANT,
    "step": STEP,
    "exponential": EXPONENTIAL,
    "cosine": COSINE,
    "reduce_on_plateau": REDUCE_ON_PLATEAU,
}


@kernel
def learning_rate(rules: Rules, number: int, reductions: int) -> float:
    """The rate of an epoch (from 0)."""
    schedule, rate = rules.schedule, rules.learning_rate
    epoch, epochs = number - schedule.warmup_epochs, rules.epochs - schedule.warmup_epochs
    if epoch < 0:
        return rate * (number + 1) / (schedule.warmup_epochs + 1)
    if schedule.name == STEP:
        return rate * schedule.factor ** float(epoch // schedule.every)
    if schedule.name == EXPONENTIAL:
        return rate * schedule.factor ** float(epoch)
    if schedule.name == COSINE:
        return schedule.minimum + 0.5 * (rate - schedule.minimum) * (1 + math.cos(math.pi * epoch / epochs))
    if schedule.name == REDUCE_ON_PLATEAU:
        return max(rate * schedule.factor ** float(reductions), min(schedule.minimum, rate))
    return rate


@kernel
def fell(loss: float, best: float) -> bool:
    """Whether a loss counts as a fall below the best so far, for `reduce_on_plateau`."""
    return loss < best - PLATEAU_THRESHOLD * abs(best) if math.isfinite(best) else loss < best

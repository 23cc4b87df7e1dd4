"""The learning rate of an epoch, as `deltarule.backprop.schedules` has it, and when it is to fall."""

# A field of a record is Any to NumPy's own types.
# mypy: disable-error-code="no-any-return"

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
    rate, warmup = rules.learning_rate, rules.warmup_epochs
    epoch, epochs = number - warmup, rules.epochs - warmup
    if epoch < 0:
        return rate * (number + 1) / (warmup + 1)
    if rules.schedule == STEP:
        return rate * rules.factor ** float(epoch // rules.every)
    if rules.schedule == EXPONENTIAL:
        return rate * rules.factor ** float(epoch)
    if rules.schedule == COSINE:
        return rules.minimum + 0.5 * (rate - rules.minimum) * (1 + math.cos(math.pi * epoch / epochs))
    if rules.schedule == REDUCE_ON_PLATEAU:
        return max(rate * rules.factor ** float(reductions), min(rules.minimum, rate))
    return rate


@kernel
def fell(loss: float, best: float) -> bool:
    """Whether a loss counts as a fall below the best so far, for `reduce_on_plateau`."""
    return loss < best - PLATEAU_THRESHOLD * abs(best) if math.isfinite(best) else loss < best

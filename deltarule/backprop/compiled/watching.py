"""What the end of an epoch decides, as `deltarule.backprop.watching` has it; progress is one record of an array."""

from deltarule.backprop.compiled.compiling import kernel
from deltarule.backprop.compiled.plan import Rules
from deltarule.backprop.compiled.schedules import REDUCE_ON_PLATEAU, fell
from deltarule.backprop.state import Progress, Stop

_EPOCHS_DONE, _EARLY_STOPPING = int(Stop.EPOCHS_DONE), int(Stop.EARLY_STOPPING)


@kernel
def watch(rules: Rules, progress: Progress, training_loss: float, validation_loss: float) -> bool:
    """Best, plateau, end; True when the epoch just completed is the best."""
    loss = validation_loss if rules.validated else training_loss
    best = _watch_best(rules, progress, training_loss if rules.monitors_training else loss)
    if rules.schedule == REDUCE_ON_PLATEAU:
        _watch_plateau(rules, progress, loss)
    _watch_end(rules, progress)
    return best


@kernel
def _watch_best(rules: Rules, progress: Progress, loss: float) -> bool:
    if loss < progress.best_loss - rules.minimum_delta:
        progress.best_loss = loss
        progress.best_epoch = progress.epoch
        progress.waited = 0
        return True
    progress.waited += 1
    return False


@kernel
def _watch_plateau(rules: Rules, progress: Progress, loss: float) -> None:
    if progress.epoch <= rules.warmup_epochs:
        return
    if fell(loss, progress.plateau_loss):
        progress.plateau_loss = loss
        progress.plateau_waited = 0
    else:
        progress.plateau_waited += 1
    if progress.plateau_waited > rules.plateau_patience:
        progress.reductions += 1
        progress.plateau_waited = 0


@kernel
def _watch_end(rules: Rules, progress: Progress) -> None:
    if progress.epoch >= rules.epochs:
        progress.stop = _EPOCHS_DONE
    elif rules.patience > 0 and progress.waited >= rules.patience:
        progress.stop = _EARLY_STOPPING

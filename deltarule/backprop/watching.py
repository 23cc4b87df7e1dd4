"""What the end of an epoch decides: is it the best so far, is the rate to fall, is it time to stop."""

from deltarule.backprop.definition import Definition, EarlyStopping, ReduceOnPlateau
from deltarule.backprop.schedules import fell
from deltarule.backprop.state import Progress, Stop


def effective_early_stopping(definition: Definition, validated: bool) -> EarlyStopping | None:
    """The definition's early stopping; off where it watches a validation loss that there is none of."""
    rule = definition.training.early_stopping
    return None if rule is None or (rule.monitor == "validation_loss" and not validated) else rule


def watch_best(progress: Progress, rule: EarlyStopping | None, loss: float) -> bool:
    """Counts the epoch just completed as the best, or as one more of waiting; True when it is the best."""
    delta = rule.minimum_delta if rule else 0.0
    if loss < progress.best_loss - delta:
        progress.best_loss, progress.best_epoch, progress.waited = loss, progress.epoch, 0
        return True
    progress.waited += 1
    return False


def watch_plateau(progress: Progress, schedule: ReduceOnPlateau, loss: float) -> None:
    """Lowers the rate once more than `patience` epochs have passed without a fall; the warm-up is not watched."""
    if progress.epoch <= schedule.warmup_epochs:
        return
    if fell(loss, progress.plateau_loss):
        progress.plateau_loss, progress.plateau_waited = loss, 0
    else:
        progress.plateau_waited += 1
    if progress.plateau_waited > schedule.patience:
        progress.reductions, progress.plateau_waited = progress.reductions + 1, 0


def watch_end(progress: Progress, rule: EarlyStopping | None, epochs: int) -> None:
    """Stops after the last epoch, or before it when nothing has improved for `patience` epochs."""
    if progress.epoch >= epochs:
        progress.stop = Stop.EPOCHS_DONE
    elif rule and progress.waited >= rule.patience:
        progress.stop = Stop.EARLY_STOPPING

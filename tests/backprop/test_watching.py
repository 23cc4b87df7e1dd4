import pytest

from deltarule.backprop.definition import EarlyStopping, ReduceOnPlateau
from deltarule.backprop.state import Progress, Stop
from deltarule.backprop.watching import effective_early_stopping, watch_best, watch_end, watch_plateau
from tests.backprop.making import definition_for


@pytest.mark.parametrize(
    ("monitor", "validated", "works"),
    [
        ("validation_loss", True, True),
        ("validation_loss", False, False),
        ("training_loss", True, True),
        ("training_loss", False, True),
    ],
)
def test_early_stopping_is_off_without_the_loss_it_watches(monitor: str, validated: bool, works: bool) -> None:
    definition = definition_for("squared_error", training={"early_stopping": {"monitor": monitor}})
    assert (effective_early_stopping(definition, validated) is not None) is works


def test_an_improvement_is_more_than_the_minimum_delta() -> None:
    rule, progress, best = EarlyStopping(minimum_delta=0.1), Progress(), []
    for loss in (1.0, 0.95, 0.89, 0.8, 0.9):
        progress.epoch += 1
        best.append(watch_best(progress, rule, loss))
    assert best == [True, False, True, False, False]
    assert (progress.best_loss, progress.best_epoch, progress.waited) == (0.89, 3, 2)


def test_patience_counts_the_epochs_without_improvement() -> None:
    rule, progress = EarlyStopping(patience=2), Progress()
    for epoch, (loss, stop) in enumerate([(1.0, 0), (0.5, 0), (0.6, 0), (0.7, Stop.EARLY_STOPPING)], start=1):
        progress.epoch = epoch
        watch_best(progress, rule, loss)
        watch_end(progress, rule, epochs=100)
        assert progress.stop == stop


def test_the_last_epoch_is_the_end_however_long_was_waited() -> None:
    progress = Progress(epoch=4, waited=9)
    watch_end(progress, EarlyStopping(patience=2), epochs=4)
    assert progress.stop == Stop.EPOCHS_DONE


def test_a_plateau_lasts_longer_than_its_patience() -> None:
    schedule, progress, reductions = ReduceOnPlateau(patience=1), Progress(), []
    for loss in (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5):
        progress.epoch += 1
        watch_plateau(progress, schedule, loss)
        reductions.append(progress.reductions)
    assert reductions == [0, 0, 1, 1, 2, 2, 2, 3]


def test_the_warm_up_is_not_watched() -> None:
    schedule, progress = ReduceOnPlateau(patience=0, warmup_epochs=2), Progress()
    for loss, reductions in ((1.0, 0), (1.0, 0), (2.0, 0), (2.0, 1)):
        progress.epoch += 1
        watch_plateau(progress, schedule, loss)
        assert progress.reductions == reductions

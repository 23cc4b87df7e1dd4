import pytest

from deltarule.client.answers import Epoch, History, Prediction


def history(validation: tuple[float | None, ...] | None) -> History:
    return History(
        epoch=(3, 4, 5),
        training_loss=(0.9, 0.5, None),
        validation_loss=validation,
        learning_rate=(0.1, 0.1, 0.05),
        seconds=(1.0, 2.0, 3.0),
    )


def test_a_history_is_read_epoch_by_epoch() -> None:
    assert list(history((0.8, None, 0.7)).epochs())[1:] == [
        Epoch(4, 0.5, None, 0.1, 2.0, ()),
        Epoch(5, None, 0.7, 0.05, 3.0, ()),
    ]


@pytest.mark.parametrize(
    ("validation", "best"), [((0.8, None, 0.7), 5), ((0.7, 0.7, 0.9), 3), ((None, None, None), 4), (None, 4)]
)
def test_the_best_epoch_is_that_of_the_smallest_validation_loss_or_else_training_loss(
    validation: tuple[float | None, ...] | None, best: int
) -> None:
    assert history(validation).best_epoch == best


def test_a_history_without_epochs_has_no_best_one() -> None:
    empty = History(epoch=(), training_loss=(), validation_loss=(), learning_rate=(), seconds=())
    assert empty.best_epoch is None
    assert list(empty.epochs()) == []


def test_fields_of_a_newer_service_are_kept() -> None:
    document = {"label": "a", "confidence": "high"}
    assert Prediction.model_validate(document).document == document

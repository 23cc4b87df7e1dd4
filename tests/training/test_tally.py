import pytest

from deltarule.backprop.errors import StateError
from deltarule.training.tally import Tally, cut


def test_first_lowest_latest_and_best_losses() -> None:
    tally = Tally()

    for training, validation, is_best in ((3.0, 4.0, True), (1.0, 2.0, True), (2.0, 5.0, False)):
        tally.count_epoch(training, validation, is_best)

    assert (tally.first_loss, tally.lowest_loss) == (3.0, 1.0)
    assert tally.latest == {"training_loss": 2.0, "validation_loss": 5.0}
    assert tally.best == {"training_loss": 1.0, "validation_loss": 2.0}


def test_without_validation_there_is_no_validation_loss() -> None:
    tally = Tally()

    tally.count_epoch(3.0, None, is_best=True)

    assert tally.latest == {"training_loss": 3.0}


def test_a_tally_travels_before_a_state() -> None:
    tally = Tally(elapsed=1.5, samples=7, best={"training_loss": 0.25})

    assert cut(tally.written_before(b"state")) == (tally, b"state")


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"nonsense of some length",
        b"\0" * 40,
        (2).to_bytes(8, "big") + b"[]",
        (9).to_bytes(8, "big") + b'{"a": 1}x',
    ],
)
def test_other_bytes_are_refused(written: bytes) -> None:
    with pytest.raises(StateError):
        cut(written)

import hashlib

import numpy as np
import pytest

from deltarule.backprop import checkpoint
from deltarule.backprop.errors import StateError
from deltarule.backprop.trainer import Samples, Trainer
from tests.backprop.making import definition_for, samples_for

DEFINITION = definition_for("squared_error", optimizer={"name": "nadam"}, training={"batch_size": 5})
SAMPLES = samples_for("squared_error")


def trained(batches: int = 4) -> Trainer:
    trainer = Trainer(DEFINITION, SAMPLES, SAMPLES)
    trainer.advance(batches)
    return trainer


def test_equal_states_are_equal_bytes() -> None:
    assert trained().state() == trained().state()
    assert trained().state() != trained(5).state()


@pytest.mark.parametrize("place", [0, 30, 70, 500, -1])
def test_one_wrong_byte_is_noticed(place: int) -> None:
    state = bytearray(trained().state())
    state[place] ^= 1
    with pytest.raises(StateError):
        trained().restore(bytes(state))


@pytest.mark.parametrize("written", [b"", b"x", checkpoint.HEADER, trained().state()[:-100]])
def test_what_is_cut_off_is_refused(written: bytes) -> None:
    with pytest.raises(StateError):
        trained().restore(written)


def test_a_right_digest_over_wrong_content_is_refused() -> None:
    body = b"not an archive"
    with pytest.raises(StateError, match="can't be read"):
        trained().restore(checkpoint.HEADER + hashlib.sha256(body).digest() + body)


@pytest.mark.parametrize(
    "other",
    [
        Trainer(
            definition_for("squared_error", optimizer={"name": "adam"}, training={"batch_size": 5}), SAMPLES, SAMPLES
        ),
        Trainer(DEFINITION, SAMPLES),
        Trainer(DEFINITION, Samples(SAMPLES.inputs + 1e-9, SAMPLES.targets), SAMPLES),
        Trainer(DEFINITION, Samples(SAMPLES.inputs, SAMPLES.targets, np.arange(12.0)), SAMPLES),
    ],
    ids=["definition", "validation", "inputs", "weights"],
)
def test_the_state_of_another_training_is_refused_and_nothing_changes(other: Trainer) -> None:
    before = other.state()
    with pytest.raises(StateError, match="another definition or to other data"):
        other.restore(trained().state())
    assert other.state() == before


def test_a_state_of_another_shape_is_refused() -> None:
    trainer = trained()
    trainer._state.memory = np.zeros((1, 26))
    with pytest.raises(StateError, match="memory of another shape"):
        trained().restore(trainer.state())

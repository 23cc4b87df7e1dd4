from typing import Any

import numpy as np
import pytest

from deltarule.backprop.errors import SamplesError
from deltarule.backprop.parameters import layout
from deltarule.backprop.samples import Samples, prepared
from deltarule.backprop.trainer import Trainer
from tests.backprop.making import definition_for

DEFINITION = definition_for("log_loss", dtype="float32")
LAYOUT = layout(DEFINITION.network, 3)


def samples(inputs: Any = ((1, 2, 3), (4, 5, 6)), targets: Any = ((0, 1), (1, 0)), weights: Any = None) -> Samples:  # noqa: ANN401
    return Samples(np.array(inputs, float), np.array(targets, float), None if weights is None else np.array(weights))


def test_samples_are_made_contiguous_and_of_the_networks_dtype() -> None:
    inputs = np.asfortranarray(np.ones((4, 3)))
    answer = prepared(Samples(inputs, np.ones((4, 4))[:, ::2], np.array([1, 2, 3, 4])), DEFINITION, LAYOUT)
    for array in (answer.inputs, answer.targets, answer.weights):
        assert array is not None
        assert array.flags.c_contiguous
        assert array.dtype == np.float32


def test_weights_count_by_their_shares() -> None:
    answer = prepared(samples(weights=[1, 3]), DEFINITION, LAYOUT)
    assert answer.weights is not None
    assert answer.weights.tolist() == [0.5, 1.5]
    huge = prepared(samples(weights=[1e308, 1e308]), DEFINITION, LAYOUT)
    assert huge.weights is not None
    assert huge.weights.tolist() == [1, 1]


def test_rows_without_columns_are_refused_before_any_weight_is_drawn() -> None:
    with pytest.raises(SamplesError, match=r"shape \(2, 0\); this network takes rows of numbers"):
        Trainer(DEFINITION, samples(((), ()), ((0, 1), (1, 0))))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (samples(np.zeros((0, 3)), np.zeros((0, 2))), "no samples"),
        (samples(((1, 2, 3),)), "1 rows of inputs, but 2 rows of targets"),
        (samples(((1, 2), (3, 4))), r"inputs have the shape \(2, 2\); this network takes n × 3"),
        (samples(targets=(0, 1)), r"targets have the shape \(2,\); this network takes n × 2"),
        (samples(((1, 2, 3), (4, np.nan, 6))), "inputs, row 2, column 2: nan"),
        (samples(((1, 2, 1e39), (4, 5, 6))), r"inputs, row 1, column 3: 1e\+39 is not a finite float32"),
        (samples(targets=((0, 1), (1, 2))), "targets, row 2, column 2: log_loss takes targets that are at least 0"),
        (samples(weights=[1.0]), r"weights have the shape \(1,\)"),
        (samples(weights=[1.0, -1.0]), "finite numbers from 0 up"),
        (samples(weights=[np.inf, 1.0]), "finite numbers from 0 up"),
        (samples(weights=[0.0, 0.0]), "not all of them 0"),
    ],
)
def test_what_can_not_be_learned_from_is_refused(wrong: Samples, sentence: str) -> None:
    with pytest.raises(SamplesError, match=sentence):
        prepared(wrong, DEFINITION, LAYOUT)

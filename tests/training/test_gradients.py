import math

import pytest

from deltarule.backprop.architecture import Layer, Network
from deltarule.backprop.parameters import layout
from deltarule.training.gradients import FADED, SWOLLEN, Gradients, share_of_last

SHAPE = layout(Network(layers=(Layer(units=3), Layer(units=2, bias=False), Layer(units=1))), inputs=5)
"""Layers of 18, 6 and 3 parameters."""


def test_layers_are_compared_by_the_root_mean_square_of_their_gradients() -> None:
    assert share_of_last([math.sqrt(18), math.sqrt(6) / 4, 2 * math.sqrt(3)], SHAPE) == pytest.approx((0.5, 0.125, 1))


def test_a_network_of_one_layer_is_its_own_measure() -> None:
    assert share_of_last([7.0], layout(Network(layers=(Layer(units=1),)), inputs=2)) == (1.0,)


def test_without_a_gradient_of_the_last_layer_there_is_nothing_to_compare_with() -> None:
    assert share_of_last([1.0, 2.0, 0.0], SHAPE) == (1.0, 1.0, 1.0)


def test_a_share_beyond_all_numbers_is_infinite() -> None:
    assert share_of_last([1e300, 1.0, 5e-324], SHAPE)[0] == math.inf


def test_epochs_are_counted_by_the_share_of_the_first_layer() -> None:
    gradients = Gradients()
    last = math.sqrt(3)

    for number, share in enumerate((FADED / 2, 2 * FADED, 1.0, SWOLLEN / 2, 2 * SWOLLEN, 0.0), 1):
        gradients.count(number, 1.0, [share * math.sqrt(18), 0.0, last], SHAPE)

    assert (gradients.epochs, gradients.faded, gradients.swollen) == (6, 2, 1)


def test_the_peak_is_the_first_epoch_with_the_largest_norm_of_all_layers() -> None:
    gradients = Gradients()

    for number, norms in enumerate(([1.0, 5.0, 5.0], [6.0, 0.5, 0.0], [2.0, 2.0, 6.0]), 1):
        gradients.count(number, number / 2, norms, SHAPE)

    assert (gradients.peak, gradients.peak_epoch, gradients.peak_loss) == ([6.0, 0.5, 0.0], 2, 1.0)


def test_what_is_counted_is_the_share_that_is_told() -> None:
    norms = [FADED * math.sqrt(18) * (1 - 1e-9), 3.0, math.sqrt(3)]
    gradients = Gradients()

    gradients.count(1, 1.0, norms, SHAPE)

    assert share_of_last(norms, SHAPE)[0] < FADED
    assert gradients.faded == 1

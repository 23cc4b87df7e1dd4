import math

from deltarule.store.states import Status
from service.dashboard.curves import MOST_CELLS, MOST_POINTS, are_empty, best_sentence, gradients, losses, rates
from tests.service.dashboard.making import job, row

ROWS = (row(1, 0.9, 0.8, 1.0, 0.01), row(2, 0.5, 0.3, 0.1, 0.0), row(3, 0.2, 0.6, None, 0.001))


def test_both_losses_are_drawn_and_the_best_epoch_is_marked() -> None:
    shown = losses(job(), ROWS, "linear")
    training, validation, best = shown["data"]
    assert training["y"] == [0.9, 0.5, 0.2]
    assert validation["y"] == [0.8, 0.3, 0.6]
    assert (best["x"], best["y"]) == ([2], [0.3])
    assert "cross entropy" in shown["layout"]["yaxis"]["title"]["text"]


def test_without_validation_there_is_one_curve() -> None:
    training, best = losses(job(), (row(1, 0.9), row(2, 0.7)), "log")["data"]
    assert training["y"] == [0.9, 0.7]
    assert best["x"] == [2]


def test_a_zoom_is_kept_while_numbers_change_but_not_from_scale_to_scale() -> None:
    kept = losses(job(), ROWS, "log")["layout"]["uirevision"]
    assert losses(job(), ROWS[:1], "log")["layout"]["uirevision"] == kept
    assert losses(job(), ROWS, "linear")["layout"]["uirevision"] != kept


def test_gradient_norms_are_powers_of_ten_layer_by_layer() -> None:
    (trace,) = gradients(job(), ROWS)["data"]
    assert trace["y"] == ["layer 1", "layer 2"]
    assert trace["z"] == [[0.0, -1.0, None], [-2.0, None, math.log10(0.001)]]
    assert trace["customdata"] == [[1.0, 0.1, None], [0.01, 0.0, 0.001]]


def test_long_histories_are_drawn_in_few_points() -> None:
    rows = [row(epoch, 1 / epoch, 1 / epoch, 0.1) for epoch in range(1, 5001)]
    shown = losses(job(), rows, "linear")["data"]
    assert max(len(trace["x"]) for trace in shown) <= MOST_POINTS
    assert len(gradients(job(), rows)["data"][0]["x"]) <= 2 * MOST_CELLS
    assert len(rates(job(), rows)["data"][0]["x"]) <= MOST_POINTS


def test_nothing_is_drawn_of_nothing() -> None:
    assert losses(job(), (), "linear")["data"] == []
    assert gradients(job(), ())["data"][0]["z"] == []
    assert best_sentence(job(), ()) == "No epoch has been completed yet."
    assert best_sentence(job(status=Status.CANCELLED), ()) == "No epoch was completed: the job was cancelled."
    assert best_sentence(job(), ROWS) == "Best validation loss: 0.3, in epoch 2."


def test_an_epoch_that_diverged_is_none_to_draw() -> None:
    failed = job(status=Status.FAILED, error={"title": "The training diverged", "detail": "..."})
    assert are_empty((row(1, None, None, None),))
    assert not are_empty((row(1, 0.5), row(2, None)))
    assert best_sentence(failed, (row(1, None, None, None),)) == "No epoch was completed: the training diverged."

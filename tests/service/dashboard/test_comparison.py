from service.dashboard.comparison import Compared, best, curves, differences, is_blank
from tests.service.dashboard.making import job, row


def test_only_settings_that_differ_are_told() -> None:
    first = {"name": "a", "optimizer": {"name": "adam", "learning_rate": 0.1}, "training": {"seed": 1}}
    second = {"name": "b", "optimizer": {"name": "adam", "learning_rate": 0.2}, "training": {"seed": 1}}
    assert differences([first, second]) == {"optimizer.learning_rate": ["0.1", "0.2"]}
    assert differences([first]) == {}


def test_what_one_has_and_another_has_not_differs() -> None:
    first = {"training": {"early_stopping": None}, "schedule": {"name": "step", "every": 3}}
    second = {"training": {"early_stopping": {"patience": 5}}, "schedule": {"name": "step", "every": 3}}
    told = differences([first, second])
    assert told["training.early_stopping.patience"] == ["–", "5"]
    assert not [path for path in told if path.startswith("schedule")]


def test_a_layer_is_one_setting() -> None:
    def network(units: int) -> dict[str, object]:
        layers = [{"units": units, "activation": "relu", "dropout": 0.1}, {"units": 1, "activation": "sigmoid"}]
        return {"network": {"layers": layers}}

    told = differences([network(4), network(8)])
    assert told == {"network.layers[1]": ["4 relu dropout 0.1", "8 relu dropout 0.1"]}


def test_the_curves_are_told_apart_by_more_than_colour() -> None:
    compared = [Compared(job(f"job-{number}"), (row(1, 0.5, 0.6),), str(number)) for number in range(10)]
    shown = curves(compared, "validation_loss", "log")
    styles = {(trace["line"]["color"], trace["line"]["dash"]) for trace in shown["data"]}
    assert len(styles) == 10
    assert shown["layout"]["yaxis"]["type"] == "log"
    assert [trace["y"] for trace in shown["data"]] == [[0.6]] * 10


def test_the_best_of_each_is_not_the_last() -> None:
    rows = (row(1, 0.5, 0.4), row(2, 0.3, 0.2), row(3, 0.1, 0.9))
    assert best([Compared(job("one"), rows, "one")]) == [["one", "running", 3, "0.2 (validation)", "2"]]
    assert best([Compared(job("none"), (), "none")])[0][-2:] == ["–", "–"]


def test_of_jobs_without_an_epoch_there_is_nothing_to_draw() -> None:
    waiting, diverged = Compared(job("one"), (), "one"), Compared(job("two"), (row(1, None, None),), "two")
    assert is_blank([waiting, diverged])
    assert not is_blank([waiting, Compared(job("three"), (row(1, 0.5),), "three")])

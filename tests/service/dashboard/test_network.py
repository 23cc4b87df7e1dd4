import json
from typing import Any

from deltarule.store.records import Job
from service.dashboard.network import MOST_COLUMNS, MOST_UNITS, Layer, described, layers_of, layers_of_job, picture
from service.services import Services

NETWORK = {
    "layers": [
        {"units": 3, "activation": "relu", "dropout": 0.1},
        {"units": 2, "activation": "softmax", "bias": False},
    ]
}


def texts(drawn: object) -> str:
    return json.dumps(drawn.to_plotly_json()["props"]["shapes"])  # type: ignore[attr-defined]


def test_layers_have_sizes_words_and_parameters() -> None:
    assert layers_of(NETWORK, 4) == (
        Layer("inputs", 4, (), 0),
        Layer("layer 1", 3, ("relu", "dropout 0.1"), 15),
        Layer("layer 2", 2, ("softmax", "no biases"), 6),
    )


def test_without_its_data_the_first_layer_is_drawn_without_parameters() -> None:
    first, second = layers_of(NETWORK, None)
    assert first.parameters is None
    assert second.parameters == 6


def test_the_picture_shows_every_unit_of_a_small_network() -> None:
    drawn = texts(picture(layers_of(NETWORK, 4)))
    assert drawn.count('"circle"') == 9
    assert "15 parameters" in drawn
    assert "dropout 0.1" in drawn


def test_a_large_network_is_drawn_in_short() -> None:
    wide = picture(layers_of({"layers": [{"units": 1000, "activation": "tanh"}]}, 5000))
    assert texts(wide).count('"circle"') == 2 * MOST_UNITS
    assert "992 more" in texts(wide)
    deep = picture(layers_of({"layers": [{"units": 1, "activation": "tanh"}] * 200}, 1))
    assert texts(deep).count('"circle"') == MOST_COLUMNS


def test_the_picture_is_told_in_words() -> None:
    assert described(layers_of(NETWORK, 4)) == "inputs: 4; layer 1: 3 relu dropout 0.1; layer 2: 2 softmax no biases"


def test_a_job_is_drawn_from_its_model_or_from_its_data(services: Services, trained: dict[str, Any]) -> None:
    job = services.jobs.get(None, trained["id"])
    with_model = layers_of_job(services, job)
    services.models.remove(None, trained["model_id"])
    gone: Job = services.jobs.get(None, trained["id"])
    assert gone.model_id is None
    assert layers_of_job(services, gone) == with_model
    services.datasets.remove(None, trained["spec"]["dataset_id"])
    assert layers_of_job(services, services.jobs.get(None, trained["id"]))[0].parameters is None

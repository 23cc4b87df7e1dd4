import pytest

from service.dashboard.layering import NEW, Layer, changed, described, editor

THREE: list[Layer] = [{"units": 8}, {"units": 4}, {}]
CHOSEN: list[Layer] = [
    {"units": 64, "activation": "tanh", "initializer": "glorot_uniform", "weights": None, "bias": True},
    {"units": 3, "activation": "softmax"},
]


@pytest.mark.parametrize(
    ("action", "at", "after"),
    [
        ("add", 3, [{"units": 8}, {"units": 4}, NEW, {}]),
        ("remove", 0, [{"units": 4}, {}]),
        ("up", 1, [{"units": 4}, {"units": 8}, {}]),
        ("down", 0, [{"units": 4}, {"units": 8}, {}]),
        ("leave", 0, []),
    ],
)
def test_buttons_change_the_layers(action: str, at: int, after: list[Layer]) -> None:
    assert changed(THREE, action, at, []) == after
    assert THREE == [{"units": 8}, {"units": 4}, {}]


def test_editing_begins_with_what_the_service_would_take() -> None:
    assert changed([], "own", 0, CHOSEN) == [{"units": 64, "activation": "tanh", "bias": True}, {}]
    assert changed([], "own", 0, []) == [NEW, {}]


def test_every_layer_has_a_line_of_its_own() -> None:
    text = str(editor(THREE))
    assert "Layer 2" in text
    assert "Layer 3" not in text
    assert "Output layer" in text
    assert "The service chooses" in str(editor([]))


def test_layers_in_a_line() -> None:
    assert described(CHOSEN) == "64 tanh → 3 softmax"

import json

from service.dashboard.stepper.norms import norms
from tests.service.dashboard.stepper.explaining import example, large


def test_the_norms_of_each_layer_stand_in_a_table_and_their_bars_on_one_scale() -> None:
    shown = norms([("One", example("two layers")), ("Other", large(3, 2))])
    text = json.dumps(shown.to_plotly_json(), default=lambda one: one.to_plotly_json(), ensure_ascii=False)
    assert "One: the δ of the first layer is " in text
    assert " times that of the last" in text
    assert text.count('"100%"') == 1
    assert text.count('"3%"') == 1


def test_a_single_layer_has_nothing_to_lose() -> None:
    text = json.dumps(norms([("One", large(2))]).to_plotly_json(), default=lambda one: one.to_plotly_json())
    assert "One: one layer" in text

from service.dashboard.components import Drawing, Moment, shape
from tests.service.dashboard.making import AT


def test_a_drawing_is_plain_values() -> None:
    shapes = [shape("g", shape("text", "<b>", x=1), textAnchor="middle")]
    props = Drawing(shapes, id="it", width=10, height=5, label="A letter").to_plotly_json()["props"]
    assert props["shapes"] == [["g", {"textAnchor": "middle"}, [["text", {"x": 1}, ["<b>"]]]]]
    assert props["label"] == "A letter"


def test_a_moment_is_told_in_full() -> None:
    assert Moment(AT).to_plotly_json() == {
        "props": {"at": "2026-01-05T09:30:00+00:00"},
        "type": "Moment",
        "namespace": "deltarule_dashboard",
    }

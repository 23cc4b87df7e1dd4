import json

from deltarule.training.distributions import Frequencies, Histogram
from service.dashboard.spreads import spread


def drawn(found: Histogram | Frequencies | None, rows: int = 10) -> str:
    return json.dumps(spread("length", found, rows).to_plotly_json(), default=lambda part: part.to_plotly_json())


def test_a_histogram_says_its_ranges_and_counts() -> None:
    shown = drawn(Histogram((1.25, 2.5, 3.75), (3, 7)))
    assert "Histogram of length from 1.25 to 3.75; the most values are 2.5 to 3.75: 7" in shown
    assert "1.25 to 2.5: 3" in shown


def test_a_bar_of_one_whole_number_is_named_by_it() -> None:
    shown = drawn(Histogram((-0.5, 0.5, 1.5), (4, 6)))
    assert "from 0 to 1" in shown
    assert '"1: 6"' in shown


def test_heights_are_shares_of_the_tallest() -> None:
    shapes = spread("length", Histogram((0.5, 1.5, 2.5, 3.5), (5, 10, 0)), 15).shapes
    heights = [attributes["height"] for tag, attributes, _ in shapes if tag == "rect"]
    assert heights[0] * 2 == heights[1]
    assert heights[2] == 0


def test_the_most_frequent_texts_are_named_and_the_others_counted() -> None:
    shown = drawn(Frequencies(tuple("abcdefgh"), (8, 7, 6, 5, 4, 3, 2, 1)), rows=36)
    assert all(f'"title": "{letter}"' in shown for letter in "abcde")
    assert '"title": "f"' not in shown
    assert "3 others" in shown
    assert "8 \\u00b7 22.2 %" in shown


def test_nothing_is_said_to_be_nothing() -> None:
    assert "No values" in drawn(None)

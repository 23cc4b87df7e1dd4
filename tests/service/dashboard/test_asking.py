from deltarule.backprop.errors import Fault
from deltarule.training.tables import CategoricalColumn, NumericColumn
from service.dashboard.asking import answer, beside_fields, field, row_of

LENGTH = NumericColumn(name="length", missing=0, distinct=9, whole_numbers=False, minimum=1.5, maximum=9, mean=4.123456)
YEAR = NumericColumn(name="year", missing=0, distinct=3, whole_numbers=True, minimum=2007, maximum=2009, mean=2008.03)
COLOUR = CategoricalColumn(name="colour", missing=0, distinct=2, categories=("blue", "red"))
PROSE = CategoricalColumn(name="prose", missing=0, distinct=5000)


def test_numbers_say_their_range_and_begin_with_the_mean() -> None:
    shown = field(LENGTH, missing=True)
    assert (shown.description, shown.value, shown.placeholder) == ("1.5 to 9 in training", 4.123, "missing")
    assert field(YEAR, missing=True).value == 2008


def test_categories_are_choices_and_other_texts_are_typed() -> None:
    assert field(COLOUR, missing=True).data == ["blue", "red"]
    assert field(COLOUR, missing=True).clearable is True
    assert field(COLOUR, missing=False).clearable is False
    assert type(field(PROSE, missing=True)).__name__ == "TextInput"


def test_what_is_empty_is_missing() -> None:
    assert row_of(["a", "b", "c", "d"], ["", None, 0, "x"]) == {"a": None, "b": None, "c": 0, "d": "x"}


def test_faults_stand_at_their_fields() -> None:
    faults = [Fault("/rows/0/a~1b", "No number."), Fault("/rows/0", "Too far.")]
    assert beside_fields(["a/b", "c"], faults) == (["No number.", None], ["Too far."])


def test_answers_of_every_task() -> None:
    label = str(answer({"label": "red", "probabilities": {"blue": 0.25, "red": 0.75}, "notes": ["length is missing"]}))
    assert label.index("75.00 %") < label.index("25.00 %")
    assert "length is missing" in label
    assert "none of the labels" in str(answer({"labels": [], "probabilities": {"a": 0.1}}))
    assert "3.142" in str(answer({"value": 3.14159}))
    assert "y1: 1" in str(answer({"values": {"y1": 1.0, "y2": 2.0}}))

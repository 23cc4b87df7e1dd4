import numpy as np
import polars
import pytest
from pydantic import TypeAdapter

from deltarule.training.errors import DataError
from deltarule.training.targets import ClassTarget, IndicatorTarget, LabelsTarget, NumberTarget, Target

KINDS = ClassTarget(name="kind", classes=("a", "b", "c"), width=3)
PAIR = ClassTarget(name="digit", classes=(4, 7), width=1)
SIGNS = ClassTarget(name="digit", classes=(4, 7), width=1, low=-1.0)
LABELS = LabelsTarget(names=("wet", "cold"), as_they_stand=False)
NUMBERS = NumberTarget(names=("y",), means=(100.0,), standard_deviations=(10.0,))


def test_a_class_is_one_hot() -> None:
    frame = polars.DataFrame({"kind": ["b", "a", "c"]})

    targets = KINDS.encode(frame)

    assert targets.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert KINDS.strata(targets).tolist() == [1, 0, 2]


@pytest.mark.parametrize(("target", "low"), [(PAIR, 0.0), (SIGNS, -1.0)])
def test_two_classes_may_share_an_output(target: ClassTarget, low: float) -> None:
    targets = target.encode(polars.DataFrame({"digit": [7.0, 4.0]}))

    assert targets.tolist() == [[1.0], [low]]
    assert target.strata(targets).tolist() == [1, 0]


def test_labels_have_the_type_of_the_column() -> None:
    assert PAIR.predictions(np.array([[0.9]]), "sigmoid") == [
        {"label": 7, "probabilities": {"4": pytest.approx(0.1), "7": 0.9}}
    ]
    assert KINDS.predictions(np.array([[0.2, 0.7, 0.1]]), "softmax") == [
        {"label": "b", "probabilities": {"a": 0.2, "b": 0.7, "c": 0.1}}
    ]


def test_outputs_that_are_no_probabilities_are_not_passed_off_as_some() -> None:
    assert SIGNS.predictions(np.array([[-0.2], [3.0]]), "identity") == [{"label": 4}, {"label": 7}]
    assert KINDS.predictions(np.array([[5.0, -7.0, 0.0]]), "identity") == [{"label": "a"}]


def test_one_sigmoid_for_each_class_gives_shares_of_their_sum() -> None:
    answers = KINDS.predictions(np.array([[0.5, 0.25, 0.25], [0.0, 0.0, 0.0]]), "sigmoid")

    assert answers[0]["probabilities"] == {"a": 0.5, "b": 0.25, "c": 0.25}
    assert answers[1]["probabilities"] == dict.fromkeys("abc", pytest.approx(1 / 3))


def test_a_single_class_is_certain() -> None:
    only = ClassTarget(name="kind", classes=("a",), width=1)

    assert only.encode(polars.DataFrame({"kind": ["a"]})).tolist() == [[1.0]]
    assert only.predictions(np.array([[1.0]]), "softmax") == [{"label": "a", "probabilities": {"a": 1.0}}]


@pytest.mark.parametrize(
    ("target", "frame", "sentence"),
    [
        (KINDS, polars.DataFrame({"kind": ["a", "z"]}), "row 2, column kind: 'z' is no class of the training data"),
        (PAIR, polars.DataFrame({"digit": [5.0]}), "row 1, column digit: '5.0' is no class of the training data"),
        (PAIR, polars.DataFrame({"digit": [9.0]}), "its classes are 4, 7"),
        (LABELS, polars.DataFrame({"wet": [2.0], "cold": [1.0]}), "row 1, column wet: '2.0' is neither 1 or true"),
    ],
)
def test_a_class_that_training_never_saw(target: ClassTarget, frame: polars.DataFrame, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        target.encode(frame)


def test_rows_without_a_target_are_the_callers_to_leave_out() -> None:
    assert KINDS.encode(polars.DataFrame({"kind": [None, "b"]}, schema={"kind": polars.String}))[1].tolist() == [
        0,
        1,
        0,
    ]
    assert PAIR.encode(polars.DataFrame({"digit": [None, 7.0]}))[1].tolist() == [1.0]
    assert LABELS.encode(polars.DataFrame({"wet": [None, 1.0], "cold": [1.0, 0.0]}))[1].tolist() == [1.0, 0.0]
    assert NUMBERS.encode(polars.DataFrame({"y": [None, 110.0]}))[1].tolist() == [1.0]


def test_labels_say_yes_in_any_form() -> None:
    targets = LABELS.encode(polars.DataFrame({"wet": ["true", "no"], "cold": [0.0, 1.0]}))

    assert targets.tolist() == [[1, 0], [0, 1]]
    assert LABELS.predictions(np.array([[0.9, 0.2], [0.1, 0.3]]), "sigmoid") == [
        {"labels": ["wet"], "probabilities": {"wet": 0.9, "cold": 0.2}},
        {"labels": [], "probabilities": {"wet": 0.1, "cold": 0.3}},
    ]
    assert LABELS.measure(targets, np.array([[0.9, 0.2], [0.1, 0.3]]), "sigmoid")["accuracy"] == 0.75


def test_labels_as_they_stand_may_be_anything_between() -> None:
    target = LabelsTarget(names=("a", "b"), as_they_stand=True, low=-1.0)

    assert target.encode(polars.DataFrame({"a": [0.3], "b": [-0.5]})).tolist() == [[0.3, -0.5]]
    assert target.predictions(np.array([[0.1, -0.1]]), "tanh") == [{"labels": ["a"]}]


def test_a_class_for_each_column() -> None:
    target = IndicatorTarget(names=("target_0", "target_1"))

    targets = target.encode(polars.DataFrame({"target_0": [0.2, 1.0], "target_1": [0.8, 0.0]}))

    assert targets.tolist() == [[0.2, 0.8], [1.0, 0.0]]
    assert target.strata(targets).tolist() == [1, 0]
    assert target.predictions(targets[:1], "softmax") == [
        {"label": "target_1", "probabilities": {"target_0": 0.2, "target_1": 0.8}}
    ]
    assert target.measure(targets, targets, "softmax")["accuracy"] == 1.0


def test_numbers_come_back_in_their_own_units() -> None:
    targets = NUMBERS.encode(polars.DataFrame({"y": [100.0, 120.0]}))

    assert targets.tolist() == [[0.0], [2.0]]
    assert NUMBERS.predictions(targets, "identity") == [{"value": 100.0}, {"value": 120.0}]
    assert NUMBERS.measure(targets, targets + 1, "identity")["mean_absolute_error"] == 10.0


def test_several_numbers_have_names() -> None:
    target = NumberTarget(names=("u", "v"), means=(0.0, 1.0), standard_deviations=(1.0, 2.0))

    assert target.predictions(np.array([[3.0, 4.0]]), "identity") == [{"values": {"u": 3.0, "v": 9.0}}]


@pytest.mark.parametrize("target", [KINDS, PAIR, SIGNS, LABELS, NUMBERS, IndicatorTarget(names=("a", "b"))])
def test_every_target_survives_json(target: Target) -> None:
    adapter: TypeAdapter[Target] = TypeAdapter(Target)

    assert adapter.validate_json(adapter.dump_json(target)) == target


def test_whole_numbers_stay_whole_and_others_do_not_become_so() -> None:
    target = ClassTarget(name="y", classes=(1, 2.5), width=2)

    first, second = ClassTarget.model_validate_json(target.model_dump_json()).classes

    assert isinstance(first, int)
    assert isinstance(second, float)

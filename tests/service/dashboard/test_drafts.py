import json
import shlex

import pytest

from deltarule.backprop.errors import Fault
from deltarule.training.spec import Spec
from service.dashboard.drafts import as_curl, composed, layers_of, placed


def test_what_is_empty_or_goes_without_saying_is_left_out() -> None:
    fields = [
        ("/dataset_id", "d"),
        ("/name", ""),
        ("/features", []),
        ("/task", None),
        ("/training/seed", 0),
        ("/training/shuffle", True),
        ("/preprocessing/standardize", True),
        ("/regularization/l1", 0),
        ("/training/epochs", 5),
    ]
    assert composed(fields) == {"dataset_id": "d", "training": {"epochs": 5}}


@pytest.mark.parametrize(("chosen", "written"), [(["species"], "species"), (["a", "b"], ["a", "b"])])
def test_one_target_is_a_name_and_several_are_a_list(chosen: list[str], written: object) -> None:
    assert composed([("/target", chosen)]) == {"target": written}


def test_no_is_said_where_yes_is_the_default() -> None:
    assert composed([("/training/shuffle", False)]) == {"training": {"shuffle": False}}


def test_a_network_stands_layer_by_layer() -> None:
    fields = [
        ("/network/layers/1/activation", None),
        ("/network/layers/0/units", 8),
        ("/network/layers/0/dropout", 0),
        ("/network/layers/0/bias", False),
        ("/network/layers/1/bias", True),
    ]
    assert composed(fields) == {"network": {"layers": [{"units": 8, "bias": False}, {}]}}
    assert layers_of([*fields, ("/training/epochs", 3)]) == [{"units": 8, "bias": False}, {}]
    assert layers_of([("/training/epochs", 3)]) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([("/training/early_stopping", None)], {}),
        ([("/training/early_stopping", "off")], {"training": {"early_stopping": None}}),
        (
            [("/training/early_stopping/patience", 4), ("/training/early_stopping", "on")],
            {"training": {"early_stopping": {"patience": 4}}},
        ),
        # Its fields are still there when it has just been turned off.
        (
            [("/training/early_stopping", "off"), ("/training/early_stopping/patience", 4)],
            {"training": {"early_stopping": None}},
        ),
    ],
)
def test_early_stopping_is_left_open_turned_off_or_set(fields: list[tuple[str, object]], said: object) -> None:
    assert composed(fields) == said


def test_a_method_without_a_name_is_none() -> None:
    assert composed([("/optimizer/momentum", 0.9), ("/optimizer/name", None)]) == {}
    chosen = composed([("/optimizer/momentum", 0.9), ("/optimizer/name", "sgd")])
    assert chosen == {"optimizer": {"name": "sgd", "momentum": 0.9}}


def test_faults_stand_at_the_nearest_field() -> None:
    pointers = ["/target", "/training/early_stopping", "/training/early_stopping/patience"]
    faults = [
        Fault("/target/0", "No such column."),
        Fault("/training/early_stopping/patience", "Too small."),
        Fault("/training/early_stopping/patience", "Too small."),
        Fault("/optimizer/name", "Unknown."),
        Fault("/targets", "Another place."),
        Fault("", "All of it."),
    ]
    assert placed(faults, pointers) == (
        {"/target": "No such column.", "/training/early_stopping/patience": "Too small."},
        ["/optimizer/name: Unknown.", "/targets: Another place.", "All of it."],
    )


def test_the_command_holds_the_job_as_it_stands() -> None:
    document = {"dataset_id": "d", "target": "it's"}
    words = shlex.split(as_curl(document, "http://localhost:8080/", keyed=True))
    assert words[:2] == ["curl", "http://localhost:8080/v1/jobs"]
    assert json.loads(words[-1]) == document
    assert "Authorization: Bearer $DELTARULE_API_KEY" in words
    assert "Authorization" not in as_curl(document, "http://localhost:8080/", keyed=False)


def test_what_is_composed_is_a_job() -> None:
    fields = [("/dataset_id", "d"), ("/target", ["t"]), ("/training/batch_size", "full"), ("/schedule/name", "step")]
    Spec.model_validate_json(json.dumps(composed(fields)))


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("by class", {"training": {"class_weight": {"a/b": 2, "c~": 3}}}),
        ("balanced", {"training": {"class_weight": "balanced"}}),
        (None, {}),
    ],
)
def test_classes_have_weights_of_their_own_where_that_is_chosen(way: str | None, said: object) -> None:
    weights = [("/training/class_weight/a~1b", 2), ("/training/class_weight/c~0", 3), ("/training/class_weight/d", "")]
    assert composed([("/training/class_weight", way), *weights]) == said

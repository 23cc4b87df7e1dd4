import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from deltarule.training.spec import Spec

REFERENCE = Path(__file__).parent.parent / "conformance" / "reference"


def parsed(**fields: object) -> Spec:
    return Spec.model_validate_json(json.dumps(fields))


def test_the_shortest_job() -> None:
    spec = parsed(dataset_id="d", target="species")

    assert spec.targets == ("species",)
    assert spec.network.layers is None
    assert spec.training.leaves_early_stopping_open


def test_null_turns_early_stopping_off_and_leaving_it_out_does_not() -> None:
    assert not parsed(training={"early_stopping": None}).training.leaves_early_stopping_open
    assert parsed(training={"epochs": 3}).training.leaves_early_stopping_open


def test_several_targets_keep_their_order() -> None:
    assert parsed(target=["b", "a"]).targets == ("b", "a")


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.json")), ids=lambda path: path.stem)
def test_the_reference_jobs_are_jobs(path: Path) -> None:
    spec = Spec.model_validate_json(json.dumps(json.loads(path.read_text())["job"]))

    assert Spec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"targets": "y"}, ("targets",)),
        ({"training": {"epochs": 0}}, ("training", "epochs")),
        ({"training": {"epochs": "5"}}, ("training", "epochs")),
        ({"training": {"batch_size": 0}}, ("training", "batch_size")),
        ({"training": {"validation_fraction": 1}}, ("training", "validation_fraction")),
        ({"training": {"seed": -1}}, ("training", "seed")),
        ({"target": []}, ("target",)),
        ({"features": []}, ("features",)),
        ({"preprocessing": {"missing": "guess"}}, ("preprocessing", "missing")),
        ({"network": {"layers": []}}, ("network", "layers")),
        ({"network": {"layers": [{"units": 1, "activation": "step"}]}}, ("network", "layers", 0, "activation")),
        ({"optimizer": {"name": "adam", "learning_rate": 0}}, ("optimizer", "adam", "learning_rate")),
        ({"name": "n" * 201}, ("name",)),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(fields: dict[str, object], location: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        parsed(**fields)

    assert all(fault["loc"][: len(location)] == location for fault in caught.value.errors())


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ValidationError):
        Spec.model_validate_json('{"data": {"inputs": [[NaN]], "targets": [1]}}')

import json
from typing import get_args

import pytest

from deltarule.training.spec import Spec
from service.dashboard.fields import METHODS, label_of, of_method


def names(pointer: str, name: str | None) -> dict[str, object]:
    """Each field of a method, and the value that it begins with."""
    fields = of_method(pointer, name)
    return {next(iter(field.id.values())): getattr(field, "checked", getattr(field, "value", None)) for field in fields}


def test_a_method_has_the_fields_of_its_definition() -> None:
    assert set(names("/optimizer", "sgd")) == {
        f"/optimizer/{name}" for name in ("learning_rate", "momentum", "nesterov")
    }
    assert names("/training/early_stopping", "on")["/training/early_stopping/restore_best"] is True
    assert names("/training/early_stopping", "on")["/training/early_stopping/monitor"] == "validation_loss"


@pytest.mark.parametrize("pointer", list(METHODS))
def test_without_a_method_there_is_none(pointer: str) -> None:
    assert of_method(pointer, None) == []
    assert of_method(pointer, "off") == []


@pytest.mark.parametrize("kind", ["optimizer", "schedule"])
def test_every_method_of_a_job_can_be_chosen(kind: str) -> None:
    annotation = Spec.model_fields[kind].annotation
    union = next(part for part in get_args(annotation) if get_args(part))
    members = get_args(get_args(union)[0]) or get_args(union)
    known = {member.model_fields["name"].default for member in members}
    assert known == set(METHODS[f"/{kind}"])


def test_labels_are_words() -> None:
    assert [label_of(name) for name in ("learning_rate", "l2", "beta1")] == ["Learning rate", "L2", "β₁"]
    assert (
        json.dumps([field.label for field in of_method("/schedule", "step")]) == '["Every", "Decay", "Warmup epochs"]'
    )

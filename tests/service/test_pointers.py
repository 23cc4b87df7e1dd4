import json
from typing import Any

import pytest
from pydantic import ValidationError

from deltarule.training.spec import Spec
from service.errors import Invalid
from service.explaining import ExplanationRequest
from service.parsing import parse_json
from service.pointers import faults, pointer
from service.schemas.predictions import PredictionRequest


def found(document: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Spec.model_validate_json(json.dumps(document))
    return {fault.pointer: fault.detail for fault in faults(caught.value.errors(), document)}


def test_a_pointer_escapes_what_has_a_meaning_in_it() -> None:
    assert pointer(["a/b", "c~d", 3]) == "/a~1b/c~0d/3"
    assert pointer([]) == ""


def test_an_unknown_field_is_named() -> None:
    assert found({"colour": 1, "training": {"epoch": 3}}) == {
        "/colour": "There is no such field.",
        "/training/epoch": "There is no such field.",
    }


def test_a_missing_field_is_pointed_to_where_it_should_be() -> None:
    assert found({"loss": {}}) == {"/loss/name": "This field is required."}


def test_every_fault_is_found_at_once() -> None:
    document = {
        "target": 5,
        "network": {"layers": [{"units": "5", "activation": "relo"}]},
        "training": {"epochs": 0, "seed": 1.5},
    }
    places = set(found(document))
    assert {"/network/layers/0/units", "/network/layers/0/activation", "/training/epochs", "/training/seed"} <= places
    assert "/target" in places


def test_a_list_with_faulty_items_is_not_called_too_short_as_well() -> None:
    assert set(found({"network": {"layers": [{"units": 0}]}})) == {"/network/layers/0/units"}


def test_an_empty_list_is_called_too_short() -> None:
    assert set(found({"network": {"layers": []}})) == {"/network/layers"}


def test_the_name_of_a_union_member_stands_in_no_pointer() -> None:
    assert set(found({"optimizer": {"name": "sgd", "momentum": 2}})) == {"/optimizer/momentum"}


def test_an_unknown_member_of_a_union_is_a_fault_of_its_name() -> None:
    told = found({"optimizer": {"name": "magic"}})
    assert set(told) == {"/optimizer/name"}
    assert "'adam'" in told["/optimizer/name"]


def test_a_union_without_a_name_needs_one() -> None:
    assert found({"schedule": {"minimum": 0}}) == {"/schedule/name": "This field is required."}


def test_alternatives_are_one_fault() -> None:
    told = found({"training": {"batch_size": 0}})
    assert set(told) == {"/training/batch_size"}
    assert " or " in told["/training/batch_size"]


def test_numbers_that_are_not_finite_are_said_to_be_so() -> None:
    document = '{"optimizer": {"name": "sgd", "learning_rate": Infinity}}'
    with pytest.raises(ValidationError) as caught:
        Spec.model_validate_json(document)
    (fault,) = faults(caught.value.errors(), json.loads(document))
    assert fault.pointer == "/optimizer/learning_rate"
    assert "finite" in fault.detail


def test_what_is_wrong_in_the_same_way_is_told_too() -> None:
    request = {"rows": [{"a": 1}, {"a": []}, {"b": 2}, {"a": [1], "b": "x"}]}
    with pytest.raises(Invalid) as caught:
        parse_json(PredictionRequest, json.dumps(request).encode())
    assert [fault.pointer for fault in caught.value.faults] == ["/rows/1/a", "/rows/3/a"]


def test_a_million_faults_are_not_listed() -> None:
    many = json.dumps({"inputs": [["x"] * 100_000]}).encode()
    with pytest.raises(Invalid) as caught:
        parse_json(ExplanationRequest, many)
    assert len(caught.value.faults) <= 101
    unknown = json.dumps({f"field_{number}": 0 for number in range(5000)}).encode()
    with pytest.raises(Invalid, match="5000 faults, too many") as caught:
        parse_json(PredictionRequest, unknown)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("document", "place", "sentence"),
    [
        ({"name": "a\0b"}, "/name", "A name cannot hold a NUL character; take it out."),
        ({"target": []}, "/target", "The list is empty; name at least one."),
        ({"target": 1}, "/target", "Input should be a valid string or a valid array."),
        ({"features": []}, "/features", "The list is empty; name at least one."),
        (
            {"network": {"layers": [{"units": 2}] * 300}},
            "/network/layers",
            "The list may have 256 items at most, and has 300.",
        ),
        (
            {"data": {"inputs": [[1, None]], "targets": [1]}},
            "/data/inputs/0/1",
            "Input should be a valid number, not null.",
        ),
    ],
)
def test_the_sentence_says_what_to_change(document: dict[str, Any], place: str, sentence: str) -> None:
    assert found(document) == {place: sentence}


@pytest.mark.parametrize("name", ["rows", "inputs"])
def test_a_list_without_items_is_told_in_the_words_of_json(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_json(PredictionRequest, json.dumps({name: []}).encode())
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.detail) == (f"/{name}", "The list must have 1 or more items, not 0.")

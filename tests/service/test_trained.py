from dataclasses import dataclass, field

import pytest

from deltarule.store.errors import NotFound
from deltarule.store.models import Models
from deltarule.training.model import Model
from service.trained import TrainedModels


@dataclass
class Shelf(Models):
    """Models of one owner, by id, that counts how often their content was fetched."""

    contents: dict[str, bytes]
    fetched: list[str] = field(default_factory=list)

    def check(self, owner: str | None, identifier: str) -> None:
        if owner != "me" or identifier not in self.contents:
            raise NotFound("model", identifier)

    def content(self, owner: str | None, identifier: str) -> bytes:
        self.check(owner, identifier)
        self.fetched.append(identifier)
        return self.contents[identifier]

    def remove(self, owner: str | None, identifier: str) -> None:
        self.check(owner, identifier)
        del self.contents[identifier]


class Loaded(Model):
    """A model that remembers only what it was made of."""

    def __init__(self, content: bytes) -> None:
        object.__setattr__(self, "parameters", content)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({"a": b"1" * 40, "b": b"2" * 40, "c": b"3" * 40, "large": b"4" * 200})


@pytest.fixture
def trained(shelf: Shelf) -> TrainedModels:
    return TrainedModels(shelf, memory_limit_bytes=100, load=Loaded)


def test_a_model_is_loaded_once(trained: TrainedModels, shelf: Shelf) -> None:
    assert trained.get("me", "a") is trained.get("me", "a")
    assert shelf.fetched == ["a"]


def test_those_used_last_are_kept(trained: TrainedModels, shelf: Shelf) -> None:
    for identifier in ("a", "b", "a", "c", "a", "b"):
        trained.get("me", identifier)
    assert shelf.fetched == ["a", "b", "c", "b"]


def test_a_model_larger_than_all_of_it_is_used_and_not_kept(trained: TrainedModels, shelf: Shelf) -> None:
    trained.get("me", "large")
    trained.get("me", "large")
    assert shelf.fetched == ["large", "large"]


def test_what_is_loaded_is_still_only_its_owners(trained: TrainedModels) -> None:
    trained.get("me", "a")
    with pytest.raises(NotFound):
        trained.get("stranger", "a")


def test_what_is_removed_is_forgotten(trained: TrainedModels, shelf: Shelf) -> None:
    content = shelf.contents["a"]
    trained.get("me", "a")
    trained.remove("me", "a")
    trained.remove("me", "b")  # which was never loaded
    shelf.contents["a"] = content
    trained.get("me", "a")
    assert shelf.fetched == ["a", "a"]


def test_what_cannot_be_removed_stays(trained: TrainedModels, shelf: Shelf) -> None:
    trained.get("me", "a")
    with pytest.raises(NotFound):
        trained.remove("stranger", "a")
    trained.get("me", "a")
    assert shelf.fetched == ["a"]

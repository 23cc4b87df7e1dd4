import pytest

from deltarule.store.identifiers import is_id, new_id
from tests.store.making import UNKNOWN


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert all(is_id(identifier) for identifier in ids)


@pytest.mark.parametrize("text", ["", "1", "x" * 36, "\0", "0" * 36, UNKNOWN.upper(), f"{UNKNOWN}\n", f" {UNKNOWN}"])
def test_anything_else_is_none(text: str) -> None:
    assert not is_id(text)

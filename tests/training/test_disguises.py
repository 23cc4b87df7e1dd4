import pytest

from deltarule.training.columns import select
from deltarule.training.disguises import disguise
from deltarule.training.tables import CategoricalColumn
from tests.training.making import job, table_of


def column(*texts: str) -> CategoricalColumn:
    return CategoricalColumn(name="x", missing=0, distinct=len(texts), categories=tuple(sorted(texts)))


@pytest.mark.parametrize(
    "texts",
    [
        ("2024-01-31", "2024-02-01"),
        ("2024-01-31T10:00:00Z", "2024-02-01 09:30"),
        ("2024/1/31",),
        ("31.12.2024", "1.1.2025"),
        ("12/31/2024", "1/1/2025 10:30"),
    ],
)
def test_dates_are_told_with_what_to_send_instead(texts: tuple[str, ...]) -> None:
    reason = disguise(column(*texts))
    assert reason is not None
    assert "holds dates, such as" in reason
    assert "the year" in reason


@pytest.mark.parametrize("texts", [("1,5", "2,25"), ("-0,5", "3"), ("1.000,5", "12,0")])
def test_decimal_commas_are_told(texts: tuple[str, ...]) -> None:
    reason = disguise(column(*texts))
    assert reason is not None
    assert "decimal comma" in reason
    assert "with a point" in reason


@pytest.mark.parametrize("texts", [("1", "2.5", "inf"), ("-Infinity", "1e3", ".5"), ("inf", "-inf")])
def test_infinities_among_numbers_are_told(texts: tuple[str, ...]) -> None:
    reason = disguise(column(*texts))
    assert reason is not None
    assert "infinities, such as" in reason
    assert "leave those cells empty" in reason


@pytest.mark.parametrize(
    "texts",
    [
        (),
        ("red", "blue"),
        ("2024-01-31", "never"),
        ("1,5", "none"),
        ("1.2.3", "1.2.4"),
        ("10", "20"),
        ("a,b",),
        ("inf", "red"),
    ],
)
def test_categories_are_left_alone(texts: tuple[str, ...]) -> None:
    assert disguise(column(*texts)) is None


def test_such_a_column_is_left_out_and_refused_where_it_is_named() -> None:
    table = table_of(day=["2024-01-01", "2024-01-02"] * 10, size=list(range(20)), kind=["a", "b"] * 10)
    chosen, _ = select(job(target="kind"), table.schema)
    _, named = select(job(target="kind", features=["day", "size"]), table.schema)
    _, predicted = select(job(target="day"), table.schema)

    assert [column.name for column in chosen.features] == ["size"]
    assert [(fault.pointer, "holds dates" in fault.detail) for fault in named] == [("/features/0", True)]
    assert [(fault.pointer, "holds dates" in fault.detail) for fault in predicted] == [("/target", True)]

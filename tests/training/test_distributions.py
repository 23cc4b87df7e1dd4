"""Bars that come to the right counts, of any column, in bounded work."""

from collections.abc import Iterator

import polars
import pytest

from deltarule.training.distributions import BINS, Distributions, Frequencies, Histogram, distributions, first_rows
from deltarule.training.tables import Stream, read, stream_of
from deltarule.training.tables.schema import NumericColumn, Schema


def of(text: str) -> Distributions:
    return distributions(stream_of(read(text.encode(), "csv")))


def test_few_whole_numbers_have_a_bar_each() -> None:
    (kind,) = of("kind\n0\n2\n2\n3\n").columns
    assert kind == Histogram((-0.5, 0.5, 1.5, 2.5, 3.5), (1, 0, 2, 1))
    assert kind.whole_numbers() == (0, 2, 3)


@pytest.mark.parametrize(
    ("text", "known"), [("-1\n1", (-1, 1)), ("7\n7", (7,)), ("0\n1000", ()), ("0.5\n1.5", ()), ("0.1\n0.2", ())]
)
def test_only_numbers_with_a_bar_of_their_own_are_told(text: str, known: tuple[int, ...]) -> None:
    (found,) = of(f"kind\n{text}\n").columns
    assert isinstance(found, Histogram)
    assert found.whole_numbers() == known


def test_real_numbers_are_counted_between_the_smallest_and_the_largest() -> None:
    rows = "\n".join(f"{number / 10}" for number in range(241))
    (found,) = of(f"length\n{rows}\n").columns
    assert isinstance(found, Histogram)
    assert (found.edges[0], found.edges[-1], len(found.counts)) == (0.0, 24.0, BINS)
    assert sum(found.counts) == 241
    assert set(found.counts[:-1]) == {10}
    assert found.counts[-1] == 11  # the largest belongs to the last bar


def test_one_number_is_one_bar() -> None:
    assert of("length\n1.5\n1.5\n").columns == (Histogram((1.5, 1.5), (2,)),)


@pytest.mark.parametrize("numbers", ["-1e100\n1e100", "9007199254740993\n9007199254740995", "1e17\n1e17"])
def test_numbers_of_any_size_are_counted(numbers: str) -> None:
    (found,) = of(f"length\n{numbers}\n").columns
    assert isinstance(found, Histogram)
    assert sum(found.counts) == 2


def test_texts_come_by_how_often_they_are_there() -> None:
    assert of("colour\nred\nblue\nblue\ngreen\n").columns == (Frequencies(("blue", "green", "red"), (2, 1, 1)),)


def test_what_is_missing_counts_for_nothing() -> None:
    length, colour, nothing = of("length,colour,nothing\n1,,\n,red,\n").columns
    assert length == Histogram((0.5, 1.5), (1,))
    assert colour == Frequencies(("red",), (1,))
    assert nothing is None


def test_texts_too_many_to_be_listed_are_not_counted() -> None:
    assert of("name\n" + "\n".join(f"person {number}" for number in range(1001)) + "\n").columns == (None,)


def test_a_large_table_is_looked_at_in_part() -> None:
    read_parts = []
    part = polars.DataFrame({"length": [1.0, 2.0, 3.0]})
    column = NumericColumn(name="length", missing=0, distinct=3, whole_numbers=True, minimum=1, maximum=3)
    schema = Schema(format="csv", rows=300, columns=(column,))

    def parts() -> Iterator[polars.DataFrame]:
        for number in range(100):
            read_parts.append(number)
            yield part

    found = distributions(Stream(schema, parts), cells=6)
    assert found == Distributions(6, (Histogram((0.5, 1.5, 2.5, 3.5), (2, 2, 2)),))
    assert read_parts == [0, 1]
    assert first_rows(schema, cells=6) == 6


def test_arrays_are_tables_too() -> None:
    table = read(b'{"inputs": [[0, 0.5], [1, 1.5]], "targets": [0, 1]}', "json")
    assert [type(column) for column in distributions(stream_of(table)).columns] == [Histogram, Histogram, Histogram]

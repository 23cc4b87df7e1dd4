import polars
import pytest

from deltarule.training.errors import DataError
from deltarule.training.kept import keep, located
from deltarule.training.rows import RowCounts
from deltarule.training.scratch import Spool
from deltarule.training.tables import Stream, chunk, stream_of
from deltarule.training.tables.row_error import RowError
from tests.training.making import animals, job


@pytest.fixture
def rows() -> Stream:
    """Sixty animals, seven at a time; the 5th has no length, the 8th no island."""
    table = animals()
    return Stream(table.schema, lambda: table.frame.iter_slices(7))


def test_what_is_kept_knows_its_rows(rows: Stream) -> None:
    with Spool() as spool:
        kept = keep(job(target="species", preprocessing={"missing": "drop"}), rows, ("length", "island"), spool)
        frame = polars.concat(kept.parts(1))
    assert kept.counts == RowCounts(kept=58, without_target=0, incomplete=2, filled=0)
    assert frame[""].to_list() == [row for row in range(60) if row not in {4, 7}]
    assert frame["species"].to_list() == animals().frame["species"].gather(frame[""]).to_list()


def test_a_part_has_fewer_rows_where_each_is_wide(rows: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk, "CHUNK_ROWS", 2)
    monkeypatch.setattr(chunk, "CHUNK_CELLS", 50)
    with Spool() as spool:
        kept = keep(job(target="species"), rows, ("length",), spool)
        assert max(part.height for part in kept.parts(10)) == 5
        assert max(part.height for part in kept.parts(10**6)) == 2


def test_all_values_of_a_column_are_gathered(rows: Stream) -> None:
    with Spool() as spool:
        kept = keep(job(target="species"), rows, ("length",), spool, distinct=("species",))
    assert sorted(kept.distinct["species"]) == ["Adelie", "Chinstrap", "Gentoo"]


def test_a_gap_is_told_with_its_row(rows: Stream) -> None:
    asked = job(target="species", preprocessing={"missing": "error"})
    with Spool() as spool, pytest.raises(DataError, match="row 5, column length: the value is missing"):
        keep(asked, rows, ("length", "island"), spool)
    with Spool() as spool, pytest.raises(DataError, match="row 8, column island: the value is missing"):
        keep(asked, rows, ("island",), spool)


def test_a_fault_in_a_part_is_told_with_its_row_in_the_table() -> None:
    part = polars.DataFrame({"x": [1.0, 2.0], "": [40, 90]})
    with pytest.raises(RowError, match="row 91, column x: it is wrong"), located(part):
        raise RowError(1, "x", "it is wrong")


def test_a_table_in_memory_is_kept_as_well() -> None:
    with Spool() as spool:
        assert keep(job(target="species"), stream_of(animals()), (), spool).counts.kept == 60

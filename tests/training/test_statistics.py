import numpy as np
import polars
import pytest

from deltarule.training.encoding import fit_inputs
from deltarule.training.errors import DataError
from deltarule.training.statistics import Statistics, WeightTally
from tests.training.making import animals


@pytest.mark.parametrize("rows", [1, 7, 60])
def test_parts_come_to_the_encoding_of_the_whole(rows: int) -> None:
    table = animals()
    statistics = Statistics(table.schema, ("length", "island"))
    for part in table.frame.iter_slices(rows):
        statistics.add(part)
    for standardize in (True, False):
        whole = fit_inputs(table.frame, np.arange(60), ("length", "island"), standardize)
        length, island = (statistics.input(name, standardize) for name in ("length", "island"))
        assert island == whole.columns[1]
        (ours, reference) = (one.model_dump(exclude={"type", "name"}) for one in (length, whole.columns[0]))
        assert ours == pytest.approx(reference, rel=1e-12)


@pytest.mark.parametrize("value", [0.1, 1e8 + 0.1, 0.0])
def test_a_column_that_never_varies_has_no_deviation(value: float) -> None:
    frame = polars.DataFrame({"length": [value] * 100}, schema={"length": polars.Float64})
    statistics = Statistics(animals().schema, ("length",))
    for part in frame.iter_slices(7):
        statistics.add(part)
    assert statistics.moments("length") == (pytest.approx(value), 0.0)


def test_without_a_value_there_is_nothing() -> None:
    assert Statistics(animals().schema, ("length",)).moments("length") == (0.0, 0.0)


def test_weights_are_scaled_to_a_mean_of_one() -> None:
    weights, tally = np.array([1.0, 2.0, 3.0, 0.0, 6.5]), WeightTally()
    tally.add(weights[:2])
    tally.add(weights[2:])
    tally.check("w", "training")
    np.testing.assert_allclose(tally.scaled(weights), weights / weights.mean(), 1e-15)


def test_weights_that_cannot_be_scaled() -> None:
    nothing, endless = WeightTally(), WeightTally()
    nothing.add(np.zeros(3))
    with pytest.raises(DataError, match=r"All weights in column w are 0 in the training part of the data \(3 rows\)"):
        nothing.check("w", "training")
    with np.errstate(over="ignore"):
        endless.add(np.array([1e308, 1e308]))
    with pytest.raises(DataError, match="too large to be added up"):
        endless.check("w", "training")

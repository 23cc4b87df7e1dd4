"""With nothing but a table and its target, the defaults do well: the mean of the validation metric over five seeds."""

from pathlib import Path

import numpy as np
import pytest
from polars import DataFrame

from deltarule.training.tables import Table, read
from tests.training.making import finished

PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"


def patterns() -> Table:
    """Ten patterns of 64 points as whole numbers, each seen 120 times through noise 1.5 times as wide as them."""
    generator = np.random.default_rng(11)
    labels = np.repeat(np.arange(10), 120)
    points = generator.normal(size=(10, 64))[labels] + generator.normal(scale=1.5, size=(1200, 64))
    columns = {f"point_{number}": np.round(8 + 3 * column) for number, column in enumerate(points.T)}
    return read(DataFrame({**columns, "pattern": labels}).write_csv().encode(), "csv")


def noisy_line() -> Table:
    """A sum of ten columns, half of whose spread is noise: nobody can explain more than half of it."""
    generator = np.random.default_rng(12)
    inputs = generator.normal(size=(442, 10)) * 40 + 100
    amounts = (inputs - 100) @ generator.normal(size=10)
    amounts += generator.normal(scale=amounts.std(), size=442)
    columns = {f"measure_{number}": column for number, column in enumerate(inputs.T)}
    return read(DataFrame({**columns, "amount": amounts}).write_csv().encode(), "csv")


@pytest.mark.parametrize(
    ("table", "target", "metric", "at_least"),
    [
        (read(PENGUINS, "csv"), "species", "accuracy", 0.97),
        (patterns(), "pattern", "accuracy", 0.97),
        (noisy_line(), "amount", "r2", 0.36),
    ],
    ids=["penguins", "patterns", "noisy line"],
)
def test_a_job_that_asks_for_nothing_learns_well(table: Table, target: str, metric: str, at_least: float) -> None:
    runs = [finished(table, target=target, training={"seed": seed}) for seed in range(5)]

    assert np.mean([(run.metrics()["validation"] or {})[metric] for run in runs]) >= at_least

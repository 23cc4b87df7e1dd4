"""With nothing but a table and its target, the defaults do well: the mean of the validation metric over five seeds."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from deltarule.training.tables import Table, read
from tests.training.making import finished

PENGUINS = Path(__file__).parents[2] / "examples" / "penguins.csv"
RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> Table:
    return read(gzip.decompress((RECORDED / f"{name}.csv.gz").read_bytes()), "csv")


@pytest.mark.parametrize(
    ("table", "target", "metric", "at_least"),
    [
        (read(PENGUINS, "csv"), "species", "accuracy", 0.97),
        (recorded("digits"), "target", "accuracy", 0.97),
        (recorded("diabetes"), "target", "r2", 0.36),
    ],
    ids=["penguins", "digits", "diabetes"],
)
def test_a_job_that_asks_for_nothing_learns_well(table: Table, target: str, metric: str, at_least: float) -> None:
    runs = [finished(table, target=target, training={"seed": seed}) for seed in range(5)]

    assert np.mean([(run.metrics()["validation"] or {})[metric] for run in runs]) >= at_least

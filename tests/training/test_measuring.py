"""Mapped samples come to the metrics that those in memory do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deltarule.backprop.parameters import initial_parameters
from deltarule.backprop.samples import Samples
from deltarule.training import measuring
from deltarule.training.measuring import measured
from deltarule.training.model import Model
from deltarule.training.tables import Table
from tests.backprop.mapping import mapped
from tests.training.making import animals, arrays, line, started, table_of


def labels(rows: int = 400) -> Table:
    generator = np.random.default_rng(2)
    x = generator.standard_normal(rows)
    return table_of(
        x=x.tolist(), a=(x > 0).astype(int).tolist(), b=(x + generator.random(rows) > 1).astype(int).tolist()
    )


JOBS: list[tuple[Table, dict[str, Any]]] = [
    (animals(400), {"target": "species"}),
    (
        labels(),
        {"target": "a", "task": "classification", "network": {"layers": [{"units": 1, "activation": "sigmoid"}]}},
    ),
    (labels(), {"target": ["a", "b"], "task": "multilabel"}),
    (labels(), {"target": ["a", "b"], "task": "multilabel", "loss": {"name": "squared_error"}}),
    (line(400), {"target": "y"}),
    (
        table_of(x=[1.0, 2.0] * 100, y=[5.0] * 200, z=[1.0, 2.0, 3.0, 4.0] * 50),
        {"target": ["y", "z"], "task": "regression"},
    ),
    (
        arrays(
            [[row * 0.37 % 7.1] for row in range(200)],
            [[float(row % 3 == at) for at in range(3)] for row in range(200)],
        ),
        {"task": "classification"},
    ),
]


def close(ours: Any, reference: Any) -> None:  # noqa: ANN401
    if isinstance(reference, dict):
        assert list(ours) == list(reference)
        for name, value in reference.items():
            close(ours[name], value)
    elif isinstance(reference, float):
        assert ours == pytest.approx(reference, rel=1e-5, abs=1e-7)
    else:
        assert ours == reference


@pytest.mark.parametrize(("table", "fields"), JOBS)
def test_parts_come_to_the_whole(
    table: Table, fields: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "NUMBERS_AT_ONCE", 60)
    run = started(table, **fields)
    given = run._prepared.training
    network = run.definition.network
    model = Model(run._prepared.form, initial_parameters(network, given.columns, 1))
    close(measured(model, mapped(Samples(given.inputs, given.targets), tmp_path)), measured(model, given))


def test_areas_of_many_rows_are_measured_on_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "NUMBERS_AT_ONCE", 50)
    run = started(animals(3000), target="species", training={"epochs": 1})
    run.advance()
    given, model = run._prepared.training, run.model()
    whole = measured(model, given)
    monkeypatch.setattr(measuring, "SCORES", 3000)
    some = measured(model, mapped(Samples(given.inputs, given.targets), tmp_path))
    assert some["roc_auc"] == pytest.approx(whole["roc_auc"], abs=0.02)
    close({**some, "roc_auc": 0}, {**whole, "roc_auc": 0})

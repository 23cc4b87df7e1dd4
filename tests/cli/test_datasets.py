import json
from pathlib import Path

import pytest

from deltarule.client import Client
from tests.cli.conftest import Run


@pytest.mark.usefixtures("service")
def test_no_datasets_are_said(run: Run) -> None:
    result = run("datasets")
    assert (result.code, result.out) == (0, "")
    assert "There are no datasets yet" in result.err


def test_datasets_are_listed(run: Run, service: str, table: Path) -> None:
    with Client(service) as client:
        dataset = client.upload(table)
    header, line = run("datasets").out.splitlines()
    assert header.split() == ["id", "shape", "size", "made", "name"]
    assert line.split()[:5] == [dataset.id, "2", "×", "2", "31"]
    assert json.loads(run("datasets", "--json").out) == [dataset.document]


@pytest.mark.usefixtures("service")
def test_one_is_uploaded_shown_and_trained_on(run: Run, table: Path) -> None:
    uploaded = run("upload", table, "--name", "mine")
    assert uploaded.code == 0
    identifier = uploaded.out.strip()
    assert f"deltarule train --dataset {identifier} --target COLUMN" in uploaded.err
    shown = [line.split() for line in run("dataset", identifier).out.splitlines()]
    assert ["name", "mine"] in shown
    assert ["bill", "numeric", "1", "–", "–", "–"] in shown
    assert json.loads(run("dataset", identifier, "--json").out)["id"] == identifier
    assert run("train", "--dataset", identifier, "-t", "species").code == 0
    assert len(json.loads(run("datasets", "--json").out)) == 1

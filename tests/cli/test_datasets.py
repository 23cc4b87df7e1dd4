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

from pathlib import Path

from tests.cli.conftest import Run
from tests.client.standin import StandIn


def test_each_kind_is_removed(run: Run, standin: StandIn, service: str, table: Path) -> None:
    assert run("train", table, "-t", "species", "--url", service).code == 0
    for kind, left in (("job", standin.jobs), ("model", standin.models), ("dataset", standin.datasets)):
        (identifier,) = left
        result = run("remove", kind, identifier)
        assert (result.code, result.err) == (0, f"The {kind} {identifier} is removed.\n")
        assert not left


def test_what_is_not_there_is_said(run: Run, service: str) -> None:
    result = run("remove", "model", "nothing", "--url", service)
    assert (result.code, result.err) == (2, "error: There is no model with the id 'nothing'.\n")
    assert run("remove", "key", "any").code == 2

import pytest

from deltarule.cli.connection import connected, same
from deltarule.cli.failures import CommandError
from tests.cli.conftest import Run


def test_another_command_line_is_told_how_to_reach_the_same_service() -> None:
    assert same(None, local=False) == ""
    assert same("http://there", local=False) == " --url http://there"
    assert same(None, local=True) == " --local"


def test_a_service_here_and_one_elsewhere_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="--local and --url name two services"), connected("http://x", local=True):
        pass


def test_the_environment_names_the_service(service: str) -> None:
    with connected(None, local=False) as client:
        assert client.url == service


def test_who_finds_no_service_hears_of_the_way_that_needs_none(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELTARULE_URL", "http://127.0.0.1:1")
    result = run("jobs")
    assert result.code == 3
    assert result.err.endswith("With --local the command needs none.\n")

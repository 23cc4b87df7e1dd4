from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deltarule.cli.main import run as run_command
from tests.client.standin import StandIn, served


@dataclass(frozen=True)
class Result:
    """What a command line came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def standin() -> StandIn:
    return StandIn()


@pytest.fixture
def service(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a service in miniature, which the environment names."""
    with served(standin) as url:
        monkeypatch.setenv("DELTARULE_URL", url)
        yield url


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """One command line, as it is typed, in this process."""

    def run(*arguments: str | Path) -> Result:
        code = run_command([str(argument) for argument in arguments])
        return Result(code, *capsys.readouterr())

    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "penguins.csv"
    path.write_text("bill,species\n1,Adelie\n2,Gentoo\n")
    return path

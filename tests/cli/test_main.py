import subprocess
import sys
from importlib.metadata import version

import pytest

from deltarule.cli.main import ENTRIES, load
from tests.cli.conftest import Run


def test_help_lists_every_command_in_panels(run: Run) -> None:
    result = run("--help")
    assert result.code == 0
    assert all(f" {name} " in result.out for name in ENTRIES)
    assert all(entry.sentence in result.out for entry in ENTRIES.values())
    assert run().out == result.out
    assert run("-h").out == result.out


@pytest.mark.parametrize("name", ENTRIES)
def test_every_command_has_help_of_its_own(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.code == 0
    assert f"deltarule {name}" in result.out
    assert not result.err


@pytest.mark.parametrize("name", ENTRIES)
def test_every_command_and_option_is_explained(name: str) -> None:
    command = load(name)
    assert command.help
    assert all(getattr(parameter, "help", None) for parameter in command.params)


def test_help_loads_no_command() -> None:
    heavy = (
        "httpx",
        "pydantic",
        "sqlalchemy",
        "plotext",
        "deltarule.client",
        "deltarule.cli.train",
        "deltarule.cli.up",
    )
    program = (
        "import sys; from deltarule.cli.main import run; run(['--help'])\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").out == f"deltarule {version('deltarule')}\n"


def test_a_misspelt_command_is_recognized(run: Run) -> None:
    result = run("trian", "table.csv")
    assert result.code == 2
    assert result.err.splitlines() == [
        "error: No such command 'trian'. Did you mean 'train'?",
        "hint: `deltarule --help` tells how it is used.",
    ]


@pytest.mark.parametrize(
    "arguments", [("--nonsense",), ("jobs", "--limit", "many"), ("jobs", "--limit", "0"), ("job",), ("jobs", "extra")]
)
def test_wrong_usage_is_exit_code_two_and_a_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.code == 2
    assert not result.out
    assert result.err.startswith("error: ")
    assert "--help` tells how it is used." in result.err

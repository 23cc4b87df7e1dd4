import os
import subprocess
import sys
from pathlib import Path

import pytest

from deltarule.cli.completion import any_id, dataset_id, job_id, model_id
from tests.cli.conftest import Run


@pytest.fixture
def made(run: Run, service: str, table: Path) -> str:
    assert run("train", table, "-t", "species").code == 0
    return service


@pytest.mark.usefixtures("made")
def test_ids_are_completed_with_what_they_are() -> None:
    assert job_id("") == [("job-2", "penguins, succeeded")]
    assert model_id("mod") == [("model-3", "penguins, classification")]
    assert dataset_id("dataset-") == [("dataset-1", "penguins, 2 rows")]
    assert job_id("x") == []
    assert [identifier for identifier, _ in any_id("")] == ["job-2", "model-3", "dataset-1"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address"])
def test_without_a_service_nothing_is_completed_and_nothing_said(
    url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DELTARULE_URL", url)
    assert any_id("") == []
    assert capfd.readouterr() == ("", "")


def test_a_key_pressed_in_the_shell_shows_them(made: str) -> None:
    words = {"_DELTARULE_COMPLETE": "complete_bash", "COMP_WORDS": "deltarule history job", "COMP_CWORD": "2"}
    environment = {**os.environ, **words, "DELTARULE_URL": made, "PYTHONPATH": os.pathsep.join(sys.path)}
    program = "import sys; sys.argv[0] = 'deltarule'; from deltarule.cli.main import main; main()"
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert "job-2" in answer.stdout, answer.stderr
    assert answer.stderr == ""

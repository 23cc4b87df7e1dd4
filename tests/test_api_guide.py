"""docs/api.md is pasted into a shell, block after block, beside a running service: every command must succeed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.stack import running_stack

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.xdist_group("stack")
def test_every_command_does_what_the_page_says(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(ROOT / "examples", home / "examples")
    with running_stack(tmp_path / "data") as client:
        script = "\n".join(["set -eo pipefail", f"export DELTARULE_URL={client.base_url}", *BLOCKS])
        done = subprocess.run(["bash", "-c", script], cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    for said in ('"/target"', '"/training/epochs"', "event: end", "epoch,training_loss", "label,probability_Adelie"):
        assert said in done.stdout, said
    assert (home / "penguins.svg").read_text().startswith("<?xml")
    assert (home / "penguins.png").read_bytes().startswith(b"\x89PNG")
    assert {path.suffix for path in home.glob("penguins-model.*")} == {
        ".npz",
        ".safetensors",
        ".json",
        ".onnx",
        ".bundle",
    }
    assert all(path.stat().st_size for path in home.glob("penguins-model.*"))

"""docs/python.md is run, block after block, beside a running service, and its outcome is looked at."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack import running_stack

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "python.md").read_text(), re.MULTILINE | re.DOTALL)
README = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(400)
@pytest.mark.xdist_group("stack")
def test_every_block_does_what_the_page_says(tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(ROOT / "examples", home / "examples")
    with running_stack(tmp_path / "data") as client:
        environment = os.environ | {"DELTARULE_URL": str(client.base_url), "PYTHONPATH": str(ROOT)}
        for blocks in (BLOCKS, README):
            command = [sys.executable, "-c", "\n".join(blocks)]
            done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr
            assert "Adelie" in done.stdout
    assert len(BLOCKS) == 6
    assert (home / "loss.svg").read_text().startswith("<?xml")
    assert (home / "penguins.onnx").stat().st_size

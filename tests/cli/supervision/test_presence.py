"""Who is there and who needs it: an address that a dead process left is none, and nobody is ended while used."""

import os
import subprocess
import sys
from pathlib import Path

from deltarule.cli.supervision.presence import ADDRESS, address_of, presence, tell, unused, used

URL = "http://127.0.0.1:8123"


def test_the_address_is_known_from_when_it_is_told_until_the_end(tmp_path: Path) -> None:
    assert address_of(tmp_path) is None
    with presence(tmp_path) as file:
        assert address_of(tmp_path) is None
        tell(file, URL)
        assert address_of(tmp_path) == URL
    assert address_of(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_an_address_left_by_a_killed_process_is_none(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from deltarule.cli.supervision.presence import tell\n"
        "tell(Path(sys.argv[1]), sys.argv[2]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, str(tmp_path / ADDRESS), URL]
    subprocess.run(command, env=environment, check=False)
    assert URL in (tmp_path / ADDRESS).read_text()
    assert address_of(tmp_path) is None


def test_what_is_no_address_is_none(tmp_path: Path) -> None:
    for text in ("", "one line\n", "\n\n\n", f"somebody\n{URL}\n"):
        (tmp_path / ADDRESS).write_text(text)
        assert address_of(tmp_path) is None


def test_several_may_use_it_and_it_is_unused_when_the_last_has_gone(tmp_path: Path) -> None:
    with used(tmp_path / "data"):
        with used(tmp_path / "data"), unused(tmp_path / "data") as nobody:
            assert not nobody
        with unused(tmp_path / "data") as nobody:
            assert not nobody
    with unused(tmp_path / "data") as nobody:
        assert nobody

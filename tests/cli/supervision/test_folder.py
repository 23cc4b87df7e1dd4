"""The data folder: one instance in it, and every reason why not in a sentence."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deltarule.cli.failures import CommandError
from deltarule.cli.supervision.folder import held


def test_the_folder_is_made_and_its_temporary_files_are_forgotten(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with held(folder) as temporary:
        (temporary / "left behind").write_text("by a process that was killed")
        assert folder.stat().st_mode & 0o077 == 0
    with held(folder) as temporary:
        assert temporary.parent == folder
        assert list(temporary.iterdir()) == []


def test_a_folder_in_use_is_refused_and_its_files_are_left_alone(tmp_path: Path) -> None:
    with held(tmp_path) as temporary:
        (temporary / "in use").write_text("")
        with pytest.raises(CommandError, match=f"in use by another `deltarule up` \\(process {os.getpid()}\\)"):
            held(tmp_path).__enter__()
        assert (temporary / "in use").exists()
    with held(tmp_path):
        pass


HOLDER = """
import signal, sys
from pathlib import Path
from deltarule.cli.supervision.folder import held
with held(Path(sys.argv[1])):
    print("holding", flush=True)
    signal.pause()
"""


def test_the_folder_is_free_again_when_its_holder_is_killed(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holding\n"
        with pytest.raises(CommandError, match=f"process {holder.pid}"):
            held(tmp_path).__enter__()
        holder.kill()
    with held(tmp_path):
        pass


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="there is a file of that name"):
        held(tmp_path / "file").__enter__()
    with pytest.raises(CommandError, match="something in its path is not a folder"):
        held(tmp_path / "file" / "folder").__enter__()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """In a child that has given up root's rights, because root may write everywhere."""
    tmp_path.chmod(0o555)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                tmp_path.parent.chmod(0o755)
                os.setresuid(65534, 65534, 65534)
            held(tmp_path / "data").__enter__()
        except CommandError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        assert "it is not writable by this user" in told.read()
    os.waitpid(child, 0)


def test_the_lock_is_not_inherited(tmp_path: Path) -> None:
    with held(tmp_path):
        for descriptor in Path("/proc/self/fd").iterdir():
            if descriptor.exists() and descriptor.resolve() == tmp_path / "lock":
                assert fcntl.fcntl(int(descriptor.name), fcntl.F_GETFD) & fcntl.FD_CLOEXEC

"""The supervisor over real processes: what it starts, what it starts again, and that nothing outlives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import structlog

from deltarule.cli.supervision import Chore, Death, Part, StartError, Supervisor
from tests.servers import wait_until

PARENT = """
import os, sys
from pathlib import Path
from deltarule.cli.supervision import Part, Supervisor
folder, grace, programs = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
parts = [
    Part(f"part{number}", (sys.executable, "-c", program, str(folder / f"part{number}")), dict(os.environ))
    for number, program in enumerate(programs)
]
Supervisor(parts, grace_seconds=grace, announce=lambda: print("ready", flush=True)).run()
print("ended", flush=True)
"""
TELL = "import os, sys; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n');"
WAITS = TELL + "import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WAITS
WITH_CHILD = TELL + (
    "import subprocess; "
    "subprocess.run([sys.executable, '-c', 'import signal, os, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    'open(sys.argv[1], "a").write(f"{os.getpid()}\\\\n"); signal.pause()\', sys.argv[1]])'
)


class Parent:
    """A supervising process and what its parts have told of themselves."""

    def __init__(self, folder: Path, *programs: str, grace: float = 10) -> None:
        self.folder = folder
        command = [sys.executable, "-c", PARENT, str(folder), str(grace), *programs]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def pids(self, part: int = 0) -> list[int]:
        """The processes that the part has been so far, and those that they have started."""
        file = self.folder / f"part{part}"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []

    def until(self, condition: Callable[[], bool], what: str) -> None:
        def met() -> bool:
            assert self.process.poll() is None, self.process.communicate()
            return condition()

        wait_until(met, what)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[str, str]:
        self.process.send_signal(number)
        return self.process.communicate(timeout=30)


@contextmanager
def parent(folder: Path, *programs: str, grace: float = 10) -> Iterator[Parent]:
    started = Parent(folder, *programs, grace=grace)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.communicate()
        for part in range(len(programs)):
            for pid in started.pids(part):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def lives(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        # The state stands behind the name, which may hold anything.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything(tmp_path: Path, ending: signal.Signals) -> None:
    with parent(tmp_path, WAITS, WAITS) as started:
        started.until(lambda: bool(started.pids(0) and started.pids(1)), "both parts to start")
        output, _ = started.end(ending)
        assert output == "ready\nended\n"
        assert started.process.returncode == 0
        assert not any(lives(pid) for pid in started.pids(0) + started.pids(1))


def test_what_does_not_end_in_time_is_killed(tmp_path: Path) -> None:
    with parent(tmp_path, STUBBORN, grace=0.2) as started:
        started.until(lambda: bool(started.pids()), "the part to start")
        started.end()
        assert started.process.returncode == 0
        assert not lives(started.pids()[0])


def test_a_signal_that_was_ignored_stays_ignored(tmp_path: Path) -> None:
    """As under `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with parent(tmp_path, WAITS) as started:
            started.until(lambda: bool(started.pids()), "the part to start")
            started.process.send_signal(signal.SIGHUP)
            os.kill(started.pids()[0], signal.SIGKILL)
            started.until(lambda: len(started.pids()) == 2, "the part to be started again")
            assert started.end()[0].endswith("ended\n")
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_second_signal_ends_the_patience(tmp_path: Path) -> None:
    with parent(tmp_path, STUBBORN, grace=3600) as started:
        started.until(lambda: bool(started.pids()), "the part to start")
        started.process.send_signal(signal.SIGTERM)
        started.process.send_signal(signal.SIGINT)
        started.process.communicate(timeout=30)
        assert not lives(started.pids()[0])


def test_a_part_that_dies_is_started_again_and_the_others_are_left_alone(tmp_path: Path) -> None:
    with parent(tmp_path, WAITS, WAITS) as started:
        started.until(lambda: bool(started.pids(0) and started.pids(1)), "both parts to start")
        for times in (1, 2, 3):
            os.kill(started.pids(0)[-1], signal.SIGKILL)
            started.until(lambda: len(started.pids(0)) > times, "the part to be started again")  # noqa: B023
        log, _ = started.end()
        assert len(started.pids(1)) == 1
        pauses = [line.rpartition("pause_seconds=")[2] for line in log.splitlines() if "pause_seconds" in line]
        assert [float(pause) for pause in pauses] == [0.25, 0.5, 1.0]


def test_what_a_dead_part_has_started_does_not_outlive_it(tmp_path: Path) -> None:
    with parent(tmp_path, WITH_CHILD) as started:
        started.until(lambda: len(started.pids()) == 2, "the part and its child to start")
        part, child = started.pids()
        os.kill(part, signal.SIGKILL)
        wait_until(lambda: not lives(child), "the child to end")
        started.end()
        assert not any(lives(pid) for pid in started.pids())


def test_parts_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    with parent(tmp_path, WAITS) as started:
        started.until(lambda: bool(started.pids()), "the part to start")
        started.process.kill()
        wait_until(lambda: not lives(started.pids()[0]), "the part to end")


def test_a_part_that_ends_before_all_is_ready_ends_all(tmp_path: Path) -> None:
    waits = Part("one that waits", (sys.executable, "-c", WAITS, str(tmp_path / "waits")), dict(os.environ))
    breaks = Part("one that breaks", (sys.executable, "-c", "raise SystemExit(7)"), dict(os.environ))
    supervisor = Supervisor([waits, breaks], grace_seconds=10, ready=lambda: False, announce=pytest.fail)
    with pytest.raises(StartError, match="one that breaks could not start: it ended with exit code 7"):
        supervisor.run()


def test_a_part_that_is_killed_before_all_is_ready_is_started_again(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    part = Part("one that is killed", (sys.executable, "-c", WAITS, str(file)), dict(os.environ))

    def ready() -> bool:
        pids = file.read_text().splitlines() if file.exists() else []
        if len(pids) == 1:
            with suppress(ProcessLookupError):
                os.kill(int(pids[0]), signal.SIGKILL)
        return len(pids) == 2

    Supervisor([part], grace_seconds=10, ready=ready, announce=lambda: os.kill(os.getpid(), signal.SIGTERM)).run()
    assert len(file.read_text().splitlines()) == 2


def test_a_late_part_is_started_when_the_others_are_ready(tmp_path: Path) -> None:
    told = [tmp_path / "first", tmp_path / "late"]
    parts = [
        Part(path.name, (sys.executable, "-c", WAITS, str(path)), dict(os.environ), late=path.name == "late")
        for path in told
    ]
    seen: list[bool] = []

    def ready() -> bool:
        seen.append(told[1].exists())
        return told[0].exists()

    def end() -> None:
        if told[1].exists():
            os.kill(os.getpid(), signal.SIGTERM)

    Supervisor(parts, grace_seconds=10, ready=ready, chores=[Chore(0.01, end)]).run()
    assert seen
    assert not any(seen)


def test_a_late_part_is_started_in_the_end_though_the_others_are_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deltarule.cli.supervision.supervisor.LATE_SECONDS", 0.2)
    told = tmp_path / "late"
    late = Part("late", (sys.executable, "-c", WAITS, str(told)), dict(os.environ), late=True)

    def end() -> None:
        if told.exists():
            os.kill(os.getpid(), signal.SIGTERM)

    Supervisor([late], grace_seconds=10, ready=lambda: False, chores=[Chore(0.01, end)]).run()
    assert told.exists()


def test_chores_are_done_again_and_again(tmp_path: Path) -> None:
    done: list[int] = []

    def chore() -> None:
        done.append(len(done))
        if len(done) == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    Supervisor([], grace_seconds=1, chores=[Chore(0.001, chore)]).run()
    assert len(done) >= 3


def test_a_command_that_is_none_ends_all(tmp_path: Path) -> None:
    nothing = Part("nothing", (str(tmp_path / "nothing"),), {})
    with pytest.raises(FileNotFoundError):
        Supervisor([nothing], grace_seconds=1, ready=lambda: False).run()


def test_the_signals_are_given_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)]
    Supervisor([], grace_seconds=1, announce=lambda: os.kill(os.getpid(), signal.SIGTERM)).run()
    after = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)]
    assert before == after


def test_every_end_is_mourned_and_who_had_worked_is_started_again_soon(tmp_path: Path) -> None:
    told, mourned = tmp_path / "told", list[tuple[str, bool]]()
    part = Part("worker1", (sys.executable, "-c", WAITS, str(told)), dict(os.environ))

    def pids() -> list[int]:
        return [int(line) for line in told.read_text().splitlines()] if told.exists() else []

    def kill() -> None:
        if len(pids()) == 6:
            os.kill(os.getpid(), signal.SIGTERM)
        elif len(pids()) > len(mourned):
            os.kill(pids()[-1], signal.SIGKILL)

    def mourn(death: Death, ending: bool) -> bool:
        mourned.append((death.loss.words, ending))
        assert death.identity.pid == pids()[-1]
        assert death.identity.gone()
        return True

    with structlog.testing.capture_logs() as logs:
        Supervisor([part], grace_seconds=10, chores=[Chore(0.01, kill)], mourn=mourn).run()
    killed = ("was killed (signal 9, SIGKILL)", False)
    assert mourned == [killed] * 5 + [("was ended by signal 15 (SIGTERM)", True)]
    assert {line["pause_seconds"] for line in logs} == {0.25}, "the pause does not grow"


def test_what_hangs_is_ended_and_started_again(tmp_path: Path) -> None:
    told, pulse, mourned = tmp_path / "told", tmp_path / "pulse", list[str]()
    beats_once = TELL + "import pathlib, signal; pathlib.Path(sys.argv[2]).touch(); signal.pause()"
    command = (sys.executable, "-c", beats_once, str(told), str(pulse))
    part = Part("worker1", command, dict(os.environ), pulse=pulse, stall_seconds=0.05)

    def mourn(death: Death, ending: bool) -> bool:
        mourned.append(death.loss.words)
        return True

    def end() -> None:
        if len(mourned) == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    with structlog.testing.capture_logs():
        Supervisor([part], grace_seconds=10, chores=[Chore(0.01, end)], mourn=mourn).run()
    assert mourned[:2] == ["did not get on for longer than it may and was ended"] * 2

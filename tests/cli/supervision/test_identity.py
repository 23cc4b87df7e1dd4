"""Dead or alive: told for processes of this machine, and never guessed for others."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from deltarule.cli.supervision import identity
from deltarule.cli.supervision.identity import Identity, named


def own() -> Identity:
    return Identity.of(named("worker1"), os.getpid())


def test_a_living_process_is_not_gone() -> None:
    assert own().pid == os.getpid()
    assert not own().gone()
    assert not own().gone(one_machine=True)


def test_a_process_that_ended_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        theirs = Identity.of("worker1@host", process.pid)
    assert theirs.gone()


def test_a_process_that_ended_and_that_nobody_waited_for_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        theirs = Identity.of("worker1@host", process.pid)
        assert not theirs.gone()
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert theirs.gone()


def test_another_process_with_the_id_of_a_dead_one_is_not_taken_for_it() -> None:
    assert replace(own(), began="1").gone()


def test_of_another_container_nothing_is_known() -> None:
    assert not replace(own(), room="1", began="1").gone(one_machine=True)


def test_from_before_the_last_start_of_the_machine() -> None:
    before = replace(own(), boot="00000000")
    assert not before.gone(), "it may be another machine of the same name"
    assert before.gone(one_machine=True)


def test_where_the_system_tells_nothing_nobody_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = own()
    monkeypatch.setattr(identity, "BOOT", identity.Path("/nowhere"))
    assert not replace(mine, began="1").gone(one_machine=True)
    assert not Identity.of("worker1@host", os.getpid()).gone()


def test_it_is_read_as_it_is_written() -> None:
    assert Identity.read(str(own())) == own()


@pytest.mark.parametrize("owner", ["", "worker-1", "worker1@host/1234", "worker1@host/x/a.b.c", "a/1/b.c"])
def test_what_somebody_else_wrote_is_none(owner: str) -> None:
    assert Identity.read(owner) is None

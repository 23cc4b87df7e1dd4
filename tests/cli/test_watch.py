import io
import json

import pytest
from rich.console import Console

from deltarule.cli.watch import watch
from deltarule.client import Client, Job
from tests.cli.conftest import Run
from tests.cli.terminal import terminal
from tests.client.standin import StandIn


@pytest.fixture
def client(service: str) -> Client:
    return Client(service)


def submitted(client: Client, count: int) -> list[Job]:
    return [client.submit({"dataset_id": "any", "name": f"number {number}"}) for number in range(count)]


def test_elsewhere_than_on_a_terminal_each_change_is_a_line(client: Client) -> None:
    jobs = submitted(client, 2)
    screen = Console(file=io.StringIO(), width=240)
    found = watch(lambda: [job.refresh() for job in jobs], screen, sleep=lambda _: None)
    assert all(job.ended for job in found)
    lines = screen.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert [line.split()[:2] for line in lines] == [
        ["job-2", "running"],
        ["job-1", "running"],
        ["job-2", "succeeded"],
        ["job-1", "succeeded"],
    ]


@pytest.mark.parametrize(
    ("width", "columns"), [(40, "epoch id"), (56, "epoch validation id"), (80, "epoch loss validation left id")]
)
def test_on_a_terminal_it_is_a_table_as_wide_and_high_as_that(client: Client, width: int, columns: str) -> None:
    jobs = submitted(client, 9)
    screen = Console(file=io.StringIO(), width=width, height=8, force_terminal=True, color_system=None)
    watch(lambda: [job.refresh() for job in jobs], screen, sleep=lambda _: None)
    written = screen.file.getvalue()  # type: ignore[attr-defined]
    assert " ".join(columns.split()) in " ".join(written.split())
    assert "100% of 5" in written
    assert "and 4 older" in written


@pytest.mark.parametrize("width", [20, 60, 80, 100, 130])
def test_names_are_cut_before_anything_else_and_each_job_is_a_line(client: Client, width: int) -> None:
    names = ["a name of many words and letters", "列" * 30, "b\x1b[31mred\tx"]
    jobs = [client.submit({"dataset_id": "any", "name": name}) for name in names]
    screen = Console(file=io.StringIO(), width=width, height=30, force_terminal=True, color_system=None)
    watch(lambda: [job.refresh() for job in jobs], screen, sleep=lambda _: None)
    last = screen.file.getvalue().rpartition("status")[2].splitlines()[1:]  # type: ignore[attr-defined]
    lines = [line for line in last if line.strip() and "\x1b[?25h" not in line]
    assert len(lines) == len(jobs)
    assert all("succeeded" in line for line in lines)
    assert "\x1b[31m" not in screen.file.getvalue()  # type: ignore[attr-defined]


def test_control_c_ends_the_showing_alone(client: Client) -> None:
    jobs = submitted(client, 1)

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    assert watch(lambda: jobs, Console(file=io.StringIO()), sleep=interrupted) == jobs
    assert jobs[0].refresh().status == "running"


def test_the_command_watches_until_all_have_ended(client: Client, service: str) -> None:
    submitted(client, 1)
    with terminal("jobs", "--watch", DELTARULE_URL=service) as screen:
        screen.wait_for("number 0")
        # The stand-in moves a job on only when that one is looked at.
        while not client.job("job-1").ended:
            pass
        screen.wait_for("succeeded")
        assert screen.end() == 0


def test_without_jobs_there_is_nothing_to_watch(run: Run, standin: StandIn, service: str) -> None:
    assert "There are no such jobs" in run("jobs", "--watch", "--url", service).err
    assert json.loads(run("jobs", "--watch", "--json", "--url", service).out) == list(standin.jobs.values())

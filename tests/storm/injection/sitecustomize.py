"""Faults inside the processes under test, without a line for them in the product.

Python imports a module of this name at its start, wherever it lies on the path; the storms put this folder there. Each
fault waits for the module that it concerns and wraps the functions in it:

`CRASH_AT`: points separated by commas, each `name`, as in POINTS, or `name*times`. A process that comes to one kills
itself, at most once for each job and `times` in all; `CRASH_FOLDER` is where they count, and nobody crashes
while it holds a file named `calm`.
`STORM_MUTANT`: a guard of the store that is taken away, as in MUTANTS.
`STORM_WITNESS`: a file to which each write of a worker that has lost its job adds a line, `refused` or `accepted`.
`STORM_POISON`: jobs named "poison KIND" meet their fate when they train, as in POISONS.
"""

import functools
import importlib.abc
import importlib.machinery
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

Patch = Callable[[ModuleType], None]
patches: dict[str, list[Patch]] = {}
seen: dict[str, str] = {"job": ""}
"""The job that this process is at."""


class Finder(importlib.abc.MetaPathFinder):
    """Lets the patches of a module run right after it was imported."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in patches:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path, target)
        if found is None or found.loader is None:
            return None
        execute = found.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            for patch in patches[name]:
                patch(module)

        found.loader.exec_module = exec_module  # type: ignore[method-assign]
        return found


def after_import(name: str, patch: Patch) -> None:
    """Patch this module as soon as it is there."""
    patches.setdefault(name, []).append(patch)


def wrap(
    module: str,
    path: str,
    before: Callable[..., object] | None = None,
    after: Callable[..., object] | None = None,
) -> None:
    """Call `before(*arguments)` and `after(answer, *arguments)` around a function of that module, `Class.name` too."""

    def patch(loaded: ModuleType) -> None:
        *outer, name = path.split(".")
        owner: Any = functools.reduce(getattr, outer, loaded)
        original = getattr(owner, name)

        @functools.wraps(original)
        def wrapped(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            if before is not None:
                before(*arguments, **options)
            answer = original(*arguments, **options)
            if after is not None:
                after(answer, *arguments, **options)
            return answer

        setattr(owner, name, wrapped)

    after_import(module, patch)


# Crash points: module, function, and whether to crash before or after it.
POINTS: dict[str, tuple[str, str, str]] = {
    "after_insert": ("deltarule.store.jobs", "Jobs.add", "after"),
    "after_publish": ("service.queue", "CeleryBroker.send", "after"),
    "after_claim": ("deltarule.store.attempts", "Attempts.claim", "after"),
    "mid_step": ("deltarule.training.run", "Run.advance", "after"),
    "before_commit": ("deltarule.store.attempts", "written", "after"),
    "after_commit": ("deltarule.store.attempts", "Attempts.record", "after"),
    "before_end": ("deltarule.store.attempts", "end", "after"),
    "after_end": ("deltarule.store.attempts", "Attempts.succeed", "after"),
    "before_ack": ("worker.execution", "Execution.execute", "after"),
    "in_sigterm": ("deltarule.store.attempts", "Attempts.release", "before"),
    "after_release": ("deltarule.store.attempts", "Attempts.release", "after"),
}


def crash(point: str, times: int) -> None:
    """Kill this process, unless this job has had its crash, or the point has had as many as it should."""
    folder = Path(os.environ["CRASH_FOLDER"])
    if (folder / "calm").exists() or len(list(folder.glob(f"{point}.*"))) >= times:
        return
    try:
        # Both names at once are what makes it one crash a job: of any two processes one finds the name taken.
        os.close(os.open(folder / f"job-{seen['job']}", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.close(os.open(folder / f"{point}.{seen['job']}", os.O_CREAT))
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, times: int) -> None:
    """Make this process die at the point."""
    module, path, when = POINTS[point]

    def here(*arguments: Any, **_: object) -> None:  # noqa: ANN401
        if path == "Jobs.add":
            seen["job"] = arguments[0].id
        if path == "CeleryBroker.send":
            seen["job"] = arguments[2]
        # Only what concerns a job at all: a claim that found nothing is no claim.
        if seen["job"] and not (point == "after_claim" and arguments[0] is None):
            crash(point, times)

    wrap(module, path, **{when: here})  # type: ignore[arg-type]


def note_job() -> None:
    """Know which job this process is at."""

    def claimed(answer: Any, *arguments: Any, **_: object) -> None:  # noqa: ANN401
        seen["job"] = arguments[1] if answer is not None else ""

    wrap("deltarule.store.attempts", "Attempts.claim", after=claimed)


# Mutants: each takes one guard away.
def without_fence(leases: Any) -> None:  # noqa: ANN401
    """Any worker that ever had the job may write."""
    original = leases.guarded

    def guarded(session: Any, lease: Any, statuses: Any, values: Any) -> Any:  # noqa: ANN401
        token = session.scalar(leases.select(leases.JobRow.token).where(leases.JobRow.id == lease.job_id))
        return original(session, leases.replace(lease, token=token), statuses, values)

    leases.guarded = guarded


def without_state(leases: Any) -> None:  # noqa: ANN401
    """A worker may write whatever state the job is in."""
    original = leases.guarded

    def guarded(session: Any, lease: Any, _: Any, values: Any) -> Any:  # noqa: ANN401
        return original(session, lease, list(leases.Status), values)

    leases.guarded = guarded


def with_early_expiry(leases: Any) -> None:  # noqa: ANN401
    """A lease has run out at its last moment already: `<=` for `<`."""
    leases.lease_expired = lambda: leases.JobRow.lease_expires_at <= leases.now()


MUTANTS: dict[str, tuple[str, Patch]] = {
    "no token check": ("deltarule.store.leases", without_fence),
    "no state check": ("deltarule.store.leases", without_state),
    "<= for < in the expiry": ("deltarule.store.leases", with_early_expiry),
}


def bear_witness(leases: Any) -> None:  # noqa: ANN401
    """Tell of every write under a token that is not the job's, and whether it was let through."""
    original = leases.guarded

    def guarded(session: Any, lease: Any, statuses: Any, values: Any) -> Any:  # noqa: ANN401
        job = original(session, lease, statuses, values)
        token = leases.select(leases.JobRow.token).where(leases.JobRow.id == lease.job_id)
        found = job.token if job is not None else session.scalar(token)
        if found is not None and found != lease.token:
            with Path(os.environ["STORM_WITNESS"]).open("a") as lines:
                lines.write("refused\n" if job is None else "accepted\n")
        return job

    leases.guarded = guarded


MOST_HOARDED = 96
"""Pieces of 64 MiB."""


# Poisons: what becomes of a process that trains such a job.
def eat_memory() -> None:
    """Take memory until there is none left; who is not limited is killed in time, as the kernel would do."""
    hoard = []
    while len(hoard) < MOST_HOARDED:
        hoard.append(bytearray(64 * 1024 * 1024))
    os.kill(os.getpid(), signal.SIGKILL)


def hang() -> None:
    """One step that never ends."""
    while True:
        signal.pause()


POISONS: dict[str, Callable[[], object]] = {
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "memory": eat_memory,
    "hang": hang,
}


def poison() -> None:
    """Let jobs named after a poison die of it, in their first slice of training."""
    fate: dict[int, str] = {}

    def made(_: Any, run: Any, spec: Any, *rest: Any, **__: object) -> None:  # noqa: ANN401
        word, _, kind = (spec.name or "").partition(" ")
        if word == "poison" and kind in POISONS:
            fate[id(run)] = kind

    def trained(run: Any, *_: object, **__: object) -> None:  # noqa: ANN401
        if id(run) in fate:
            POISONS[fate[id(run)]]()

    wrap("deltarule.training.run", "Run.__init__", after=made)
    wrap("deltarule.training.run", "Run.advance", before=trained)


def install(environment: dict[str, str]) -> None:
    """Everything that the environment asks for."""
    if environment.get("CRASH_AT"):
        note_job()
        for word in environment["CRASH_AT"].split(","):
            name, _, times = word.partition("*")
            arm(name, int(times or 1))
    if environment.get("STORM_MUTANT"):
        after_import(*MUTANTS[environment["STORM_MUTANT"]])
    if environment.get("STORM_WITNESS"):
        after_import("deltarule.store.leases", bear_witness)
    if environment.get("STORM_POISON"):
        poison()
    if patches:
        sys.meta_path.insert(0, Finder())


if __name__ == "sitecustomize":
    install(dict(os.environ))

"""The small curves of a list of jobs: few points each, kept until their job has come further."""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from deltarule.store.jobs import Jobs
from deltarule.store.records import Job

POINTS = 40
MOST_KEPT = 2000
Curve = tuple[float | None, ...]


class Sketches:
    """Curves by job and epoch. Who may see a job asks for its curve, and nobody else."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], Curve] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, jobs: Jobs, owner: str | None, shown: Sequence[Job]) -> dict[str, Curve]:
        """The curve of each of these jobs, by its id."""
        ages = {job.id: (job.id, job.progress.epoch if job.progress else 0) for job in shown}
        with self._lock:
            known = {identifier: self._kept[age] for identifier, age in ages.items() if age in self._kept}
        read = jobs.losses(owner, {job.id: step(job) for job in shown if job.id not in known})
        with self._lock:
            for identifier, curve in read.items():
                self._kept[ages[identifier]] = curve
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return known | read


def step(job: Job) -> int:
    """Of how many epochs one is read: a multiple of what the history keeps."""
    done = job.progress.epoch if job.progress else 1
    return job.history_every * max(1, done // (POINTS * job.history_every))

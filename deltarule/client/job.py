"""A training job from its owner's side: wait for it, watch its epochs arrive, cancel it, take its model."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self, overload

from deltarule.client.answers import ENDED, Document, Epoch, History, JobAnswer
from deltarule.client.errors import ClientError, InvalidInput, JobFailed, NotFound, Refused
from deltarule.client.model import Model
from deltarule.client.notebook import PNG, SVG, Chart, job_as_html
from deltarule.client.session import Session
from deltarule.client.uploads import written

LONGEST_WAIT = 20
"""Seconds that one request waits for a change; the service allows 60, proxies on the way often no more than 30."""
WATCH_SECONDS = 0.5
"""Seconds between two looks at the history of a running job; workers write theirs about once a second."""
CONFLICT = 409


class Job:
    """One job. `answer` is how it stood when it was last asked for; `refresh` asks again."""

    def __init__(self, session: Session, document: Document) -> None:
        self._session = session
        self.answer = session.read(JobAnswer, document)

    def __repr__(self) -> str:
        return f"Job({self.id!r}, status={self.status!r})"

    @property
    def id(self) -> str:
        """The job's identifier."""
        return self.answer.id

    @property
    def status(self) -> str:
        """`queued`, `running`, `cancelling`, `succeeded`, `failed` or `cancelled`, when last asked for."""
        return self.answer.status

    @property
    def ended(self) -> bool:
        """Whether it is in a state that it will not leave."""
        return self.answer.status in ENDED

    @property
    def warnings(self) -> Sequence[str]:
        """Plain sentences about the data and the run."""
        return self.answer.warnings

    def refresh(self, wait: float | None = None) -> Self:
        """Ask for the job as it is now, or once its status changes, at most `wait` seconds (60 at most) later."""
        document = self._session.get(self._path, {"wait": wait}, answer_seconds=60.0 + (wait or 0))
        self.answer = self._session.read(JobAnswer, document)
        return self

    def wait(self, timeout: float | None = None, *, clock: Callable[[], float] = time.monotonic) -> Self:
        """Wait until the job has ended, at most `timeout` seconds; a cancelled job is an ended one.

        Raises:
            JobFailed: if it ended as failed.
            TimeoutError: if it has not ended by then; the job goes on.
        """
        deadline = None if timeout is None else clock() + timeout
        while not self.ended:
            left = LONGEST_WAIT if deadline is None else deadline - clock()
            if left <= 0:
                raise TimeoutError(f"Job {self.id} is still {self.status} after {timeout:g} s; it goes on.")
            self.refresh(wait=min(LONGEST_WAIT, left))
        self._raise_if_failed()
        return self

    def __iter__(self) -> Iterator[Epoch]:
        """Each epoch as it is trained, from the first one, until the job has ended.

        Raises:
            JobFailed: at the end, if it ended as failed.
        """
        for epochs in self.watch():
            yield from epochs
        self._raise_if_failed()

    def watch(self) -> Iterator[Sequence[Epoch]]:
        """The epochs that are new since the last look, perhaps none, about twice a second until the job has ended."""
        seen, wait = 0, 0.0
        while True:
            self.refresh(wait)
            epochs = self._epochs_after(seen)
            seen = epochs[-1].number if epochs else seen
            yield epochs
            if self.ended:
                return
            wait = WATCH_SECONDS

    def history(self) -> History:
        """The loss history so far."""
        return self._session.read(History, self._session.get(f"{self._path}/history"))

    def history_csv(self) -> bytes:
        """The loss history so far, as CSV with a header row."""
        return self._session.get_bytes(f"{self._path}/history", accept="text/csv")

    @overload
    def plot(self) -> Chart: ...
    @overload
    def plot(self, path: str | Path) -> Path: ...
    def plot(self, path: str | Path | None = None) -> Chart | Path:
        """The losses so far as a chart: shown by a notebook, or written to a file whose name ends in .svg or .png.

        Raises:
            InvalidInput: for a path of another ending, or one that cannot be written.
        """
        if path is None:
            return Chart(self._chart(SVG).decode())
        forms = {".svg": SVG, ".png": PNG}
        if (suffix := Path(path).suffix.lower()) not in forms:
            raise InvalidInput(f"A chart is no {suffix or 'file without an ending'}.", "End its name in .svg or .png.")
        return written(Path(path), self._chart(forms[suffix]))

    def _repr_html_(self) -> str:
        """As it stands now; what cannot be asked for any more is left out."""
        chart = None
        with suppress(ClientError):
            self.refresh()
            chart = self._chart(SVG)
        return job_as_html(self.answer, chart)

    def cancel(self) -> Self:
        """Ask for its end; history and last weights are kept. A job that has ended already is left as it is."""
        try:
            document = self._session.post(f"{self._path}/cancel", b"")
        except Refused as refusal:
            if refusal.status != CONFLICT:
                raise
            return self.refresh()
        self.answer = self._session.read(JobAnswer, document)
        return self

    def model(self) -> Model:
        """The trained model.

        Raises:
            JobFailed: if the job failed.
            NotFound: if there is none: the job has not ended, or its model was removed.
        """
        if self.answer.model_id is None:
            self.refresh()
        self._raise_if_failed()
        if self.answer.model_id is None:
            raise NotFound(404, f"Job {self.id} is {self.status} and has no model.", "Wait for its end: `job.wait()`.")
        return Model(self._session, self._session.get(f"/v1/models/{self.answer.model_id}"))

    def delete(self) -> None:
        """Remove the job and its history."""
        self._session.delete(self._path)

    @property
    def _path(self) -> str:
        return f"/v1/jobs/{self.answer.id}"

    def _chart(self, form: str) -> bytes:
        return self._session.get_bytes(f"{self._path}/history", accept=form)

    def _epochs_after(self, seen: int) -> list[Epoch]:
        if self.answer.progress is None or self.status == "queued":
            return []
        document = self._session.get(f"{self._path}/history", {"since_epoch": seen or None})
        return [epoch for epoch in self._session.read(History, document).epochs() if epoch.number > seen]

    def _raise_if_failed(self) -> None:
        if self.status == "failed":
            error = self.answer.error
            sentence = (error.detail or error.title) if error else f"Job {self.id} failed."
            raise JobFailed(self.id, sentence, f"`deltarule job {self.id}` tells more.")

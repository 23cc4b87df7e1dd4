"""Reports are written beside the training: the next slice does not wait until the database has the last one."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Self

from deltarule.store.records import Report
from deltarule.store.states import Verdict


class Reporter:
    """Writes one report at a time, in a thread of its own, and tells later what came of it.

    `write` may raise; who asks for the answer hears of it. On leaving, whatever is under way has come to its end.
    """

    def __init__(self, write: Callable[[Report], Verdict]) -> None:
        self._write = write
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="report")
        self._under_way: Future[Verdict] | None = None
        self._report = Report()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()

    def begin(self, report: Report) -> None:
        """Write this report; the answer to the one before has been asked for."""
        assert self._under_way is None, "one report at a time"  # noqa: S101
        self._report = report
        self._under_way = self._thread.submit(copy_context().run, self._write, report)

    @property
    def writes(self) -> bool:
        """Whether there is an answer to ask for."""
        return self._under_way is not None

    @property
    def answered(self) -> bool:
        """Whether asking for it takes no time."""
        return self._under_way is not None and self._under_way.done()

    def answer(self) -> tuple[Report, Verdict]:
        """What was written and what came of it, after waiting for that; raises what the write raised."""
        under_way, self._under_way = self._under_way, None
        assert under_way is not None, "no report was begun"  # noqa: S101
        return self._report, under_way.result()

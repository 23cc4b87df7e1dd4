"""One report at a time, beside whoever began it."""

from contextvars import ContextVar
from threading import Event

import pytest

from deltarule.store.errors import Unavailable
from deltarule.store.records import Report
from deltarule.store.states import Verdict
from worker.reporting import Reporter

PATIENCE_SECONDS = 30
ONE = Report(warnings=("one",))


def test_who_began_a_report_goes_on_while_it_is_written() -> None:
    let_go = Event()

    def write(_: Report) -> Verdict:
        assert let_go.wait(PATIENCE_SECONDS)
        return Verdict.CANCEL

    with Reporter(write) as reporter:
        assert (reporter.writes, reporter.answered) == (False, False)
        reporter.begin(ONE)
        assert (reporter.writes, reporter.answered) == (True, False)
        let_go.set()
        assert reporter.answer() == (ONE, Verdict.CANCEL)
        assert (reporter.writes, reporter.answered) == (False, False)


def test_what_a_write_raises_is_raised_where_its_answer_is_asked_for_and_the_next_is_written() -> None:
    answers = iter([Unavailable("away"), Verdict.GO_ON])

    def write(_: Report) -> Verdict:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with Reporter(write) as reporter:
        reporter.begin(ONE)
        with pytest.raises(Unavailable, match="away"):
            reporter.answer()
        reporter.begin(ONE)
        assert reporter.answer() == (ONE, Verdict.GO_ON)


def test_on_leaving_what_is_under_way_has_ended() -> None:
    written = []

    def write(report: Report) -> Verdict:
        written.append(report)
        return Verdict.GO_ON

    with Reporter(write) as reporter:
        reporter.begin(ONE)
    assert written == [ONE]


def test_a_log_line_of_the_write_knows_whose_job_it_is() -> None:
    job, seen = ContextVar("job", default="none"), []

    def write(_: Report) -> Verdict:
        seen.append(job.get())
        return Verdict.GO_ON

    with Reporter(write) as reporter:
        job.set("this one")
        reporter.begin(ONE)
    assert seen == ["this one"]

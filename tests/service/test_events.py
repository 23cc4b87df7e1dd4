from datetime import UTC, datetime

import pytest

from deltarule.store.news import News, Seen
from deltarule.store.records import HistoryRow, Transition
from deltarule.store.states import Status
from service.errors import Invalid
from service.events import Place, told
from tests.service.following import Event, events_of

WHEN = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
MOVES = (
    Transition(WHEN, None, Status.QUEUED, 0, "submitted"),
    Transition(WHEN, Status.QUEUED, Status.RUNNING, 1, "taken\r\nby worker 1"),
    Transition(WHEN, Status.RUNNING, Status.SUCCEEDED, 1, "epochs_done"),
)
EPOCHS = tuple(HistoryRow(number, None, 1 / number, 0.1, 0.5, (0.25, None)) for number in (1, 2, 5))


def what(news: News, place: Place) -> list[Event]:
    return events_of(b"".join(text for _, text in told(news, place)).decode())


def test_of_an_ended_job_the_last_change_of_state_comes_after_the_epochs() -> None:
    events = what(News(MOVES, EPOCHS, more=False, ended=True), Place())
    assert [(event.name, event.id) for event in events] == [
        ("status", "1.0"),
        ("status", "2.0"),
        ("epoch", "2.1"),
        ("epoch", "2.2"),
        ("epoch", "2.5"),
        ("status", "3.5"),
    ]
    assert events[1].data == {
        "when": "2026-01-05T09:30:00.000Z",
        "from": "queued",
        "to": "running",
        "attempt": 1,
        "why": "taken\r\nby worker 1",
    }
    assert events[2].data == {
        "epoch": 1,
        "training_loss": None,
        "validation_loss": 1.0,
        "learning_rate": 0.1,
        "seconds": 0.5,
        "gradient_norm": [0.25, None],
    }


def test_what_follows_an_event_is_the_same_whenever_it_is_asked_for() -> None:
    whole = list(told(News(MOVES, EPOCHS, more=False, ended=True), Place()))
    for number, (place, _) in enumerate(whole):
        rest = News(
            MOVES[place.seen.moves :],
            tuple(row for row in EPOCHS if row.epoch > place.seen.epoch),
            more=False,
            ended=True,
        )
        assert list(told(rest, place)) == whole[number + 1 :]
        assert Place.after(str(place)) == place


def test_the_end_waits_for_the_epochs_that_are_still_to_be_read() -> None:
    assert [event.name for event in what(News(MOVES, EPOCHS[:1], more=True, ended=True), Place())] == [
        "status",
        "status",
        "epoch",
    ]
    rest = News(MOVES[2:], EPOCHS[1:], more=False, ended=True)
    assert [event.id for event in what(rest, Place(Seen(2, 1)))] == ["2.2", "2.5", "3.5"]


def test_of_a_running_job_everything_is_told_at_once() -> None:
    assert len(what(News(MOVES[:2], EPOCHS, more=False, ended=False), Place())) == 5
    assert what(News((), (), more=False, ended=False), Place(Seen(2, 5))) == []


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_an_id_it_begins_at_the_beginning(nothing: str | None) -> None:
    assert Place.after(nothing) == Place()


def test_the_end_has_an_id_too() -> None:
    assert Place.after("3.60.end") == Place(Seen(3, 60), ended=True)


@pytest.mark.parametrize("wrong", ["1", "1.", "-1.0", "1.0.end.", "1.0\n", "٣.٤", "9999999999.0", "1.9999999999", "x"])
def test_what_is_no_id_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid) as caught:
        Place.after(wrong)
    assert caught.value.faults[0].pointer == "/header/Last-Event-ID"

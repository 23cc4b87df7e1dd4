"""The streams of one process: never too many, none past its end, and all that follow one job read it together."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog
from werkzeug.exceptions import ServiceUnavailable

from deltarule.store.errors import NotFound, Unavailable
from deltarule.store.news import News, Seen
from deltarule.store.records import Job
from service.events import HEARTBEAT, RETRY, Place, the_end, told
from service.waiting import never

MOST_STREAMS = 24
"""Each holds a thread of the HTTP server."""
HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 300.0
"""A stream that goes on would never notice that its key was revoked; its client comes back for the rest."""
COME_BACK_SECONDS = 10
TOO_MANY = "Too many event streams are open already; poll the job instead, or come back later."


class Reader:
    """Looks at one job for all its streams: those that have come equally far share what was read a moment ago."""

    def __init__(self, look: Callable[[Seen], News], fresh_seconds: float) -> None:
        self._look = look
        self._fresh_seconds = fresh_seconds
        self._lock = threading.Lock()
        self._read: tuple[float, Seen, News] | None = None
        self.streams = 0

    def news(self, seen: Seen) -> News:
        """What comes after this; raises what looking raises."""
        with self._lock:
            if self._read and self._read[1] == seen and time.monotonic() - self._read[0] < self._fresh_seconds:
                return self._read[2]
            news = self._look(seen)
            self._read = (time.monotonic(), seen, news)
            return news


@dataclass(frozen=True, slots=True)
class Followed:
    """A job that is followed; `name` is the same for all who may read the same."""

    name: tuple[str | None, str]
    look: Callable[[Seen], News]
    describe: Callable[[], Job]


@dataclass(slots=True)
class Streams:
    """The event streams of one process, at most `most` of them.

    A job that is followed is looked at every `pause_seconds`, by however many streams. `ending` tells whether the
    process is about to end: every stream then ends too, and its client goes on elsewhere.
    """

    pause_seconds: float
    most: int = MOST_STREAMS
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    longest_seconds: float = LONGEST_SECONDS
    ending: Callable[[], bool] = never
    _readers: dict[tuple[str | None, str], Reader] = field(init=False, default_factory=dict)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def open(self, job: Followed, place: Place, gone: Callable[[], bool] = never) -> "Stream":
        """A stream of the events after this place, which must be closed; raises ServiceUnavailable for too many.

        `gone` tells whether the client has left, which a stream without news would notice only much later.
        """
        with self._lock:
            if sum(reader.streams for reader in self._readers.values()) >= self.most:
                raise ServiceUnavailable(TOO_MANY, retry_after=COME_BACK_SECONDS)
            reader = self._readers.setdefault(job.name, Reader(job.look, self.pause_seconds))
            reader.streams += 1
        return Stream(self, job, reader, place, gone)

    def forget(self, job: Followed) -> None:
        """Give back the place of one stream of this job."""
        with self._lock:
            reader = self._readers[job.name]
            reader.streams -= 1
            if not reader.streams:
                del self._readers[job.name]


class Stream:
    """One stream: an iterable of bytes, as a response takes it; closing it twice is harmless."""

    def __init__(self, streams: Streams, job: Followed, reader: Reader, place: Place, gone: Callable[[], bool]) -> None:
        self._streams = streams
        self._job = job
        self._reader = reader
        self._place = place
        self._gone = gone
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        """The events until the last one, or until it is time to come back."""
        began = spoke = time.monotonic()
        yield RETRY
        # However short its time, every stream gets its client further.
        while True:
            try:
                text, more = self._read()
            except (NotFound, Unavailable) as error:
                # Its client comes back, and is told then what there is to tell.
                structlog.get_logger().info("event stream breaks off", reason=str(error))
                return
            if text or time.monotonic() - spoke >= self._streams.heartbeat_seconds:
                spoke = time.monotonic()
                yield text or HEARTBEAT
            if self._over(began):
                return
            if not more:
                time.sleep(self._streams.pause_seconds)

    def close(self) -> None:
        """Make room for another stream."""
        if self._open:
            self._open = False
            self._streams.forget(self._job)

    def _over(self, began: float) -> bool:
        late = time.monotonic() - began >= self._streams.longest_seconds
        return late or self._place.ended or self._streams.ending() or self._gone()

    def _read(self) -> tuple[bytes, bool]:
        """The next events, and whether there are more already."""
        news = self._reader.news(self._place.seen)
        texts: list[bytes] = []
        for place, text in told(news, self._place):
            self._place = place
            texts.append(text)
        if news.ended and not news.more:
            self._place, text = the_end(self._job.describe(), self._place)
            texts.append(text)
        return b"".join(texts), news.more or self._place.ended

"""Storm 4: the broker is cut off, freezes, forgets everything, tears messages; users must not notice."""

import shutil
import signal
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from threading import Event

import redis

from tests.storm.campaign import Campaign, disturbed, in_background
from tests.storm.processes import send
from tests.storm.report import Result
from tests.storm.stack import Ground, Stack, running
from tests.storm.work import ANSWER_SECONDS, percentile
from worker.deafness import DEAF

LASTS_SECONDS = 4.0
"""How long a broker that is away stays so."""


def storm(
    ground: Ground,
    *,
    jobs: int = 60,
    every: float = 10.0,
    pause: float = 0.5,
    epochs: int = 10,
    within: float = ANSWER_SECONDS,
) -> Result:
    """So many jobs, one every `pause` seconds, while something happens to the broker every so many seconds.

    `within`: the seconds in which nearly all submissions must be answered.
    """
    parameters = {"jobs": jobs, "fault_every_seconds": every, "pause_seconds": pause, "epochs": epochs}
    result = Result("4. broker faults", str(ground), parameters)
    with running(ground, proxies=True) as stack:
        campaign = Campaign.begin(stack, ground, epochs)
        faults = Faults(stack, campaign)
        submitting = in_background(lambda: campaign.submit(jobs, lambda: Event().wait(4 * pause)))
        with disturbed(faults, max(0.1, every - LASTS_SECONDS)):
            submitting.join()
        result.require(campaign.until_ended(), "jobs were left hanging")
        campaign.judge(result)
        submitter = campaign.submitter
        p99 = percentile(submitter.seconds, 0.99)
        deaf = sum(1 for line in stack.logged() if line.get("event") == DEAF)
        result.count(faults=dict(faults.done), submission_longest_seconds=round(max(submitter.seconds), 3))
        result.count(workers_that_went_deaf=deaf)
        result.require(not deaf, f"{deaf} workers heard nothing any more, until they were started anew")
        result.require(set(submitter.statuses) == {202} and not submitter.broken, f"not all 202: {submitter.statuses}")
        result.require(p99 <= within, f"the p99 of submissions was {p99:.3g} s")
    return result.ended()


class Faults:
    """Each call does the next thing to the broker, in an order drawn anew each round; `done` counts them."""

    def __init__(self, stack: Stack, campaign: Campaign) -> None:
        self._stack, self._chance = stack, campaign.chance
        self._kinds = self._of_redis() if stack.redis else self._of_folder()
        self._left: list[str] = []
        self.done: Counter[str] = Counter()

    def __call__(self) -> None:
        """Do the next thing."""
        if not self._left:
            self._left = self._chance.sample(sorted(self._kinds), len(self._kinds))
        name = self._left.pop()
        self._kinds[name]()
        self.done[name] += 1

    def _of_redis(self) -> dict[str, Callable[[], None]]:
        modes = ("cut", "half-open", "delay", "reset", "torn")
        return {mode: lambda mode=mode: self._network(mode) for mode in modes} | {
            "flushed": self._flush,
            "frozen": self._freeze,
            "killed": self._kill,
        }

    def _network(self, mode: str) -> None:
        assert self._stack.broker_proxy is not None
        self._stack.broker_proxy.become(mode)
        Event().wait(LASTS_SECONDS)
        self._stack.broker_proxy.become("pass")

    def _flush(self) -> None:
        with redis.Redis.from_url(self._stack.redis.url) as client:
            client.flushall()

    def _freeze(self) -> None:
        send([self._stack.redis.pid], signal.SIGSTOP)
        Event().wait(LASTS_SECONDS)
        send([self._stack.redis.pid], signal.SIGCONT)

    def _kill(self) -> None:
        self._stack.redis.kill()
        Event().wait(LASTS_SECONDS)
        self._stack.redis.start()

    def _of_folder(self) -> dict[str, Callable[[], None]]:
        return {"flushed": self._empty_folder, "removed": self._remove_folder, "torn": self._tear_messages}

    def _empty_folder(self) -> None:
        for message in self._messages():
            message.unlink(missing_ok=True)

    def _remove_folder(self) -> None:
        shutil.rmtree(self._stack.folder / "data" / "broker", ignore_errors=True)

    def _tear_messages(self) -> None:
        for message in self._messages():
            with suppress(OSError):
                message.write_bytes(message.read_bytes()[:20])

    def _messages(self) -> list:
        return [path for path in (self._stack.folder / "data" / "broker").rglob("*") if path.is_file()]

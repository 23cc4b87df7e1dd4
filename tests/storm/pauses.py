"""Storm 2: workers stand still for longer than their lease, and wake up in the belief that nothing has happened."""

import signal
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from threading import Event

from tests.storm.campaign import Campaign, disturbed, in_background
from tests.storm.processes import family, send
from tests.storm.report import Result
from tests.storm.stack import SHORT, Ground, Stack, running

LEASES = 1.6
TAKEN_OVER_SECONDS = 20.0
"""How long to wait beyond that for another worker to take one of their jobs."""


def storm(ground: Ground, *, jobs: int = 40, epochs: int = 150, fenced: int = 4, mutant: str | None = None) -> Result:
    """So many jobs, while workers amid their work are stopped for 1.6 leases or more, half of them at most.

    At least `fenced` must wake up too late, and are then told so; four times as many stops are tried at most.
    `mutant` takes a guard away from the store, as injection/sitecustomize.py tells: then promises must break.
    """
    result = Result("2. pause storm", str(ground), {"jobs": jobs, "epochs": epochs, "mutant": mutant})
    with tempfile.NamedTemporaryFile("r", prefix="deltarule-storm-") as witness, ExitStack() as opened:
        injected = {"STORM_WITNESS": witness.name} | ({"STORM_MUTANT": mutant} if mutant else {})
        stack = opened.enter_context(running(ground, injected=injected))
        campaign = Campaign.begin(stack, ground, epochs)
        pauser = Pauser(stack, campaign, most=4 * fenced)
        submitting = in_background(lambda: campaign.submit(jobs))
        with disturbed(pauser, 0.1):
            submitting.join()
            result.require(campaign.until_ended(), "jobs were left hanging")
        # Who was stopped last has still to find out.
        Event().wait(1)
        campaign.judge(result)
        outcomes = Counter(line["outcome"] for line in stack.logged() if line.get("event") == "job ends")
        stale = Counter(witness.read().split())
        result.count(stops=pauser.stops, stale_workers_fenced=outcomes["lost"], outcomes=dict(outcomes))
        result.count(stale_writes_refused=stale["refused"], stale_writes_accepted=stale["accepted"])
        result.require(not stale["accepted"], f"{stale['accepted']} writes of stale workers were accepted")
        result.require(outcomes["lost"] >= fenced, f"only {outcomes['lost']} stale workers were fenced, not {fenced}")
    return result.ended()


class Pauser:
    """Stops workers that train, with all that they have started, waits for 1.6 leases, and lets them go on."""

    def __init__(self, stack: Stack, campaign: Campaign, most: int) -> None:
        self._stack, self._chance, self._most = stack, campaign.chance, most
        self._seconds = LEASES * float(SHORT["DELTARULE_LEASE_SECONDS"])
        self.stops = 0

    def __call__(self) -> None:
        """Stop some of them once, unless there were enough stops."""
        training = self._stack.training() if self.stops < self._most else []
        half = max(1, len(self._stack.workers()) // 2)
        chosen = self._chance.sample(training, min(half, len(training)))
        if not chosen:
            return
        stopped = [each for pid in chosen for each in (pid, *family(pid))]
        self.stops += len(chosen)
        send(stopped, signal.SIGSTOP)
        names = {str(pid) for pid in chosen}
        theirs = {job: owner for job, owner in self._stack.holders().items() if names & set(owner.split("/"))}
        Event().wait(self._seconds)
        self._until_taken_over(theirs)
        send(stopped, signal.SIGCONT)

    def _until_taken_over(self, before: dict[str, str]) -> None:
        """Wait until one of these jobs is in other hands: only there is it the token alone that refuses the stale."""
        end = time.monotonic() + TAKEN_OVER_SECONDS
        while before and time.monotonic() < end:
            now = self._stack.holders()
            if any(now.get(job, owner) != owner for job, owner in before.items()):
                return
            Event().wait(0.05)

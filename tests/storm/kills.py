"""Storm 1: processes are killed without a warning, again and again; no job may notice."""

import signal
from collections import Counter

from tests.storm.campaign import ENDLESS, Campaign, disturbed, in_background
from tests.storm.processes import send
from tests.storm.report import Result
from tests.storm.stack import Ground, Stack, running

TRAINING_SHARE = 0.5
"""How many of the others are sought among those that train just now."""


def storm(
    ground: Ground,
    *,
    jobs: int = 100,
    every: float = 2.0,
    epochs: int = 100,
    parents: float = 0.1,
    times: int = ENDLESS,
) -> Result:
    """So many jobs, and a kill -9 every so many seconds: of a worker, of what it has started, or of their parent.

    `parents`: the share of the kills that hit the process which watches over all others, and so the whole service; a
    start of everything may take as long as there is between two of them, and then nothing is ever trained. `times`:
    kills in all; without it they go on until the last job has ended.
    """
    parameters = {"jobs": jobs, "kill_every_seconds": every, "epochs": epochs, "share_of_the_parent": parents}
    result = Result("1. kill storm", str(ground), parameters)
    with running(ground) as stack:
        campaign = Campaign.begin(stack, ground, epochs)
        killer = Killer(stack, campaign, ground.workers, parents)
        submitting = in_background(lambda: campaign.submit(jobs))
        with disturbed(killer, every, times):
            while submitting.is_alive():
                stack.keep()
                submitting.join(0.2)
            result.require(campaign.until_ended(), "jobs were left hanging")
        campaign.judge(result)
        result.count(kills=dict(killer.killed), starts_of_the_whole_service=stack.starts)
        result.require(sum(killer.killed.values()), "nothing was killed: the storm was none")
    return result.ended()


class Killer:
    """Kills one process when it is called; `killed` counts them by kind."""

    def __init__(self, stack: Stack, campaign: Campaign, workers: int, parents: float) -> None:
        self._stack, self._chance, self._workers, self._parents = stack, campaign.chance, workers, parents
        self.killed: Counter[str] = Counter()

    def __call__(self) -> None:
        """Kill the parent, or a worker that trains, or one whose number is drawn; who does not run just now is missed.

        Whoever kills only what runs kills the first worker of a service that starts, every time, before it has begun.
        """
        if self._chance.random() < self._parents:
            self.killed["parent"] += send([self._stack.pid], signal.SIGKILL)
            return
        training = self._stack.training() if self._chance.random() < TRAINING_SHARE else []
        victims = training or self._stack.worker(self._chance.randint(1, self._workers))
        if not victims:
            self.killed["missed"] += 1
            return
        victim = self._chance.choice(victims)
        self.killed["worker that trained" if training else "worker"] += send([victim], signal.SIGKILL)

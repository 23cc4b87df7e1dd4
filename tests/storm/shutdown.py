"""Storm 9: workers are asked to end in the middle of their work, and give it back as if they had not begun."""

import signal
from threading import Event

from tests.storm.campaign import ENDLESS, Campaign, disturbed, in_background
from tests.storm.processes import command_line, send
from tests.storm.report import Result
from tests.storm.stack import Ground, Stack, running

EXIT_SECONDS = 30.0
GIVEN_BACK = "gave the attempt back"


def storm(ground: Ground, *, jobs: int = 40, every: float = 2.0, epochs: int = 150, times: int = ENDLESS) -> Result:
    """So many jobs; every so many seconds one worker gets SIGTERM, and each tenth time the whole service.

    `times`: how often in all; without it this goes on until the last job has ended.
    """
    result = Result("9. shutdown", str(ground), {"jobs": jobs, "sigterm_every_seconds": every, "epochs": epochs})
    with running(ground) as stack:
        campaign = Campaign.begin(stack, ground, epochs)
        asker = Asker(stack, campaign, result, ground.workers)
        submitting = in_background(lambda: campaign.submit(jobs))
        with disturbed(asker, every, times):
            while submitting.is_alive():
                stack.keep()
                submitting.join(0.2)
            result.require(campaign.until_ended(), "jobs were left hanging")
        found = campaign.judge(result)
        burned = {job_id: outcome.attempt for job_id, outcome in found.items() if outcome.attempt != 1}
        back = sum(GIVEN_BACK in why for outcome in found.values() for *_, why in outcome.moves)
        result.count(sigterms=asker.asked, given_back=back, attempts_burned=len(burned))
        result.require(back, "nothing was given back: the storm was none")
        for job_id, attempt in burned.items():
            result.blame(f"job {job_id}: its attempt is {attempt}; {found[job_id].moves}")
    return result.ended()


class Asker:
    """Sends SIGTERM to one worker when it is called, each tenth time to their parent, and waits for the end."""

    def __init__(self, stack: Stack, campaign: Campaign, result: Result, workers: int) -> None:
        self._stack, self._chance, self._result, self._workers = stack, campaign.chance, result, workers
        self.asked = 0

    def __call__(self) -> None:
        """Ask one process to end."""
        self.asked += 1
        # Sought among those that train, else a number is drawn: a service that starts is not hindered for ever.
        training = self._stack.training()
        worker = training or self._stack.worker(self._chance.randint(1, self._workers))[:1]
        chosen = [self._stack.pid] if self.asked % 10 == 0 else self._chance.sample(worker, min(1, len(worker)))
        send(chosen, signal.SIGTERM)
        for pid in chosen:
            self._result.require(_gone(pid), f"a process had not ended {EXIT_SECONDS:g} s after SIGTERM")


def _gone(pid: int) -> bool:
    for _ in range(round(EXIT_SECONDS / 0.05)):
        if not command_line(pid):
            return True
        Event().wait(0.05)
    return False

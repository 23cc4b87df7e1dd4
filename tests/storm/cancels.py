"""Storm 8: jobs are cancelled at random times, and each is cancelled or done, never both and never neither."""

import statistics
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event, Lock

import httpx
from sqlalchemy import select

from deltarule.store.states import Status
from deltarule.store.tables import TransitionRow
from tests.storm.campaign import Campaign
from tests.storm.ledger import Outcome, read, unsound
from tests.storm.report import Result
from tests.storm.stack import Ground, Stack, running
from tests.storm.work import percentile

CANCEL_SECONDS = 2.0
AT_ONCE = 8


def storm(ground: Ground, *, jobs: int = 40, epochs: int = 150, within: float = CANCEL_SECONDS) -> Result:
    """So many jobs, a few at a time, each cancelled at some time between its submission and about its end.

    `within`: the seconds in which nearly all running ones must be cancelled.
    """
    result = Result("8. cancels", str(ground), {"jobs": jobs, "epochs": epochs})
    with running(ground) as stack:
        campaign = Campaign.begin(stack, ground, epochs)
        answers = _cancel_all(campaign, jobs, ground.workers)
        result.require(campaign.until_ended(), "jobs were left hanging")
        found = read(stack.database, campaign.submitter.accepted)
        for job_id, number in campaign.submitter.accepted.items():
            faults = _faults(found[job_id], answers[job_id], campaign.references[number])
            result.blame(*(f"job {job_id}: {fault}" for fault in faults))
        _count(result, stack, found, answers, within)
    return result.ended()


def _cancel_all(campaign: Campaign, jobs: int, workers: int) -> dict[str, int]:
    """What the cancelling of each job was answered with."""
    answers: dict[str, int] = {}
    longest = _longest(campaign, workers)
    # Drawn before, because threads come to it in any order.
    pauses, lock = [campaign.chance.uniform(0, longest) for _ in range(jobs)], Lock()

    def one(number: int) -> None:
        chosen = number % len(campaign.specs)
        job_id = campaign.submitter.submit(chosen, campaign.specs[chosen])
        if job_id is not None:
            Event().wait(pauses[number])
            answer = campaign.stack.client.post(f"/v1/jobs/{job_id}/cancel")
            with lock:
                answers[job_id] = answer.status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(jobs)))
    return answers


def _longest(campaign: Campaign, workers: int) -> float:
    """About as long as a job takes from its submission to its end, in seconds."""
    return statistics.median(_spans(campaign.stack, Status.RUNNING, Status.SUCCEEDED)) * AT_ONCE / workers


def _faults(outcome: Outcome, answer: int, reference: Outcome) -> list[str]:
    faults = unsound(outcome)
    became = {httpx.codes.ACCEPTED: Status.CANCELLED, httpx.codes.CONFLICT: Status.SUCCEEDED}.get(answer)
    if outcome.status is not became:
        faults.append(f"its cancelling was answered with {answer}, and it is {outcome.status}")
    if outcome.rows != reference.rows[: len(outcome.rows)]:
        faults.append("its history is not how the undisturbed run begins")
    if outcome.status is Status.SUCCEEDED and outcome.result != reference.result:
        faults.append("its result differs from the undisturbed run")
    if outcome.status is Status.CANCELLED and bool(outcome.rows) > bool(outcome.weights):
        faults.append(f"it has {len(outcome.rows)} epochs, and its last weights are lost; {outcome.moves}")
    return faults


def _count(result: Result, stack: Stack, found: dict[str, Outcome], answers: dict[str, int], within: float) -> None:
    seconds = _spans(stack, Status.CANCELLING, Status.CANCELLED)
    p99 = round(percentile(seconds, 0.99), 3)
    result.count(
        accepted=len(found),
        answers=dict(Counter(answers.values())),
        became=dict(Counter(str(outcome.status) for outcome in found.values())),
        cancelled_while_running=len(seconds),
        running_to_cancelled_p99_seconds=p99,
    )
    result.require(seconds, "no running job was cancelled: the storm was none")
    result.require(p99 <= within, f"the p99 of cancelling a running job was {p99:g} s")


def _spans(stack: Stack, first: Status, last: Status) -> list[float]:
    """How long each job took from its first move to one state to its move to the other, in seconds."""
    moments: dict[str, dict[Status, datetime]] = defaultdict(dict)
    with stack.database.read() as session:
        moves = select(TransitionRow.job_id, TransitionRow.target, TransitionRow.at).order_by(TransitionRow.id)
        for job_id, target, at in session.execute(moves):
            moments[job_id].setdefault(target, at)
    both = [seen for seen in moments.values() if first in seen and last in seen]
    return [(seen[last] - seen[first]).total_seconds() for seen in both]

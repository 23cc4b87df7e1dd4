"""Storm 7: jobs that kill whoever trains them; each fails, with its reason, and its neighbours notice nothing."""

import copy
import re
from typing import Any

from deltarule.store.states import Status
from tests.storm.campaign import Campaign
from tests.storm.ledger import Outcome, read, unsound
from tests.storm.report import Result
from tests.storm.stack import Ground, running
from tests.storm.work import Submitter

MOST_ATTEMPTS = 3
EXPECTED = {
    "kill": r"signal 9|SIGKILL",
    "segfault": r"signal 11|SIGSEGV|segmentation",
    "memory": r"memory",
    "hang": r"get on|stall|time limit",
    "diverges": r"diverged|finite|overflow",
}
"""What the error of each kind must speak of."""
IMPATIENT = {"DELTARULE_STALL_SECONDS": "4", "DELTARULE_WORKER_MEMORY_BYTES": str(512 * 1024 * 1024)}


def storm(ground: Ground, *, times: int = 2, neighbours: int = 20, epochs: int = 40) -> Result:
    """Each kind of poison so many times, among so many sound jobs."""
    result = Result("7. poison", str(ground), {"times": times, "neighbours": neighbours, "epochs": epochs})
    with running(ground, injected={"STORM_POISON": "1"}, **IMPATIENT) as stack:
        campaign = Campaign.begin(stack, ground, epochs)
        bad = Submitter(stack)
        kinds = [kind for kind in EXPECTED for _ in range(times)]
        share = -(-neighbours // len(kinds))
        for number, kind in enumerate(kinds):
            campaign.submit(min(share, neighbours - number * share) if number * share < neighbours else 0)
            bad.submit(number, poisonous(campaign.specs[0], kind))
        result.require(campaign.until_ended(), "jobs were left hanging")
        campaign.judge(result)
        found = read(stack.database, bad.accepted)
        for job_id, number in bad.accepted.items():
            result.blame(
                *(f"poison {kinds[number]}, job {job_id}: {fault}" for fault in _faults(found[job_id], kinds[number]))
            )
        for number, kind in enumerate(kinds[::times]):
            errors = [found[job_id] for job_id, n in bad.accepted.items() if n == number * times]
            result.count(**{f"poison {kind}": [(one.stop_reason, one.attempt) for one in errors]})
        result.require(len(bad.accepted) == len(kinds), f"not all were accepted: {bad.faults}")
    return result.ended()


def poisonous(spec: dict[str, Any], kind: str) -> dict[str, Any]:
    """A job that dies of this when it trains."""
    job = copy.deepcopy(spec) | {"name": f"poison {kind}"}
    if kind == "diverges":
        job["optimizer"] = {"name": "sgd", "learning_rate": 1e6}
    return job


def _faults(outcome: Outcome, kind: str) -> list[str]:
    faults = unsound(outcome)
    if outcome.status is not Status.FAILED:
        faults.append(f"it is {outcome.status}; {outcome.moves}")
    if outcome.attempt > MOST_ATTEMPTS:
        faults.append(f"it took {outcome.attempt} attempts")
    if not re.search(EXPECTED[kind], outcome.error or ""):
        faults.append(f"its error does not tell why: {outcome.error}")
    return faults

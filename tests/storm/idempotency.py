"""Storm 10: the same request many times at once is carried out once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx

from tests.storm.campaign import Campaign
from tests.storm.ledger import counted
from tests.storm.report import Result
from tests.storm.stack import Ground, Stack, running

MISMATCH = 422


def storm(ground: Ground, *, threads: int = 50, rounds: int = 10) -> Result:
    """So many threads post one job under one key, again with each of `rounds` keys; then another job under the same."""
    result = Result("10. idempotency", str(ground), {"threads": threads, "rounds": rounds})
    with running(ground) as stack, ThreadPoolExecutor(threads) as pool:
        campaign = Campaign.begin(stack, ground, epochs=5)
        statuses: Counter[int] = Counter()
        for number in range(rounds):
            key = f"key-{ground.seed}-{number}"
            answers = _at_once(stack, campaign.specs[0], key, pool, threads)
            other = _post(stack, campaign.specs[1], key)
            result.blame(*(f"{key}: {fault}" for fault in _faults(answers, other)))
            statuses += Counter(answer.status_code for answer in answers)
        result.require(campaign.until_ended(), "jobs were left hanging")
        made = sum(counted(stack.database).values()) - len(campaign.specs)
        result.count(jobs_made=made, answers=dict(statuses))
        result.require(made == rounds, f"{rounds} keys made {made} jobs")
    return result.ended()


def _post(stack: Stack, spec: dict[str, Any], key: str) -> httpx.Response:
    return stack.client.post("/v1/jobs", json=spec, headers={"Idempotency-Key": key})


def _at_once(
    stack: Stack, spec: dict[str, Any], key: str, pool: ThreadPoolExecutor, threads: int
) -> list[httpx.Response]:
    together = Barrier(threads)

    def post(_: int) -> httpx.Response:
        together.wait()
        return _post(stack, spec, key)

    return list(pool.map(post, range(threads)))


def _faults(answers: list[httpx.Response], other: httpx.Response) -> list[str]:
    accepted = [answer for answer in answers if answer.status_code == httpx.codes.ACCEPTED]
    statuses = Counter(answer.status_code for answer in answers)
    replayed = sum("Idempotency-Replayed" in answer.headers for answer in accepted)
    rules = {
        "not one job": len({answer.json()["id"] for answer in accepted}) == 1,
        "the answers differ": len({answer.text for answer in accepted}) == 1,
        f"{replayed} of {len(accepted)} answers are marked as replayed": replayed == len(accepted) - 1,
        f"answered with {dict(statuses)}": set(statuses) <= {httpx.codes.ACCEPTED, httpx.codes.CONFLICT},
        f"another body was answered with {other.status_code}": other.status_code == MISMATCH,
    }
    return [fault for fault, holds in rules.items() if not holds]

"""Storm 3: processes die at the worst of moments, each of them named."""

import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.storm.campaign import LEAST_PATIENCE_SECONDS, Campaign
from tests.storm.injection.sitecustomize import POINTS
from tests.storm.ledger import all_ended
from tests.storm.processes import send
from tests.storm.report import Result
from tests.storm.stack import Ground, Stack, running, until

SHUTDOWNS = ("in_sigterm", "after_release")
"""Points that only a worker comes to which is asked to end."""
SHUTDOWNS_FOR_EACH = 6
"""How often a worker is asked to end for each crash there: some have had their crash, or end before."""
SPARE = 1.3
"""Jobs for each crash, because a job crashes only once."""


def storm(ground: Ground, *, times: int = 2, epochs: int = 100, points: str = "") -> Result:
    """So many deaths at each point (all of them, unless `points` names some, with commas between)."""
    chosen = tuple(points.split(",")) if points else tuple(POINTS)
    jobs = 10 + round(SPARE * times * len(chosen))
    result = Result("3. crash points", str(ground), {"times": times, "jobs": jobs, "epochs": epochs})
    with tempfile.TemporaryDirectory(prefix="deltarule-storm-") as folder:
        injected = {"CRASH_AT": ",".join(f"{point}*{times}" for point in chosen), "CRASH_FOLDER": folder}
        _armed(Path(folder), armed=False)
        with running(ground, injected=injected) as stack:
            campaign = Campaign.begin(stack, ground, epochs)
            _armed(Path(folder), armed=True)
            shutdowns = set(SHUTDOWNS) & set(chosen)
            _crash(stack, campaign, jobs, result, lambda: sum(times - _seen(folder)[point] for point in shutdowns))
        crashed = _seen(folder)
    result.count(**{f"crashes {point}": crashed[point] for point in chosen})
    result.require(
        all(crashed[point] >= times for point in chosen), f"not every point was come to {times} times: {dict(crashed)}"
    )
    return result.ended()


def _crash(stack: Stack, campaign: Campaign, jobs: int, result: Result, missing: Callable[[], int]) -> None:
    campaign.submit(jobs)
    for _ in range(SHUTDOWNS_FOR_EACH * missing()):
        if not missing():
            break
        campaign.submit(1)
        until(lambda: stack.training() or all_ended(stack.database), "a job to be trained", LEAST_PATIENCE_SECONDS)
        send(stack.training()[:1], signal.SIGTERM)
    result.require(campaign.until_ended(), "jobs were left hanging")
    campaign.judge(result)


def _seen(folder: str) -> Counter[str]:
    """How many processes have died at each point."""
    return Counter(file.name.partition(".")[0] for file in Path(folder).glob("*.*"))


def _armed(folder: Path, *, armed: bool) -> None:
    """Let nobody crash in this folder while it has a file named `calm`."""
    calm = folder / "calm"
    calm.unlink(missing_ok=True) if armed else calm.touch()

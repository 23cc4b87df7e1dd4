"""The service's own OpenAPI document is turned against it: requests that it allows, and many that it does not.

python -m tests.service.fuzzing --examples 350       more than ten thousand requests, one by one and on walks along the
                                                     document's links; on a service of its own
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.stack import ended, running_stack

ROOT = Path(__file__).parent.parent.parent
PENGUINS = ROOT / "examples" / "penguins.csv"
PHASES = ("examples", "coverage", "fuzzing")
STEPS = 20
MOST_LINKS = 0.9
"""The share of the document's links that a walk must have followed: which ones it comes by is left to chance."""

# A schema cannot say that an id must exist, that a file must be a table, or that a key was used before.
CONFIGURATION = """
continue-on-failure = true

[checks]
positive_data_acceptance.expected-statuses = {statuses}
negative_data_rejection.expected-statuses = {refusals}
"""
# One by one, requests get the ids of what is there.
THERE = """
[[operations]]
include-path-regex = "^/v1/models/[^/]+/"
parameters = {{ model_id = "{model}" }}

[[operations]]
include-name = "GET /v1/models/{{model_id}}"
parameters = {{ model_id = "{model}" }}

[[operations]]
include-path-regex = "^/v1/jobs/[^/]+/(history|events)$"
parameters = {{ job_id = "{job}" }}
"""
# A walk gets its ids from the answers, by the links of the document and by no others.
WALK = """
[phases.stateful]
max-steps = {steps}
generation.max-examples = {examples}
inference.algorithms = []
"""
REFUSALS = ("400", "401", "404", "405", "406", "409", "411", "412", "413", "414", "415", "416", "422", "429", "503")


def attack(
    client: httpx.Client, folder: Path, *, examples: int, phases: Sequence[str] = PHASES, seed: int = 1
) -> subprocess.CompletedProcess[str]:
    """What schemathesis found, request by request, with all its checks; it answers 0 when that is nothing."""
    job = _trained(client)
    configuration = CONFIGURATION + THERE.format(model=job["model_id"], job=job["id"])
    return _run(client, folder, "fuzzing_hooks", configuration, phases, examples=examples, seed=seed)


def walk(client: httpx.Client, folder: Path, *, examples: int, seed: int = 1) -> subprocess.CompletedProcess[str]:
    """What it found on so many ways from answer to answer, by the links of the document."""
    configuration = CONFIGURATION + WALK.format(steps=STEPS, examples=examples)
    return _run(client, folder, "walking_hooks", configuration, ("stateful",), examples=examples, seed=seed)


def links_followed(found: subprocess.CompletedProcess[str]) -> tuple[int, int]:
    """How many links a walk has followed, and how many there are."""
    followed, all_of_them = re.findall(r"API Links: +([0-9]+) covered / ([0-9]+) selected", found.stdout)[-1]
    return int(followed), int(all_of_them)


def _run(
    client: httpx.Client,
    folder: Path,
    hooks: str,
    configuration: str,
    phases: Sequence[str],
    *,
    examples: int,
    seed: int,
) -> subprocess.CompletedProcess[str]:
    file = folder / "schemathesis.toml"
    file.write_text(
        configuration.replace("{statuses}", json.dumps(["2xx", "304", *REFUSALS])).replace(
            "{refusals}", json.dumps(REFUSALS)
        )
    )
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(file), "run"]
    options = {"--checks": "all", "--phases": ",".join(phases), "--max-examples": examples, "--seed": seed}
    words = [str(word) for pair in options.items() for word in pair]
    url = f"{client.base_url}/openapi.json"
    told = {"SCHEMATHESIS_HOOKS": f"tests.service.{hooks}", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, url, *words, "--request-timeout", "60", "--no-color"],
        cwd=folder,
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
    )


def _trained(client: httpx.Client) -> dict:
    """A job that has succeeded, so that there is a model to be asked for."""
    content = {"content": PENGUINS.read_bytes(), "headers": {"Content-Type": "text/csv"}}
    dataset = client.post("/v1/datasets", **content).raise_for_status().json()["id"]
    job = client.post("/v1/jobs", json={"dataset_id": dataset, "target": "species"}).raise_for_status().json()
    return ended(client, job)


def main() -> None:
    """Attack a service that is started for it, and tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=350, help="the most examples of one operation in one phase")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder) / "data") as client:
        given = {"examples": options.examples, "seed": options.seed}
        runs = [attack(client, Path(folder), **given), walk(client, Path(folder), **given)]
    sys.stdout.write("".join(found.stdout + found.stderr for found in runs))
    followed, all_of_them = links_followed(runs[-1])
    if followed < all_of_them:
        sys.stderr.write(f"Of {all_of_them} links {followed} were followed; more examples come by more of them.\n")
    sys.exit(max(*(found.returncode for found in runs), followed < MOST_LINKS * all_of_them))


if __name__ == "__main__":
    main()

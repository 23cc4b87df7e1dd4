"""The service's own OpenAPI document is turned against it: requests that it allows, and many that it does not.

python -m tests.service.fuzzing --examples 250       every phase, more than ten thousand cases, a service of its own
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.stack import ended, running_stack

PENGUINS = Path(__file__).parent.parent.parent / "examples" / "penguins.csv"
PHASES = ("examples", "coverage", "fuzzing", "stateful")

# A schema cannot say that an id must exist, that a file must be a table, or that a key was used before.
CONFIGURATION = """
continue-on-failure = true

[checks]
positive_data_acceptance.expected-statuses = {statuses}

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
# Lines of JSON are sent as they stand in the document.
HOOKS = """
import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
"""
REFUSALS = ("2xx", "304", "400", "404", "406", "409", "411", "412", "413", "415", "416", "422", "429", "503")


def attack(
    client: httpx.Client, folder: Path, *, examples: int, phases: Sequence[str] = PHASES, seed: int = 1
) -> subprocess.CompletedProcess[str]:
    """What schemathesis found at the running service, with all its checks; it answers 0 when that is nothing."""
    job = _trained(client)
    configuration = folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.format(statuses=json.dumps(REFUSALS), model=job["model_id"], job=job["id"]))
    (folder / "hooks.py").write_text(HOOKS)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
    options = {"--checks": "all", "--phases": ",".join(phases), "--max-examples": examples, "--seed": seed}
    words = [str(word) for pair in options.items() for word in pair]
    url = f"{client.base_url}/openapi.json"
    return subprocess.run(
        [*command, url, *words, "--request-timeout", "60", "--no-color"],
        cwd=folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks"},
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
    parser.add_argument("--examples", type=int, default=250, help="the most examples of one operation in one phase")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder) / "data") as client:
        found = attack(client, Path(folder), examples=options.examples, seed=options.seed)
    sys.stdout.write(found.stdout + found.stderr)
    sys.exit(found.returncode)


if __name__ == "__main__":
    main()

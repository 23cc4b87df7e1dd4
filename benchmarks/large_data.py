"""How training on rows that do not fit in memory compares with training on rows that do.

    python benchmarks/large_data.py [--rows 10000000] [--fitting 1000000] [--rounds 5] [--service] [--more]

Makes rows of twenty numbers in a temporary folder, as NPZ, and trains the same network on them: on so many as fit, in
memory and from disk, and on all of them, from disk. Each run is a process of its own; they train in turns. With
--service the large file is uploaded to a running stack and trained on by its worker. Writes benchmarks/LARGE_DATA.md,
and what it is made from to large_data.json.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from stacks import descendants, stack, until

from deltarule.backprop.engines import make_ready
from deltarule.training.resolution import resolve
from deltarule.training.run import Run
from deltarule.training.spec import Spec
from deltarule.training.tables import describe, read, stream
from deltarule.training.tables.folder import scratch_folder

PAGE, NUMBERS = (Path(__file__).with_name(name) for name in ("LARGE_DATA.md", "large_data.json"))
COLUMNS = 20
PART = 100_000
SECONDS = 3.0
"""Training time of a turn."""
NETWORK = {"layers": [{"units": 64, "activation": "relu"}, {"units": 32, "activation": "relu"}, {}]}
PLAN = {"epochs": 1000, "batch_size": 256, "validation_fraction": 0.1, "early_stopping": None, "seed": 1}
JOB = {"dataset_id": "large", "network": NETWORK, "training": PLAN}


def write(path: Path, rows: int) -> None:
    """Rows and the target that they make, float32, in an NPZ file written part by part."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, columns in (("inputs", COLUMNS), ("targets", 1)):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                shape = (rows, COLUMNS) if name == "inputs" else (rows,)
                npy.write_array_header_1_0(member, {"descr": "<f4", "fortran_order": False, "shape": shape})
                for inputs in parts(rows):
                    values = inputs if columns == COLUMNS else np.tanh(inputs[:, :4].sum(axis=1)) * inputs[:, 5]
                    member.write(values.astype("<f4").tobytes())


def parts(rows: int) -> Iterator[np.ndarray]:
    """Normal numbers, the same each time."""
    generator = np.random.default_rng(7)
    for start in range(0, rows, PART):
        yield generator.standard_normal((min(PART, rows - start), COLUMNS), dtype=np.float32)


def run(path: Path, from_disk: bool) -> None:
    """One run in this process: a line of JSON when it is prepared, one for each turn that it is given, and one at last.

    Told are the seconds that it took to prepare, samples a second in each turn, and memory in MiB.
    """
    make_ready()
    schema = describe(path, "npz")
    block = {"shuffle_block": 32_768} if from_disk else {}
    spec = resolve(Spec.model_validate(JOB | {"training": PLAN | block}, strict=False), schema)
    began = time.perf_counter()
    one = Run(spec, stream(path, "npz", schema) if from_disk else read(path, "npz"))
    print(json.dumps({"rows": schema.rows, "prepared": time.perf_counter() - began}), flush=True)
    most, trained, elapsed = {"RssAnon": 0.0, "RssFile": 0.0}, 0.0, 0.0
    for _ in sys.stdin:
        end = one.elapsed + SECONDS
        while one.elapsed < end:
            progress = one.advance(0.05)
            most = {name: max(value, status(name)) for name, value in most.items()}
        samples = progress.samples_per_second * one.elapsed
        print(json.dumps((samples - trained) / (one.elapsed - elapsed)), flush=True)
        trained, elapsed = samples, one.elapsed
    r2 = (one.metrics()["validation"] or {})["r2"]
    print(json.dumps({"engine": one.engine, "epochs": progress.epoch, "r2": r2, "peak": status("VmHWM"), **most}))


def status(name: str, process: int | str = "self") -> float:
    """A size of a process, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


class Contender:
    """A run in a process of its own, on one thread, that waits for its turns.

    Attributes:
        told: what it says of itself, and the samples a second of its turns as `speeds`.
    """

    def __init__(self, path: Path, from_disk: bool) -> None:
        command = [sys.executable, __file__, "--run", str(path), *(["--from-disk"] if from_disk else [])]
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.told: dict[str, Any] = {"speeds": []}

    def prepare(self) -> None:
        """Waits until it is prepared."""
        self.told |= self._line()

    def turn(self) -> None:
        """Lets it train for a while."""
        if self._process.stdin is None:
            raise RuntimeError("no pipe")
        print("turn", file=self._process.stdin, flush=True)
        self.told["speeds"].append(self._line())

    def end(self) -> None:
        """Lets it measure what it has learned, and end."""
        if self._process.stdin is None:
            raise RuntimeError("no pipe")
        self._process.stdin.close()
        self.told |= self._line()
        self._process.wait()

    def _line(self) -> Any:  # noqa: ANN401 - JSON
        if self._process.stdout is None:
            raise RuntimeError("no pipe")
        return json.loads(self._process.stdout.readline())


def side_by_side(fitting: Path, large: Path, rounds: int) -> dict[str, dict[str, Any]]:
    """The three runs, in turns; they are prepared together, and end one after the other."""
    contenders = {
        "memory": Contender(fitting, from_disk=False),
        "fitting": Contender(fitting, from_disk=True),
        "large": Contender(large, from_disk=True),
    }
    for each in contenders.values():
        each.prepare()
    for _ in range(rounds):
        for each in contenders.values():
            each.turn()
    for name, each in contenders.items():
        each.end()
        print(name, each.told, flush=True)
    return {name: each.told for name, each in contenders.items()}


def through_the_service(path: Path) -> dict[str, Any]:
    """The large file uploaded to a stack and trained on by its worker: times, speed, peak memory of every process."""
    os.environ |= {"DELTARULE_DATASET_LIMIT_BYTES": str(path.stat().st_size + 4096), "DELTARULE_WORKERS": "1"}
    with stack(None) as (client, pid, _):
        began = time.perf_counter()
        with path.open("rb") as file:
            headers = {"Content-Type": "application/x-npz", "Content-Length": str(path.stat().st_size)}
            dataset = client.post("/v1/datasets", content=file, headers=headers, timeout=600).raise_for_status().json()
        uploaded = time.perf_counter() - began
        body = JOB | {"dataset_id": dataset["id"], "training": PLAN | {"epochs": 2}}
        job = client.post("/v1/jobs", json=body, timeout=60).raise_for_status().json()
        until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["progress"]["epoch"] >= 1, seconds=600, pause=0.2)
        first = time.perf_counter() - began - uploaded
        until(lambda: client.get(f"/v1/jobs/{job['id']}").json()["finished_at"], seconds=600, pause=0.2)
        ended = client.get(f"/v1/jobs/{job['id']}").json()
        return {
            "status": ended["status"],
            "block": ended["spec"]["training"]["shuffle_block"],
            "uploaded": uploaded,
            "first_epoch": first,
            "speed": ended["progress"]["samples_per_second"],
            "peak": max(status("VmHWM", each) for each in descendants(pid)),
        }


def report(results: dict[str, dict[str, Any]], service: dict[str, Any] | None) -> str:
    """The page."""
    lines = [
        "# Rows that do not fit in memory",
        "",
        f"Rows of {COLUMNS} numbers and a target, layers 64-32-1, batches of 256, Adam, float32, validated on a tenth,",
        f"on one thread. Each run is a process of its own; they train in turns of {SECONDS:g} s, and the table shows",
        "medians over the turns: ratios hold better than figures, for all share whatever else the machine is doing.",
        "Memory is what is resident at the peak from the process's start to its metrics, libraries included, in MiB;",
        "of it the most that was anonymous while training, and the most that was of files. Made by `make bench-large`.",
        "",
        "| rows | where | samples a second | of that in memory | to prepare, s | peak | anonymous | of files |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    ratios = {name: ratio(one, results["memory"]) for name, one in results.items()}
    for name, one in results.items():
        lines.append(
            f"| {one['rows']:,} | {'memory' if name == 'memory' else 'disk'} | {statistics.median(one['speeds']):,.0f} "
            f"| {ratios[name]:.2f}{spread(one, results['memory'])} | {one['prepared']:.1f} "
            f"| {one['peak']:,.0f} | {one['RssAnon']:,.0f} "
            f"| {one['RssFile']:,.0f} |"
        )
    fitting, large = results["fitting"], results["large"]
    lines += [
        "",
        f"From disk, {large['rows']:,} rows take {large['peak'] / fitting['peak']:.2f} times the memory of "
        f"{fitting['rows']:,}, and train {ratios['large']:.2f} times as fast as {fitting['rows']:,} do in memory.",
    ]
    if service:
        lines += [
            "",
            f"Through the service: uploaded and described in {service['uploaded']:.0f} s, first epoch after "
            f"{service['first_epoch']:.0f} s, {service['speed']:,.0f} samples a second, blocks of {service['block']:,} "
            f"rows; the largest process of the stack took {service['peak']:,.0f} MiB at its peak; {service['status']}.",
        ]
    return "\n".join(lines) + "\n"


def ratio(ours: dict[str, Any], reference: dict[str, Any]) -> float:
    """How many times as fast, in the middle of the turns."""
    return statistics.median(turns(ours, reference))


def spread(ours: dict[str, Any], reference: dict[str, Any]) -> str:
    """The lowest and the highest of these ratios; nothing where both are the same."""
    if ours is reference:
        return ""
    each = turns(ours, reference)
    return f" ({min(each):.2f} to {max(each):.2f})"


def turns(ours: dict[str, Any], reference: dict[str, Any]) -> list[float]:
    """How many times as fast, turn by turn."""
    return [one / other for one, other in zip(ours["speeds"], reference["speeds"], strict=True)]


def main() -> None:
    """Measure, print and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--fitting", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--service", action="store_true", help="upload and train through a running stack too")
    parser.add_argument("--more", action="store_true", help="keep what large_data.json holds and is not measured")
    parser.add_argument("--folder", type=Path, help="where the rows are, or are put and stay")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--from-disk", action="store_true")
    asked = parser.parse_args()
    if asked.run:
        run(asked.run, asked.from_disk)
        return
    known = json.loads(NUMBERS.read_text()) if asked.more else {"results": {}, "service": None}
    with folder(asked.folder) as place:
        fitting, large = (made(place, rows) for rows in (asked.fitting, asked.rows))
        if asked.rounds:
            known["results"] = side_by_side(fitting, large, asked.rounds)
        if asked.service:
            known["service"] = through_the_service(large)
    NUMBERS.write_text(json.dumps(known, indent=1) + "\n")
    page = report(known["results"], known["service"])
    print(page)
    PAGE.write_text(page)


@contextmanager
def folder(asked: Path | None) -> Iterator[Path]:
    """The folder asked for, which stays, or a temporary one on a disk."""
    if asked:
        asked.mkdir(exist_ok=True)
        yield asked
        return
    with tempfile.TemporaryDirectory(prefix="deltarule-bench-", dir=scratch_folder()) as name:
        yield Path(name)


def made(place: Path, rows: int) -> Path:
    """The file of so many rows, made where it is not there."""
    path = place / f"{rows}.npz"
    if not path.exists():
        write(path, rows)
    return path


if __name__ == "__main__":
    main()

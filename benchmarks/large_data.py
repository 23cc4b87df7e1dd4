"""How training on rows that do not fit in memory compares with training on rows that do.

    python benchmarks/large_data.py [--rows 10000000] [--fitting 1000000] [--rounds 3] [--service] [--more]

Makes rows of twenty numbers in a temporary folder, as NPZ, and trains the same network on them: on so many as fit, in
memory and from disk, and on all of them, from disk. Each run is a process of its own; they take turns. With --service
the large file is uploaded to a running stack and trained on by its worker. Writes benchmarks/LARGE_DATA.md, and what it
is made from to large_data.json.
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
SECONDS = 10.0
"""Training time of one run."""
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


def run(path: Path, from_disk: bool) -> dict[str, Any]:
    """One run in this process: seconds to prepare it, samples a second, memory in MiB."""
    make_ready()
    schema = describe(path, "npz")
    block = {"shuffle_block": 32_768} if from_disk else {}
    spec = resolve(Spec.model_validate(JOB | {"training": PLAN | block}, strict=False), schema)
    before = status("VmRSS")
    began = time.perf_counter()
    one = Run(spec, stream(path, "npz", schema) if from_disk else read(path, "npz"))
    prepared = time.perf_counter() - began
    most = {"RssAnon": 0.0, "RssFile": 0.0}
    while one.elapsed < SECONDS:
        progress = one.advance(0.05)
        most = {name: max(value, status(name)) for name, value in most.items()}
    metrics = one.metrics()["validation"] or {}
    return {
        "rows": schema.rows,
        "engine": one.engine,
        "prepared": prepared,
        "speed": progress.samples_per_second,
        "epochs": progress.epoch,
        "r2": metrics["r2"],
        "before": before,
        "peak": status("VmHWM"),
        **most,
    }


def status(name: str, process: int | str = "self") -> float:
    """A size of a process, in MiB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def measured(path: Path, from_disk: bool) -> dict[str, Any]:
    """`run` in a process of its own, on one thread."""
    command = [sys.executable, __file__, "--run", str(path), *(["--from-disk"] if from_disk else [])]
    threads = {"OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    answer = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | threads)
    return dict(json.loads(answer.stdout.splitlines()[-1]))


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


def report(results: dict[str, list[dict[str, Any]]], service: dict[str, Any] | None) -> str:
    """The page."""
    reference = statistics.median(each["speed"] for each in results["memory"])
    lines = [
        "# Rows that do not fit in memory",
        "",
        f"Rows of {COLUMNS} numbers and a target, layers 64-32-1, batches of 256, Adam, float32, validated on a tenth,",
        "on one thread. Each run is a process of its own; they take turns, and the table shows medians over the",
        "rounds. Memory is what is resident at the peak from the process's start to its metrics, libraries included,",
        "in MiB; of it the most that was anonymous while training, and the most that was of files. Made by",
        "`make bench-large`.",
        "",
        "| rows | where | samples a second | of that in memory | to prepare, s | peak | anonymous | of files |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, each in results.items():
        of = {key: statistics.median(one[key] for one in each) for key in each[0] if key != "engine"}
        pairs = zip(each, results["memory"], strict=True)
        ratio = statistics.median(ours["speed"] / theirs["speed"] for ours, theirs in pairs)
        lines.append(
            f"| {of['rows']:,.0f} | {'memory' if name == 'memory' else 'disk'} | {of['speed']:,.0f} | {ratio:.2f} | "
            f"{of['prepared']:.1f} | {of['peak']:,.0f} | {of['RssAnon']:,.0f} | {of['RssFile']:,.0f} |"
        )
    peaks = [statistics.median(each["peak"] for each in results[name]) for name in ("fitting", "large")]
    speed = statistics.median(each["speed"] for each in results["large"]) / reference
    lines += [
        "",
        f"From disk, {results['large'][0]['rows']:,} rows take {peaks[1] / peaks[0]:.2f} times the memory of "
        f"{results['fitting'][0]['rows']:,}, and train {speed:.2f} times as fast as {results['memory'][0]['rows']:,} "
        "do in memory.",
    ]
    if service:
        lines += [
            "",
            f"Through the service: uploaded and described in {service['uploaded']:.0f} s, first epoch after "
            f"{service['first_epoch']:.0f} s, {service['speed']:,.0f} samples a second, blocks of {service['block']:,} "
            f"rows; the largest process of the stack took {service['peak']:,.0f} MiB at its peak; {service['status']}.",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--fitting", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--service", action="store_true", help="upload and train through a running stack too")
    parser.add_argument("--more", action="store_true", help="add to what large_data.json holds")
    parser.add_argument("--folder", type=Path, help="where the rows are, or are put and stay")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--from-disk", action="store_true")
    asked = parser.parse_args()
    if asked.run:
        print(json.dumps(run(asked.run, asked.from_disk)))
        return
    known = json.loads(NUMBERS.read_text()) if asked.more else {"results": {}, "service": None}
    with folder(asked.folder) as place:
        fitting, large = (made(place, rows) for rows in (asked.fitting, asked.rows))
        for _ in range(asked.rounds):
            for name, path in (("memory", fitting), ("fitting", fitting), ("large", large)):
                one = measured(path, from_disk=name != "memory")
                known["results"].setdefault(name, []).append(one)
                print(name, one, flush=True)
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

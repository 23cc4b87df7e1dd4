"""How fast the training loop is, side by side with what others would use on a processor.

    python benchmarks/training.py --peers PYTHON [--workloads A,B,E] [--rounds 7] [--seconds 1.0]

PYTHON is the interpreter of an environment with torch, jax and scikit-learn, which the product itself never needs. Each
contender is a process of its own, pinned to the same core; they take turns, round by round, on the same data, initial
weights and batch order. Whose losses differ from the plain NumPy engine's does not count. Ratios hold better than
figures: all contenders share whatever else the machine is doing. Writes benchmarks/RESULTS.md and results.json; what
they tell of other workloads stays.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workloads import WORKLOADS, Workload, named, write

HERE = Path(__file__).parent
OURS, PLAIN, SGEMM = "deltarule", "deltarule, plain NumPy", "sgemm"
PEERS = ("torch, foreach", "torch, fused", "jax", "scikit-learn")
TOLERANCE = 1e-3
BARS = {"A": (55, 3), "B": (10, 1.4), "C": (1.7, 1.15), "D": (1.0, 1.1), "E": (200, 1.3)}
"""Times as fast as PyTorch and as JAX, to be reached."""


@dataclass
class Result:
    """What one contender did in one workload.

    Attributes:
        name: whose.
        losses: of the first epochs.
        counts: whether they agree.
        rounds: samples a second in each.
        memory: peak resident MiB.
    """

    name: str
    losses: list[float] = field(default_factory=list)
    counts: bool = True
    rounds: list[float] = field(default_factory=list)
    memory: float = 0.0

    @property
    def median(self) -> float:
        """Samples a second."""
        return statistics.median(self.rounds)


class Process:
    """A contender, pinned and waiting for its turn."""

    def __init__(self, name: str, python: str, workload: Workload, data: Path) -> None:
        cores = sorted(os.sched_getaffinity(0))[-workload.threads :]
        command = [python, str(HERE / "contenders.py"), name, workload.name, str(data), ",".join(map(str, cores))]
        self.result = Result(name)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment(workload.threads),
        )

    def ask(self, line: str) -> Any:  # noqa: ANN401 - JSON
        """The answer to a line."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.result.name} has ended")
        return json.loads(answer)

    def end(self) -> None:
        """Lets it go."""
        self._process.communicate()


def environment(threads: int) -> dict[str, str]:
    """So many threads for every library's linear algebra, and the product's own code for those who import it."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    single = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    return dict.fromkeys(names, str(threads)) | {
        "PYTHONPATH": str(HERE.parent),
        "XLA_FLAGS": single if threads == 1 else "",
        "JAX_PLATFORMS": "cpu",
        "PYTHONWARNINGS": "ignore",
    }


def compete(workload: Workload, peers: str | None, rounds: int, seconds: float) -> list[Result]:
    """All rounds of one workload."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        write(workload, data)
        names = [(OURS, sys.executable), (PLAIN, sys.executable), (SGEMM, sys.executable)]
        processes = [Process(name, python, workload, data) for name, python in names]
        processes += [Process(name, peers, workload, data) for name in PEERS if peers]
        for process in processes:
            process.result.losses = process.ask("check")
            process.ask("round 0.1")
        for _ in range(rounds):
            for process in processes:
                process.result.rounds.append(process.ask(f"round {seconds}"))
        for process in processes:
            process.result.memory = process.ask("peak")
            process.end()
    results = [process.result for process in processes]
    judge(results)
    return results


def judge(results: list[Result]) -> None:
    """Whose losses agree with the plain engine's."""
    reference = next(result.losses for result in results if result.name == PLAIN)
    for result in results:
        pairs = zip(result.losses, reference, strict=False)
        result.counts = all(abs(loss - other) <= TOLERANCE * abs(other) for loss, other in pairs)


def best(results: list[Result], start: str) -> Result | None:
    """The fastest of a family, among those that count."""
    family = [result for result in results if result.name.startswith(start) and result.counts]
    return max(family, key=lambda result: result.median, default=None)


def ratio(results: list[Result], start: str) -> float | None:
    """How many times as fast as a family Deltarule is: the median of the rounds' own ratios."""
    ours, other = results[0], best(results, start)
    if other is None:
        return None
    return statistics.median(one / two for one, two in zip(ours.rounds, other.rounds, strict=True))


def table(workload: Workload, results: list[Result]) -> list[str]:
    """One workload in Markdown."""
    peak = next(result for result in results if result.name == SGEMM)
    threads = f"{workload.threads} thread{'s' * (workload.threads > 1)}"
    lines = [f"## {workload.name}: {workload.title}", ""]
    lines.append(
        f"Batches of {workload.batch}, {workload.optimizer}, {threads}. sgemm peak in the same rounds: "
        f"{peak.median / 1e9:.0f} GFLOP/s; Deltarule's products reach {share(workload, results):.0%} of it."
    )
    lines += ["", "| contender | samples/s | lowest to highest | Deltarule is | peak memory | last compared loss |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    for result in results:
        if result.name != SGEMM:
            lines.append(row(results, result))
    lines += ["", verdict(workload, results), ""]
    return lines


def row(results: list[Result], result: Result) -> str:
    """One contender in Markdown."""
    times = statistics.median(one / two for one, two in zip(results[0].rounds, result.rounds, strict=True))
    spread = f"{min(result.rounds):,.0f} to {max(result.rounds):,.0f}"
    name = result.name if result.counts else f"{result.name} (other losses: does not count)"
    return (
        f"| {name} | {result.median:,.0f} | {spread} | {times:.2f} × | {result.memory:.0f} MiB | "
        f"{result.losses[-1]:.6f} |"
    )


def share(workload: Workload, results: list[Result]) -> float:
    """What part of the peak the products of Deltarule's training are."""
    peak = next(result for result in results if result.name == SGEMM)
    return results[0].median * workload.flops / peak.median


def verdict(workload: Workload, results: list[Result]) -> str:
    """The two ratios that count, their bars, and the time of a step beside what its products take at the peak."""
    bars = BARS.get(workload.name[0], (0, 0))
    peak = next(result for result in results if result.name == SGEMM)
    step, products = workload.batch / results[0].median, workload.batch * workload.flops / peak.median
    bound = f"A step takes {step * 1e6:,.1f} µs, its products at the peak alone {products * 1e6:,.1f} µs"
    other = best(results, "torch")
    if other is not None:
        needed = workload.batch / other.median / bars[0]
        bound += f"; {bars[0]} × torch would be {needed * 1e6:,.1f} µs"
    parts = []
    for family, bar in zip(("torch", "jax"), bars, strict=True):
        times = ratio(results, family)
        if times is not None:
            parts.append(f"{times:.2f} × {family} (bar {bar}: {'reached' if times >= bar else 'not reached'})")
    return "; ".join(parts) + f". {bound}." if parts else f"No peers were given. {bound}."


def machine() -> str:
    """What it ran on."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "")
    load = os.getloadavg()[0]
    return (
        f"{model or platform.processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {load:.1f} at the end"
    )


def versions(python: str, names: tuple[str, ...]) -> str:
    """What an environment has installed."""
    code = f"from importlib.metadata import version; print(', '.join(n + ' ' + version(n) for n in {names!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def stored() -> dict[str, list[Result]]:
    """What has been measured before."""
    path = HERE / "results.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: [Result(**result) for result in results] for name, results in content.items()}


def report(arguments: argparse.Namespace, measured: dict[str, list[Result]]) -> None:
    """Writes both files."""
    installed = versions(sys.executable, ("numpy", "scipy", "numba"))
    if arguments.peers:
        installed += f"; peers: {versions(arguments.peers, ('torch', 'jax', 'scikit-learn', 'numpy'))}"
    lines = [
        "# How fast training is",
        "",
        "Output of `benchmarks/training.py`, which says how it is measured: medians over interleaved rounds, a process",
        "for each on the same core, the loop that the worker drives (`Trainer.advance`; SERVICE.md tells what",
        "the service adds). Ratios are medians of the rounds' own ratios and hold better than figures; what else the",
        "machine is doing falls on all alike.",
        "",
        f"- machine: {machine()}",
        f"- installed: {installed}",
        f"- command: `python benchmarks/training.py --peers PYTHON --rounds {arguments.rounds} "
        f"--seconds {arguments.seconds}`",
        "",
    ]
    for workload in WORKLOADS:
        if workload.name in measured:
            lines += table(workload, measured[workload.name])
    (HERE / "RESULTS.md").write_text("\n".join(lines), encoding="utf-8")
    content = {name: [asdict(result) for result in results] for name, results in measured.items()}
    (HERE / "results.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers", help="the Python of an environment with torch, jax and scikit-learn")
    parser.add_argument("--workloads", default=",".join(workload.name for workload in WORKLOADS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    arguments = parser.parse_args()
    for name in arguments.workloads.split(","):
        workload = named(name)
        results = compete(workload, arguments.peers, arguments.rounds, arguments.seconds)
        print("\n".join(table(workload, results)), flush=True)
        report(arguments, stored() | {name: results})


if __name__ == "__main__":
    main()

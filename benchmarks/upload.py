"""What a large upload takes: its time, and the memory of the API's processes, which must not grow with the file.

    python benchmarks/upload.py [--mebibytes 1024] [--s3]

Sends CSV of so many MiB to a whole service in a temporary folder, in pieces of a chunked body; with --s3 the bytes lie
in a bucket of moto's server. Beside it goes a small upload, because what its libraries take is no matter of the file.
"""

import argparse
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
from stacks import descendants, stack

from tests.servers import s3_server

MEBIBYTE = 1 << 20
BUCKET = "uploads"


def rows(mebibytes: int) -> Iterator[bytes]:
    """CSV of about so many MiB, in pieces of one."""
    yield b"a,b,c,d,e,label\n"
    line = "1.25,-{:05d}.5,3e4,0.001,{:05d},kind{}\n"
    piece = "".join(line.format(number, number, number % 3) for number in range(27_000)).encode()
    for _ in range(mebibytes * MEBIBYTE // len(piece)):
        yield piece


def resident(pid: int, entry: str) -> float:
    """The largest resident size of one process of the API in MiB: `VmRSS` now, `VmHWM` ever."""
    sizes = [0]
    for each in descendants(pid):
        if b"gunicorn" in Path(f"/proc/{each}/cmdline").read_bytes():
            found = re.search(rf"{entry}:\s+(\d+)", Path(f"/proc/{each}/status").read_text())
            sizes.append(int(found[1]) if found else 0)
    return max(sizes) / 1024


def watched(pid: int, ending: threading.Event, seen: list[float]) -> None:
    """Note the size again and again."""
    while not ending.wait(0.1):
        seen.append(resident(pid, "VmRSS"))


def send(client: httpx.Client, pid: int, mebibytes: int) -> str:
    """Upload, and tell what it took."""
    before, ending, seen = resident(pid, "VmRSS"), threading.Event(), list[float]()
    watcher = threading.Thread(target=watched, args=(pid, ending, seen))
    watcher.start()
    began = time.perf_counter()
    answer = client.post("/v1/datasets", content=rows(mebibytes), headers={"Content-Type": "text/csv"}, timeout=1800)
    seconds = time.perf_counter() - began
    ending.set()
    watcher.join()
    size = answer.raise_for_status().json()["bytes"] / MEBIBYTE
    return (
        f"{size:7.0f} MiB in {seconds:6.1f} s ({size / seconds:5.1f} MiB/s): the largest process of the API had "
        f"{before:.0f} MiB before, {max(seen):.0f} MiB at most, {resident(pid, 'VmRSS'):.0f} MiB after"
    )


def main() -> None:
    """Print one line for a small and one for a large upload."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--mebibytes", type=int, default=1024)
    options.add_argument("--s3", action="store_true")
    chosen = options.parse_args()
    settings = {"DELTARULE_DATASET_LIMIT_BYTES": str(2 * chosen.mebibytes * MEBIBYTE), "DELTARULE_WORKERS": "1"}
    with ExitStack() as servers:
        if chosen.s3:
            address = servers.enter_context(s3_server()).url
            httpx.put(f"{address}/{BUCKET}").raise_for_status()
            settings |= {"DELTARULE_STORAGE_URL": f"s3://{BUCKET}", "DELTARULE_STORAGE_ENDPOINT": address}
            settings |= {"DELTARULE_STORAGE_ACCESS_KEY": "me", "DELTARULE_STORAGE_SECRET_KEY": "secret"}
        client, pid, _ = servers.enter_context(stack(**settings))
        for mebibytes in (16, chosen.mebibytes):
            print(send(client, pid, mebibytes))


if __name__ == "__main__":
    main()

"""Files as messages, under the conditions in which kombu's own transport loses and tears them."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from threading import Event, Thread

import pytest
from celery import Celery
from kombu import Connection, Queue

from deltarule.store.doorbell import QUEUE, TASK, FolderTransport, consumer_options, producer_options, ringer

CONSUMER = """
import os, sys
from pathlib import Path
from tests_queue import simple_queue
folder, received = Path(sys.argv[1]), sys.argv[2]
log = os.open(received, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
with simple_queue(folder) as queue:
    print("ready", flush=True)
    while True:
        try:
            message = queue.get(timeout=0.05)
        except queue.Empty:
            continue
        os.write(log, f"{message.payload['number']}\\n".encode())
        message.ack()
"""
SHARED = """
from contextlib import contextmanager
from kombu import Connection
@contextmanager
def simple_queue(folder):
    options = {"folder": str(folder), "polling_interval": 0.001}
    with Connection(transport="deltarule.store.doorbell:FolderTransport", transport_options=options) as connection:
        with connection.SimpleQueue("numbers") as queue:
            yield queue
"""


@contextmanager
def connected(folder: Path) -> Iterator[Connection]:
    options = {"folder": str(folder), "polling_interval": 0.001}
    with Connection(transport=FolderTransport, transport_options=options) as connection:
        yield connection


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with connected(tmp_path / "broker") as connection:
        yield connection


def publish(connection: Connection, numbers: range) -> None:
    with connection.SimpleQueue("numbers") as queue:
        for number in numbers:
            queue.put({"number": number})


def test_messages_arrive_in_order_and_leave_nothing_behind(connection: Connection, tmp_path: Path) -> None:
    publish(connection, range(100))
    with connection.SimpleQueue("numbers") as queue:
        assert queue.qsize() == 100
        received = [queue.get_nowait() for _ in range(100)]
        assert [message.payload["number"] for message in received] == list(range(100))
        for message in received:
            message.ack()
        with pytest.raises(Empty):
            queue.get_nowait()
    assert list((tmp_path / "broker" / "numbers").iterdir()) == []


def test_what_was_taken_and_not_acknowledged_comes_back(tmp_path: Path) -> None:
    with connected(tmp_path) as connection:
        publish(connection, range(1))
        connection.SimpleQueue("numbers").get_nowait()
    with connected(tmp_path) as connection:
        message = connection.SimpleQueue("numbers").get_nowait()
        assert message.payload == {"number": 0}
        assert message.headers == {} or message.properties
        message.ack()


def test_a_message_that_is_no_message_is_thrown_away(connection: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "broker" / "numbers"
    folder.mkdir(parents=True)
    (folder / "00000000000000000000-empty").write_bytes(b"")
    (folder / "00000000000000000001-torn").write_bytes(b'{"body": "')
    (folder / "00000000000000000002-binary").write_bytes(b"\xff\xfe")
    publish(connection, range(1))
    with connection.SimpleQueue("numbers") as queue:
        assert queue.get_nowait().payload == {"number": 0}
    assert not [path for path in folder.iterdir() if path.read_bytes() in (b"", b'{"body": "', b"\xff\xfe")]


def test_parts_of_dead_writers_are_removed_those_of_living_ones_kept(connection: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "broker" / "numbers"
    folder.mkdir(parents=True)
    old, young = folder / ".old", folder / ".young"
    old.write_bytes(b"half a mess")
    young.write_bytes(b"half a mess")
    os.utime(old, (1, 1))
    with connection.SimpleQueue("numbers") as queue:
        with pytest.raises(Empty):
            queue.get_nowait()
        assert queue.qsize() == 0
    assert list(folder.iterdir()) == [young]


def test_a_folder_that_cannot_be_written_refuses_the_message_and_keeps_no_part(
    connection: Connection, tmp_path: Path
) -> None:
    (tmp_path / "broker").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="broker"), connection.SimpleQueue("numbers") as queue:
        queue.put({"number": 0})
    assert list(tmp_path.iterdir()) == [tmp_path / "broker"]


def test_purge_empties_the_queue(connection: Connection) -> None:
    publish(connection, range(7))
    channel = connection.default_channel
    assert Queue("numbers", channel=channel).purge() == 7
    assert Queue("numbers", channel=channel).purge() == 0


@pytest.mark.parametrize("kills", [0, 12])
def test_no_message_is_torn_doubled_or_lost_but_by_a_kill(tmp_path: Path, kills: int) -> None:
    """Three consumers and two producers on one queue; the consumers are killed with signal 9 and started again."""
    count, received = 900, tmp_path / "received"
    (tmp_path / "tests_queue.py").write_text(SHARED)
    consumers = [consumer(tmp_path, received) for _ in range(3)]
    try:
        halves = [Thread(target=publish_alone, args=(tmp_path, half)) for half in halved(count)]
        for half in halves:
            half.start()
        for kill in range(kills):
            wait_until(lambda: len(numbers(received)) > count * kill // (kills + 1), consumers)  # noqa: B023
            victim = consumers.pop(0)
            victim.send_signal(signal.SIGKILL)
            victim.communicate()
            consumers.append(consumer(tmp_path, received))
        for half in halves:
            half.join()
        wait_until(lambda: not waiting(tmp_path) and len(numbers(received)) >= count - kills, consumers)
        times = Counter(numbers(received))
        assert set(times) <= {str(number) for number in range(count)}
        assert max(times.values()) == 1
        assert count - len(times) <= kills
    finally:
        for process in consumers:
            process.kill()
            process.communicate()


def halved(count: int) -> tuple[range, range]:
    return range(count // 2), range(count // 2, count)


def publish_alone(folder: Path, numbers: range) -> None:
    with connected(folder / "broker") as connection:
        publish(connection, numbers)


def consumer(folder: Path, received: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    command = [sys.executable, "-c", CONSUMER, str(folder / "broker"), str(received)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first == "ready\n", first + process.communicate()[0]
    return process


def numbers(received: Path) -> list[str]:
    return received.read_text().split() if received.exists() else []


def waiting(folder: Path) -> list[Path]:
    queue = folder / "broker" / "numbers"
    return list(queue.iterdir()) if queue.exists() else []


def wait_until(condition: Callable[[], bool], consumers: list[subprocess.Popen[str]]) -> None:
    while not condition():
        Event().wait(0.005)
        for process in consumers:
            assert process.poll() is None, process.communicate()[0]


def test_producer_and_consumer_meet_through_celery(tmp_path: Path) -> None:
    url = f"filesystem://{tmp_path / 'a folder' / 'broker'}"
    worker = Celery(set_as_current=False)
    worker.conf.update(consumer_options(url, 0.001))
    ringer(url)("one")
    with worker.connection_for_read() as connection, connection.SimpleQueue(QUEUE) as queue:
        message = queue.get(timeout=5)
        assert message.headers["task"] == TASK
        assert json.loads(message.body)[1] == {"job_id": "one"}
        message.ack()
    worker.close()


def test_both_ends_share_queue_and_serializer() -> None:
    for url in ("redis://127.0.0.1:6379/0", "filesystem:///tmp/broker"):
        producer, consumer = producer_options(url), consumer_options(url)
        for name in ("broker_url", "task_default_queue", "task_serializer", "accept_content"):
            assert producer[name] == consumer[name]


def test_the_producer_gives_up_at_once_and_the_consumer_never() -> None:
    producer = producer_options("redis://127.0.0.1:6379/0")
    transport = producer["broker_transport_options"]
    assert transport["socket_connect_timeout"] + transport["socket_timeout"] <= 3
    assert transport["max_retries"] == 0
    assert consumer_options("redis://127.0.0.1:6379/0")["broker_connection_max_retries"] is None


def test_a_message_rings_whoever_waits_for_it_and_the_bell_is_taken_down_in_the_end(tmp_path: Path) -> None:
    with connected(tmp_path) as connection, connection.SimpleQueue("numbers") as queue:
        with pytest.raises(Empty):
            queue.get(timeout=0.001)
        with connected(tmp_path) as other:
            publish(other, range(1))
        connection.transport._bell.wait(3600.0)
        assert queue.get_nowait().payload == {"number": 0}
    assert list((tmp_path / "bells").iterdir()) == []

"""The address: taken once, and told in words when it cannot be."""

import socket
import threading

import pytest

from deltarule.cli.failures import CommandError
from deltarule.cli.supervision.listening import Probe, listen, url_of
from tests.servers import wait_until


def test_a_free_port_is_found_and_can_be_inherited() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert listening.get_inheritable()
        assert url_of(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert url_of(listening, "localhost") == f"http://localhost:{listening.getsockname()[1]}"


def test_no_part_of_an_answer_waits_for_the_acknowledgement_of_the_part_before() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_of_the_sixth_version_is_written_in_brackets() -> None:
    with listen("::1", 0) as listening:
        assert url_of(listening) == f"http://[::1]:{listening.getsockname()[1]}"


def test_a_taken_port_is_refused_in_words() -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} of 127.0.0.1 is taken by another program"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("no.such.host.invalid", "There is no host 'no.such.host.invalid'"),
        ("x" * 300, "There is no host"),
        ("203.0.113.7", "This machine has no address 203.0.113.7"),
    ],
)
def test_a_host_that_is_not_this_machine_is_refused_in_words(host: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        listen(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])  # noqa: S104 -- what users give
def test_the_probe_says_yes_at_the_first_200_and_never_waits(host: str) -> None:
    answers = [b"", b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]
    with listen(host, 0) as listening:
        probe = Probe(listening)
        assert not probe()
        assert not probe()

        def serve() -> None:
            for answer in answers:
                asked, _ = listening.accept()
                with asked:
                    assert asked.recv(4096).startswith(b"GET /readyz HTTP/1.1\r\n")
                    asked.sendall(answer)

        server = threading.Thread(target=serve)
        server.start()
        wait_until(probe, "the probe to see the 200")
        server.join()


def test_the_probe_bears_a_server_that_is_gone() -> None:
    with listen("127.0.0.1", 0) as listening:
        probe = Probe(listening)
    assert not probe()
    assert not probe()


def test_a_request_waits_for_a_server_that_is_not_there_yet() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()) as early:
        early.sendall(b"hello")
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.recv(5) == b"hello"

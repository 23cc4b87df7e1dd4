import socket

from flask import Request

from service.connections import has_left, watched


def test_a_client_is_there_until_it_closes_its_connection() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        assert not has_left(ours)
        theirs.sendall(b"GET")
        assert not has_left(ours)
        assert ours.recv(3) == b"GET"
        theirs.close()
        assert has_left(ours)
    assert has_left(ours)


def test_writes_to_a_watched_connection_take_only_so_long() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        gone = watched(Request({"gunicorn.socket": ours}))
        assert not gone()
        assert ours.gettimeout()
        theirs.close()
        assert gone()


def test_where_no_socket_is_shown_nobody_leaves() -> None:
    assert not watched(Request({}))()

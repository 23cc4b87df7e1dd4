"""A broker that was lost amid a job must not make a worker deaf: kombu's own transport asks for nothing more then."""

import pytest
from kombu import Connection
from kombu.transport.redis import Transport

from deltarule.store.acknowledging import RedisTransport
from deltarule.store.doorbell import consumer_options
from tests.servers import redis_server


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_both_schemes_take_it_and_keep_their_encryption(scheme: str) -> None:
    connection = Connection(f"{scheme}://127.0.0.1:6379/0?ssl_cert_reqs=required" if scheme == "rediss" else "redis://")
    assert connection.get_transport_cls() is RedisTransport
    assert bool(connection.ssl) == (scheme == "rediss")


@pytest.mark.parametrize(("transport", "deaf"), [(None, False), (Transport, True)], ids=["ours", "kombu's own"])
def test_a_worker_whose_broker_was_lost_amid_its_job_asks_for_the_next(transport: type | None, *, deaf: bool) -> None:
    with redis_server() as server:
        options = consumer_options(server.url)["broker_transport_options"]
        with Connection(server.url, transport=transport, transport_options=options) as connection:
            channel = connection.channel()
            channel.basic_qos(0, 1, False)
            queue = connection.SimpleQueue("jobs", channel=channel)
            queue.put("a job")
            message = queue.get(timeout=10)
            assert not channel.qos.can_consume(), "one job at a time"
            server.kill()
            with pytest.raises(connection.connection_errors):
                message.ack()
            assert channel.qos.can_consume() is not deaf

"""A worker may take the next message even where it could not say that it is done with the last one.

Where the connection is lost amid a job, kombu's own transport still counts that message as being worked on. With room
for one message, there is none from then on: the worker asks its broker for nothing more, and so never notices either
that the connection is gone. Here the room is free again, whatever became of the message: what stays in the broker is
rung for once more, and finds nothing to do.
"""

from typing import Any

from kombu.transport import redis, virtual


class ForgivingQoS(redis.QoS):
    """As kombu's own, but an acknowledgement that fails frees its message's room too."""

    def ack(self, delivery_tag: Any) -> None:  # noqa: ANN401 -- kombu names no type
        """Acknowledge the message; raises what the driver raises."""
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        except Exception:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]
            raise


class ForgivingChannel(redis.Channel):
    """A channel of Redis with such room."""

    QoS = ForgivingQoS


class RedisTransport(redis.Transport):
    """The transport for `redis://` and `rediss://`."""

    Channel = ForgivingChannel

"""A broker in memory for a first look: real protocol, nothing to install, nothing kept.

It is librdkafka's in-memory cluster, in a child process. It keeps the newest 5 MB or so of each
partition and drops what is older without a word, makes topics of four partitions when asked about
them, and carries one worker. For looking, never for keeping.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Collection, Mapping
from select import select
from types import MappingProxyType, TracebackType
from typing import IO, Any, Self

from aiokafka.admin import AIOKafkaAdminClient
from confluent_kafka import Producer

from streams.errors import BrokerError

__all__ = ["EMBEDDED_OVERRIDES", "EmbeddedBroker", "ensure_topics"]

EMBEDDED_OVERRIDES: Mapping[str, Any] = MappingProxyType(
    {
        "partitions": 4,  # it makes no other topics
        "replication": 1,
        "session_timeout_s": 3.0,  # it waits so long for a worker that left
        "kafka_security_protocol": "PLAINTEXT",
        "broker_embedded": True,
    }
)
"""Settings that fit the embedded broker; its address goes into `brokers`."""

_ADDRESS_WITHIN_S = 30.0
_ENDS_WITHIN_S = 5.0


class EmbeddedBroker:
    """The broker as a child process, which ends when this process does, however that ends.

    `with EmbeddedBroker() as broker` or `async with EmbeddedBroker() as broker`.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._address = ""

    @property
    def address(self) -> str:
        """Host and port, as `MATCHSTREAM_BROKERS` takes them."""
        if not self._address:
            raise BrokerError("embedded broker", got="not started", wanted="started", remedy="call start() first")
        return self._address

    @property
    def process_id(self) -> int:
        """The child's process id."""
        if self._process is None:
            raise BrokerError("embedded broker", got="not started", wanted="started", remedy="call start() first")
        return self._process.pid

    def start(self) -> Self:
        """Start the child and wait for its address.

        Raises:
            BrokerError: it does not start.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streams.brokers.embedded"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C goes to the parent, who decides
        )
        self._address = _first_line(self._process.stdout)
        if not self._address:
            self.stop()
            raise BrokerError(
                "embedded broker",
                got="no address",
                wanted="one within 30 s",
                remedy="see its message above, or start a real one with 'make kafka'",
            )
        return self

    def stop(self) -> None:
        """End the child. What it held is gone."""
        process, self._process, self._address = self._process, None, ""
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


async def ensure_topics(address: str, names: Collection[str]) -> None:
    """Make these topics exist on an embedded broker, which makes a topic when it is asked about it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    try:
        await admin.start()
        await admin.describe_topics(sorted(names))
    finally:
        await admin.close()


def _first_line(stream: IO[str] | None) -> str:
    if stream is None or not select([stream], [], [], _ADDRESS_WITHIN_S)[0]:
        return ""
    return stream.readline().strip()


def _serve() -> None:
    """Be the broker: print the address, then live until standard input closes."""
    cluster = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1, "log_level": 0})
    (broker,) = cluster.list_topics(timeout=_ADDRESS_WITHIN_S).brokers.values()
    sys.stderr.write(
        f"embedded broker at {broker.host}:{broker.port}: for looking only. It keeps nothing on disk"
        " and about 5 MB a partition in memory, and it takes one worker.\n"
    )
    sys.stderr.flush()
    # Last, so that the parent prints nothing of its own in between.
    print(f"{broker.host}:{broker.port}", flush=True)  # noqa: T201 - the parent reads it
    sys.stdin.read()


if __name__ == "__main__":
    _serve()

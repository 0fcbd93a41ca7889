"""A Kafka cluster of three brokers on this machine, each a process that can be killed or paused."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.brokers.kafka_jars import fetch_jars, packaged
from streams.brokers.processes import free_port

_ANSWERS_WITHIN_S: Final = 120.0
_PROPERTIES: Final = """
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
inter.broker.listener.name=DIRECT
listener.security.protocol.map=DIRECT:PLAINTEXT,CUTTABLE:PLAINTEXT,CONTROLLER:PLAINTEXT
listeners=DIRECT://127.0.0.1:{port},CUTTABLE://127.0.0.1:{cuttable},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=DIRECT://127.0.0.1:{port},CUTTABLE://127.0.0.1:{proxy}
log.dirs={folder}/topics
auto.create.topics.enable=false
unclean.leader.election.enable=false
min.insync.replicas=2
offsets.topic.replication.factor=3
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=2000
broker.session.timeout.ms=5000
broker.heartbeat.interval.ms=1000
replica.lag.time.max.ms=5000
num.network.threads=2
num.io.threads=2
num.replica.fetchers=1
"""
# A cluster on a small machine: little memory, and no compiler that takes longer than the run.
_JVM: Final = ("-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@dataclass
class Broker:
    """One node, broker and controller in one.

    Args:
        number: 1 to 3.
        folder: of its data, configuration and logs.
        jars: where Kafka itself is.
        proxy: the port that stands between it and who can be cut off.
    """

    number: int
    folder: Path
    jars: Path
    proxy: int
    port: int = field(default_factory=free_port)
    cuttable: int = field(default_factory=free_port)
    controller: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def prepare(self, voters: str, cluster: str) -> None:
        """Write its configuration and format its folder."""
        (self.folder / "logs").mkdir(parents=True)
        (self.folder / "log4j2.properties").write_text(packaged("log4j2.properties"))
        filled = _PROPERTIES.format(voters=voters, **{n: getattr(self, n) for n in _FILLED})
        self._properties.write_text(filled)
        command = self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._properties))
        subprocess.run(command, check=True, capture_output=True)

    def start(self) -> None:
        with (self.folder / "logs" / "console.log").open("ab") as console:
            self.process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._properties)),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """As the kernel does when memory is short: nothing is flushed or told."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def tell(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _java(self, *arguments: str) -> list[str]:
        logging = (f"-Dlogs={self.folder / 'logs'}", f"-Dlog4j2.configurationFile={self.folder}/log4j2.properties")
        return ["java", *_JVM, *logging, "-cp", f"{self.jars}/*", *arguments]


_FILLED: Final = ("number", "port", "cuttable", "controller", "proxy", "folder")


class Cluster:
    """Three brokers: `async with Cluster(folder, jars, proxies) as cluster`.

    Args:
        folder: for everything they write.
        jars: where Kafka is, or is fetched to.
        proxies: the port that each advertises to clients which can be cut off.
    """

    def __init__(self, folder: Path, jars: Path, proxies: Sequence[int]) -> None:
        self._jars = jars
        self.brokers = [Broker(n, folder / f"broker-{n}", jars, proxy) for n, proxy in enumerate(proxies, 1)]

    @property
    def direct(self) -> str:
        """Bootstrap servers of everybody who is never cut off."""
        return ",".join(f"127.0.0.1:{one.port}" for one in self.brokers)

    @property
    def cuttable(self) -> str:
        """Bootstrap servers through the proxies."""
        return ",".join(f"127.0.0.1:{one.proxy}" for one in self.brokers)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(fetch_jars, self._jars)
        voters = ",".join(f"{one.number}@127.0.0.1:{one.controller}" for one in self.brokers)
        # one that began with a dash would be read as an option
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")
        try:
            for one in self.brokers:
                await asyncio.to_thread(one.prepare, voters, cluster)
                one.start()
            async with asyncio.timeout(_ANSWERS_WITHIN_S):
                while await asyncio.to_thread(self._known) < len(self.brokers):
                    await asyncio.sleep(0.2)
        except BaseException:
            self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for one in self.brokers:
            one.tell(signal.SIGCONT)
            one.kill()

    def _known(self) -> int:
        client = AdminClient({"bootstrap.servers": self.direct, "log_level": 0})
        try:
            return len(client.list_topics(timeout=2.0).brokers)
        except KafkaException:
            return 0

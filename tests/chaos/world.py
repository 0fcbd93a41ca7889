"""Everything a run consists of, put together and taken apart again."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chaos.cluster import Cluster
from chaos.crew import Crew
from chaos.faulty_index import Control
from chaos.images import ImageHost
from chaos.index_process import IndexProcess
from chaos.light import light_bundle
from chaos.proxy import Proxy
from streams.brokers.admin import create_topics
from streams.brokers.processes import free_port
from streams.settings import Settings

SESSION_S: Final = 6.0
"""A worker silent for so long loses its partitions."""


@dataclass
class World:
    """What faults happen to.

    Args:
        settings: of who is never cut off.
        index: the host of the index; None where the index is a server that settings name.
    """

    settings: Settings
    cluster: Cluster
    proxies: list[Proxy]
    crew: Crew
    control: Control
    images: ImageHost
    index: IndexProcess | None
    dice: random.Random


@asynccontextmanager
async def world(folder: Path, jars: Path, dice: random.Random, server: str | None) -> AsyncIterator[World]:
    """A cluster with topics, an index, an image host, and two workers at work.

    Args:
        folder: for everything that is written.
        jars: where Kafka is, or is fetched to.
        dice: for the faults.
        server: address of a Qdrant server; None starts an index host.
    """
    async with AsyncExitStack() as stack:
        proxies = [await stack.enter_async_context(Proxy(free_port())) for _ in range(3)]
        cluster = Cluster(folder / "kafka", jars, [one.port for one in proxies])
        for proxy, broker in zip(proxies, cluster.brokers, strict=True):
            proxy.target = broker.cuttable
        await stack.enter_async_context(cluster)
        images = await stack.enter_async_context(ImageHost())
        index = None if server else await stack.enter_async_context(IndexProcess(folder / "index"))
        settings = _settings(folder, cluster.direct, server)
        await create_topics(settings)
        control = Control(folder / "control.json")
        cuttable = settings.model_copy(update={"brokers": cluster.cuttable})
        crew = Crew(folder, settings, cuttable, control.file, index.port if index else None)
        await stack.enter_async_context(crew)
        yield World(settings, cluster, proxies, crew, control, images, index, dice)


def _settings(folder: Path, brokers: str, server: str | None) -> Settings:
    return Settings(
        _env_file=None,
        bundle=str(light_bundle(folder / "light").path),
        brokers=brokers,
        partitions=4,
        replication=3,
        session_timeout_s=SESSION_S,
        index="server",
        qdrant_url=server or "http://127.0.0.1:1",
        qdrant_timeout_s=5.0,
        mark_batch_size=64,
        attempts=6,  # many die of what they did not do
        sweep_period_s=0.0,  # what is stale must not be healed before it is seen
        image_allow_private=True,
        image_timeout_s=0.7,
        image_retries=1,
        image_refetch_s=0.5,
        log_level="INFO",
    )

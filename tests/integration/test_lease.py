"""A worker that can't finish its batch while a rebalance waits ends, before others' work is overwritten by it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from chaos.checks import look_at
from chaos.crew import Worker
from chaos.faulty_index import Control
from chaos.index_process import IndexProcess
from chaos.light import light_bundle
from chaos.proxy import Proxy
from chaos.remote_index import RemoteIndex
from chaos.seller import Seller
from chaos.traffic import LIGHT, Traffic
from chaos.worker import CONTROL, INDEX_PORT

from streams.brokers.admin import create_topics
from streams.brokers.lag import LagReader
from streams.brokers.processes import free_port
from streams.brokers.topics import Topics
from streams.errors import LEASE_LOST
from streams.settings import Settings

pytestmark = pytest.mark.kafka

SESSION_S = 10.0
"""Two thirds of it may pass without a word: a busy machine is not what the worker is to end for here."""


@asynccontextmanager
async def worker(settings: Settings, name: str, port: int) -> AsyncIterator[Worker]:
    """A worker that talks to the index at that port."""
    folder = settings.attempts_path.parent
    extra = {CONTROL: str(Control(folder / "control.json").file), INDEX_PORT: str(port)}
    one = Worker(name, settings, extra, folder / f"{name}.log")
    one.begin()
    try:
        yield one
    finally:
        await one.leave()


async def until(seen, seconds=60.0):
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110 - other processes have no event for us
            await asyncio.sleep(0.1)


async def until_drained(settings):
    async with LagReader(settings) as reader, asyncio.timeout(120):
        while not await reader.drained():  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.2)


async def test_who_keeps_partitions_longer_than_a_rebalance_has_ends(kafka, tmp_path):
    settings = Settings(
        _env_file=None,
        bundle=str(light_bundle(tmp_path / "light").path),
        brokers=kafka.address,
        topic_prefix="",
        generation="lease",
        partitions=2,
        session_timeout_s=SESSION_S,
        attempts_path=tmp_path / "attempts",
        sweep_period_s=0.0,
    )
    await create_topics(settings)
    async with IndexProcess(tmp_path / "index") as index, Proxy(free_port()) as wire:
        wire.target = index.port
        async with worker(settings, "first", wire.port) as first:
            seller = Seller(settings, lambda _: True)
            traffic = Traffic(Topics(settings), 60, random.Random(1), "", kinds=LIGHT)
            await seller.publish(traffic.events(200))
            await until_drained(settings)
            wire.cut()
            await seller.publish(traffic.events(200))
            await until(lambda: "waits" in first.log.read_text())
            before = first.ends[LEASE_LOST]
            async with worker(settings, "second", index.port):
                await until(lambda: first.ends[LEASE_LOST] > before)
                wire.mend()
                await until_drained(settings)
        assert "it kept partitions of group" in first.log.read_text()
        remote = RemoteIndex(index.port)
        found = await look_at(settings, remote, seller.acknowledged)
        await remote.close()
    assert found.good, "\n".join(found.shown())
